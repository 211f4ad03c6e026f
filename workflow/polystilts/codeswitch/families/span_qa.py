"""Switching of extractive question answering: `question`, `context`, `answers`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from polystilts.codeswitch.example import Example, Field, Span
from polystilts.codeswitch.leaks.islands import AnswerIslandLeak
from polystilts.codeswitch.leaks.labels import AnswerabilityLeak
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.rows import Columns, Rows
from polystilts.errors import PolystiltsError

SINGLE_WORDS = False
COLUMNS = ("question", "context", "answers")
ALSO_READ = ("group",)


def examples(columns: Columns) -> Rows:
    """Return one example a paragraph, and one a question as its child.

    A paragraph (`group`) is switched once per copy and serves all its questions; the share of
    examples that are switched is a share of paragraphs. Answers are switched as the rest of the
    context and rewritten from the offset map. A word that the border of any of the paragraph's
    answers cuts in two stays English. A question takes over its paragraph's words, so that its
    questions do not depend on each other.

    Raises:
        PolystiltsError: an answer does not stand where it is said to.
    """
    names = ("id", "group", "context", "question", "answers")
    rows = list(zip(*(columns[name] for name in names), strict=True))
    anchors: dict[tuple[str, str], dict[Span, None]] = {}
    for identity, group, context, _, answers in rows:
        spans = anchors.setdefault((group, context), {})
        spans.update(dict.fromkeys(_spans(identity, context, answers)))
    found: list[Example] = []
    texts: list[tuple[int, ...]] = []
    paragraph: tuple[str, str] | None = None
    parent = -1
    for identity, group, context, question, _ in rows:
        if (group, context) != paragraph:
            paragraph, parent = (group, context), len(found)
            found.append(Example(group, (Field(context, anchors=list(anchors[paragraph])),)))
        texts.append((parent, len(found)))
        found.append(Example(identity, (Field(question),), parent))
    return Rows(found, texts)


def new_columns(columns: Columns, rows: Rows, outcome: Outcome) -> Columns:
    """Return the switched questions and contexts, and the answers where they are now."""
    texts = outcome.texts
    answers: list[list[dict[str, Any]]] = []
    maps = {parent: outcome.map(parent) for parent, _ in dict.fromkeys(rows.texts)}
    for old, (parent, _) in zip(columns["answers"], rows.texts, strict=True):
        context = texts[parent]
        assert isinstance(context, str)
        answers.append([])
        for answer in old:
            start, end = maps[parent].span(answer["start"], answer["start"] + len(answer["text"]))
            text = context[start:end]
            assert bool(text) == bool(answer["text"])
            answers[-1].append({"start": start, "text": text})
    return {
        "question": [texts[place] for _, place in rows.texts],
        "context": [texts[parent] for parent, _ in rows.texts],
        "answers": answers,
    }


def checks(languages: Sequence[str]) -> dict[str, Any]:
    """Return empty checks: answers as islands, answerable against switched words."""
    return {"answer_island": AnswerIslandLeak(), "answerability": AnswerabilityLeak()}


def check(found: Mapping[str, Any], columns: Columns, rows: Rows, outcome: Outcome) -> None:
    """Add one copy of some questions to the checks; the English answers say what is inside."""
    inside = np.zeros(len(outcome.codes), bool)
    answered: dict[int, list[Span]] = {}
    for answers, (parent, _) in zip(columns["answers"], rows.texts, strict=True):
        spans = answered.setdefault(parent, [])
        spans += [(a["start"], a["start"] + len(a["text"])) for a in answers]
    for parent, spans in answered.items():
        first = int(outcome.first_chunk[parent])
        chunks = np.array(outcome.spans(parent), np.int64).reshape(-1, 2)
        for start, end in spans:
            touched = (chunks[:, 0] < end) & (chunks[:, 1] > start)
            inside[first : first + len(chunks)] |= touched
    contexts = sorted(answered)
    chunks = (
        np.concatenate(
            [np.arange(outcome.first_chunk[t], outcome.first_chunk[t + 1]) for t in contexts]
        )
        if contexts
        else np.zeros(0, np.int64)
    )
    sizes = outcome.first_chunk[1:][contexts] - outcome.first_chunk[:-1][contexts]
    first_chunk = np.append(0, np.cumsum(sizes)).astype(np.int64)
    found["answer_island"].add(
        outcome.codes[chunks], first_chunk, inside[chunks], outcome.eligible[chunks]
    )
    parents, questions = (np.array(side, np.int64) for side in zip(*rows.texts, strict=True))
    found["answerability"].add(
        [bool(answers) for answers in columns["answers"]],
        outcome.switched[parents],
        outcome.words[parents],
        outcome.switched[questions],
        outcome.words[questions],
    )


def _spans(identity: str, context: str, answers: Sequence[Mapping[str, Any]]) -> list[Span]:
    spans = []
    for answer in answers:
        start, end = answer["start"], answer["start"] + len(answer["text"])
        if context[start:end] != answer["text"] or start < 0:
            raise PolystiltsError(
                f"question {identity}: the answer {answer['text']!r} does not stand at "
                f"character {start} of its context. Prepare the task again."
            )
        spans.append((start, end))
    return spans
