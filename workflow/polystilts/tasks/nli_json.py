"""Readers of natural language inference files in JSON lines: SNLI, MultiNLI, XNLI."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from polystilts.errors import InputError
from polystilts.sources.lines import read_json_lines, strings_of
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.pair_rows import label_name, pair_row
from polystilts.tasks.reader import Options, Row

_FIELDS = ("sentence1", "sentence2", "gold_label", "pairID")
_GROUPS = ("promptID", "captionID", "pairID")


def read_nli_json(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """`snli_1.0_*.jsonl` and `multinli_1.0_*.jsonl`: gold `-` is set aside and counted.

    id = pairID, group = promptID or captionID (pairs that share a premise).
    """
    for path in files:
        for number, record in read_json_lines(path, counts):
            if strings_of(record, _FIELDS, path, "the record", number)[2].strip() == "-":
                counts["rows without agreed label set aside"] += 1
                continue
            yield _row(path, number, record, labels, options, counts)


def read_xnli_json(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """XNLI-1.0 as JSON lines, all languages in one file: rows, ids and groups as of `xnli`.

    Raises:
        InputError: no row of the language, with the languages that are there.
    """
    wanted = language or "en"
    for path in files:
        seen: Counter[str] = Counter()
        for number, record in read_json_lines(path, counts):
            (code,) = strings_of(record, ("language",), path, "the record", number)
            seen[code] += 1
            if code == wanted:
                yield _row(path, number, record, labels, options, counts)
        if not seen[wanted]:
            found = ", ".join(sorted(seen)) or "nothing"
            raise InputError(path, f"no rows for language {wanted!r}; the file holds {found}.")


def _row(
    path: Path,
    number: int,
    record: dict[str, Any],
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Row:
    first, second, raw, pair = strings_of(record, _FIELDS, path, "the record", number)
    shared = next(name for name in _GROUPS if name in record)
    (group,) = strings_of(record, (shared,), path, "the record", number)
    label = label_name(path, number, raw, labels, options, counts)
    return pair_row(
        identifier_of(pair, path, "the record", number), group, (first, second), label, counts
    )
