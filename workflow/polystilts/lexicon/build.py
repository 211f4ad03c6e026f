"""From published dictionaries to one language's lexicon and its sheet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polystilts.errors import ConfigError
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.ingestion import ingest
from polystilts.lexicon.normal_form import coverage, table_of
from polystilts.lexicon.readers import READERS
from polystilts.provenance.hashing import file_digest
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table


def build(record: Mapping[str, Any], sources: Path, output: Path, sheet: Path, key: str) -> None:
    """Write a language's lexicon (Parquet) and its sheet (JSON, also its manifest).

    `record` holds `language`, `dictionaries` (objects of `name`, `reader`, `files` relative to
    `sources`, and maybe `licence`) and `gate` (the fields of `GatePolicy` that differ from its
    defaults). Dictionaries are read in order: a pair belongs to the first that lists it, and ranks
    continue; the others that list it count as agreement.

    Raises:
        ConfigError: an unknown reader, or a number of files that a reader cannot use.
        InputError: a malformed dictionary, or one of which nothing passes the gate.
    """
    language = record["language"]
    gate = Gate(language, GatePolicy(**record["gate"]))
    dictionaries = [_read(dictionary, sources, gate) for dictionary in record["dictionaries"]]
    write_table(output, table_of(gate), key)
    write_manifest(
        sheet,
        key,
        [output],
        language=language,
        **coverage(gate),
        rejected=dict(+gate.rejected),
        noticed=dict(+gate.noticed),
        dictionaries=dictionaries,
    )


def _read(dictionary: Mapping[str, Any], sources: Path, gate: Gate) -> dict[str, Any]:
    """Let a dictionary through the gate and return its part of the sheet."""
    name, reader = dictionary["name"], dictionary["reader"]
    if reader not in READERS:
        known = ", ".join(sorted(READERS))
        place = f"dictionary {name!r} of {gate.language!r}"
        raise ConfigError(f"{place}: no reader {reader!r}; known: {known}")
    files = {file: sources / file for file in dictionary["files"]}
    ingestion = ingest(gate, reader, name, list(files.values()))
    return {
        "name": name,
        "reader": reader,
        "licence": dictionary.get("licence"),
        "files": {file: file_digest(path) for file, path in files.items()},
        **ingestion.facts(),
    }
