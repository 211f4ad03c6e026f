"""Manifests: what a step wrote, with size and digest, and the content key it was written under."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from polystilts.errors import DamagedFileError
from polystilts.provenance.atomic import write_json
from polystilts.provenance.hashing import file_digest

_CURE = "Delete it together with its manifest and run again."


def write_manifest(path: Path, key: str, files: Iterable[Path], **facts: object) -> None:
    """Write `{"key", "files": {name: {"bytes", "sha256"}}, **facts}` to `path`.

    `files` lie in or below the manifest's folder; their names are stored relative to it.
    """
    entries = {
        file.relative_to(path.parent).as_posix(): {
            "bytes": file.stat().st_size,
            "sha256": file_digest(file),
        }
        for file in files
    }
    write_json(path, {"key": key, "files": entries, **facts})


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a manifest's JSON without looking at the files it names."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DamagedFileError(path, "the manifest is missing.", hint=_CURE) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DamagedFileError(path, f"not a readable manifest ({error}).", hint=_CURE) from None
    if not isinstance(data, dict) or "key" not in data or "files" not in data:
        raise DamagedFileError(path, "a manifest holds `key` and `files`; this does not.")
    return data


def verify(path: Path) -> dict[str, Any]:
    """Return a manifest after comparing every file it names with its size and digest.

    Raises:
        DamagedFileError: a file is missing, or differs from what was recorded.
    """
    manifest = read_manifest(path)
    for name in manifest["files"]:
        _verify_file(path, manifest, name)
    return manifest


def verify_file(file: Path, *manifests: Path) -> None:
    """Compare a file with those of `manifests` that are there and list it.

    Raises:
        DamagedFileError: the file is missing, or differs from what was recorded.
    """
    for path in manifests:
        if path.is_file():
            manifest = read_manifest(path)
            if file.name in manifest["files"]:
                _verify_file(path, manifest, file.name)


def _verify_file(path: Path, manifest: Mapping[str, Any], name: str) -> None:
    file, entry = path.parent / name, manifest["files"][name]
    if not file.is_file():
        raise DamagedFileError(file, f"missing, though {path} lists it.", hint=_CURE)
    size = file.stat().st_size
    if size != entry["bytes"]:
        reason = f"{size} bytes, {path.name} recorded {entry['bytes']}."
        raise DamagedFileError(file, reason, hint=_CURE)
    if file_digest(file) != entry["sha256"]:
        raise DamagedFileError(file, f"its sha256 is not the one in {path.name}.", hint=_CURE)


def read_key(path: Path) -> str | None:
    """Return the content key in a manifest, or None where there is no readable one."""
    try:
        return str(read_manifest(path)["key"])
    except DamagedFileError:
        return None


def require_key(path: Path, key: str | None) -> None:
    """Refuse a manifest that was written under another key than the one a step was planned with.

    That happens when a job of an earlier run was still alive and wrote its results late.

    Raises:
        DamagedFileError: it is another, or there is no readable manifest.
    """
    if key is not None and (found := read_manifest(path)["key"]) != key:
        reason = f"written under the key {found}, not under {key}, which this step needs."
        raise DamagedFileError(path, reason, hint="Another run wrote it meanwhile. Run again.")


def is_current(path: Path, key: str, quietly: bool = False) -> bool:
    """Tell whether a manifest was written under `key` and everything it names is intact.

    A job that waited for another holder of its key finds its results finished this way, and says so
    unless `quietly`.
    """
    if read_key(path) != key:
        return False
    try:
        verify(path)
    except DamagedFileError:
        return False
    if not quietly:
        print(f"already there: {path.parent} was finished under this key", file=sys.stderr)
    return True
