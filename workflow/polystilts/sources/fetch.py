"""Bring a task's source files from a mirror into the sources folder."""

import logging
from collections.abc import Sequence
from pathlib import Path

from polystilts.provenance.lock import exclusive
from polystilts.provenance.manifest import write_manifest
from polystilts.sources.download import DEFAULT_PATIENCE, Patience, download
from polystilts.sources.mirror import address_of, canonical, copy, is_address

_log = logging.getLogger(__name__)


def fetch(
    files: Sequence[str],
    mirror: str,
    output: Path,
    manifest: Path,
    key: str,
    patience: Patience = DEFAULT_PATIENCE,
) -> None:
    """Copy or download every canonical path in `files` to `output/<path>`.

    `mirror` is a folder or an http(s) base URL, and holds the files uncompressed. All files must
    come to lie in or below the folder of `manifest`, which gets the size and sha256 of every file
    and, under `origins`, where each one was read. Parts of broken downloads are kept in
    `output/.partial/<key>`.

    Raises:
        InputError: the mirror lacks a file, or a path or link leads out of it.
    """
    paths = [canonical(file) for file in files]
    origins: dict[str, str] = {}
    if is_address(mirror):
        partials = output / ".partial" / key
        with exclusive(partials / "fetch.lock"):
            for number, path in enumerate(paths, start=1):
                url = address_of(mirror, path)
                _log.info("file %d of %d: %s", number, len(paths), url)
                download(url, output / path, partials / path, patience)
                origins[path.as_posix()] = url
    else:
        for path in paths:
            origins[path.as_posix()] = str(copy(Path(mirror), path, output / path))
    write_manifest(manifest, key, [output / path for path in paths], mirror=mirror, origins=origins)
