"""Train a pretrained encoder on an intermediate task, or on several."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import named_paths, run, step_parser
from polystilts.commands.training_job import add_training_arguments, run_training
from polystilts.provenance.manifest import require_key, verify
from polystilts.training.stopping import Stopper


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's manifest")
    parser.add_argument("--encoder-key", help="the key that it must have been written under")
    parser.add_argument("--english", nargs="+", required=True, metavar="TASK=FILE")
    parser.add_argument("--corpora", nargs="+", required=True, metavar="TASK=FILE")
    parser.add_argument("--dev", nargs="+", required=True, metavar="TASK=FILE")
    parser.add_argument("--texts", nargs="*", default=[], metavar="LANGUAGE=FILE")
    add_training_arguments(parser)
    arguments = parser.parse_args(argv)
    shared = ["--start", str(arguments.manifest), "--start-key", arguments.key]
    shared += ["--tokenizer", str(arguments.encoder.with_name("tokenizer.json"))]
    run_training(arguments, _train, shared, __spec__.name, argv)


def _train(arguments: Namespace, stopper: Stopper) -> None:
    require_key(arguments.encoder, arguments.encoder_key)
    verify(arguments.encoder)
    # only now: a job that was killed after its training may have nothing to import for
    from polystilts.training.intermediate import train_intermediate

    train_intermediate(
        arguments.record,
        arguments.encoder.parent,
        named_paths(arguments.english),
        named_paths(arguments.corpora),
        named_paths(arguments.dev),
        named_paths(arguments.texts),
        arguments.manifest.parent,
        arguments.partial,
        arguments.key,
        arguments.tokens,
        stopper,
    )


if __name__ == "__main__":
    run(main)
