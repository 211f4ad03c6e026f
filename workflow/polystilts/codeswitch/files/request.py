"""What is asked of a file, the blocks it is worked off in, and what comes back for each."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polystilts.codeswitch.files.books import Books

# bytes, or an Arrow table
Data = Any
DEFAULT_ID = "id"
COPY = "copy"


@dataclass(frozen=True, slots=True)
class Request:
    """What a user wants of an input file.

    Attributes:
        path: the input.
        fields: names of its text fields, in the order in which they enter an example; empty stands
            for what the format has by default.
        tokens: names of the fields that hold lists of tokens.
        choices: names of those text fields that are compared with each other.
        tags: name of the column of a tagged sentence's tags; None: words are switched whatever tag
            they have.
        identity: name of the field that identifies a row; None: `id` in each row that has it.
        with_copy: whether the output says in a field `copy` which copy a row belongs to.
        sampled: whether samples are kept for the report.
    """

    path: Path
    fields: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    tags: str | None = None
    identity: str | None = None
    with_copy: bool = False
    sampled: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All fields that are switched: texts, then tokens."""
        return (*self.fields, *self.tokens)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an input that can be switched without the others.

    Attributes:
        data: bytes of a text format, or the rows of a table.
        line: number of its first line (or row), from 1.
        before: bytes that go out unchanged in front of it, such as a header.
        layout: what the format found out about the file, such as its columns.
        closes: whether a row group of a table ends with it.
    """

    data: Data
    line: int = 1
    before: bytes = b""
    layout: Any = None
    closes: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of a block: `data`, and the books that were kept over it.

    `seen` counts the rows that have a field, by field; `rows` all of them; `known` are other fields
    of a row where one was not found; `remarks` counts what else is worth a line of the report.
    """

    data: Data
    books: Books
    rows: int
    seen: Counter[str] = field(default_factory=Counter)
    known: tuple[str, ...] = ()
    remarks: Counter[str] = field(default_factory=Counter)
    closes: bool = True
