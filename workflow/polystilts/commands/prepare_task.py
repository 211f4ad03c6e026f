"""Read a task's published files into canonical rows."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.provenance.manifest import verify
from polystilts.sources.source_lock import load as load_lock
from polystilts.tasks.prepare import prepare


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--sources", type=Path, required=True, help="the folder of all sources")
    parser.add_argument("--manifests", type=Path, nargs="+", required=True)
    parser.add_argument("--lock", nargs="?", type=Path, help="where published row counts stand")
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    arguments = parser.parse_args(argv)
    for manifest in arguments.manifests:
        verify(manifest)
    prepare(
        arguments.record,
        arguments.sources,
        arguments.manifest.parent,
        arguments.key,
        load_lock(arguments.lock).expected_rows if arguments.lock else None,
    )


if __name__ == "__main__":
    run(main)
