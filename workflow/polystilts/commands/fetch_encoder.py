"""Fetch a pretrained encoder as a Hugging Face folder."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.sources.encoders import fetch_encoder


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    arguments = parser.parse_args(argv)
    record = arguments.record
    fetch_encoder(record["source"], record["revision"], arguments.manifest.parent, arguments.key)


if __name__ == "__main__":
    run(main)
