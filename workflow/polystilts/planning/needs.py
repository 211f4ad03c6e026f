"""What a study needs from outside: where each thing is, how large, under which licence."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from polystilts.sources.encoder_files import FILES
from polystilts.sources.encoders import HUB_PREFIX, kind_of
from polystilts.sources.mirror import is_address
from polystilts.sources.source_lock import Origin, SourceLock
from polystilts.sources.source_lock import load as load_lock
from polystilts.study.availability import not_available
from polystilts.study.graph import Graph
from polystilts.study.names import MINIATURE, PRETRAIN, PUBLISHED
from polystilts.study.source_files import files_of_mirrors

_SHOWN_FILES = 3


class State(StrEnum):
    """Where a file is."""

    HERE = "here"
    IN_MIRROR = "in the mirror"
    TO_FETCH = "to be fetched"
    MADE = "made here"
    MISSING = "missing"


@dataclass(frozen=True)
class NeededFile:
    """A source file of a study: its world and canonical path, its state, its size if known.

    `place` is where it is to come from, for people: a server or a mirror. `transfer` names what is
    moved for it, a file or the archive that it is in, with `transferred` bytes; where only the
    rough size of all that comes from one place is known, it names that, `estimated`.
    """

    world: str
    path: str
    state: State
    size: int | None
    transfer: str
    transferred: int | None
    estimated: bool
    source: str
    licence: str
    place: str


@dataclass(frozen=True)
class Need:
    """Files of one source that are in the same state.

    `size` is in bytes, of what is moved or lies here; None: of no file known, and of
    `unknown_sizes` of them not; `estimated`: not exactly known.
    """

    source: str
    licence: str
    state: State
    files: tuple[str, ...]
    size: int | None
    unknown_sizes: int
    estimated: bool
    action: str


def needed_files(graph: Graph, lock: SourceLock | None) -> list[NeededFile]:
    """Return every source file that a study reads, as it stands now. Nothing is opened for it."""
    return [_needed(graph, lock, world, file) for world, file in files_of_mirrors(graph.study)]


def _needed(graph: Graph, lock: SourceLock | None, world: str, file: str) -> NeededFile:
    mirror = graph.study.mirrors[world]
    source = lock.source_of(file) if lock else None
    origin = lock.origin_of(file) if lock else None
    local = Path(graph.paths.source(world, file))
    size: int | None
    if mirror == MINIATURE:
        state, size = State.MADE, 0
    elif _is_here(local):
        state, size = State.HERE, local.stat().st_size
    else:
        state, size = _outside(mirror, file, origin)
    title = "the synthetic world" if mirror == MINIATURE else f"files of {mirror}"
    transfer, transferred, estimated = file, size, False
    if state is State.TO_FETCH and origin is not None:
        if origin.archive is not None:
            known = origin.known_archive
            transfer, transferred = origin.archive, known.size if known else None
        if transferred is None and origin.about is not None:
            transfer, transferred = f"{origin.source}:{origin.position}", origin.about
            estimated = True
    return NeededFile(
        world,
        file,
        state,
        size,
        transfer,
        transferred,
        estimated,
        source.title if source else title,
        source.licence if source else "",
        _place(mirror, origin),
    )


def _is_here(path: Path) -> bool:
    """Tell whether a file lies here with a manifest that knows its size."""
    manifest = path.with_name(f"{path.name}.manifest.json")
    try:
        entry = json.loads(manifest.read_text(encoding="utf-8"))["files"][path.name]
        return bool(path.stat().st_size == entry["bytes"])
    except (OSError, ValueError, KeyError):
        return False


def _outside(mirror: str, file: str, origin: Origin | None) -> tuple[State, int | None]:
    if mirror == PUBLISHED:
        return (State.TO_FETCH, origin.size) if origin else (State.MISSING, None)
    if is_address(mirror):
        return State.TO_FETCH, None
    folder = Path(mirror).expanduser()
    archive = origin.archive if origin else None
    for candidate in (folder / file, *([folder / archive] if archive else [])):
        if candidate.is_file():
            return State.IN_MIRROR, candidate.stat().st_size
    return State.MISSING, None


def _place(mirror: str, origin: Origin | None) -> str:
    if mirror != PUBLISHED or origin is None:
        return mirror
    return urlsplit(origin.urls[0]).netloc if origin.urls else origin.place


def needs(files: list[NeededFile]) -> Iterator[Need]:
    """Yield what is needed by source and state, with what to do about it."""
    groups: dict[tuple[str, str, State, str], list[NeededFile]] = {}
    for file in files:
        place = file.place if file.state in (State.TO_FETCH, State.MISSING) else ""
        groups.setdefault((file.source, file.licence, file.state, place), []).append(file)
    for (source, licence, state, place), found in groups.items():
        moved = {file.transfer: file.transferred for file in found}
        sizes = [size for size in moved.values() if size is not None]
        yield Need(
            source,
            licence,
            state,
            tuple(file.path for file in found),
            sum(sizes) if sizes else None,
            len(moved) - len(sizes),
            any(file.estimated for file in found),
            _action(state, place, found[0].path),
        )


def _action(state: State, place: str, path: str) -> str:
    if state is State.TO_FETCH:
        return f"fetched from {place}"
    if state is State.MISSING:
        return f"put it into {place} as {path}"
    return ""


def missing_files(needs: Iterable[Need]) -> Iterator[str]:
    """Yield a line per source of files that cannot be had: which, and what to do about it."""
    for need in needs:
        if need.state is State.MISSING:
            more = len(need.files) - _SHOWN_FILES
            rest = f" and {more} more" if more > 0 else ""
            yield f"{', '.join(need.files[:_SHOWN_FILES])}{rest}: {need.action}"


def encoder_need(graph: Graph) -> Need:
    """Return where the study's encoder is."""
    name, encoder = graph.selection.encoder, graph.study.encoder
    title = f"encoder {name}"
    if encoder.source == PRETRAIN:
        return Need(title, "", State.MADE, (), 0, 0, False, "")
    folder = Path(graph.paths.fetched_encoder("").format(encoder=name))
    if all((folder / file).is_file() for file in FILES):
        size = sum((folder / file).stat().st_size for file in FILES)
        return Need(title, "", State.HERE, FILES, size, 0, False, "")
    kind = kind_of(encoder.source)
    if kind == "hub":
        repository = encoder.source.removeprefix(HUB_PREFIX)
        action = f"fetched from huggingface.co/{repository}; offline: set `source` to a folder"
        return Need(title, "", State.TO_FETCH, FILES, None, len(FILES), False, action)
    if kind == "folder" and not Path(encoder.source).expanduser().is_dir():
        action = f"there is no folder {encoder.source}"
        return Need(title, "", State.MISSING, FILES, None, len(FILES), False, action)
    return Need(title, "", State.IN_MIRROR, FILES, None, len(FILES), False, "")


def lacking(graph: Graph, files: list[NeededFile]) -> list[str]:
    """Return what a study asks for and does not get, missing files among it."""
    missing = missing_files([*needs(files), encoder_need(graph)])
    return [*not_available(graph.study), *(f"not available: {line}" for line in missing)]


def read_lock(graph: Graph) -> SourceLock | None:
    """Return the lock of published files that the study's are checked against, if it has one."""
    return load_lock(Path(graph.source_lock)) if graph.source_lock else None
