"""Score a cell's predictions: per language, split, metric and semantics."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.evaluation.score import score
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import read_table, write_table


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--predictions", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="a manifest comes beside it")
    arguments = parser.parse_args(argv)
    table = score(read_table(arguments.predictions), arguments.record, arguments.key)
    write_table(arguments.output, table, arguments.key)
    write_manifest(arguments.output.with_suffix(".json"), arguments.key, [arguments.output])


if __name__ == "__main__":
    run(main)
