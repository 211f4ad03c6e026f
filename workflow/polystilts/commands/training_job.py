"""What the jobs of trainings share: their arguments, how they end, and what comes after."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from polystilts.commands.ahead import go_on, restore
from polystilts.training.launch import is_one_of_several, run_in_several
from polystilts.training.stopping import Stopper, stoppable


def add_training_arguments(parser: ArgumentParser, in_several: bool = True) -> None:
    """Add the options that every training has; `in_several`: it may run in several processes."""
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    parser.add_argument("--partial", type=Path, required=True, help="where resumable state lives")
    parser.add_argument("--tokens", type=Path, help="where tokenised data is kept for other jobs")
    parser.add_argument(
        "--ahead", nargs="*", default=[], metavar="JSON", help="what to do after it"
    )
    if in_several:
        parser.add_argument("--processes", type=int, default=1, help="one for each GPU")
    else:
        parser.set_defaults(processes=1)


def run_training(
    arguments: Namespace,
    train: Callable[[Namespace, Stopper], None],
    shared: Sequence[str],
    module: str,
    argv: Sequence[str] | None,
) -> None:
    """Train, unless that was done before, and go on with what follows from the model.

    Args:
        train: imports what it trains with only when it is called, as that takes long.
        shared: the arguments that all following requests share.
        module: the command's own, to be started again in several processes, with `argv`.
    """
    with stoppable() as stopper:
        if not restore(arguments.partial, arguments.manifest, arguments.key):
            if arguments.processes > 1 and not is_one_of_several():
                status = run_in_several(arguments.processes, module, argv)
                if status:
                    sys.exit(status)
            else:
                train(arguments, stopper)
        if is_one_of_several():
            return
        tokens = ["--tokens", str(arguments.tokens)] if arguments.tokens else []
        go_on(arguments.manifest, arguments.partial, arguments.ahead, [*shared, *tokens])
