"""Pretrain the study's own encoder by masked language modelling."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import named_paths, run, step_parser
from polystilts.training.pretraining import pretrain_encoder


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--texts", nargs="+", required=True, metavar="LANGUAGE=FILE")
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    parser.add_argument("--partial", type=Path, required=True, help="where resumable state lives")
    arguments = parser.parse_args(argv)
    texts = named_paths(arguments.texts)
    pretrain_encoder(
        arguments.record, texts, arguments.manifest.parent, arguments.partial, arguments.key
    )


if __name__ == "__main__":
    run(main)
