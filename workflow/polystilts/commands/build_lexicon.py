"""Read a language's dictionaries through the ingestion gate into the normal form."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from polystilts.commands.step import run, step_parser
from polystilts.lexicon.build import build
from polystilts.provenance.manifest import verify
from polystilts.sources.source_lock import SourceLock
from polystilts.sources.source_lock import load as load_lock


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--sources", type=Path, required=True, help="the folder of all sources")
    parser.add_argument("--lock", nargs="?", type=Path, help="where the licences stand")
    parser.add_argument("--manifests", type=Path, nargs="+", required=True)
    parser.add_argument("--lexicon", type=Path, required=True)
    parser.add_argument("--sheet", type=Path, required=True)
    arguments = parser.parse_args(argv)
    for manifest in arguments.manifests:
        verify(manifest)
    record = _with_licences(arguments.record, load_lock(arguments.lock) if arguments.lock else None)
    build(record, arguments.sources, arguments.lexicon, arguments.sheet, arguments.key)


def _with_licences(record: Mapping[str, Any], lock: SourceLock | None) -> dict[str, Any]:
    """Add the dictionaries' licences, which the sheet repeats and which change no lexicon."""
    dictionaries = []
    for dictionary in record["dictionaries"]:
        source = lock.source_of(dictionary["files"][-1]) if lock else None
        dictionaries.append({**dictionary, "licence": source.licence if source else None})
    return {**record, "dictionaries": dictionaries}


if __name__ == "__main__":
    run(main)
