"""Paragraphs with their questions, from SQuAD's JSON layout and from hub copies of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from polystilts.errors import InputError
from polystilts.sources.lines import fields_of, list_of, read_json
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.parquet_rows import Shape, read_parquet

_COLUMNS: Mapping[str, Shape] = {
    "id": (int, str),
    "context": str,
    "question": str,
    "answers": (
        {"text": [str], "answer_start": [int]},
        [{"text": str, "answer_start": int}],
    ),
}
# The most white space that was removed before a context of a published file is 6 characters.
_MOST_REMOVED = 16


class Question(NamedTuple):
    """A question as published, its id, and where it stands in its file."""

    place: str
    identifier: str
    published: Any
    line: int | None = None


Paragraph: TypeAlias = tuple[str, list[Question]]
Paragraphs: TypeAlias = Callable[[Path, Counter[str]], Iterator[Paragraph]]


def json_paragraphs(path: Path, counts: Counter[str]) -> Iterator[Paragraph]:
    """Yield (context, questions) of a file in SQuAD's JSON layout."""
    (articles,) = fields_of(read_json(path, counts), ("data",), path, "the file")
    for position, article in enumerate(list_of(articles, path, "data")):
        place = f"data[{position}]"
        (paragraphs,) = fields_of(article, ("paragraphs",), path, place)
        for index, paragraph in enumerate(list_of(paragraphs, path, f"{place}.paragraphs")):
            where = f"{place}.paragraphs[{index}]"
            context, questions = fields_of(paragraph, ("context", "qas"), path, where)
            if not isinstance(context, str) or not context.strip():
                raise InputError(path, f"{where}.context is empty.")
            listed = enumerate(list_of(questions, path, f"{where}.qas"))
            yield context, [_question(path, f"{where}.qas[{n}]", item) for n, item in listed]


def hub_paragraphs(path: Path, counts: Counter[str]) -> Iterator[Paragraph]:
    """Yield (context, questions) of a Parquet file with one row a question.

    Rows in a row that share their context are a paragraph. Copies whose conversion removed the
    white space around contexts and answers have the offsets of the original: they are moved to
    where all answers of the paragraph stand (counted); where there is no such place they stay.
    """
    rows = read_parquet(path, _COLUMNS)
    for context, paragraph in groupby(rows, key=lambda item: item[1]["context"]):
        listed = list(paragraph)
        if not context.strip():
            raise InputError(path, "the context is empty.", listed[0][0])
        answers = [_pairs(path, row, values["answers"]) for row, values in listed]
        moved = _moved(context, answers)
        counts["questions with moved answer offsets"] += sum(
            before != after for before, after in zip(answers, moved, strict=True)
        )
        yield (
            context,
            [
                Question(
                    "the question",
                    identifier_of(values["id"], path, "the question", row),
                    {
                        "id": values["id"],
                        "question": values["question"],
                        "answers": [{"text": text, "answer_start": start} for start, text in pairs],
                    },
                    row,
                )
                for (row, values), pairs in zip(listed, moved, strict=True)
            ],
        )


def _question(path: Path, place: str, item: object) -> Question:
    (identifier,) = fields_of(item, ("id",), path, place)
    return Question(place, identifier_of(identifier, path, place), item)


def _pairs(path: Path, row: int, answers: Any) -> list[tuple[int, str]]:
    if isinstance(answers, list):
        return [(answer["answer_start"], answer["text"]) for answer in answers]
    starts, texts = answers["answer_start"], answers["text"]
    if len(starts) != len(texts):
        raise InputError(path, f"{len(starts)} answer offsets for {len(texts)} answers.", row)
    return list(zip(starts, texts, strict=True))


def _moved(
    context: str, answers: Sequence[Sequence[tuple[int, str]]]
) -> list[list[tuple[int, str]]]:
    for removed in range(_MOST_REMOVED + 1):
        placed = [
            [(_place(context, start - removed, text), text) for start, text in pairs]
            for pairs in answers
        ]
        if all(start is not None for pairs in placed for start, _ in pairs):
            return placed  # type: ignore[return-value]
    return [list(pairs) for pairs in answers]


def _place(context: str, start: int, text: str) -> int | None:
    """Return where `text` stands: at `start` or behind white space there; None if at neither."""
    if start < 0 or not text.strip():
        return None
    while not context.startswith(text, start):
        if not context[start : start + 1].isspace():
            return None
        start += 1
    return start
