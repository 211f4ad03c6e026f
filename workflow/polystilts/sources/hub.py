"""Splits of dataset repositories on the Hugging Face hub, as one Parquet file each.

No code of a repository is ever run: a split is found in the dataset card's list of configurations,
or by the names that Parquet files usually have. The hub's client lists a repository; its files are
transferred like all others, since the client of today cannot go on where a killed one stopped.
Every file is compared with the digest that the hub lists for it.
"""

import hashlib
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from huggingface_hub import HfApi, hf_hub_url

from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path
from polystilts.sources.download import download
from polystilts.sources.known import Known, measure
from polystilts.sources.patience import WORTH_ANOTHER_TRY, Patience
from polystilts.sources.source_lock import HubSplit

_log = logging.getLogger(__name__)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAIN = "main"
_CONVERTED = "refs/convert/parquet"
# How Parquet files are named where the card lists no configurations: as the hub's converter does,
# and as `push_to_hub` does.
_USUAL_NAMES = (
    "{config}/{split}/*.parquet",
    "{config}/{split}-*.parquet",
    "{config}/{split}.parquet",
)
_DEFAULT_NAMES = (
    "data/{split}-*.parquet",
    "{split}-*.parquet",
    "{split}.parquet",
    "data/{split}.parquet",
)


@dataclass(frozen=True)
class _File:
    """A file of a repository with the digests that the hub lists: sha256, or git's own."""

    name: str
    sha256: str | None
    git_blob: str | None


@dataclass(frozen=True)
class _Listing:
    """A repository at one commit; `configs` is the dataset card's list."""

    commit: str
    files: tuple[_File, ...]
    configs: tuple[dict[str, Any], ...]


def fetch_split(
    split: HubSplit,
    target: Path,
    partial: Path,
    in_force: Callable[[str], str],
    check: Callable[[Known], str | None],
    patience: Patience,
) -> tuple[Known, str]:
    """Write a split to `target`; return what it is and where it came from.

    Several Parquet files are put together by row groups, so that memory stays bounded. The address
    of the hub is that of HF_ENDPOINT. `in_force` is told the commit at which an unpinned revision
    stands and returns the one to take; `check` says what is wrong with what came, if anything.

    Raises:
        InputError: the hub does not have it, it can be made by a program only, its files do not
            fit together, or they are not what the hub lists or what was recorded.
    """
    listing = _look(split, in_force, patience)
    files = _files_of(split, listing)[: split.shards]
    endpoint = os.environ.get("HF_ENDPOINT") or None
    place = f"hub:{split.repository}@{listing.commit}/{split.config}/{split.split}"
    parts = []
    for number, file in enumerate(files):
        url = hf_hub_url(
            split.repository,
            file.name,
            repo_type="dataset",
            revision=listing.commit,
            endpoint=endpoint,
        )
        part = partial / f"{number}.parquet"
        if not part.is_file() or _difference(part, file) is not None:
            _log.info("part %d of %d: %s", number + 1, len(files), file.name)
            download(url, part, partial / f"{number}.part", patience, _comparison(file))
        parts.append(part)
    found = measure(parts)
    if problem := check(found):
        shutil.rmtree(partial)
        hint = "To take what the hub has now on purpose, set what was recorded to null."
        raise InputError(place, f"{problem}.", hint=hint)
    with atomic_path(target) as temporary:
        if len(parts) == 1:
            parts[0].replace(temporary)
        else:
            _put_together(place, parts, temporary)
    shutil.rmtree(partial)
    return found, place


def _look(split: HubSplit, in_force: Callable[[str], str], patience: Patience) -> _Listing:
    """Return the repository at its pinned commit, else the recorded one, else where it is now."""
    revision = split.revision or _MAIN
    if not _COMMIT.fullmatch(revision):
        if split.commit is None:
            now = _list(split.repository, revision, patience)
            commit = in_force(now.commit)
            return now if commit == now.commit else _list(split.repository, commit, patience)
        revision = split.commit
    return _list(split.repository, revision, patience)


