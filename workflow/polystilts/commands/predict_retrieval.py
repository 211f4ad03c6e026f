"""Retrieve a target's sentence pairs in all its languages with an encoder's own vectors."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.evaluation.embedding import predict_retrieval
from polystilts.evaluation.splits import evaluation_splits


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--manifest", required=True, help="the manifest's name in that folder")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True, help="the target's folder of rows")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    predict_retrieval(
        arguments.record,
        arguments.encoder,
        arguments.manifest,
        arguments.tokenizer,
        evaluation_splits(arguments.record, arguments.rows),
        arguments.output,
        arguments.key,
    )


if __name__ == "__main__":
    run(main)
