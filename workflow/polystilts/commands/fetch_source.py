"""Copy or download one source file from its mirror or its publisher."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.sources.fetch import fetch


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--sources", type=Path, required=True, help="the folder of all sources")
    parser.add_argument(
        "--lock", nargs="?", type=Path, help="origins and hashes of published files"
    )
    parser.add_argument("--manifest", type=Path, required=True)
    arguments = parser.parse_args(argv)
    record = arguments.record
    fetch(
        [record["file"]],
        record["mirror"],
        arguments.sources,
        arguments.manifest,
        arguments.key,
        arguments.lock,
    )


if __name__ == "__main__":
    run(main)
