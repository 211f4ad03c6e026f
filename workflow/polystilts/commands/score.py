"""Score a cell's predictions: per language, split, metric and semantics."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.ahead import adopt
from polystilts.commands.step import run, step_parser
from polystilts.provenance.manifest import write_manifest


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--predictions", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="a manifest comes beside it")
    parser.add_argument("--partial", type=Path, help="where scores made ahead may lie")
    arguments = parser.parse_args(argv)
    manifest = arguments.output.with_suffix(".json")
    if arguments.partial and adopt(arguments.partial, manifest, arguments.key):
        return
    # only now: importing it takes longer than all the rest
    from polystilts.evaluation.score import score
    from polystilts.provenance.tables import read_table, write_table

    table = score(read_table(arguments.predictions), arguments.record, arguments.key)
    write_table(arguments.output, table, arguments.key)
    write_manifest(manifest, arguments.key, [arguments.output])


if __name__ == "__main__":
    run(main)
