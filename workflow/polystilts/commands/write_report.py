"""Write the study's tables and its heat-map."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.report.outputs import write


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--matrix", type=Path, required=True)
    parser.add_argument("--trainings", type=Path, required=True)
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    arguments = parser.parse_args(argv)
    output = arguments.manifest.parent
    write(arguments.matrix, arguments.trainings, output, arguments.record, arguments.key)


if __name__ == "__main__":
    run(main)
