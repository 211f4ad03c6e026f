"""Pretrain the study's own encoder by masked language modelling."""

from argparse import Namespace
from collections.abc import Sequence

from polystilts.commands.step import named_paths, run, step_parser
from polystilts.commands.training_job import add_training_arguments, run_training
from polystilts.training.stopping import Stopper


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--texts", nargs="+", required=True, metavar="LANGUAGE=FILE")
    add_training_arguments(parser, in_several=False)
    arguments = parser.parse_args(argv)
    shared = ["--start", str(arguments.manifest), "--start-key", arguments.key]
    shared += ["--tokenizer", str(arguments.manifest.with_name("tokenizer.json"))]
    run_training(arguments, _train, shared, __spec__.name, argv)


def _train(arguments: Namespace, stopper: Stopper) -> None:
    # only now: a job that was killed after its training may have nothing to import for
    from polystilts.training.pretraining import pretrain_encoder

    pretrain_encoder(
        arguments.record,
        named_paths(arguments.texts),
        arguments.manifest.parent,
        arguments.partial,
        arguments.key,
        stopper,
    )


if __name__ == "__main__":
    run(main)
