"""One JSON object a line. Strings of the fields are replaced; every other byte stays."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from polystilts.codeswitch.files import text_files
from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.files.chunks import MARK, decode, last_line_end, read_chunks
from polystilts.codeswitch.files.json_spans import Edit, MalformedError, Tree, find_row, splice
from polystilts.codeswitch.files.json_texts import (
    Place,
    edits_of,
    places_of,
    row_of,
    scalar,
    tree_of,
)
from polystilts.codeswitch.files.plain_rows import is_plain, read_plain
from polystilts.codeswitch.files.request import COPY, DEFAULT_ID, Block, Piece, Request
from polystilts.codeswitch.files.rows import STALE_OFFSETS, Row, Text, switch_rows
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import InputError

write = text_files.write
_OFFSETS = "answer_start"


class _Line(NamedTuple):
    """A line with its row, the places of the row's texts, and where its object ends."""

    content: str
    row: Row | None = None
    places: Sequence[Place] = ()
    end: int = 0
    is_empty: bool = True


def blocks(request: Request, first: bool) -> Iterator[Block]:
    """Yield blocks of whole lines; a byte order mark stays in front of the first copy."""
    for line, data in read_chunks(request.path, last_line_end, "no line ends"):
        before = b""
        if line == 1 and data.startswith(MARK):
            before, data = MARK, data.removeprefix(MARK)
        # a last line without its end must not run into the next copy
        if request.with_copy and not data.endswith(b"\n"):
            data += b"\n"
        yield Block(data, line, before if first else b"")


def switch(block: Block, request: Request, switcher: Switcher, books: Books) -> Piece:
    """Switch the rows of a block.

    A field is a string or a list of strings, which are choices. A dotted name leads into objects
    (`question.stem`), and into every object of a list (`question.choices.text`).

    Raises:
        InputError: a line is not a JSON object, or a field is not text; with the line.
    """
    text = decode(block.data, request.path, block.line)
    names = [*request.names, request.identity or DEFAULT_ID]
    tree = tree_of([*names, COPY] if request.with_copy else names)
    plain_names = not request.tokens and not request.with_copy and is_plain(names)
    seen: Counter[str] = Counter()
    lines = []
    for number, content in enumerate(text.split("\n"), start=block.line):
        try:
            lines.append(_read(content, request, tree, plain_names, seen))
        except MalformedError as error:
            reason = f"column {error.position + 1}: {error.reason}"
            raise InputError(request.path, reason, number) from None
    rows = [line.row for line in lines if line.row is not None]
    new = switch_rows(rows, switcher, books)
    number_text = f', "{COPY}": {books.number}' if request.with_copy else ""
    data = "\n".join([_written(line, new, number_text) for line in lines])
    known = () if all(seen[name] for name in request.names) else _keys(lines)
    return Piece(block.before + data.encode("utf-8"), books, len(rows), seen, known)


def _keys(lines: Sequence[_Line]) -> tuple[str, ...]:
    contents = (line.content for line in lines if line.row is not None)
    return tuple(json.loads(next(contents, "{}")))


def _read(
    content: str, request: Request, tree: Tree, plain_names: bool, seen: Counter[str]
) -> _Line:
    if not content or content.isspace():
        return _Line(content)
    if _OFFSETS in content and "context" in request.names:
        raise MalformedError(STALE_OFFSETS, content.index(_OFFSETS))
    if plain_names:
        plain = read_plain(content, request.fields, request.identity or DEFAULT_ID)
        if plain is not None and (plain.identity is not None or request.identity is None):
            for field in request.fields:
                seen[field] += 1
            places = [
                Place([value], False, name in request.choices)
                for name, value in zip(request.fields, plain.values, strict=True)
            ]
            return _Line(content, row_of(places, plain.identity), places)
    found, end = find_row(content, tree)
    if request.with_copy and COPY in found:
        raise MalformedError(f"there is a key `{COPY}` already; pick one copy with --copy.", 0)
    places = places_of(found, request, seen)
    name = request.identity or DEFAULT_ID
    identity = scalar(found.get(name), content, name)
    if identity is None and request.identity is not None:
        raise MalformedError(f"the row has no `{name}`, which is to identify it.", 0)
    return _Line(
        content, row_of(places, identity), places, end, content[: end - 1].rstrip()[-1] == "{"
    )


def _written(line: _Line, new: Iterator[Text], copy: str) -> str:
    if line.row is None:
        return line.content
    edits = [edit for place in line.places for edit in edits_of(place, next(new))]
    if copy:
        last = line.end - 1
        edits.append(Edit(last, last, copy.removeprefix(", ") if line.is_empty else copy))
    # names may stand in another order than in the line
    return splice(line.content, sorted(edits)) if edits else line.content