def _list(repository: str, revision: str, patience: Patience) -> _Listing:
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)
    place = f"hub:{repository}@{revision}"
    tries = 0
    while True:
        try:
            info = api.dataset_info(
                repository, revision=revision, files_metadata=True, timeout=patience.timeout
            )
            break
        except Exception as error:  # also those of the library that the client transfers with
            response = getattr(error, "response", None)
            status = getattr(response, "status_code", None)
            tries += 1
            lasting = status not in WORTH_ANOTHER_TRY if status else isinstance(error, ValueError)
            if lasting or tries >= patience.tries:
                problem = (str(error).strip() or type(error).__name__).splitlines()[0]
                reason = f"the hub did not answer what is in it ({problem})."
                hint = "Is the name right, and the hub within reach? A folder mirror does instead."
                raise InputError(place, reason, hint=hint) from None
            asked = response.headers.get("Retry-After") if response is not None else None
            pause = patience.pause(tries, asked)
            _log.warning("%s: %s; trying again in %g s", place, error, pause)
            time.sleep(pause)
    if not info.sha:
        raise InputError(place, "the hub does not say at which commit it stands.")
    files = tuple(
        _File(file.rfilename, file.lfs.sha256 if file.lfs else None, file.blob_id)
        for file in info.siblings or ()
    )
    listed = getattr(info.card_data, "configs", None) or ()
    return _Listing(info.sha, files, tuple(entry for entry in listed if isinstance(entry, dict)))


def _files_of(split: HubSplit, listing: _Listing) -> list[_File]:
    """Return the Parquet files that a split is made of, in the order of their names."""
    config = next(
        (entry for entry in listing.configs if entry.get("config_name") == split.config), None
    )
    patterns = _patterns_of_card(config, split.split) if config else _usual_patterns(split)
    place = f"hub:{split.repository}@{listing.commit}"
    for pattern in patterns:
        found = [file for file in listing.files if fnmatchcase(file.name, pattern)]
        others = [file.name for file in found if not file.name.endswith(".parquet")]
        if others:
            reason = f"{split.config}/{split.split} is {others[0]}; only Parquet files are taken."
            raise InputError(place, reason, hint=f"Try `revision: {_CONVERTED}` in the lock.")
        if found:
            return sorted(found, key=lambda file: file.name)
    program = f"{split.repository.partition('/')[2]}.py"
    if not config and any(file.name == program for file in listing.files):
        reason = f"{split.config}/{split.split} can be made by its program {program} only."
        hint = f"None is ever run. Try `revision: {_CONVERTED}` in the lock."
        raise InputError(place, reason, hint=hint)
    names = ", ".join(str(entry.get("config_name")) for entry in listing.configs) or "none"
    reason = f"it has no Parquet files of {split.config}/{split.split}."
    raise InputError(place, reason, hint=f"Configurations that its card lists: {names}.")


def _usual_patterns(split: HubSplit) -> list[str]:
    names = _USUAL_NAMES + (_DEFAULT_NAMES if split.config == "default" else ())
    return [name.format(config=split.config, split=split.split) for name in names]


def _patterns_of_card(config: dict[str, Any], split: str) -> list[str]:
    listed = config.get("data_files")
    entries = listed if isinstance(listed, list) else []
    found: list[str] = []
    for entry in entries:
        if isinstance(entry, dict) and entry.get("split") == split:
            path = entry.get("path")
            found += [path] if isinstance(path, str) else list(path or ())
    return found


def _comparison(file: _File) -> Callable[[Path], str | None]:
    return lambda path: _difference(path, file)


def _difference(path: Path, file: _File) -> str | None:
    """Return what distinguishes a file from what the hub lists; None if nothing does."""
    if file.sha256 is not None:
        found = measure(path).sha256
        if found != file.sha256:
            return f"its sha256 is {found}, the hub lists {file.sha256}"
    elif file.git_blob is not None:
        # git's object name: small files are in git itself
        sha = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                sha.update(block)
        if sha.hexdigest() != file.git_blob:
            return f"its git digest is {sha.hexdigest()}, the hub lists {file.git_blob}"
    return None


def _put_together(place: str, parts: Sequence[Path], target: Path) -> None:
    try:
        with pq.ParquetFile(parts[0]) as first:
            schema = first.schema_arrow
        with pq.ParquetWriter(target, schema) as writer:
            for number, part in enumerate(parts, start=1):
                with pq.ParquetFile(part) as content:
                    if not content.schema_arrow.equals(schema, check_metadata=False):
                        reason = f"the columns of its part {number} are not those of the first."
                        raise InputError(place, reason)
                    for group in range(content.num_row_groups):
                        table = content.read_row_group(group)
                        writer.write_table(table.replace_schema_metadata(schema.metadata))
    except pa.ArrowException as error:
        raise InputError(place, f"a part of it is no whole Parquet file ({error}).") from None
