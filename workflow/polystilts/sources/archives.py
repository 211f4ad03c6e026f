"""Taking single files out of archives that nobody vouches for.

Files are written under names of ours, never under those in the archive, and only those asked for.
An archive with names that lead out of it is refused all the same: nothing honest has them. So is
one where a file asked for is a link or a device, occurs twice, is encrypted, or unpacks to more
than a data set has.
"""

import errno
import lzma
import re
import stat
import struct
import tarfile
import uuid
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from polystilts.errors import InputError
from polystilts.sources.unpacking import DEFAULT_LIMITS, Limits, Unpacked, check_amount

NESTED = "!"
_BLOCK = 1 << 20
_END_OF_ZIP = struct.Struct("<4s4H2LH")
_LONGEST_COMMENT = 1 << 16
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")
_TAR = re.compile(r"\.(?:tar\.|t)(gz|bz2|xz)$")
# What reading a damaged zip file has been seen to raise.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
_FETCH_AGAIN = "Delete it and fetch it again."
_MEND_LOCK = "Correct the names in sources.lock.yaml, or fetch the archive again."


def extract(archive: Path, wanted: Mapping[str, Path], limits: Limits = DEFAULT_LIMITS) -> None:
    """Write members of a zip, tar.gz, tar.bz2, tar.xz or gz file to the paths they map to.

    `outer!inner` is the member `inner` of an archive that is itself a member. A gz file has one
    member, whatever it is called. What kind a file is follows from its name.

    Raises:
        InputError: a member is missing, or the archive is damaged or unsafe.
    """
    own = {name: target for name, target in wanted.items() if NESTED not in name}
    inner: dict[str, dict[str, Path]] = {}
    for name, target in wanted.items():
        outer, nested, rest = name.partition(NESTED)
        if nested:
            inner.setdefault(outer, {})[rest] = target
    folder = next(iter(wanted.values())).parent
    unpacked = {
        outer: folder / f".{uuid.uuid4().hex[:8]}-{outer.rpartition('/')[2]}" for outer in inner
    }
    try:
        _extract_plain(archive, own | unpacked, limits)
        for outer, members in inner.items():
            extract(unpacked[outer], members, limits)
    finally:
        for file in unpacked.values():
            file.unlink(missing_ok=True)


def _extract_plain(archive: Path, wanted: Mapping[str, Path], limits: Limits) -> None:
    for target in wanted.values():
        target.parent.mkdir(parents=True, exist_ok=True)
    name = archive.name.lower()
    if name.endswith(".zip"):
        _extract_zip(archive, wanted, limits)
    elif _TAR.search(name):
        _extract_tar(archive, wanted, limits)
    elif name.endswith(".gz"):
        with Unpacked(archive, "gz", limits) as stream:
            for target in wanted.values():
                _write(archive, archive.stem, stream, target, limits)
    else:
        raise InputError(archive, "its name is not that of an archive (zip, tar.gz, gz …).")


def _extract_zip(archive: Path, wanted: Mapping[str, Path], limits: Limits) -> None:
    try:
        with zipfile.ZipFile(archive) as content:
            _check_ends(archive)
            members = content.infolist()
            # `orig_filename` still has what zipfile cleans away
            found = _found(archive, (member.orig_filename for member in members), wanted)
            total = 0
            for member in members:
                name = _plain(member.orig_filename)
                if name not in found:
                    continue
                kind = stat.S_IFMT(member.external_attr >> 16)
                _check_kind(archive, name, member.is_dir(), kind in (0, stat.S_IFREG))
                if member.flag_bits & _ENCRYPTED:
                    raise InputError(archive, f"`{name}` in it is encrypted.", hint=_FETCH_AGAIN)
                total += member.file_size
                check_amount(archive, total, archive.stat().st_size, limits)
                with content.open(member) as stream:
                    _write(archive, name, stream, wanted[name], limits)
    except _UNREADABLE as error:
        # a wrong offset is an invalid argument; all other numbers are about the disk
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        reason = f"it is damaged or no zip file ({error})."
        raise InputError(archive, reason, hint=_FETCH_AGAIN) from None


