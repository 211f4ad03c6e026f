"""Code-switch the training rows of an intermediate task."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.recipe import Recipe
from polystilts.commands.step import run, step_parser
from polystilts.lexicon.store import load
from polystilts.provenance.manifest import verify, write_manifest
from polystilts.provenance.tables import read_table, write_table
from polystilts.tasks.subset import choose


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--rows", type=Path, required=True, help="canonical English rows")
    parser.add_argument("--lexicons", type=Path, nargs="+", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sheet", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args(argv)
    record = arguments.record
    verify(arguments.rows.parent / "manifest.json")
    for lexicon in arguments.lexicons:
        verify(lexicon.with_suffix(".json"))
    rows = read_table(arguments.rows)
    ids = rows["id"].to_pylist()
    chosen = choose(ids, record["examples"], record["end"], record["salt"])
    corpus, sheet = switch_table(
        rows.take(pa.array(chosen, type=pa.int64())),
        record["family"],
        record["dataset"],
        load(arguments.lexicons),
        Recipe.from_mapping({**record["recipe"], "languages": record["languages"]}),
        record["treatment"],
        arguments.workers,
        record["split"],
    )
    write_table(arguments.corpus, corpus, arguments.key)
    write_manifest(arguments.sheet, arguments.key, [arguments.corpus], **sheet)


if __name__ == "__main__":
    run(main)
