"""Comma- and tab-separated tables with a header. Fields that change are written anew, in the
quotes they had; every other byte stays.

In CSV a field may stand in double quotes, doubled inside (RFC 4180), and hold line ends. In TSV, as
published, quotes are characters as any other.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from polystilts.codeswitch.files import text_files
from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.files.chunks import MARK, decode, last_line_end, read_chunks
from polystilts.codeswitch.files.request import COPY, DEFAULT_ID, Block, Piece, Request
from polystilts.codeswitch.files.rows import Row, switch_rows
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import ConfigError, InputError
from polystilts.study.validation import nearest

write = text_files.write
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written: its delimiter, whether quotes count, where which column stands."""

    delimiter: str
    quotes: bool
    columns: tuple[str, ...]


class _Record(NamedTuple):
    """The fields of a record as they are written, its line, and what ends it."""

    fields: list[str]
    line: int
    ending: str

    @property
    def is_blank(self) -> bool:
        return len(self.fields) == 1 and not self.fields[0].strip()


def csv_blocks(request: Request, first: bool) -> Iterator[Block]:
    """Yield blocks of whole records; the header goes out before the first of the first copy."""
    return _blocks(request, first, quotes=True)


def tsv_blocks(request: Request, first: bool) -> Iterator[Block]:
    """Yield blocks of whole lines; the header goes out before the first of the first copy."""
    return _blocks(request, first, quotes=False)


def switch(block: Block, request: Request, switcher: Switcher, books: Books) -> Piece:
    """Switch the rows of a block.

    Raises:
        InputError: a row has another number of columns than the header, no id where one was named,
            or quotes that do not match; with the line.
    """
    layout: Layout = block.layout
    text = decode(block.data, request.path, block.line)
    records = list(_records(text, layout, request, block.line))
    places = [layout.columns.index(name) for name in request.fields]
    identity = request.identity or DEFAULT_ID
    id_place = layout.columns.index(identity) if identity in layout.columns else None
    seen: Counter[str] = Counter()
    rows = [
        _row(record, layout, request, places, id_place, seen)
        for record in records
        if not record.is_blank
    ]
    new = switch_rows(rows, switcher, books)
    pieces = []
    for record in records:
        fields = record.fields
        if not record.is_blank:
            for place in places:
                if fields[place]:
                    fields[place] = _written(str(next(new)), fields[place], layout)
            if request.with_copy:
                fields.append(str(books.number))
        pieces += [layout.delimiter.join(fields), record.ending]
    data = "".join(pieces).encode("utf-8")
    return Piece(block.before + data, books, len(rows), seen)


def _blocks(request: Request, first: bool, quotes: bool) -> Iterator[Block]:
    if request.tokens:
        raise ConfigError("--tokens: a table has no lists of tokens; use JSONL, Parquet or CoNLL")
    layout = None
    cut = _last_record_end if quotes else last_line_end
    for line, data in read_chunks(request.path, cut, "a quoted field does not end"):
        before = b""
        number = line
        if layout is None:
            layout, before, data, number = _header(data, request, quotes)
        if request.with_copy and not data.endswith(b"\n"):
            data += b"\n" if data else b""
        yield Block(data, number, before if first else b"", layout)


def _last_record_end(data: bytes) -> int:
    """Return where the last whole record ends: a line end with whole quotes before it."""
    end = data.rfind(b"\n") + 1
    count = data.count(b'"', 0, end)
    while end and count % 2:
        earlier = data.rfind(b"\n", 0, end - 1) + 1
        count -= data.count(b'"', earlier, end)
        end = earlier
    return end


