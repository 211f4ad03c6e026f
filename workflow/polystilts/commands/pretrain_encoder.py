"""Pretrain the study's own encoder by masked language modelling."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.ahead import go_on, restore
from polystilts.commands.step import named_paths, run, step_parser
from polystilts.training.stopping import Stopper, stoppable


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--texts", nargs="+", required=True, metavar="LANGUAGE=FILE")
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    parser.add_argument("--partial", type=Path, required=True, help="where resumable state lives")
    parser.add_argument("--tokens", type=Path, help="where tokenised data is kept for other jobs")
    parser.add_argument(
        "--ahead", nargs="*", default=[], metavar="JSON", help="what to do after it"
    )
    arguments = parser.parse_args(argv)
    with stoppable() as stopper:
        if not restore(arguments.partial, arguments.manifest, arguments.key):
            _train(arguments, stopper)
        _go_on(arguments)


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


def _go_on(arguments: Namespace) -> None:
    shared = ["--start", str(arguments.manifest), "--start-key", arguments.key]
    shared += ["--tokenizer", str(arguments.manifest.with_name("tokenizer.json"))]
    if arguments.tokens:
        shared += ["--tokens", str(arguments.tokens)]
    go_on(arguments.manifest, arguments.partial, arguments.ahead, shared)


if __name__ == "__main__":
    run(main)
