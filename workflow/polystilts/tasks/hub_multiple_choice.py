"""Readers of multiple-choice files from hub repositories; rows are those of the original files."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.provenance.hashing import digest
from polystilts.tasks.choice_rows import choice_row, hellaswag_row, index_of, same_width
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.parquet_rows import Shape, read_parquet
from polystilts.tasks.reader import Options, Row

_NUMBER: Shape = (int, str)
_HELLASWAG: dict[str, Shape] = {
    "ind": _NUMBER,
    "ctx_a": str,
    "ctx_b": str,
    "endings": [str],
    "source_id": str,
    "label": _NUMBER,
}
_ANSWERS = ("answer0", "answer1", "answer2", "answer3")
_COSMOS: dict[str, Shape] = {
    "id": str,
    "context": str,
    "question": str,
    **dict.fromkeys(_ANSWERS, str),
    "label": _NUMBER,
}
_COMMONSENSE: dict[str, Shape] = {
    "id": str,
    "question": str,
    "choices": ({"label": [str], "text": [str]}, [{"label": str, "text": str}]),
    "answerKey": str,
}


def read_hub_hellaswag(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """HellaSwag as Parquet, where labels are strings (empty in the test set: an error)."""
    for path in files:
        width: int | None = None
        for row, values in read_parquet(path, _HELLASWAG):
            width = same_width(path, row, values["endings"], width, counts)
            identity = identifier_of(values["ind"], path, "the row", row), values["source_id"]
            texts = values["ctx_a"], values["ctx_b"]
            endings, label = values["endings"], values["label"]
            yield hellaswag_row(path, row, identity, texts, endings, label, counts)


def read_hub_cosmosqa(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Cosmos QA as Parquet (label -1 in the test set: an error). Group = the context's digest."""
    for path in files:
        for row, values in read_parquet(path, _COSMOS):
            choices = [values[name].strip() for name in _ANSWERS]
            same_width(path, row, choices, None, counts)
            label = index_of(path, row, values["label"], len(choices))
            identifier = identifier_of(values["id"], path, "the row", row)
            context, question = values["context"], values["question"]
            group = digest(context)
            yield choice_row(identifier, group, context, question, choices, label, counts)


def read_hub_commonsenseqa(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """CommonsenseQA as Parquet: `answerKey` (empty in the test set: an error) names a choice."""
    for path in files:
        width: int | None = None
        for row, values in read_parquet(path, _COMMONSENSE):
            listed = values["choices"]
            if isinstance(listed, list):
                letters = [choice["label"] for choice in listed]
                texts = [choice["text"] for choice in listed]
            else:
                letters, texts = listed["label"], listed["text"]
            if len(letters) != len(texts):
                reason = f"{len(letters)} labels for {len(texts)} choices."
                raise InputError(path, reason, row)
            key = values["answerKey"]
            if letters.count(key) != 1:
                reason = f"answerKey {key!r} is not one of the choices {', '.join(letters)}."
                hint = "Test files have no labels: use the training and validation files."
                raise InputError(path, reason, row, hint)
            choices = [text.strip() for text in texts]
            width = same_width(path, row, choices, width, counts)
            identifier = identifier_of(values["id"], path, "the row", row)
            question, label = values["question"], letters.index(key)
            yield choice_row(identifier, identifier, question, None, choices, label, counts)
