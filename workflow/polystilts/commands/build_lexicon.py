"""Read a language's dictionaries through the ingestion gate into the normal form."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.lexicon.build import build
from polystilts.provenance.manifest import verify


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--sources", type=Path, required=True, help="the folder of all sources")
    parser.add_argument("--manifests", type=Path, nargs="+", required=True)
    parser.add_argument("--lexicon", type=Path, required=True)
    parser.add_argument("--sheet", type=Path, required=True)
    arguments = parser.parse_args(argv)
    for manifest in arguments.manifests:
        verify(manifest)
    build(arguments.record, arguments.sources, arguments.lexicon, arguments.sheet, arguments.key)


if __name__ == "__main__":
    run(main)
