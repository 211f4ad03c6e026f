"""Parquet tables. The columns of texts are replaced; schema, metadata and other columns stay."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.files.chunks import CHUNK
from polystilts.codeswitch.files.request import COPY, DEFAULT_ID, Block, Piece, Request
from polystilts.codeswitch.files.rows import STALE_OFFSETS, Row, Text, switch_rows
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import InputError
from polystilts.study.validation import nearest

_MOST_ROWS = 8192
_OFFSETS = "answer_start"


def blocks(request: Request, first: bool) -> Iterator[Block]:
    """Yield slices of row groups of about a MiB.

    Raises:
        InputError: the file is no Parquet file, or lacks a column.
    """
    with _open(request.path) as file:
        _check(file.schema_arrow, request)
        row = 1
        for group in range(file.metadata.num_row_groups):
            facts = file.metadata.row_group(group)
            size = max(1, min(_MOST_ROWS, CHUNK * facts.num_rows // (facts.total_byte_size + 1)))
            left = facts.num_rows
            for batch in file.iter_batches(size, row_groups=[group], use_threads=False):
                left -= batch.num_rows
                yield Block(pa.Table.from_batches([batch]), row, closes=left == 0)
                row += batch.num_rows


def switch(block: Block, request: Request, switcher: Switcher, books: Books) -> Piece:
    """Switch the rows of a block.

    Fields are named as those of JSON rows are: a dotted name leads into structs and lists.

    Raises:
        InputError: a value is not text, or there is no id where one was named; with the row.
    """
    table = block.data
    paths = {name: _path(name, table.schema) for name in request.names}
    columns = {path[0]: table[path[0]].to_pylist() for path in paths.values()}
    seen: Counter[str] = Counter()
    identities = _identities(table, request, block.line)
    rows = []
    for number, identity in enumerate(identities):
        row = Row(identity, [], [])
        for name, (column, *path) in paths.items():
            try:
                found = _texts(
                    columns[column][number], path, name in request.tokens, name in request.choices
                )
                texts = list(found)
            except TypeError as error:
                reason = f"`{name}` {error}."
                raise InputError(request.path, reason, block.line + number) from None
            seen[name] += bool(texts)
            row.texts.extend(text for text, _ in texts)
            row.choices.extend(choice for _, choice in texts)
        rows.append(row)
    new = switch_rows(rows, switcher, books)
    for number in range(len(rows)):
        for name, (column, *path) in paths.items():
            values = columns[column]
            values[number] = _rebuilt(values[number], path, name in request.tokens, new)
    for column, values in columns.items():
        place = table.schema.get_field_index(column)
        kind = table.schema.field(place)
        table = table.set_column(place, kind, pa.array(values, kind.type))
    if request.with_copy:
        table = table.append_column(COPY, pa.array([books.number] * len(rows), pa.int32()))
    return Piece(table, books, len(rows), seen, closes=block.closes)


def write(pieces: Iterator[Piece], request: Request, output: Path, path: Path) -> Iterator[Piece]:
    """Write all pieces to `path`, with the input's row groups, compression and metadata."""
    with _open(request.path) as file:
        schema, facts = file.schema_arrow, file.metadata
    if request.with_copy:
        schema = schema.append(pa.field(COPY, pa.int32()))
    with pq.ParquetWriter(path, schema, compression=_compression(facts)) as writer:
        waiting: list[pa.Table] = []
        for piece in pieces:
            waiting.append(piece.data.cast(schema))
            if piece.closes:
                whole = pa.concat_tables(waiting)
                writer.write_table(whole, row_group_size=max(1, whole.num_rows))
                waiting = []
            yield piece


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        reason = f"cannot be read as Parquet ({str(error).splitlines()[0]})."
        raise InputError(path, reason) from None


def _compression(facts: pq.FileMetaData) -> str | dict[str, str]:
    if not facts.num_row_groups:
        return "snappy"
    group = facts.row_group(0)
    columns = (group.column(place) for place in range(group.num_columns))
    codecs = {column.path_in_schema: column.compression for column in columns}
    return {name: "NONE" if codec == "UNCOMPRESSED" else codec for name, codec in codecs.items()}


def _check(schema: pa.Schema, request: Request) -> None:
    for name in (*request.names, *([request.identity] if request.identity else ())):
        if _path(name, schema)[0] not in schema.names:
            reason = f"there is no column `{name}`; {nearest(name, schema.names)}."
            raise InputError(request.path, reason)
    if request.with_copy and COPY in schema.names:
        reason = f"there is a column `{COPY}` already; pick one copy with --copy."
        raise InputError(request.path, reason)
    if "context" in request.names and _OFFSETS in schema.to_string(show_schema_metadata=False):
        raise InputError(request.path, STALE_OFFSETS)


def _path(name: str, schema: pa.Schema) -> tuple[str, ...]:
    return (name,) if name in schema.names else tuple(name.split("."))


def _identities(table: pa.Table, request: Request, line: int) -> list[str | None]:
    name = request.identity or DEFAULT_ID
    if name not in table.column_names:
        return [None] * table.num_rows
    values = table[name].to_pylist()
    for number, value in enumerate(values):
        if isinstance(value, dict | list):
            reason = f"`{name}` identifies rows and is an object or a list."
            raise InputError(request.path, reason, line + number)
        if value is None and request.identity is not None:
            reason = f"the row has no `{name}`, which is to identify it."
            raise InputError(request.path, reason, line + number)
    return [None if value is None else str(value) for value in values]


def _texts(
    value: Any, path: Sequence[str], as_tokens: bool, is_choice: bool
) -> Iterator[tuple[Text, bool]]:
    """Yield the texts below a path, and of each whether it is one of a list."""
    if value is None:
        return
    if path and isinstance(value, dict):
        if path[0] not in value:
            raise TypeError(f"is not there; the struct has {', '.join(value)}")
        yield from _texts(value[path[0]], path[1:], as_tokens, is_choice)
    elif as_tokens and not path:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TypeError("is no list of tokens; is it one of the --fields?")
        yield value, False
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path, as_tokens, True)
    elif isinstance(value, str) and not path:
        yield value, is_choice
    else:
        raise TypeError(f"is {value!r:.40}, expected a string")


def _rebuilt(value: Any, path: Sequence[str], as_tokens: bool, new: Iterator[Text]) -> Any:
    """Return a value with the next new texts in the places in which `_texts` found them."""
    if value is None:
        return None
    if path and isinstance(value, dict):
        return {**value, path[0]: _rebuilt(value[path[0]], path[1:], as_tokens, new)}
    if isinstance(value, list) and (path or not as_tokens):
        return [_rebuilt(item, path, as_tokens, new) for item in value]
    return next(new)
