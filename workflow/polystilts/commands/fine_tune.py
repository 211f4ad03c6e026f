"""Fine-tune an encoder or an intermediate checkpoint on a target's English data."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.ahead import predict_ahead
from polystilts.commands.step import run, step_parser
from polystilts.provenance.manifest import require_key, verify
from polystilts.training.fine_tune import fine_tune


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--start", type=Path, required=True, help="an encoder's manifest")
    parser.add_argument("--start-key", help="the key that it must have been written under")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--english", type=Path, required=True)
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    parser.add_argument("--partial", type=Path, required=True, help="where resumable state lives")
    parser.add_argument(
        "--ahead", nargs="*", default=[], metavar="JSON", help="predictions to make on the way"
    )
    arguments = parser.parse_args(argv)
    require_key(arguments.start, arguments.start_key)
    verify(arguments.start)
    fine_tune(
        arguments.record,
        arguments.start.parent,
        arguments.tokenizer,
        arguments.english,
        arguments.manifest.parent,
        arguments.partial,
        arguments.key,
    )
    shared = ["--model", str(arguments.manifest), "--model-key", arguments.key]
    shared += ["--tokenizer", str(arguments.tokenizer)]
    predict_ahead("predict", arguments.ahead, shared)
    # last of all: a job that is ended before it is done starts again, from here
    shutil.rmtree(arguments.partial, ignore_errors=True)


if __name__ == "__main__":
    run(main)
