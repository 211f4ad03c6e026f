"""Write the data sheet of a corpus as a page to read."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.codeswitch.page.document import render
from polystilts.commands.step import run, step_parser
from polystilts.provenance.atomic import write_text
from polystilts.provenance.manifest import verify, write_manifest


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--sheet", type=Path, required=True, help="the sheet, beside its corpus")
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the page")
    arguments = parser.parse_args(argv)
    sheet = verify(arguments.sheet)
    write_text(arguments.page, render(sheet, f"{sheet['dataset']}: data sheet"))
    write_manifest(arguments.manifest, arguments.key, [arguments.page])


if __name__ == "__main__":
    run(main)