def _check_ends(archive: Path) -> None:
    """Refuse anything before the first or after the last byte of a zip file."""
    size = archive.stat().st_size
    with archive.open("rb") as handle:
        head = handle.read(4)
        handle.seek(max(size - _END_OF_ZIP.size - _LONGEST_COMMENT, 0))
        tail = handle.read()
    place = tail.rfind(b"PK\x05\x06")
    comment = _END_OF_ZIP.unpack_from(tail, place)[-1]
    if place + _END_OF_ZIP.size + comment != len(tail):
        raise InputError(archive, "something follows after its end.", hint=_FETCH_AGAIN)
    if head not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise InputError(archive, "something stands before its beginning.", hint=_FETCH_AGAIN)


def _extract_tar(archive: Path, wanted: Mapping[str, Path], limits: Limits) -> None:
    names: list[str] = []
    written: set[str] = set()
    kind = archive.name.lower().rpartition(".")[2].removeprefix("t")
    try:
        with (
            Unpacked(archive, kind, limits) as stream,
            tarfile.open(fileobj=stream, mode="r|") as content,
        ):
            for member in content:
                names.append(member.name)
                name = _plain(member.name)
                if name not in wanted or name in written:
                    continue
                _check_kind(archive, name, member.isdir(), member.isreg())
                opened = content.extractfile(member)
                assert opened is not None
                _write(archive, name, opened, wanted[name], limits)
                written.add(name)
            while block := content.fileobj.read(_BLOCK):
                if block.strip(b"\0"):
                    raise InputError(archive, "something follows after its end.", hint=_FETCH_AGAIN)
    except (tarfile.TarError, EOFError) as error:
        reason = f"it is damaged or no tar file ({error})."
        raise InputError(archive, reason, hint=_FETCH_AGAIN) from None
    _found(archive, names, wanted)


def _found(archive: Path, names: Iterable[str], wanted: Mapping[str, Path]) -> set[str]:
    """Return the wanted names after a look at all names of an archive."""
    counted: Counter[str] = Counter()
    for name in names:
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "\\" in name or _DRIVE.match(name):
            reason = f"the name {name!r} in it would lead out of it; nothing was taken."
            raise InputError(archive, reason, hint=_FETCH_AGAIN)
        counted[_plain(name)] += 1
    for name in wanted:
        if counted[name] > 1:
            reason = f"`{name}` is in it {counted[name]} times."
            raise InputError(archive, reason, hint=_FETCH_AGAIN)
        if not counted[name]:
            raise InputError(archive, _missing(name, counted), hint=_MEND_LOCK)
    return set(wanted)


def _missing(name: str, there: Iterable[str]) -> str:
    last = name.rpartition("/")[2]
    alike = [other for other in there if other.rpartition("/")[2] == last][:3]
    return f"it has no `{name}`" + (f", but {', '.join(alike)}." if alike else ".")


def _plain(name: str) -> str:
    return name.removeprefix("./").rstrip("/")


def _check_kind(archive: Path, name: str, folder: bool, regular: bool) -> None:
    if folder or not regular:
        kind = "a folder" if folder else "a link or a device"
        raise InputError(archive, f"`{name}` in it is {kind}, not a file.", hint=_FETCH_AGAIN)


def _write(archive: Path, name: str, stream: IO[bytes] | Unpacked, path: Path, at: Limits) -> None:
    amount = 0
    with path.open("wb") as handle:
        while block := stream.read(_BLOCK):
            amount += len(block)
            if amount > at.member:
                reason = f"`{name}` in it unpacks to more than {at.member} bytes."
                raise InputError(archive, reason, hint=_FETCH_AGAIN)
            handle.write(block)
