"""Collect the scores of all cells into one table."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from polystilts.analysis.expected import BASELINE
from polystilts.analysis.matrix import collect
from polystilts.commands.step import run, step_parser
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--scores", type=Path, required=True, help="the folder of all scores")
    parser.add_argument("--output", type=Path, required=True, help="a manifest comes beside it")
    arguments = parser.parse_args(argv)
    files = [arguments.scores / name for name in _cells(arguments.record)]
    write_table(arguments.output, collect(files), arguments.key)
    write_manifest(arguments.output.with_suffix(".json"), arguments.key, [arguments.output])


def _cells(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the score file of every cell that the study consists of."""
    pairs = [(BASELINE, BASELINE)]
    pairs += [(arm, name) for arm in record["arms"] for name in record["intermediates"]]
    for arm, intermediate in pairs:
        for target in record["targets"]:
            for seed in record["seeds"]:
                yield f"{record['encoder']}/{arm}/{intermediate}/{target}/seed-{seed}.parquet"


if __name__ == "__main__":
    run(main)
