"""Canonical rows: their Arrow schemas, and the checks every row passes before it is stored."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from polystilts.tasks.reader import Row

_IDENTITY = [pa.field("id", pa.string(), False), pa.field("group", pa.string(), False)]
_ANSWER = pa.struct([pa.field("start", pa.int32(), False), pa.field("text", pa.string(), False)])


def _schema(*fields: tuple[str, pa.DataType, bool]) -> pa.Schema:
    return pa.schema([*_IDENTITY, *(pa.field(*field) for field in fields)])


SCHEMAS: Mapping[str, pa.Schema] = {
    "classification": _schema(
        ("text_a", pa.string(), False), ("text_b", pa.string(), True), ("label", pa.string(), False)
    ),
    "multiple_choice": _schema(
        ("context", pa.string(), False),
        ("question", pa.string(), True),
        ("choices", pa.list_(pa.string()), False),
        ("label", pa.int32(), False),
    ),
    "tagging": _schema(
        ("tokens", pa.list_(pa.string()), False), ("tags", pa.list_(pa.string()), False)
    ),
    "span_qa": _schema(
        ("question", pa.string(), False),
        ("context", pa.string(), False),
        ("answers", pa.list_(_ANSWER), False),
    ),
    "retrieval": _schema(("language", pa.string(), False), ("text", pa.string(), False)),
    "text": _schema(("text", pa.string(), False)),
}

PAIR_SCHEMA = pa.schema(
    [pa.field(name, pa.string(), False) for name in ("source_id", "target_id", "group")]
)

# The fields that hold an example's text: rows equal in all of them repeat one another.
TEXT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "classification": ("text_a", "text_b"),
    "multiple_choice": ("context", "question", "choices"),
    "tagging": ("tokens",),
    "span_qa": ("question", "context"),
    "retrieval": ("language", "text"),
    "text": ("text",),
}

# What is counted as a row's labels in a manifest.
LABELS_OF: Mapping[str, Callable[[Row], Iterable[str]]] = {
    "classification": lambda row: [row["label"]],
    "multiple_choice": lambda row: [str(row["label"])],
    "tagging": lambda row: row["tags"],
    "span_qa": lambda row: ["answerable" if row["answers"] else "unanswerable"],
    "retrieval": lambda row: [row["language"]],
    "text": lambda row: [],
}


def unique(rows: Iterable[Row], counts: Counter[str]) -> Iterator[Row]:
    """Yield the rows with unique ids: the n-th row of an id gets `#n` behind it (counted)."""
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    for row in rows:
        seen[row["id"]] += 1
        number = seen[row["id"]]
        identifier = row["id"] if number == 1 else f"{row['id']}#{number}"
        while identifier in taken:
            number += 1
            identifier = f"{row['id']}#{number}"
        counts["repeated ids made unique"] += identifier != row["id"]
        taken.add(identifier)
        yield {**row, "id": identifier}


def repeated(family: str, rows: Sequence[Row]) -> int:
    """Return how many rows have the text of an earlier row."""
    fields = TEXT_FIELDS[family]
    # Hashes instead of texts: the contexts of a large file would be held twice.
    return len(rows) - len({hash(repr([row[field] for field in fields])) for row in rows})


def problem(family: str, row: Row, labels: Sequence[str] | None) -> str | None:
    """Return what makes a row no valid example of its family, or None."""
    if not row["id"]:
        return "the id is empty"
    match family:
        case "classification":
            if labels is not None and row["label"] not in labels:
                return f"label {row['label']!r} is not one of {', '.join(labels)}"
        case "multiple_choice":
            if not 0 <= row["label"] < len(row["choices"]):
                return f"label {row['label']} with {len(row['choices'])} choices"
        case "tagging":
            if not row["tokens"] or len(row["tokens"]) != len(row["tags"]):
                return f"{len(row['tags'])} tags for {len(row['tokens'])} tokens"
            if not all(row["tokens"]):
                return "a token without characters"
            unknown = sorted(set(row["tags"]) - set(labels)) if labels is not None else []
            if unknown:
                return f"tag {unknown[0]!r} is not in the tag set"
        case "span_qa":
            return _misplaced(row)
    return None


def _misplaced(row: Row) -> str | None:
    for answer in row["answers"]:
        if not answer["text"] or not row["context"].startswith(answer["text"], answer["start"]):
            return f"answer {answer['text']!r} does not stand at character {answer['start']}"
    return None


def to_table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return rows as an Arrow table with exactly the schema's columns."""
    return pa.Table.from_pydict(
        {name: [row[name] for row in rows] for name in schema.names}, schema=schema
    )
