"""Write the synthetic world as a mirror of the published files."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.miniature.mirror import write_mirror
from polystilts.provenance.manifest import write_manifest


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--manifest", type=Path, required=True, help="the mirror's manifest")
    arguments = parser.parse_args(argv)
    world = arguments.record["world"]
    files = write_mirror(arguments.manifest.parent, world)
    write_manifest(arguments.manifest, arguments.key, files, world=world)


if __name__ == "__main__":
    run(main)
