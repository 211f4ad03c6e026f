"""Train a pretrained encoder on an intermediate task, or on several."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.ahead import predict_ahead
from polystilts.commands.step import named_paths, run, step_parser
from polystilts.provenance.manifest import require_key, verify
from polystilts.training.intermediate import train_intermediate


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
    parser.add_argument(
        "--ahead", nargs="*", default=[], metavar="JSON", help="predictions to make on the way"
    )
    arguments = parser.parse_args(argv)
    require_key(arguments.encoder, arguments.encoder_key)
    verify(arguments.encoder)
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
    )
    tokenizer = arguments.encoder.parent / "tokenizer.json"
    shared = ["--start", str(arguments.manifest), "--start-key", arguments.key]
    shared += ["--tokenizer", str(tokenizer)]
    predict_ahead("predict_retrieval", arguments.ahead, shared)
    # last of all: a job that is ended before it is done starts again, from here
    shutil.rmtree(arguments.partial, ignore_errors=True)


if __name__ == "__main__":
    run(main)
