"""Sentences of one token a line, blank lines between them. The token's column alone is replaced.

In CoNLL-U, words with whole numbers are switched; empty nodes (8.1) stay, and so do multi-word
tokens (3-4) with the words they cover, so that surface and words still agree. Comments stay:
`# text` goes on to hold the English sentence.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from polystilts.codeswitch.example import Example, Field, Span
from polystilts.codeswitch.files import text_files
from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.files.chunks import MARK, decode, read_chunks
from polystilts.codeswitch.files.request import Block, Piece, Request
from polystilts.codeswitch.files.rows import identity_of
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import ConfigError, InputError
from polystilts.study.validation import nearest

write = text_files.write
_SENTENCE_ID = "sent_id"
_CONLLU = tuple("ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC".split())
_GLOBAL_COLUMNS = re.compile(r"#\s*global\.columns\s*=(.*)")
_COMMENT = re.compile(r"#\s*([^=\s]+)\s*=\s*(.*\S)")
_BLANK = re.compile(rb"\n[ \r]*\n")
_WORD = re.compile(r"\S+")
_DOCUMENT = "-DOCSTART-"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where tokens and, if they are used, tags stand (columns from 0), and whose rules hold."""

    token: int
    tag: int | None
    is_conllu: bool


@dataclass(slots=True)
class _Sentence:
    """Tokens with their lines, the id of the sentence, and words under multi-word tokens."""

    lines: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    identity: str | None = None
    covered: list[int] = field(default_factory=list)
    covered_to: int = 0
    has_begun: bool = False


def conll_blocks(request: Request, first: bool) -> Iterator[Block]:
    """Yield blocks of whole sentences of a table of any columns."""
    return _blocks(request, is_conllu=False)


def conllu_blocks(request: Request, first: bool) -> Iterator[Block]:
    """Yield blocks of whole sentences of a CoNLL-U file."""
    return _blocks(request, is_conllu=True)


def switch(block: Block, request: Request, switcher: Switcher, books: Books) -> Piece:
    """Switch the sentences of a block.

    Raises:
        InputError: a line lacks the token's column, or a sentence the id that was named.
    """
    lines = decode(block.data, request.path, block.line).split("\n")
    sentences = list(_sentences(lines, block, request))
    outcome = books.switch(switcher, [_example(sentence) for sentence in sentences])
    if outcome is not None:
        for sentence, new in zip(sentences, outcome.texts, strict=True):
            for number, before, after in zip(sentence.lines, sentence.tokens, new, strict=True):
                if before != after:
                    start, end = _column(lines[number], block.layout.token)  # type: ignore[misc]
                    lines[number] = lines[number][:start] + after + lines[number][end:]
    data = "\n".join(lines).encode("utf-8")
    seen = Counter({name: len(sentences) for name in request.names})
    return Piece(block.before + data, books, len(sentences), seen)


def _blocks(request: Request, is_conllu: bool) -> Iterator[Block]:
    if len(request.names) > 1:
        raise ConfigError("--fields: one column of a CoNLL file holds the tokens")
    layout = None
    what = "no blank line ends a sentence"
    for line, data in read_chunks(request.path, _last_blank_line, what):
        before = MARK if line == 1 and data.startswith(MARK) else b""
        data = data.removeprefix(before)
        layout = layout or _layout(data, request, is_conllu)
        yield Block(data, line, before, layout)


def _last_blank_line(data: bytes) -> int:
    end = data.rfind(b"\n\n")
    if end >= 0:
        return end + 2
    found = 0
    for match in _BLANK.finditer(data):
        found = match.end()
    return found


def _layout(data: bytes, request: Request, is_conllu: bool) -> Layout:
    first = decode(data[: data.find(b"\n")], request.path, 1)
    named = _GLOBAL_COLUMNS.match(first)
    columns = tuple(named[1].split()) if named else (_CONLLU if is_conllu else ())
    default = "FORM" if "FORM" in columns else "1"
    (token,) = request.names or (default,)
    return Layout(
        _position(token, columns, "--fields"),
        None if request.tags is None else _position(request.tags, columns, "--tags"),
        is_conllu or bool(named),
    )


