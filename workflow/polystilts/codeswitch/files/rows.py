"""Rows of texts, as examples: what JSONL, CSV and Parquet files have in common."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.switcher import Switcher
from polystilts.provenance.hashing import digest

Text = str | list[str]
STALE_OFFSETS = (
    "the row has answers with offsets (`answer_start`) into its context, which switching would"
    " move; write the file in SQuAD's JSON layout, in which they are moved along."
)


class Row(NamedTuple):
    """The texts of a row, whether each is one of a list, and its id, None where it has none."""

    identity: str | None
    texts: list[Text]
    choices: list[bool]


def switch_rows(rows: Sequence[Row], switcher: Switcher, books: Books) -> Iterator[Text]:
    """Return the new texts of all rows, one after the other."""
    outcome = books.switch(switcher, [example_of(row) for row in rows if row.texts])
    if outcome is None:
        return (text for row in rows for text in row.texts)
    return iter(outcome.texts)


def example_of(row: Row) -> Example:
    """Return the example of a row. Without an id it is decided on by what its texts are."""
    fields = tuple(
        Field(text, is_choice=choice) for text, choice in zip(row.texts, row.choices, strict=True)
    )
    return Example(identity_of(row.texts) if row.identity is None else row.identity, fields)


def identity_of(texts: Sequence[Text]) -> str:
    """Return what stands for the id of a row that has none: a hash of its texts."""
    return digest(list(texts))
