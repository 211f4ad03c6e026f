"""Retrieve a target's sentence pairs in all its languages with an encoder's own vectors."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.ahead import adopt, work_ahead
from polystilts.commands.step import run, step_parser
from polystilts.evaluation.splits import evaluation_splits
from polystilts.provenance.manifest import require_key, write_manifest


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--start", type=Path, required=True, help="an encoder's manifest")
    parser.add_argument("--start-key", help="the key that it must have been written under")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True, help="the target's manifest")
    parser.add_argument("--output", type=Path, required=True, help="a manifest comes beside it")
    parser.add_argument("--tokens", type=Path, help="not used: sentences are read once")
    parser.add_argument("--partial", type=Path, help="where predictions made ahead may lie")
    parser.add_argument(
        "--ahead", nargs="*", default=[], metavar="JSON", help="what to do after it"
    )
    arguments = parser.parse_args(argv)
    manifest = arguments.output.with_suffix(".json")
    if arguments.partial and adopt(arguments.partial, manifest, arguments.key):
        return
    require_key(arguments.start, arguments.start_key)
    # only now: importing it takes longer than all the rest
    from polystilts.evaluation.embedding import predict_retrieval

    predict_retrieval(
        arguments.record,
        arguments.start,
        arguments.tokenizer,
        evaluation_splits(arguments.record, arguments.rows),
        arguments.output,
        arguments.key,
    )
    write_manifest(manifest, arguments.key, [arguments.output])
    work_ahead(manifest, arguments.ahead, ["--predictions", str(arguments.output)])


if __name__ == "__main__":
    run(main)
