"""MUSE: one pair a line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.entries import Entry
from polystilts.sources.lines import read_filled_lines


def read_muse(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield pairs; source and target are separated by a tab or by one space.

    Both separators occur, also within one file; where a line has a tab, spaces belong to the
    words. Otherwise the first white space separates (MUSE's sources are single words).

    Raises:
        InputError: a line that holds one word only, or more than one tab.
    """
    for path in files:
        for number, line in read_filled_lines(path, counts):
            fields = line.split("\t") if "\t" in line else line.strip().split(None, 1)
            if len(fields) != 2:
                reason = f"expected a word and its translation, found {line.strip()!r}."
                raise InputError(path, reason, number)
            yield Entry(fields[0].strip(), fields[1].strip(), number)
