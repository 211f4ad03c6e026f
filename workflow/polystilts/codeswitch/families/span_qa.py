"""Switching of extractive question answering: `question`, `context`, `answers`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.engine import Engine, Scan
from polystilts.codeswitch.switcher import Span, Switched, switch, untouched
from polystilts.codeswitch.wordmap import Example, WordMap
from polystilts.errors import PolystiltsError

SINGLE_WORDS = False
COLUMNS = ("question", "context", "answers")


def switch_rows(
    table: pa.Table, engine: Engine, dataset: str, copy: int
) -> Iterator[tuple[dict[str, Any], list[Switched]]]:
    """Yield per row the new values of its columns and the switched texts they came from.

    A paragraph (`group`) is switched once per copy and serves all its questions; the share of
    examples that are switched is a share of paragraphs. Answers are switched as the rest of the
    context and rewritten from the offset map. A word that the border of any of the paragraph's
    answers cuts in two stays English. In a shared recipe a question uses its paragraph's word map.
    """
    rows = table.select(["id", "group", *COLUMNS]).to_pylist()
    anchors = _anchors(rows)
    for paragraph, questions in groupby(rows, key=lambda row: (row["group"], row["context"])):
        example = Example(engine, dataset, paragraph[0], copy)
        context, word_map = _switch_context(example, paragraph[1], anchors[paragraph])
        yield from _rows(questions, example, context, word_map)


def _rows(
    rows: Iterable[dict[str, Any]], example: Example, context: Switched, word_map: WordMap | None
) -> Iterator[tuple[dict[str, Any], list[Switched]]]:
    for row in rows:
        question = example.engine.scan(row["question"])
        if word_map is None:
            part = untouched(question)
        else:
            part = _switch_question(question, context.scan, row["id"], example, word_map)
        values = {
            "question": part.text,
            "context": context.text,
            "answers": _answers(row, context),
        }
        yield values, [context, part]


def _anchors(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[Span]]:
    anchors: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for row in rows:
        spans = anchors[row["group"], row["context"]]
        for answer in row["answers"]:
            start, end = answer["start"], answer["start"] + len(answer["text"])
            if row["context"][start:end] != answer["text"] or start < 0:
                raise PolystiltsError(
                    f"question {row['id']}: the answer {answer['text']!r} does not stand at "
                    f"character {start} of its context. Prepare the task again."
                )
            spans.append((start, end))
    return anchors


def _switch_context(
    example: Example, context: str, anchors: list[Span]
) -> tuple[Switched, WordMap | None]:
    engine = example.engine
    scan = engine.scan(context)
    if not example.is_switched():
        return untouched(scan), None
    (word_map,) = example.maps("context")
    return switch(scan, (), anchors, engine=engine, word_map=word_map), word_map


def _switch_question(
    question: Scan, context: Scan, identity: str, example: Example, context_map: WordMap
) -> Switched:
    engine = example.engine
    names = engine.names([context, question])
    if engine.recipe.consistency == "shared":
        # An extension, so that the questions of a paragraph do not depend on each other.
        word_map = context_map.extended()
    else:
        own = Example(engine, example.dataset, identity, example.copy)
        (word_map,) = own.maps("question")
    return switch(question, engine=engine, word_map=word_map, names=names)


def _answers(row: dict[str, Any], context: Switched) -> list[dict[str, Any]]:
    offsets = context.offsets
    answers = []
    for answer in row["answers"]:
        start, end = offsets.span(answer["start"], answer["start"] + len(answer["text"]))
        text = context.text[start:end]
        assert context.text[start : start + len(text)] == text
        assert bool(text) == bool(answer["text"])
        answers.append({"start": start, "text": text})
    return answers
