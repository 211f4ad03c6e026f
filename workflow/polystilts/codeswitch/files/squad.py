"""SQuAD's JSON layout (1.1, 2.0, and data sets written in it): one article a block.

Contexts and questions are replaced, and of each answer its text and its offset; every other byte
stays. The questions of a paragraph share its context and its word map.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from polystilts.codeswitch.example import Example, Field, Span
from polystilts.codeswitch.files import text_files
from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.files.chunks import MARK, decode, open_input
from polystilts.codeswitch.files.json_spans import (
    Edit,
    MalformedError,
    Node,
    Tree,
    Value,
    check_characters,
    find,
    find_row,
    quoted,
    splice,
)
from polystilts.codeswitch.files.request import Block, Piece, Request
from polystilts.codeswitch.files.rows import identity_of
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.switcher import Switcher
from polystilts.codeswitch.text.offsets import OffsetMap
from polystilts.errors import ConfigError, InputError

write = text_files.write
FIELDS = ("context", "question")
EMPTY = "empty answers left as they are"
_ANSWERS = ("answers", "plausible_answers")
_ANSWER: Tree = {"text": {}, "answer_start": {}, "answer_end": {}}
_QUESTION: Tree = {"id": {}, "question": {}, **dict.fromkeys(_ANSWERS, _ANSWER)}
_ARTICLE: Tree = {"paragraphs": {"context": {}, "qas": _QUESTION}}


@dataclass(frozen=True, slots=True)
class _Answer:
    text: Value
    start: Value

    @property
    def span(self) -> Span:
        return self.start.value, self.start.value + len(self.text.value)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    context: Value
    questions: list[tuple[str, Value]] = field(default_factory=list)
    answers: list[_Answer] = field(default_factory=list)


def blocks(request: Request, first: bool) -> Iterator[Block]:
    """Yield an article a block; what stands between articles goes out as it is.

    Raises:
        InputError: the file is not JSON, or has no `data`.
        ConfigError: fields other than `context` and `question`.
    """
    wrong = sorted({*request.names} - {*FIELDS})
    if wrong or request.tokens or request.identity:
        raise ConfigError(
            "--fields of a SQuAD file are context, question or both, its --id is `id`"
        )
    with open_input(request.path) as handle:
        data = handle.read()
    mark = MARK if data.startswith(MARK) else b""
    text = decode(data.removeprefix(mark), request.path, 1)
    try:
        found, _ = find_row(text, {"data": {}})
    except MalformedError as error:
        raise InputError(request.path, error.reason, _line(text, error.position)) from None
    articles = found.get("data")
    if not isinstance(articles, list):
        reason = "no SQuAD file: it has no list `data`."
        raise InputError(request.path, reason, hint="For one object a line use --format jsonl.")
    copied, line, before = 0, 1, mark
    for article in articles:
        assert isinstance(article, Value)
        between = text[copied : article.start]
        line += between.count("\n")
        content = text[article.start : article.end]
        yield Block(content.encode("utf-8"), line, before + between.encode("utf-8"))
        line += content.count("\n")
        copied, before = article.end, b""
    yield Block(b"", line, before + text[copied:].encode("utf-8"))


def switch(block: Block, request: Request, switcher: Switcher, books: Books) -> Piece:
    """Switch the paragraphs of an article.

    Raises:
        InputError: something is missing, or an answer does not stand at its offset; with the line
            and the question's id.
    """
    if not block.data:
        return Piece(block.before, books, 0)
    text = decode(block.data, request.path, block.line)
    remarks: Counter[str] = Counter()
    try:
        found = find(text, _ARTICLE)
        paragraphs = [_paragraph(node, remarks) for node in _list(found, "paragraphs", "article")]
    except MalformedError as error:
        line = block.line + _line(text, error.position) - 1
        raise InputError(request.path, error.reason, line) from None
    fields = request.fields or FIELDS
    examples, values = _examples(paragraphs, fields)
    outcome = books.switch(switcher, examples)
    edits = []
    if outcome is not None:
        with books.clock():
            edits = _edits(outcome, values)
    data = splice(text, sorted(edits)).encode("utf-8")
    questions = sum(len(paragraph.questions) for paragraph in paragraphs)
    seen = Counter(dict.fromkeys(fields, questions))
    return Piece(block.before + data, books, questions, seen, remarks=remarks)


def _examples(
    paragraphs: list[_Paragraph], fields: tuple[str, ...]
) -> tuple[list[Example], list[tuple[Value, list[_Answer]]]]:
    """Return examples of one text each, with the value of the text and the answers in it."""
    examples: list[Example] = []
    values: list[tuple[Value, list[_Answer]]] = []
    for paragraph in paragraphs:
        parent = None
        context = str(paragraph.context.value)
        if "context" in fields:
            parent = len(examples)
            anchors = sorted({answer.span for answer in paragraph.answers})
            examples.append(Example(identity_of([context]), (Field(context, anchors=anchors),)))
            values.append((paragraph.context, paragraph.answers))
        if "question" in fields:
            for identity, question in paragraph.questions:
                examples.append(Example(identity, (Field(question.value),), parent))
                values.append((question, []))
    return examples, values


def _edits(outcome: Outcome, values: list[tuple[Value, list[_Answer]]]) -> list[Edit]:
    edits = []
    for place, (value, answers) in enumerate(values):
        new = str(outcome.texts[place])
        if new != value.value:
            edits.append(Edit(value.start, value.end, quoted(new)))
            if answers:
                edits += _moved(answers, new, outcome.switched_text(place).map)
    return edits


def _moved(answers: list[_Answer], context: str, offsets: OffsetMap) -> Iterator[Edit]:
    for answer in answers:
        start, end = offsets.span(*answer.span)
        text = context[start:end]
        if text != answer.text.value:
            yield Edit(answer.text.start, answer.text.end, quoted(text))
        if start != answer.start.value:
            yield Edit(answer.start.start, answer.start.end, str(start))


def _paragraph(node: Node, remarks: Counter[str]) -> _Paragraph:
    context = _value(node, "context", str, "a paragraph")
    paragraph = _Paragraph(context)
    for item in _list(node, "qas", "paragraph"):
        identity = _value(item, "id", (str, int), "a question")
        name = f"question {identity.value}"
        paragraph.questions.append((str(identity.value), _value(item, "question", str, name)))
        for key in _ANSWERS:
            for answer in _list(item, key, name) if key in item else ():
                paragraph.answers.extend(_answer(answer, context, name, remarks))
    return paragraph


def _answer(node: Node, context: Value, name: str, remarks: Counter[str]) -> Iterator[_Answer]:
    text = _value(node, "text", str, f"an answer of {name}")
    if not text.value:
        remarks[EMPTY] += 1
        return
    start = _value(node, "answer_start", int, f"an answer of {name}")
    answer = _Answer(text, start)
    begin, end = answer.span
    if begin < 0 or context.value[begin:end] != text.value:
        raise MalformedError(
            f"{name}: the answer {text.value!r:.80} does not stand at character {begin} of its "
            "context. Mend its `answer_start` or leave the question out.",
            text.start,
        )
    if isinstance(node, dict) and "answer_end" in node:
        raise MalformedError(f"{name}: `answer_end` is not known and would be wrong.", text.start)
    yield answer


def _value(node: Node, key: str, kind: Any, owner: str) -> Value:
    found = node.get(key) if isinstance(node, dict) else None
    if not isinstance(found, Value) or not isinstance(found.value, kind):
        raise MalformedError(f"{owner} has no `{key}` as it should be.", _start(node))
    check_characters(found, key)
    return found


def _list(node: Node, key: str, owner: str) -> list[Node]:
    found = node.get(key) if isinstance(node, dict) else None
    if isinstance(found, Value) and found.value is None and key in _ANSWERS:
        return []
    if not isinstance(found, list):
        raise MalformedError(f"{owner}: `{key}` is no list.", _start(node))
    return found


def _start(node: Node) -> int:
    """Return where the first value of a node stands, as near to it as is known."""
    if isinstance(node, Value):
        return node.start
    inner = node.values() if isinstance(node, dict) else node
    return min((_start(item) for item in inner), default=0)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
