"""Readers of paraphrase files: QQP and PAWS-X."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.sources.lines import read_filled_lines
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.pair_rows import header, label_name, pair_row, split_exactly
from polystilts.tasks.reader import Options, Row

_BROKEN_SHARE = 1000


def read_glue_qqp(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """QQP as GLUE prints it; option `label_names` names 0 and 1.

    The published train.tsv holds a few rows torn apart by line ends inside a question. Up to one
    line in 1000 with a wrong number of columns is set aside and counted; more is an error.
    """
    for path in files:
        lines = read_filled_lines(path, counts)
        columns = header(path, lines, ("id", "question1", "question2", "is_duplicate"))
        torn: list[int] = []
        total = 0
        for number, line in lines:
            total += 1
            fields = line.split("\t")
            if len(fields) != len(columns):
                torn.append(number)
                continue
            identifier = identifier_of(fields[columns["id"]], path, "the row", number)
            texts = (fields[columns["question1"]], fields[columns["question2"]])
            label = label_name(
                path, number, fields[columns["is_duplicate"]], labels, options, counts
            )
            yield pair_row(identifier, identifier, texts, label, counts)
        if len(torn) * _BROKEN_SHARE > total:
            reason = f"{len(torn)} of {total} lines have a wrong number of columns."
            raise InputError(path, f"{reason} This is the first.", torn[0])
        counts["torn rows set aside"] += len(torn)


def read_pawsx(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """PAWS-X `x-final/*/*.tsv`; option `label_names` names 0 and 1. group = id, parallel.

    The placeholder `NS`, which stands where no translation was made, is counted.
    """
    for path in files:
        lines = read_filled_lines(path, counts)
        columns = header(path, lines, ("id", "sentence1", "sentence2", "label"))
        for number, line in lines:
            fields = split_exactly(path, number, line, len(columns))
            texts = (fields[columns["sentence1"]], fields[columns["sentence2"]])
            counts["placeholder texts NS"] += sum(text.strip() == "NS" for text in texts)
            label = label_name(path, number, fields[columns["label"]], labels, options, counts)
            identifier = identifier_of(fields[columns["id"]], path, "the row", number)
            yield pair_row(identifier, identifier, texts, label, counts)
