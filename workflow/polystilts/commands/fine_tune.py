"""Fine-tune an encoder or an intermediate checkpoint on a target's English data."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.commands.training_job import add_training_arguments, run_training
from polystilts.provenance.manifest import require_key, verify
from polystilts.training.stopping import Stopper


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--start", type=Path, required=True, help="an encoder's manifest")
    parser.add_argument("--start-key", help="the key that it must have been written under")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--english", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True, help="English rows to examine it on")
    add_training_arguments(parser)
    arguments = parser.parse_args(argv)
    shared = ["--model", str(arguments.manifest), "--model-key", arguments.key]
    shared += ["--tokenizer", str(arguments.tokenizer)]
    run_training(arguments, _train, shared, __spec__.name, argv)


def _train(arguments: Namespace, stopper: Stopper) -> None:
    require_key(arguments.start, arguments.start_key)
    verify(arguments.start)
    # only now: importing it takes longer than taking what was made ahead
    from polystilts.training.fine_tune import fine_tune

    fine_tune(
        arguments.record,
        arguments.start.parent,
        arguments.tokenizer,
        arguments.english,
        arguments.dev,
        arguments.manifest.parent,
        arguments.partial,
        arguments.key,
        arguments.tokens,
        stopper,
    )


if __name__ == "__main__":
    run(main)
