"""Translated training rows, aligned with the English rows that they translate.

What a translated row says about its example must agree with the English row, whose label it is
trained with; a row that does not agree is not used, and counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from polystilts.errors import ConfigError, InputError
from polystilts.tasks.reader import Row
from polystilts.tasks.readers import reader_of
from polystilts.tasks.rows import SCHEMAS, TEXT_FIELDS, problem, to_table, unique
from polystilts.tasks.text_match import ids_by_text

# What a translation brings besides its texts, which belongs to them and not to the English ones.
_BOUND_TO_TEXT: Mapping[str, tuple[str, ...]] = {"span_qa": ("answers",), "tagging": ("tags",)}
# What says of which kind an example is; in an English row and its translation it is the same.
_COMPARED: Mapping[str, str] = {
    "classification": "label",
    "multiple_choice": "label",
    "span_qa": "answers",
    "tagging": "tags",
}
# PAWS-X's mark where no translation was made
_PLACEHOLDERS = ("NS",)
_ROWS_AT_ONCE = 4096

NO_ROW = "no row with its id"
NO_MATCH = "not found by its text"
NO_TEXT = "a text is missing"


@dataclass(frozen=True)
class TranslatedRows:
    """The usable translations of English rows into one language.

    Attributes:
        table: canonical rows of the family.
        place: per English row its row in `table`, or -1.
        read: rows in the files.
        unused: rows that translate no English row that is asked for.
        missing: why English rows have no translation, and how many.
        same_text: translations that are written as their English row.
        counts: what the reader repaired or set aside.
    """

    table: pa.Table
    place: NDArray[np.int64]
    read: int
    unused: int
    missing: dict[str, int]
    same_text: int
    counts: dict[str, int]


def translated_columns(family: str) -> tuple[str, ...]:
    """Return the columns of a family that come from the translation; the others stay English."""
    return TEXT_FIELDS[family] + _BOUND_TO_TEXT.get(family, ())


def read_translation(
    record: Mapping[str, Any],
    language: str,
    english: pa.Table,
    family: ModuleType,
    files: Sequence[Path],
    english_files: Sequence[Path] = (),
) -> TranslatedRows:
    """Read one language's translated rows of a task and align them with its English rows.

    Args:
        record: `dataset`, `family`, `labels` (null: none, or the training file's own), and
            `translations`, by language `rows` and `english`: `reader`, `options`, `language` (null:
            files of one's own in the layout of the English ones); `english` null: ids are
            the English rows' own.
        language: which of the record's translations.
        english: the English rows, in the order of the result.
        family: the module of the family's readers.
        files: the translated files.
        english_files: the English rows whose ids the translated ones have, found by their text.

    Raises:
        ConfigError: an unknown reader or option, or English rows for a family that has no labels.
        InputError: malformed input, files of two languages that do not end at the same row, or
            translations of which none can be used.
    """
    chosen = record["translations"][language]
    name, labels = record["family"], record["labels"]
    counts: Counter[str] = Counter()
    ids: list[str | None] = english["id"].to_pylist()
    last: str | None = None
    if chosen["english"] is not None:
        if name != "classification":
            raise ConfigError(f"{record['dataset']}: rows of {name} cannot be found by their text")
        pivot = _Rows(record, chosen["english"], family, english_files, Counter())
        pairs = list(zip(english["text_a"].to_pylist(), english["text_b"].to_pylist(), strict=True))
        ids, _ = ids_by_text(pairs, english["label"].to_pylist(), pivot)
        last = pivot.last
    rows = _Rows(record, chosen["rows"], family, files, counts)
    aligned = _align(name, english, ids, rows, labels)
    if last is not None and rows.last != last:
        reason = f"its last row is {rows.last}, that of {english_files[0]} is {last}."
        raise InputError(files[0], reason, hint="They are aligned by line: is one cut short?")
    if not aligned.table.num_rows:
        why = ", ".join(f"{reason}: {number}" for reason, number in aligned.missing.items())
        reason = f"none of its {aligned.read} rows translates an example ({why})."
        raise InputError(files[0], reason, hint="Are they translations of this training set?")
    return aligned


class _Rows:
    """The rows of some files, checked; afterwards `last` is the id of the last one."""

    def __init__(
        self,
        record: Mapping[str, Any],
        split: Mapping[str, Any],
        family: ModuleType,
        files: Sequence[Path],
        counts: Counter[str],
    ) -> None:
        self.last: str | None = None
        self.counts = counts
        self._place = f"task {record['dataset']}, translations"
        self._record, self._split, self._family, self._files = record, split, family, files

    def __iter__(self) -> Iterator[Row]:
        record, split, files = self._record, self._split, self._files
        reader = reader_of(self._family, split, self._place)
        labels = record["labels"]
        rows = reader(files, split["language"], labels, split["options"], self.counts)
        for row in unique(rows, self.counts):
            if reason := problem(record["family"], row, labels):
                raise InputError(files[0], f"example {row['id']!r}: {reason}.")
            self.last = row["id"]
            yield row


def _align(
    family: str,
    english: pa.Table,
    ids: Sequence[str | None],
    rows: _Rows,
    labels: Sequence[str] | None,
) -> TranslatedRows:
    wanted: dict[str, list[int]] = {}
    for at, identity in enumerate(ids):
        if identity is not None:
            wanted.setdefault(identity, []).append(at)
    fields = TEXT_FIELDS[family]
    columns = {field: english[field].to_pylist() for field in (*fields, _COMPARED[family])}
    known = set(labels or ())
    if family == "tagging" and not known:
        known = {tag for tags in columns["tags"] for tag in tags}
    place = np.full(len(ids), -1, np.int64)
    missing: Counter[str] = Counter()
    kept: list[Row] = []
    parts: list[pa.Table] = []
    read = unused = same = stored = 0
    for row in rows:
        read += 1
        translates = wanted.pop(row["id"], [])
        unused += not translates
        for at in translates:
            source = {field: values[at] for field, values in columns.items()}
            if reason := _disagreement(family, source, row, known):
                missing[reason] += 1
                continue
            place[at] = stored
            stored += 1
            same += all(source[field] == row[field] for field in fields)
            kept.append(row)
        if len(kept) >= _ROWS_AT_ONCE:
            parts.append(to_table(kept, SCHEMAS[family]))
            kept = []
    parts.append(to_table(kept, SCHEMAS[family]))
    missing[NO_ROW] += sum(map(len, wanted.values()))
    missing[NO_MATCH] += sum(identity is None for identity in ids)
    table = pa.concat_tables(parts)
    return TranslatedRows(table, place, read, unused, dict(+missing), same, dict(+rows.counts))


def _disagreement(family: str, source: Row, row: Row, known: set[str]) -> str | None:
    """Return why a row is no translation to train on, or None."""
    for field in TEXT_FIELDS[family]:
        if _lacks(source[field], row[field]):
            return NO_TEXT
    match family:
        case "classification" if row["label"] != source["label"]:
            return "another label than in English"
        case "multiple_choice" if len(row["choices"]) != len(source["choices"]):
            return "another number of choices than in English"
        case "multiple_choice" if row["label"] != source["label"]:
            return "another right choice than in English"
        case "span_qa" if bool(row["answers"]) != bool(source["answers"]):
            return "with an answer, or without, other than in English"
        case "tagging" if not known.issuperset(row["tags"]):
            return "a tag that the English rows do not have"
    return None


def _lacks(english: Any, text: Any) -> bool:
    """Tell whether there is English text and no translation of it."""
    if isinstance(english, str):
        is_empty = text is None or not text.strip() or text.strip() in _PLACEHOLDERS
        return is_empty and bool(english.strip()) and english != text
    if isinstance(english, list):  # choices; tokens are never empty
        return any(old.strip() and not new.strip() for old, new in zip(english, text, strict=False))
    return False
