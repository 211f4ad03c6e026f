"""Tab-separated files: one pair a line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.entries import Entry
from polystilts.sources.lines import read_filled_lines


def read_tsv(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield source TAB target; columns after the second are ignored (lines counted).

    Raises:
        InputError: a line without a tab.
    """
    for path in files:
        for number, line in read_filled_lines(path, counts):
            fields = line.split("\t")
            if len(fields) < 2:
                reason = f"expected source, tab, target; found {line.strip()!r}."
                raise InputError(path, reason, number)
            counts["lines with columns after the second"] += len(fields) > 2
            yield Entry(fields[0].strip(), fields[1].strip(), number)
