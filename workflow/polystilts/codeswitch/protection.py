"""Word classes that a recipe can keep English; each list is a data file beside this module.

A file holds one lower-case word a line; `#` starts a comment. The class `names` also covers words
that are capitalised inside a sentence (see `polystilts.codeswitch.words`).
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "data"
NAMES = "names"


@cache
def word_classes() -> tuple[str, ...]:
    """Return the names of the classes a recipe may protect."""
    return tuple(sorted(path.stem for path in (_FOLDER / "classes").glob("*.txt")))


@cache
def class_words(name: str) -> frozenset[str]:
    """Return the words of a class, in lower case."""
    return _read(_FOLDER / "classes" / f"{name}.txt")


@cache
def abbreviations() -> frozenset[str]:
    """Return abbreviations whose full stop does not end a sentence, in lower case."""
    return _read(_FOLDER / "abbreviations.txt")


@cache
def contracted() -> frozenset[str]:
    """Return words after which 's is a verb or a pronoun (it's, let's) and no possessive."""
    return _read(_FOLDER / "contracted.txt")


def protected_words(classes: Iterable[str]) -> Mapping[str, str]:
    """Return word -> class; a word in several classes belongs to the first by name."""
    return {
        word: name for name in sorted(classes, reverse=True) for word in sorted(class_words(name))
    }


def _read(path: Path) -> frozenset[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line)
