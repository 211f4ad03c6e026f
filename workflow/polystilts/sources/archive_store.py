"""Archives that several files come from: fetched once, whoever asks first.

Jobs that fetch files of one archive at the same time wait for each other. A zip file has a
directory, so that each job takes its file out of it. Everything else has to be read from its
beginning: all that the lock lists of it is unpacked once into `<sources>/.partial/<archive>/`, from
where each job copies its file.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path, write_json
from polystilts.provenance.lock import exclusive
from polystilts.sources.archives import extract
from polystilts.sources.known import Known, difference, measure
from polystilts.sources.source_lock import Origin

_CONTENTS = "contents.json"
_DAMAGED = "Delete it and run again; if it stays so, its publisher has changed it."


@dataclass(frozen=True)
class Taken:
    """What an archive and files in it were found to be."""

    archive: Known
    members: Mapping[str, Known]


def take(
    origin: Origin,
    members: Mapping[str, Origin],
    output: Path,
    obtain: Callable[[], Path],
    stamp: object = None,
) -> Taken:
    """Bring an origin's file out of its archive to `output/<path>`.

    `members` are all files that the lock lists for the archive. `obtain` returns the file of the
    archive; it is not called for what was unpacked earlier. `stamp` names the state of an archive
    that can change behind our back.

    Raises:
        InputError: the archive or the file in it is damaged, unsafe, or not what was recorded.
    """
    folder = output / ".partial" / str(origin.archive)
    target = output / origin.path
    with exclusive(folder.with_name(f"{folder.name}.lock")), atomic_path(target) as temporary:
        if str(origin.archive).endswith(".zip"):
            archive = obtain()
            found = _measured(archive, origin)
            extract(archive, {str(origin.member): temporary})
            taken = Taken(found, {origin.path: measure(temporary)})
        else:
            plan = {path: str(other.member) for path, other in members.items()}
            before = _unpacked_before(folder, origin, plan, stamp)
            taken = before or _unpack(folder, origin, plan, obtain(), stamp)
            shutil.copyfile(folder / origin.path, temporary)
        if problem := difference(taken.members[origin.path], origin.known):
            place = f"{origin.archive}!{origin.member}"
            raise InputError(place, f"`{origin.path}`: {problem}.", hint=_DAMAGED)
    return taken


def _measured(archive: Path, origin: Origin) -> Known:
    found = measure(archive)
    if problem := difference(found, origin.known_archive):
        raise InputError(archive, f"{problem}.", hint=_DAMAGED)
    return found


def _unpack(
    folder: Path, origin: Origin, plan: Mapping[str, str], archive: Path, stamp: object
) -> Taken:
    found = _measured(archive, origin)
    shutil.rmtree(folder, ignore_errors=True)
    extract(archive, {member: folder / path for path, member in plan.items()})
    members = {path: measure(folder / path) for path in plan}
    contents = {
        "archive": str(found),
        "stamp": stamp,
        "plan": dict(plan),
        "members": {path: str(known) for path, known in members.items()},
    }
    write_json(folder / _CONTENTS, contents)
    return Taken(found, members)


def _unpacked_before(
    folder: Path, origin: Origin, plan: Mapping[str, str], stamp: object
) -> Taken | None:
    """Return what was unpacked earlier, if it is what is wanted and our file in it is whole."""
    try:
        contents: dict[str, Any] = json.loads((folder / _CONTENTS).read_text(encoding="utf-8"))
        taken = Taken(
            Known.parse(contents["archive"]),
            {path: Known.parse(known) for path, known in contents["members"].items()},
        )
    except (OSError, ValueError, KeyError):
        return None
    same = contents["plan"] == dict(plan) and contents["stamp"] == stamp
    file = folder / origin.path
    whole = file.is_file() and difference(measure(file), taken.members.get(origin.path)) is None
    as_known = difference(taken.archive, origin.known_archive) is None
    return taken if same and whole and as_known else None
