"""From published dictionaries to one language's lexicon and its sheet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.gate import DUPLICATE, Gate, GatePolicy
from polystilts.lexicon.language_check import check_language
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

    `record` holds `language`, `dictionaries` (objects of `name`, `reader`, `files` relative to
    `sources`, and maybe `licence`) and `gate` (the fields of `GatePolicy` that differ from its
    defaults). Dictionaries are read in order: a pair belongs to the first that lists it, and ranks
    continue.

    Raises:
        ConfigError: an unknown reader, or a number of files that a reader cannot use.
        InputError: a malformed dictionary, or one of which nothing passes the gate.
    """
    language = record["language"]
    gate = Gate(language, GatePolicy(**record["gate"]))
    rows: list[dict[str, Any]] = []
    dictionaries: list[dict[str, Any]] = []
    for dictionary in record["dictionaries"]:
        kept, facts = _read(dictionary, sources, gate)
        rows += kept
        dictionaries.append(facts)
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    write_table(output, pa.Table.from_pydict(columns, schema=SCHEMA), key)
    write_manifest(
        sheet,
        key,
        [output],
        language=language,
        pairs=len(rows),
        sources=len(gate.accepted),
        **_coverage(rows),
        rejected=dict(+gate.rejected),
        noticed=dict(+gate.noticed),
        dictionaries=dictionaries,
    )


def _read(
    dictionary: Mapping[str, Any], sources: Path, gate: Gate
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows that a dictionary adds, and its part of the sheet."""
    name, reader, language = dictionary["name"], dictionary["reader"], gate.language
    if reader not in READERS:
        known = ", ".join(sorted(READERS))
        place = f"dictionary {name!r} of {language!r}"
        raise ConfigError(f"{place}: no reader {reader!r}; known: {known}")
    files = [sources / file for file in dictionary["files"]]
    counts: Counter[str] = Counter()
    before = gate.rejected.copy()
    # the language shows in the whole dictionary only, before any pair is let through
    entries = list(READERS[reader](files, language, counts))
    check = check_language(entries, language)
    kept: list[dict[str, Any]] = []
    if check.passed:
        kept = list(gate.admit(entries, name))
    else:
        gate.refuse(entries)
    rejected = gate.rejected - before
    if not kept and not rejected[DUPLICATE]:
        found = f"({dict(rejected)}; {check.verdict})"
        reason = f"no pair for {language!r} passes the gate {found}."
        raise InputError(files[-1], reason, hint="Is it the right file and language?")
    return kept, {
        "name": name,
        "reader": reader,
        "licence": dictionary.get("licence"),
        "files": {file: file_digest(sources / file) for file in dictionary["files"]},
        "pairs": len(entries),
        "kept": len(kept),
        "rejected": dict(rejected),
        "language_check": check.facts(),
        "counts": dict(+counts),
    }


def _coverage(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how much of a lexicon can be looked up word by word, and what stands for it."""
    words = [row for row in rows if row["source_words"] == 1]
    return {
        "single_word_sources": len({row["source"] for row in words}),
        "single_word_pairs": sum(row["target_words"] == 1 for row in words),
        "multi_word_pairs": sum(max(row["source_words"], row["target_words"]) > 1 for row in rows),
    }