def _header(data: bytes, request: Request, quotes: bool) -> tuple[Layout, bytes, bytes, int]:
    """Return the layout, the header to write, the data behind it, and the line it starts in."""
    mark = MARK if data.startswith(MARK) else b""
    text = decode(data.removeprefix(mark), request.path, 1)
    found = None
    for delimiter in _DELIMITERS if quotes else ("\t",):
        record = next(_records(text, Layout(delimiter, quotes, ()), request, 1))
        columns = tuple(_plain(field, quotes).strip() for field in record.fields)
        if found is None or set(request.fields) <= set(columns):
            found = Layout(delimiter, quotes, columns), record
        if set(request.fields) <= set(columns):
            break
    assert found is not None
    layout, record = found
    _check_columns(layout.columns, request)
    header = layout.delimiter.join(record.fields) + record.ending
    length = len(header.encode("utf-8")) + len(mark)
    if request.with_copy:
        header = header.removesuffix(record.ending) + layout.delimiter + COPY + record.ending
    rest = data[length:]
    return layout, mark + header.encode("utf-8"), rest, 1 + data.count(b"\n", 0, length)


def _check_columns(columns: Sequence[str], request: Request) -> None:
    named = (*request.fields, *([request.identity] if request.identity else ()))
    for name in named:
        if columns.count(name) != 1:
            what = "stands twice in" if name in columns else "is not in"
            reason = f"the column `{name}` {what} the header; {nearest(name, columns)}."
            raise InputError(request.path, reason, 1)
    if request.with_copy and COPY in columns:
        reason = f"there is a column `{COPY}` already; pick one copy with --copy."
        raise InputError(request.path, reason, 1)


@cache
def _field_pattern(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(rf'("(?:[^"]|"")*"|[^"\r\n{mark}]*)({mark}|\r?\n|\Z)')


def _records(text: str, layout: Layout, request: Request, line: int) -> Iterator[_Record]:
    if not layout.quotes or '"' not in text:
        for number, content in enumerate(_lines(text), start=line):
            body = content.rstrip("\r\n") if content.endswith("\n") else content
            ending = content[len(body) :]
            yield _Record(body.split(layout.delimiter), number, ending)
        return
    match_field = _field_pattern(layout.delimiter).match
    position, fields = 0, list[str]()
    start = line  # of the record; `line` is where the position is
    while position < len(text) or fields:
        match = match_field(text, position)
        if match is None:
            raise InputError(
                request.path,
                "quotes that do not match: a field with a double quote inside stands in double "
                "quotes, and the quote is doubled.",
                line,
                "For a table without quoting use --format tsv.",
            )
        field, ending = match.groups()
        fields.append(field)
        line += text.count("\n", position, match.end())
        position = match.end()
        if ending != layout.delimiter:
            yield _Record(fields, start, ending)
            fields, start = [], line


def _lines(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        end = text.find("\n", position) + 1 or len(text)
        yield text[position:end]
        position = end


def _row(
    record: _Record,
    layout: Layout,
    request: Request,
    places: Sequence[int],
    id_place: int | None,
    seen: Counter[str],
) -> Row:
    width = len(layout.columns)
    if len(record.fields) != width:
        reason = f"{len(record.fields)} columns, the header has {width}."
        raise InputError(request.path, reason, record.line)
    identity = None if id_place is None else _plain(record.fields[id_place], layout.quotes) or None
    if identity is None and request.identity is not None:
        reason = f"the row has no `{request.identity}`, which is to identify it."
        raise InputError(request.path, reason, record.line)
    texts: list[str] = []
    choices: list[bool] = []
    for name, place in zip(request.fields, places, strict=True):
        if record.fields[place]:
            texts.append(_plain(record.fields[place], layout.quotes))
            choices.append(name in request.choices)
            seen[name] += 1
    return Row(identity, list(texts), choices)


def _plain(field: str, quotes: bool) -> str:
    return field[1:-1].replace('""', '"') if quotes and field.startswith('"') else field


def _written(text: str, before: str, layout: Layout) -> str:
    """Return a text as a field, in quotes where it had them or needs them."""
    if text == _plain(before, layout.quotes):
        return before
    needs = any(mark in text for mark in (layout.delimiter, '"', "\n", "\r"))
    if layout.quotes and (needs or before.startswith('"')):
        return '"' + text.replace('"', '""') + '"'
    return text
