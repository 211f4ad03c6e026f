"""Word classes that a recipe can keep English; each list is a data file beside this module.

A file holds one lower-case word a line; `#` starts a comment. The class `names` also covers words
that are capitalised inside a sentence (see `polystilts.codeswitch.engine.capitals`). Which classes
a task needs stands in `data/by-task.tsv`.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from polystilts.errors import ConfigError

_FOLDER = Path(__file__).parent / "data"
NAMES = "names"
BY_TASK = "task"


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


def classes_of(protect: tuple[str, ...], task: str, family: str) -> tuple[str, ...]:
    """Return the classes that a recipe's `protect` names, with `task` resolved.

    Args:
        protect: classes, or `task` alone: the classes listed for the task, else for its family.
        task: name of the task that is switched.
        family: its family.

    Raises:
        ConfigError: `protect` is `task`, and neither task nor family is listed.
    """
    if BY_TASK not in protect:
        return protect
    listed = _by_task()
    for name in (task, family):
        if name in listed:
            return listed[name]
    raise ConfigError(
        f"recipe: `protect: [{BY_TASK}]` has no classes for the task `{task}` of the family "
        f"`{family}`; listed are {', '.join(sorted(listed))}. Name classes instead."
    )


def protected_words(classes: Iterable[str]) -> Mapping[str, str]:
    """Return word -> class; a word in several classes belongs to the first by name."""
    return {
        word: name for name in sorted(classes, reverse=True) for word in sorted(class_words(name))
    }


@cache
def _by_task() -> Mapping[str, tuple[str, ...]]:
    rows = (row.split("\t") for row in _read(_FOLDER / "by-task.tsv"))
    return {name: tuple(classes.split()) for name, classes in rows}


def _read(path: Path) -> frozenset[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line)
