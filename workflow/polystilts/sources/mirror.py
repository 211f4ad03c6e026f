"""Mirrors: where source files lie under their canonical relative paths."""

import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path
from polystilts.sources.known import Known, difference, measure

# The mirror that stands for every publisher's own server.
PUBLISHED = "published"


def is_address(mirror: str) -> bool:
    """Return whether a mirror is a base URL rather than a folder."""
    return mirror.lower().startswith(("http://", "https://"))


def canonical(path: str) -> PurePosixPath:
    """Return a canonical relative path.

    Raises:
        InputError: the path is empty, absolute, or could leave the folder it is joined to.
    """
    pure = PurePosixPath(path)
    unsafe = not pure.parts or pure.is_absolute() or ".." in pure.parts
    if unsafe or "\\" in path or "\0" in path:
        reason = "a source file is named by a path relative to its mirror, without `..`."
        raise InputError(path or "''", reason)
    return pure


def address_of(mirror: str, path: PurePosixPath) -> str:
    """Return the URL of a canonical path below a base URL."""
    return f"{mirror.rstrip('/')}/{quote(path.as_posix())}"


def find(mirror: Path, path: PurePosixPath) -> Path:
    """Return the file that a folder mirror holds under a canonical path, its links resolved.

    Raises:
        InputError: there is no such file, or a link leads out of the mirror.
    """
    if not mirror.is_dir():
        hint = "Set `sources: {mirror: …}` to a folder or an http(s) address."
        raise InputError(mirror, "this mirror is not a folder.", hint=hint)
    root = mirror.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        reason = f"it leads to {file}, outside the mirror {mirror}."
        raise InputError(mirror / path, reason, hint="Copy the file into the mirror.")
    if not file.is_file():
        raise InputError(mirror / path, f"the mirror {mirror} has no `{path}`.", hint=_cure(file))
    return file


def holds(mirror: Path, path: PurePosixPath) -> bool:
    """Return whether there is something under a canonical path; `find` says whether it is good."""
    return (mirror / path).is_file()


def copy(mirror: Path, path: PurePosixPath, target: Path, known: Known | None) -> Path:
    """Copy one file of a folder mirror to `target`, atomically; return where it was read.

    Raises:
        InputError: as `find`, or the file is not what is known of it.
    """
    source = find(mirror, path)
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
        # what was published in parts was put together by who made the mirror
        if known and known.parts == 1 and (problem := difference(measure(temporary), known)):
            hint = "Copy it into the mirror again, or fetch it from its publisher."
            raise InputError(mirror / path, f"{problem}.", hint=hint)
    return source


def _cure(file: Path) -> str:
    if file.is_dir():
        return "There is a folder of that name; a file is needed."
    packed = file.with_name(f"{file.name}.gz")
    if packed.is_file():
        return f"It is there compressed: run `gunzip -k {packed}`."
    return "Put the published file there under that name, or name another mirror."
