"""Train a pretrained encoder on an intermediate task, or on several."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.ahead import go_on, restore
from polystilts.commands.step import named_paths, run, step_parser
from polystilts.provenance.manifest import require_key, verify
from polystilts.training.launch import is_one_of_several, run_in_several
from polystilts.training.stopping import Stopper, stoppable


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's manifest")
    parser.add_argument("--encoder-key", help="the key that it must have been written under")
    parser.add_argument("--english", nargs="+", required=True, metavar="TASK=FILE")
    parser.add_argument("--corpora", nargs="+", required=True, metavar="TASK=FILE")
    parser.add_argument("--dev", nargs="+", required=True, metavar="TASK=FILE")
    parser.add_argument("--texts", nargs="*", default=[], metavar="LANGUAGE=FILE")
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
    tokenizer = arguments.encoder.parent / "tokenizer.json"
    shared = ["--start", str(arguments.manifest), "--start-key", arguments.key]
    if arguments.tokens:
        shared += ["--tokens", str(arguments.tokens)]
    shared += ["--tokenizer", str(tokenizer)]
    go_on(arguments.manifest, arguments.partial, arguments.ahead, shared)


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
