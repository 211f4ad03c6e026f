"""Bring source files from their publishers or a mirror into the folder of a data world.

A mirror is a folder or a base URL that holds files under their canonical paths; an archive under
`archives/<name>` stands for the files in it. The mirror `published` is every publisher's own
server, as the source lock says. What is fetched lies under canonical paths again, archives
included, so that the folder of the world `published` is itself a mirror for a machine without
a network.

What the lock has recorded of a file or an archive is enforced wherever it comes from. What it has
not is recorded when it comes from its publisher, and only then.
"""

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from polystilts.errors import InputError
from polystilts.provenance.lock import exclusive
from polystilts.provenance.manifest import verify_file, write_manifest
from polystilts.sources.archive_store import take
from polystilts.sources.download import GoneError, download_first
from polystilts.sources.known import Known, difference, measure
from polystilts.sources.lock_file import record_commit, record_files
from polystilts.sources.mirror import (
    PUBLISHED,
    address_of,
    canonical,
    copy,
    find,
    holds,
    is_address,
)
from polystilts.sources.patience import DEFAULT_PATIENCE, Patience
from polystilts.sources.source_lock import Origin, SourceLock, load

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _World:
    """Where files go and what they are held to."""

    mirror: str
    output: Path
    partials: Path
    lock: SourceLock | None
    patience: Patience

    @property
    def guard(self) -> Path:
        return self.output / ".partial" / "record.lock"


def fetch(
    files: Sequence[str],
    mirror: str,
    output: Path,
    manifest: Path,
    key: str,
    lock: Path | None = None,
    patience: Patience = DEFAULT_PATIENCE,
) -> None:
    """Bring every canonical path in `files` to `output/<path>`.

    `mirror` is a folder, an http(s) base URL, or `published`. All files must come to lie in or
    below the folder of `manifest`, which gets the size and sha256 of every file and, under
    `origins`, where each one was read. Parts of broken downloads are kept in
    `output/.partial/<key>`. Without `lock`, nothing is compared and nothing comes out of archives.

    Raises:
        InputError: a file is nowhere to be had, is not what was recorded of it, or a path or link
            leads out of the mirror.
    """
    paths = [canonical(file) for file in files]
    known = load(lock) if lock else None
    world = _World(mirror, output, output / ".partial" / key, known, patience)
    if mirror == PUBLISHED:
        bring = _from_publisher
    else:
        bring = _from_address if is_address(mirror) else _from_folder
    origins: dict[str, str] = {}
    with exclusive(world.partials / "fetch.lock") if bring is not _from_folder else nullcontext():
        for number, path in enumerate(paths, start=1):
            _log.info("file %d of %d: %s", number, len(paths), path)
            origin = known.origin_of(path.as_posix()) if known else None
            origins[path.as_posix()] = bring(world, path, origin)
    write_manifest(manifest, key, [output / path for path in paths], mirror=mirror, origins=origins)


def _from_folder(world: _World, path: PurePosixPath, origin: Origin | None) -> str:
    mirror = Path(world.mirror).expanduser()
    archive = PurePosixPath(origin.archive) if origin and origin.archive else None
    if origin and archive and not holds(mirror, path) and holds(mirror, archive):
        file = find(mirror, archive)
        state = file.stat()
        stamp = [str(file), state.st_size, state.st_mtime_ns]
        return _out_of_archive(world, origin, file, stamp)
    # a folder that was fetched has manifests, which know more than a lock that lacks a hash
    source = find(mirror, path)
    verify_file(source, source.with_name(f"{source.name}.manifest.json"))
    return str(copy(mirror, path, world.output / path, origin.known if origin else None))


def _from_address(world: _World, path: PurePosixPath, origin: Origin | None) -> str:
    url = address_of(world.mirror, path)
    known = origin.known if origin and origin.known and origin.known.parts == 1 else None
    try:
        _download(world, [url], path, known)
        return url
    except GoneError:
        if origin is None or origin.archive is None:
            raise
        address = address_of(world.mirror, PurePosixPath(origin.archive))
        return _out_of_archive(world, origin, [address])


def _from_publisher(world: _World, path: PurePosixPath, origin: Origin | None) -> str:
    if world.lock is None or origin is None:
        where = world.lock.path if world.lock else "no source lock"
        reason = f"no published origin is known of it ({where})."
        hint = "Put the file into a folder and name that: `sources.mirror` or `tasks.<name>.path`."
        raise InputError(str(path), reason, hint=hint)
    if origin.hub is not None:
        return _from_hub(world, world.lock, path, origin)
    if origin.archive is not None:
        return _out_of_archive(world, origin, origin.urls, record=True)
    url = _download(world, origin.urls, path, origin.known)
    _record(world, origin, {origin.path: measure(world.output / path)})
    return url


def _from_hub(world: _World, lock: SourceLock, path: PurePosixPath, origin: Origin) -> str:
    # only here: a world without hub files needs no hub library
    from polystilts.sources.hub import fetch_split

    def in_force(commit: str) -> str:
        return record_commit(lock.path, world.guard, origin.source, origin.position, commit)

    assert origin.hub is not None
    found, place = fetch_split(
        origin.hub,
        world.output / path,
        world.partials / "hub",
        in_force,
        lambda found: difference(found, origin.known),
        world.patience,
    )
    _record(world, origin, {origin.path: found})
    return place


def _out_of_archive(
    world: _World,
    origin: Origin,
    place: Path | Sequence[str],
    stamp: object = None,
    record: bool = False,
) -> str:
    """Take a file out of an archive: one that is here, or one to be downloaded."""
    assert world.lock is not None and origin.archive is not None
    path = PurePosixPath(origin.archive)

    def obtain() -> Path:
        if isinstance(place, Path):
            return place
        file = world.output / path
        if not file.is_file():
            # parts of it outlive the job, whose key is not that of the next one
            partial = world.output / ".partial" / f"{path}.part"
            _download(world, place, path, origin.known_archive, partial)
        return file

    taken = take(origin, world.lock.archive_of(origin), world.output, obtain, stamp)
    if record:
        listed = world.lock.archive_of(origin)
        new = {name: found for name, found in taken.members.items() if not listed[name].known}
        _record(world, origin, {origin.archive: taken.archive, **new})
    return f"{place if isinstance(place, Path) else place[0]}!{origin.member}"


def _download(
    world: _World,
    urls: Sequence[str],
    path: PurePosixPath,
    known: Known | None,
    partial: Path | None = None,
) -> str:
    def check(file: Path) -> str | None:
        if known is None and world.mirror == PUBLISHED:
            return _web_page(file)
        return difference(measure(file), known)

    partial = partial or world.partials / path
    return download_first(urls, world.output / path, partial, world.patience, check)


def _record(world: _World, origin: Origin, found: dict[str, Known]) -> None:
    if world.lock is not None:
        record_files(world.lock.path, world.guard, origin.source, origin.position, found)


def _web_page(file: Path) -> str | None:
    """Say so if a file is a web page: dead links are often answered with one and no error."""
    with file.open("rb") as handle:
        begin = handle.read(200).lstrip().lower()
    page = begin.startswith((b"<!doctype html", b"<html"))
    return "it is a web page, not the file: the link is dead" if page else None
