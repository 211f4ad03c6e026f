"""Score a cell's predictions: per language, split, metric and semantics."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.evaluation.score import score
from polystilts.provenance.tables import read_table, write_table


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--predictions", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    table = score(read_table(arguments.predictions), arguments.record, arguments.key)
    write_table(arguments.output, table, arguments.key)


if __name__ == "__main__":
    run(main)
