"""Readers of text for masked language modelling: one document a line, or Wikipedia."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polystilts.sources.lines import read_filled_lines
from polystilts.tasks.hub_text import read_wikipedia
from polystilts.tasks.reader import Options, Reader, Row


def read_documents(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Yield `id, group, text` for each line that is not blank; id = number of the document."""
    row = 0
    for path in files:
        for _, line in read_filled_lines(path, counts):
            row += 1
            yield {"id": str(row), "group": str(row), "text": line.strip()}


READERS: Mapping[str, Reader] = {"lines": read_documents, "wikipedia": read_wikipedia}
OPTIONS: Mapping[str, frozenset[str]] = {"wikipedia": frozenset({"lines", "shortest"})}