def _position(name: str, columns: Sequence[str], option: str) -> int:
    if name.isdecimal() and int(name) > 0:
        return int(name) - 1
    if name not in columns:
        hint = nearest(name, columns) if columns else "columns of this file have numbers, from 1"
        raise ConfigError(f"{option}: there is no column `{name}`; {hint}")
    return columns.index(name)


def _sentences(lines: Sequence[str], block: Block, request: Request) -> Iterator[_Sentence]:
    layout: Layout = block.layout
    sentence = _Sentence()
    for number, line in enumerate(lines):
        if not line.strip(" \r"):
            yield from _ended(sentence, request, block.line + number)
            sentence = _Sentence()
        elif not sentence.has_begun and line.startswith("#"):
            comment = _COMMENT.match(line)
            if comment and comment[1] == (request.identity or _SENTENCE_ID):
                sentence.identity = comment[2]
        elif not line.startswith(_DOCUMENT):
            sentence.has_begun = True
            if not layout.is_conllu or _is_word(line, sentence):
                _add(sentence, number, line, block, request)
    yield from _ended(sentence, request, block.line + len(lines) - 1)


def _is_word(line: str, sentence: _Sentence) -> bool:
    """Say whether a line of CoNLL-U is a word, and note which words a multi-word token covers."""
    identifier = line.partition("\t")[0]
    if identifier.isdecimal():
        if int(identifier) <= sentence.covered_to:
            sentence.covered.append(len(sentence.tokens))
        return True
    last = identifier.partition("-")[2]
    if last.isdecimal():
        sentence.covered_to = int(last)
    return False


def _add(sentence: _Sentence, number: int, line: str, block: Block, request: Request) -> None:
    layout: Layout = block.layout
    found = _column(line, layout.token)
    tag = None if layout.tag is None else _column(line, layout.tag)
    if found is None or (tag is None and layout.tag is not None):
        wanted = layout.token if found is None else layout.tag
        reason = f"the line has no column {(wanted or 0) + 1}, which was asked for."
        raise InputError(request.path, reason, block.line + number)
    token = line[found[0] : found[1]]
    if token:
        sentence.lines.append(number)
        sentence.tokens.append(token)
        if tag is not None:
            sentence.tags.append(line[tag[0] : tag[1]])


def _ended(sentence: _Sentence, request: Request, line: int) -> Iterator[_Sentence]:
    if not sentence.tokens:
        return
    if sentence.identity is None and request.identity is not None:
        reason = f"the sentence before this line has no comment `# {request.identity} = …`."
        raise InputError(request.path, reason, line)
    yield sentence


def _column(line: str, column: int) -> Span | None:
    """Return where a column stands in a line: between tabs, or else between spaces."""
    if "\t" in line:
        line = line.removesuffix("\r")
        start = 0
        for _ in range(column):
            start = line.find("\t", start) + 1
            if not start:
                return None
        end = line.find("\t", start)
        return start, end if end >= 0 else len(line)
    for number, match in enumerate(_WORD.finditer(line)):
        if number == column:
            return match.span()
    return None


def _example(sentence: _Sentence) -> Example:
    identity = sentence.identity
    if identity is None:
        identity = identity_of([sentence.tokens])
    tags = sentence.tags or None
    protected = _spans(sentence.tokens, sentence.covered) if sentence.covered else ()
    return Example(identity, (Field(sentence.tokens, protected=protected, tags=tags),))


def _spans(tokens: Sequence[str], chosen: Sequence[int]) -> list[Span]:
    """Return the characters of some tokens in the sentence, with one space between tokens."""
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token) + 1)
    return [(starts[place], starts[place + 1] - 1) for place in chosen]
