"""Fine-tune an encoder or an intermediate checkpoint on a target's English data."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.ahead import go_on, restore
from polystilts.commands.step import run, step_parser
from polystilts.provenance.manifest import require_key, verify
from polystilts.training.launch import is_one_of_several, run_in_several
from polystilts.training.stopping import Stopper, stoppable


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--start", type=Path, required=True, help="an encoder's manifest")
    parser.add_argument("--start-key", help="the key that it must have been written under")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--english", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True, help="English rows to examine it on")
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    parser.add_argument("--partial", type=Path, required=True, help="where resumable state lives")
    parser.add_argument("--tokens", type=Path, help="where tokenised data is kept for other jobs")
    parser.add_argument("--processes", type=int, default=1, help="one for each GPU")
    parser.add_argument(
        "--ahead", nargs="*", default=[], metavar="JSON", help="what to do after it"
    )
    arguments = parser.parse_args(argv)
    with stoppable() as stopper:
        if not restore(arguments.partial, arguments.manifest, arguments.key):
            if arguments.processes > 1 and not is_one_of_several():
                status = run_in_several(arguments.processes, __spec__.name, argv)
                if status:
                    sys.exit(status)
            else:
                _train(arguments, stopper)
        if not is_one_of_several():
            _go_on(arguments)


def _go_on(arguments: Namespace) -> None:
    shared = ["--model", str(arguments.manifest), "--model-key", arguments.key]
    if arguments.tokens:
        shared += ["--tokens", str(arguments.tokens)]
    shared += ["--tokenizer", str(arguments.tokenizer)]
    go_on(arguments.manifest, arguments.partial, arguments.ahead, shared)


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
