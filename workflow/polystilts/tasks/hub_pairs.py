"""Reader of sentence pairs from hub repositories: XNLI, PAWS-X, SNLI, ANLI, GLUE."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.provenance.hashing import digest
from polystilts.tasks.class_labels import UNLABELLED, class_names, named
from polystilts.tasks.held_out import in_part
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.option_values import one_of
from polystilts.tasks.pair_rows import Premises, label_name, pair_row
from polystilts.tasks.parquet_rows import Shape, describe, read_parquet
from polystilts.tasks.reader import Options, Row

_TEXTS = (("premise", "hypothesis"), ("question1", "question2"), ("sentence1", "sentence2"))
_IDS = ("uid", "id", "idx")
_LABELS = ("label", "gold_label")
_GROUPS = ("text", "id")


def read_hub_pairs(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Parquet with two texts (premise and hypothesis, question1/2 or sentence1/2) and a label.

    id = column `uid`, `id` or `idx`, whichever there is, else the number of the row. Group is the
    first text's digest, or the id with option `group: id` (parallel rows); option `rows_per_group`
    is that of `pairs`, as are `held_out` and `part`. Labels are numbers, whose names stand in the
    file or in option `names`, or names; `label_names` maps them to the task's. Rows labelled -1
    (annotators did not agree) are set aside and counted.

    Raises:
        InputError: malformed Parquet, an unknown label, or no row with a label.
    """
    by = one_of(options, "group", _GROUPS)
    premises = Premises(options)
    rows_before = row = 0
    for path in files:
        texts, identity, label = _columns(path)
        known = class_names(describe(path), label, options)
        shapes: dict[str, Shape] = {texts[0]: str, texts[1]: str, label: (int, str)}
        shapes |= {identity: (int, str)} if identity else {}
        labelled = 0
        for number, values in read_parquet(path, shapes):
            row = rows_before + number
            pair = (values[texts[0]], values[texts[1]])
            where = "the row"
            identifier = identifier_of(values[identity], path, where, number) if identity else None
            identifier = identifier or str(row)
            shared = premises.group(path, number, row, pair[0])
            group = shared or (identifier if by == "id" else digest(pair[0].strip()))
            labelled += values[label] != UNLABELLED
            if not in_part(group, options, counts):
                continue
            if values[label] == UNLABELLED:
                counts["rows without a label set aside"] += 1
                continue
            raw = named(path, number, label, values[label], known)
            name = label_name(path, number, raw, labels, options, counts)
            yield pair_row(identifier, group, pair, name, counts)
        if row > rows_before and not labelled:
            hint = "Test files have no labels: use the training and validation files."
            raise InputError(path, "no row has a label: all are -1.", hint=hint)
        rows_before = row
    premises.finish(files, row)


def _columns(path: Path) -> tuple[tuple[str, str], str | None, str]:
    columns = describe(path).columns
    texts = next((pair for pair in _TEXTS if set(pair) <= set(columns)), None)
    label = next((name for name in _LABELS if name in columns), None)
    if texts is None or label is None:
        expected = "; ".join(" and ".join(pair) for pair in _TEXTS)
        found = ", ".join(columns) or "none"
        reason = f"expected two texts ({expected}) and a label; its columns are {found}."
        raise InputError(path, reason)
    return texts, next((name for name in _IDS if name in columns), None), label
