"""From published files to canonical rows: one task's Parquet files and their manifest."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from polystilts.errors import InputError
from polystilts.provenance.hashing import unit_hash
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table
from polystilts.tasks import held_out
from polystilts.tasks.reader import Row
from polystilts.tasks.readers import load_family, reader_of
from polystilts.tasks.rows import (
    LABELS_OF,
    PAIR_SCHEMA,
    SCHEMAS,
    problem,
    repeated,
    to_table,
    unique,
)
from polystilts.tasks.subset import choose


@dataclass(frozen=True)
class Prepared:
    """One split as it is written: rows, gold pairs (retrieval only), what the manifest says."""

    stem: str
    rows: list[Row]
    pairs: list[Row] | None
    facts: dict[str, Any]


ExpectedRows = Callable[[str, str, str | None], int | None]

_BLANKED_ROWS = 20


def prepare(
    record: Mapping[str, Any],
    sources: Path,
    output: Path,
    key: str,
    expected_rows: ExpectedRows | None = None,
) -> None:
    """Write `<split>[.<language>].parquet` for every split of a task, and `manifest.json`.

    `record` holds `task`, `family`, `labels` (null: none, or taken from the training file) and
    `splits`: objects of `name`, `language` (null: English only), `reader`, `files` (relative to
    `sources`), `options`, `limit` (null: all) and `published` (whether the split is read exactly as
    it was published). `expected_rows` returns the published number of rows of (task, split,
    language), None where it is not known; it can refuse a file and changes nothing else.

    A limit keeps the rows whose ids come first by a hash of task and split, in file order; for
    retrieval it counts foreign sentences, and English ones are kept in proportion together with all
    partners of the kept ones.

    Retrieval splits also get `<split>-pairs.<language>.parquet`. The manifest lists every file and
    under `splits` rows, counts of what was repaired or set aside, repeated texts and labels.

    Raises:
        ConfigError: an unknown reader or option.
        InputError: malformed input, with file, line and reason; a split without rows, with another
            number of rows than was published, or with one label alone (a copy whose labels were
            removed).
    """
    family = load_family(record["family"])
    written: list[Path] = []
    facts: dict[str, Any] = {}
    labels: list[str] | None = record["labels"]
    for split in record["splits"]:
        expected = None
        if expected_rows is not None and split["published"]:
            expected = expected_rows(record["task"], split["name"], split["language"])
        prepared = _prepare_split(record, split, family, sources, expected)
        if labels is None and record["family"] == "tagging" and split["name"] == "train":
            labels = sorted(prepared.facts["labels"])
        path = output / f"{prepared.stem}.parquet"
        write_table(path, to_table(prepared.rows, SCHEMAS[record["family"]]), key)
        written.append(path)
        if prepared.pairs is not None:
            path = output / f"{split['name']}-pairs.{split['language']}.parquet"
            write_table(path, to_table(prepared.pairs, PAIR_SCHEMA), key)
            written.append(path)
        facts[prepared.stem] = prepared.facts
    write_manifest(
        output / "manifest.json",
        key,
        written,
        task=record["task"],
        family=record["family"],
        labels=labels,
        splits=facts,
    )


def _prepare_split(
    record: Mapping[str, Any],
    split: Mapping[str, Any],
    family: ModuleType,
    sources: Path,
    expected: int | None,
) -> Prepared:
    files = [sources / file for file in split["files"]]
    language, labels = split["language"], record["labels"]
    counts: Counter[str] = Counter()
    place = f"task {record['task']}, split {split['name']}"
    reader = reader_of(family, split, place)
    rows = list(unique(reader(files, language, labels, split["options"], counts), counts))
    if not rows:
        raise InputError(files[0], "no examples were read from it.", hint="Is it the right file?")
    for row in rows:
        if reason := problem(record["family"], row, labels):
            raise InputError(files[0], f"example {row['id']!r}: {reason}.")
    available = len(rows)
    _check_number(files[0], available + sum(counts[name] for name in held_out.COUNTS), expected)
    _check_labels(files[0], record["family"], rows)
    salt = f"limit:{record['task']}:{split['name']}"
    pairs = None
    if hasattr(family, "PAIR_READERS"):
        reader = family.PAIR_READERS[split["reader"]]
        pairs = list(reader(files, language, labels, split["options"], Counter()))
        rows, pairs = _limit_pairs(rows, pairs, str(language), split["limit"], salt)
    else:
        chosen = choose([row["id"] for row in rows], split["limit"], "front", salt)
        rows = [rows[index] for index in chosen]
    stem = split["name"] if language is None else f"{split['name']}.{language}"
    facts = _facts(record["family"], rows, counts)
    facts |= {
        "available": available,
        "expected": expected,
        "reader": split["reader"],
        "sources": list(split["files"]),
    }
    if pairs is not None:
        facts["pairs"] = len(pairs)
    return Prepared(stem, rows, pairs, facts)


def _check_number(path: Path, found: int, expected: int | None) -> None:
    if expected is not None and found != expected:
        reason = f"{found} examples, {expected} were published."
        hint = (
            "Is the file complete, and the published version? Files of your own stand in"
            " `tasks.<name>.files`; a published count is corrected in the source lock."
        )
        raise InputError(path, reason, hint=hint)


def _check_labels(path: Path, family: str, rows: Sequence[Row]) -> None:
    """Refuse a copy whose labels were all set to the same value, as in XTREME's own test files."""
    if family not in ("classification", "multiple_choice", "tagging") or len(rows) < _BLANKED_ROWS:
        return
    labels = {label for row in rows for label in LABELS_OF[family](row)}
    if len(labels) == 1:
        reason = f"all {len(rows)} examples have the label {labels.pop()!r}: were they removed?"
        raise InputError(path, reason, hint="Use the original files, not XTREME's processed ones.")


def _facts(family: str, rows: Sequence[Row], counts: Counter[str]) -> dict[str, Any]:
    labels = Counter(label for row in rows for label in LABELS_OF[family](row))
    return {
        "rows": len(rows),
        "counts": dict(+counts),
        "repeated_texts": repeated(family, rows),
        "labels": dict(labels),
    }


def _limit_pairs(
    rows: Sequence[Row], pairs: Sequence[Row], language: str, limit: int | None, salt: str
) -> tuple[list[Row], list[Row]]:
    foreign = [row["id"] for row in rows if row["language"] == language]
    if limit is None or limit >= len(foreign):
        return list(rows), list(pairs)
    kept = _first(foreign, limit, salt)
    kept_pairs = [pair for pair in pairs if pair["source_id"] in kept]
    partners = {pair["target_id"] for pair in pairs}
    lone = [row["id"] for row in rows if row["language"] != language and row["id"] not in partners]
    kept |= {pair["target_id"] for pair in kept_pairs}
    kept |= _first(lone, round(len(lone) * limit / len(foreign)), salt)
    return [row for row in rows if row["id"] in kept], kept_pairs


def _first(ids: Iterable[str], count: int, salt: str) -> set[str]:
    return set(sorted(ids, key=lambda identifier: unit_hash(salt, identifier))[:count])
