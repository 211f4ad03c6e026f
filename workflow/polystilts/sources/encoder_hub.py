"""An encoder from the Hugging Face hub, at a fixed commit, without pickles and without code."""

import re
from pathlib import Path
from typing import Any

import huggingface_hub

from polystilts.errors import InputError
from polystilts.sources.encoder_files import FILES, copy_encoder

_COMMIT = re.compile(r"[0-9a-f]{40}")


def write(source: str, revision: str | None, output: Path) -> dict[str, Any]:
    """Download `hub:<repository>` at commit `revision` and copy the encoder.

    Raises:
        InputError: `revision` is not a commit, the hub cannot be reached or refuses, or the
            encoder is unusable.
    """
    repository = source.removeprefix("hub:")
    if revision is None or not _COMMIT.fullmatch(revision):
        reason = f"`revision` is {revision!r}; a branch or tag can move, so a commit is needed."
        hint = (
            f"Take the 40 hexadecimal digits from https://huggingface.co/{repository}/commits/main."
        )
        raise InputError(source, reason, hint=hint)
    # the index is asked for, and never used, to tell split weights from missing ones
    wanted = [*FILES, "model.safetensors.index.json"]
    try:
        folder = huggingface_hub.snapshot_download(
            repository, revision=revision, allow_patterns=wanted
        )
    except (OSError, ValueError) as error:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        hint = "Where the hub cannot be reached, set `source` to a folder that holds the encoder."
        raise InputError(source, f"the hub did not deliver it ({first_line})", hint=hint) from None
    return copy_encoder(Path(folder), output)
