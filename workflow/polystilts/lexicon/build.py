"""From published dictionaries to one language's lexicon and its sheet."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.readers import READERS
from polystilts.provenance.hashing import file_digest
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table

SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), False),
        pa.field("language", pa.string(), False),
        pa.field("target", pa.string(), False),
        pa.field("rank", pa.int32(), False),
        pa.field("source_words", pa.int32(), False),
        pa.field("target_words", pa.int32(), False),
        pa.field("dictionary", pa.string(), False),
    ]
)


def build(record: Mapping[str, Any], sources: Path, output: Path, sheet: Path, key: str) -> None:
    """Write a language's lexicon (Parquet) and its sheet (JSON, also its manifest).

    `record` holds `language`, `dictionaries` (objects of `name`, `reader` and `files` relative to
    `sources`) and `gate` (the fields of `GatePolicy` that differ from its defaults). Dictionaries
    are read in order: a pair belongs to the first that lists it, and ranks continue.

    Raises:
        ConfigError: an unknown reader, or a number of files that a reader cannot use.
        InputError: a malformed dictionary, or one of which nothing passes the gate.
    """
    gate = Gate(record["language"], GatePolicy(**record["gate"]))
    rows: list[dict[str, Any]] = []
    dictionaries: list[dict[str, Any]] = []
    for dictionary in record["dictionaries"]:
        if dictionary["reader"] not in READERS:
            place = f"dictionary {dictionary['name']!r} of {record['language']!r}"
            known = ", ".join(sorted(READERS))
            raise ConfigError(f"{place}: no reader {dictionary['reader']!r}; known: {known}")
        files = [sources / file for file in dictionary["files"]]
        counts: Counter[str] = Counter()
        before = gate.rejected.copy()
        entries = READERS[dictionary["reader"]](files, counts)
        kept = list(gate.admit(entries, dictionary["name"]))
        rejected = gate.rejected - before
        if not kept:
            reason = f"no pair for {record['language']!r} passes the gate ({dict(rejected)})."
            raise InputError(files[-1], reason, hint="Is it the right file and language?")
        rows += kept
        dictionaries.append(
            {
                "name": dictionary["name"],
                "reader": dictionary["reader"],
                "files": {name: file_digest(sources / name) for name in dictionary["files"]},
                "pairs": len(kept) + rejected.total(),
                "kept": len(kept),
                "rejected": dict(rejected),
                "counts": dict(+counts),
            }
        )
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    write_table(output, pa.Table.from_pydict(columns, schema=SCHEMA), key)
    write_manifest(
        sheet,
        key,
        [output],
        language=record["language"],
        pairs=len(rows),
        sources=len(gate.accepted),
        rejected=dict(+gate.rejected),
        noticed=dict(+gate.noticed),
        dictionaries=dictionaries,
    )
