"""Cut a fetched encoder to the layers and the vocabulary that a study uses."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.commands.step import run, step_parser
from polystilts.provenance.atomic import atomic_path
from polystilts.provenance.manifest import verify, write_manifest
from polystilts.tasks.texts import texts_of
from polystilts.training.vocabulary import (
    cut_layers,
    pieces_used,
    segmentation_differences,
    trim,
)

_FILES = ("model.safetensors", "config.json", "tokenizer.json")


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--fetched", type=Path, required=True, help="the encoder's manifest")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="tables of the study")
    parser.add_argument("--manifest", type=Path, required=True, help="written beside the files")
    arguments = parser.parse_args(argv)
    record, manifest = arguments.record, arguments.manifest
    origin = verify(arguments.fetched)
    fetched, output = arguments.fetched.parent, manifest.parent
    facts: dict[str, object] = {}
    if record["trim_vocabulary"]:
        tokenizer = fetched / "tokenizer.json"
        facts = trim(
            fetched, pieces_used(tokenizer, _texts(arguments.texts)), output, record["layers"]
        )
        trimmed = output / "tokenizer.json"
        facts["segmentation_differences"] = segmentation_differences(
            tokenizer, trimmed, _texts(arguments.texts)
        )
    elif record["layers"] is not None:
        facts = cut_layers(fetched, output, record["layers"])
    else:
        for name in _FILES:
            with atomic_path(output / name) as temporary:
                shutil.copyfile(fetched / name, temporary)
    files = [output / name for name in _FILES]
    write_manifest(manifest, arguments.key, files, origin=origin, record=record, **facts)


def _texts(tables: Sequence[Path]) -> Iterator[str]:
    for table in tables:
        yield from texts_of(table)


if __name__ == "__main__":
    run(main)
