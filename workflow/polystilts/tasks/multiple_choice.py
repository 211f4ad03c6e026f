"""Readers of multiple-choice files: HellaSwag, Cosmos QA, CommonsenseQA.

Every reader yields rows `id, group, context, question, choices, label` (index from 0). All items
of a file have the same number of choices; blank choices and other blank texts are kept and counted.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from itertools import pairwise
from pathlib import Path

from polystilts.errors import InputError
from polystilts.provenance.hashing import digest
from polystilts.sources.lines import (
    fields_of,
    list_of,
    read_json_lines,
    read_text,
    strings_of,
)
from polystilts.tasks.choice_rows import choice_row, hellaswag_row, index_of, same_width
from polystilts.tasks.hub_multiple_choice import (
    read_hub_commonsenseqa,
    read_hub_cosmosqa,
    read_hub_hellaswag,
)
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.reader import Options, Reader, Row

_COSMOS_CHOICES = ("answer0", "answer1", "answer2", "answer3")
_COSMOS_COLUMNS = ("id", "context", "question", *_COSMOS_CHOICES, "label")
_COSMOS_LONG = ("context", "question")
_HELLASWAG_TEXTS = ("ctx_a", "ctx_b", "source_id")


def read_hellaswag(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """HellaSwag JSON lines; the label may be a number or a string of it.

    The context is `ctx_a`, a choice is the begun sentence `ctx_b` with an ending (the split that
    jiant makes). id = ind, group = source_id (the video or article).
    """
    for path in files:
        width: int | None = None
        for number, record in read_json_lines(path, counts):
            where = "the record"
            context, begun, source = strings_of(record, _HELLASWAG_TEXTS, path, where, number)
            ind, listed = fields_of(record, ("ind", "endings"), path, where, number)
            endings = list_of(listed, path, "endings", number)
            for ending in endings:
                if not isinstance(ending, str):
                    reason = f"an ending is {ending!r}, expected a string."
                    raise InputError(path, reason, number)
            width = same_width(path, number, endings, width, counts)
            identity = identifier_of(ind, path, where, number), source
            texts, label = (context, begun), record.get("label")
            yield hellaswag_row(path, number, identity, texts, endings, label, counts)


def read_cosmosqa(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Cosmos QA CSV. id = id, group = the context's digest (several questions share one).

    Raises:
        InputError: not the published columns, or a field that a stray quotation mark has carried
            on into the next record.
    """
    for path in files:
        table = csv.reader(StringIO(read_text(path, counts), newline=""), strict=True)
        try:
            header = next(table, [])
            if tuple(header) != _COSMOS_COLUMNS:
                expected, found = ", ".join(_COSMOS_COLUMNS), ", ".join(header) or "nothing"
                reason = f"the header should be {expected}; found {found}."
                raise InputError(path, reason, 1)
            for fields in table:
                number = table.line_num
                if not fields:
                    counts["blank lines skipped"] += 1
                    continue
                if len(fields) != len(_COSMOS_COLUMNS):
                    reason = f"{len(fields)} columns, expected {len(_COSMOS_COLUMNS)}."
                    raise InputError(path, reason, number)
                _check_lines(path, number, fields)
                identifier, context, question, *answers, raw = fields
                identifier = identifier_of(identifier, path, "the record", number)
                choices = [answer.strip() for answer in answers]
                same_width(path, number, choices, None, counts)
                label = index_of(path, number, raw, len(choices))
                yield choice_row(
                    identifier, digest(context), context, question, choices, label, counts
                )
        except csv.Error as error:
            reason = f"not valid CSV ({error}); is the file complete?"
            raise InputError(path, reason, table.line_num) from None


def read_commonsenseqa(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """CommonsenseQA JSON lines: the stem is the context, `answerKey` names the right choice."""
    for path in files:
        width: int | None = None
        for number, record in read_json_lines(path, counts):
            names = ("id", "question", "answerKey")
            _, question, key = fields_of(
                record, names, path, "the record (test files have no answerKey)", number
            )
            (identifier,) = strings_of(record, ("id",), path, "the record", number)
            identifier = identifier_of(identifier, path, "the record", number)
            _, listed = fields_of(question, ("stem", "choices"), path, "question", number)
            (stem,) = strings_of(question, ("stem",), path, "question", number)
            pairs = [
                strings_of(choice, ("label", "text"), path, "a choice", number)
                for choice in list_of(listed, path, "choices", number)
            ]
            letters = [letter for letter, _ in pairs]
            if letters.count(key) != 1:
                reason = f"answerKey {key!r} is not one of the choices {', '.join(letters)}."
                raise InputError(path, reason, number)
            choices = [text.strip() for _, text in pairs]
            width = same_width(path, number, choices, width, counts)
            yield choice_row(
                identifier, identifier, stem, None, choices, letters.index(key), counts
            )


def _check_lines(path: Path, number: int, fields: Sequence[str]) -> None:
    """Refuse a record that holds the rest of one record and the start of the next.

    A quotation mark that is never closed ends at the next one in the file, which may leave the
    right number of columns. Contexts and questions may hold line breaks; in them it shows by a line
    that ends in all the columns that are missing, the label last, before one that starts anew.
    """
    for place, (name, field) in enumerate(zip(_COSMOS_COLUMNS, fields, strict=True)):
        lines = field.split("\n")
        missing = len(_COSMOS_COLUMNS) - 1 - place
        swallowed = any(
            before.count(",") >= missing and _ends_in_label(before) and after.count(",") >= place
            for before, after in pairwise(lines)
        )
        if swallowed or (len(lines) > 1 and name not in _COSMOS_LONG):
            reason = f"{name} goes on over a line break: is a quotation mark before it not closed?"
            raise InputError(path, reason, number)


def _ends_in_label(line: str) -> bool:
    return line.rpartition(",")[2].strip() in map(str, range(len(_COSMOS_CHOICES)))


READERS: Mapping[str, Reader] = {
    "commonsenseqa": read_commonsenseqa,
    "cosmosqa": read_cosmosqa,
    "hellaswag": read_hellaswag,
    "hub_commonsenseqa": read_hub_commonsenseqa,
    "hub_cosmosqa": read_hub_cosmosqa,
    "hub_hellaswag": read_hub_hellaswag,
}

OPTIONS: Mapping[str, frozenset[str]] = {}
