"""CC-CEDICT: Chinese to English, inverted.

A line is `traditional simplified [pin1 yin1] /gloss/gloss/`; lines that begin with # are comments.
Source of the format: https://cc-cedict.org/wiki/format:syntax.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.readers.glosses import Gloss, invert
from polystilts.sources.lines import read_filled_lines

LINE = re.compile(r"(\S+) (\S+) \[{1,2}[^\[\]]*\]{1,2} /(.*)/\s*")

# Remarks on glosses that are no usual translation, in running text or as a word of its own
_UNUSUAL = re.compile(
    r"\([^()]*\b(?:archaic|bound form|dialect|literary|obsolete|old|slang|vulgar)\b[^()]*\)"
)


def read_cedict(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield the glosses with their words in simplified characters.

    Ranks: usual glosses before archaic, literary, dialectal and bound ones, then the first of an
    entry before the second.

    Raises:
        InputError: a line that is neither an entry nor a comment.
    """
    return invert(_glosses(files, 2, counts), counts)


def read_cedict_traditional(
    files: Sequence[Path], language: str, counts: Counter[str]
) -> Iterator[Entry]:
    """`read_cedict` with words in traditional characters."""
    return invert(_glosses(files, 1, counts), counts)


def _glosses(files: Sequence[Path], form: int, counts: Counter[str]) -> Iterator[Gloss]:
    for path in files:
        for number, line in read_filled_lines(path, counts):
            if line.startswith("#"):
                counts["comments"] += 1
                continue
            match = LINE.fullmatch(line)
            if match is None:
                reason = f"expected `traditional simplified [pinyin] /gloss/`; found {line[:80]!r}."
                raise InputError(path, reason, number)
            for place, gloss in enumerate(match[3].split("/")):
                unusual = int(_UNUSUAL.search(gloss) is not None)
                yield Gloss(gloss, match[form], (unusual, place), number)
