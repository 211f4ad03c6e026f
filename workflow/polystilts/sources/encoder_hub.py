"""An encoder from the Hugging Face hub, at a fixed commit, without pickles and without code."""

import re
from pathlib import Path
from typing import Any

import huggingface_hub

from polystilts.errors import InputError
from polystilts.sources.encoder_files import (
    CONVERT_HINT,
    FILES,
    PICKLED,
    TOKENIZER,
    WEIGHTS,
    copy_encoder,
)

_COMMIT = re.compile(r"[0-9a-f]{40}")
_PICKLE = re.compile(r"pytorch_model.*\.bin")


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
    _explain_missing(source, repository, revision, Path(folder))
    return copy_encoder(Path(folder), output)


def _explain_missing(source: str, repository: str, revision: str, folder: Path) -> None:
    """Say what to do where a publisher has pickles alone, or no `tokenizer.json`."""
    missing = [name for name in (WEIGHTS, TOKENIZER) if not (folder / name).is_file()]
    if not missing:
        return
    try:
        published = huggingface_hub.list_repo_files(repository, revision=revision)
    except (OSError, ValueError):
        return  # the check of the files says what is missing, if not why
    if WEIGHTS in missing and any(_PICKLE.fullmatch(name) for name in published):
        pinned = (
            f"{CONVERT_HINT} Or pin the commit of a pull request that adds `{WEIGHTS}`: "
            f"https://huggingface.co/{repository}/discussions."
        )
        raise InputError(source, PICKLED, hint=pinned)
    if missing == [TOKENIZER]:
        raise InputError(source, f"it is published without `{TOKENIZER}`.", hint=CONVERT_HINT)
