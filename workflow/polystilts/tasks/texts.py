"""Every text of a canonical table, as a tokenizer will meet it."""

from collections.abc import Iterator
from pathlib import Path

from polystilts.provenance.tables import read_table

_TEXT_COLUMNS = ("text", "text_a", "text_b", "context", "question")
_LIST_COLUMNS = ("tokens", "choices")


def texts_of(path: Path) -> Iterator[str]:
    """Yield the texts of a table of any family; a tagged sentence's words one by one.

    A multiple-choice context is met together with its question, so both forms are yielded.
    """
    table = read_table(path)
    columns = set(table.column_names)
    for name in _TEXT_COLUMNS:
        if name in columns:
            yield from (text for text in table[name].to_pylist() if text)
    for name in _LIST_COLUMNS:
        if name in columns:
            for texts in table[name].to_pylist():
                yield from texts
    if "choices" in columns:
        pairs = zip(table["context"].to_pylist(), table["question"].to_pylist(), strict=True)
        yield from (f"{context} {question}" for context, question in pairs if question)
