"""Files come out of archives as they were put in, and nothing else does."""

import bz2
import gzip
import lzma
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polystilts.errors import InputError
from polystilts.sources.archives import extract
from polystilts.sources.unpacking import Limits
from sources.packing import tarred, tarred_members, zipped

TEXT = b"ein Satz\teine Zeile\n" * 500
FILES = {"set/train.tsv": TEXT, "set/dev.tsv": b"dev\n", "set/README": b"read me"}
PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a.zip": zipped,
    "a.tar.gz": lambda files: tarred(files, "gz"),
    "a.tgz": lambda files: tarred(files, "gz"),
    "a.tar.bz2": lambda files: tarred(files, "bz2"),
    "a.tar.xz": lambda files: tarred(files, "xz"),
}
NAMES = list(PACKERS)
COMPRESSED = [name for name in NAMES if name != "a.zip"]


def packed(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    return written(folder / name, PACKERS[name](files))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def refused(archive: Path, reason: str, member: str = "set/train.tsv", **options: object) -> None:
    """Expect an error that names the archive, and nothing outside the folder for its files."""
    before = files_below(archive.parent)
    with pytest.raises(InputError, match=reason) as caught:
        extract(archive, {member: archive.parent / "out" / "file"}, **options)  # type: ignore[arg-type]
    assert str(archive.name) in str(caught.value)
    assert set(files_below(archive.parent)) - set(before) <= {"out/file"}


@pytest.mark.parametrize("name", NAMES)
def test_the_files_asked_for_come_out_and_no_others(tmp_path: Path, name: str) -> None:
    archive = packed(tmp_path, name, FILES)
    wanted = {"set/dev.tsv": tmp_path / "x" / "dev", "set/train.tsv": tmp_path / "y" / "z" / "t"}
    extract(archive, wanted)
    assert (tmp_path / "x" / "dev").read_bytes() == b"dev\n"
    assert (tmp_path / "y" / "z" / "t").read_bytes() == TEXT
    assert files_below(tmp_path) == sorted([name, "x/dev", "y/z/t"])


def test_one_file_may_be_packed_by_itself(tmp_path: Path) -> None:
    archive = written(tmp_path / "dict.txt.gz", gzip.compress(TEXT))
    extract(archive, {"dict.txt": tmp_path / "dict.txt"})
    assert (tmp_path / "dict.txt").read_bytes() == TEXT


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = {f"{code}.tar.gz": tarred({"./train": code.encode(), "dev": b"d"}) for code in "ab"}
    archive = packed(tmp_path, "a.zip", inner)
    wanted = {
        "a.tar.gz!train": tmp_path / "out" / "a-train",
        "a.tar.gz!dev": tmp_path / "out" / "a-dev",
        "b.tar.gz!train": tmp_path / "out" / "b-train",
    }
    extract(archive, wanted)
    assert (tmp_path / "out" / "b-train").read_bytes() == b"b"
    assert files_below(tmp_path / "out") == ["a-dev", "a-train", "b-train"]


def test_a_damaged_archive_in_an_archive_leaves_nothing_behind(tmp_path: Path) -> None:
    archive = packed(tmp_path, "a.zip", {"a.tar.gz": tarred({"train": TEXT})[:-20]})
    with pytest.raises(InputError, match=r"a\.tar\.gz: it is cut short"):
        extract(archive, {"a.tar.gz!train": tmp_path / "out" / "train"})
    assert files_below(tmp_path / "out") in ([], ["train"])


def test_streams_one_after_the_other_are_one_file(tmp_path: Path) -> None:
    """Parallel packers write them so."""
    plain = lzma.decompress(tarred({"big": bytes(range(256)) * 3000}, "xz"))
    middle = len(plain) // 2
    for name, compress in (("a.tar.bz2", bz2.compress), ("a.tar.gz", gzip.compress)):
        archive = written(tmp_path / name, compress(plain[:middle]) + compress(plain[middle:]))
        extract(archive, {"big": tmp_path / "big"})
        assert (tmp_path / "big").read_bytes() == bytes(range(256)) * 3000
    padded = written(tmp_path / "b.tar.xz", lzma.compress(plain) + bytes(8))
    extract(padded, {"big": tmp_path / "big"})


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named_with_its_likes(tmp_path: Path, name: str) -> None:
    archive = packed(tmp_path, name, FILES)
    refused(archive, r"no `other/train\.tsv`, but set/train\.tsv", "other/train.tsv")
    refused(archive, r"no `nothing`\.", "nothing")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "evil", ["../evil", "set/../../evil", "/etc/evil", "C:/evil", "C:evil", "..\\evil", "a\\b"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str, evil: str) -> None:
    archive = packed(tmp_path, name, {**FILES, evil: b"x"})
    refused(archive, "would lead out of it")


@pytest.mark.parametrize("name", COMPRESSED)
@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_links_and_devices_are_refused(tmp_path: Path, name: str, kind: bytes) -> None:
    member = tarfile.TarInfo("set/train.tsv")
    member.type, member.linkname = kind, "/etc/passwd"
    content = tarred_members([(member, b"")], name.rpartition(".")[2].replace("tgz", "gz"))
    refused(written(tmp_path / name, content), "a link or a device")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    member = tarfile.TarInfo("set/train.tsv")
    member.type = tarfile.DIRTYPE
    refused(written(tmp_path / "a.tar.gz", tarred_members([(member, b"")])), "is a folder")
    refused(packed(tmp_path, "a.zip", {"set/train.tsv/": b""}), "is a folder")


def test_links_in_zip_files_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("set/train.tsv")
    link.external_attr = 0o120777 << 16
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr(link, "/etc/passwd")
    refused(archive, "a link or a device")


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_file_that_is_in_it_twice_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / name
    if name == "a.zip":
        with warnings.catch_warnings(), zipfile.ZipFile(archive, "w") as content:
            warnings.simplefilter("ignore")
            content.writestr("set/train.tsv", "one")
            content.writestr("./set/train.tsv", "two")
    else:
        members = [
            (tarfile.TarInfo("set/train.tsv"), b""),
            (tarfile.TarInfo("./set/train.tsv"), b""),
        ]
        archive.write_bytes(tarred_members(members))
    refused(archive, "in it 2 times")


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"set/train.tsv": TEXT}))
    content[6] |= 1  # flags of the local header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    refused(written(tmp_path / "a.zip", bytes(content)), "is encrypted")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_archive_is_refused(tmp_path: Path, name: str, share: float) -> None:
    archive = packed(tmp_path, name, FILES)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    refused(archive, "cut short|damaged")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("garbage", [b"x", b"PK", b"\x1f\x8b junk", b"more text " * 20])
def test_something_after_the_end_is_refused(tmp_path: Path, name: str, garbage: bytes) -> None:
    archive = packed(tmp_path, name, FILES)
    archive.write_bytes(archive.read_bytes() + garbage)
    refused(archive, "follows after its end|damaged|cut short")


def test_something_before_the_beginning_is_refused(tmp_path: Path) -> None:
    content = b"#!/bin/sh\n" + zipped(FILES)
    refused(written(tmp_path / "a.zip", content), "before its beginning")


def test_something_after_the_end_of_the_tar_file_is_refused(tmp_path: Path) -> None:
    plain = gzip.decompress(tarred(FILES)) + b"hidden"
    refused(written(tmp_path / "a.tar.gz", gzip.compress(plain)), "follows after its end")


@pytest.mark.parametrize("name", NAMES)
def test_another_file_under_its_name_is_refused(tmp_path: Path, name: str) -> None:
    refused(written(tmp_path / name, b"<html>404</html>" * 99), "damaged or no")
    with pytest.raises(InputError, match="not that of an archive"):
        extract(written(tmp_path / "a.rar", b"x"), {"x": tmp_path / "x"})


@pytest.mark.parametrize("name", [*NAMES, "a.gz"])
def test_bombs_are_refused_before_they_fill_the_disk(tmp_path: Path, name: str) -> None:
    size = 8 << 20
    if name == "a.gz":
        archive = written(tmp_path / name, gzip.compress(bytes(size)))
    else:
        archive = packed(tmp_path, name, {"set/train.tsv": bytes(size)})
    assert archive.stat().st_size < size // 50
    refused(archive, "unpacks to", limits=Limits(ratio=20, free=1 << 20))
    assert (
        not (tmp_path / "out" / "file").exists()
        or (tmp_path / "out" / "file").stat().st_size <= 3 << 20
    )
    refused(archive, "unpacks to", limits=Limits(total=1 << 20))
    refused(archive, "unpacks to more than 1048576", limits=Limits(member=1 << 20))
    extract(archive, {"set/train.tsv": tmp_path / "fine"})
    assert (tmp_path / "fine").stat().st_size == size


def test_a_bomb_that_nobody_asked_for_is_refused_too(tmp_path: Path) -> None:
    archive = packed(tmp_path, "a.tar.gz", {"bomb": bytes(8 << 20), "set/train.tsv": TEXT})
    refused(archive, "unpacks to", limits=Limits(ratio=20, free=1 << 20))


def test_a_size_that_lies_is_refused(tmp_path: Path) -> None:
    """The directory of a zip file announces ten bytes of a longer file."""
    content = bytearray(zipped({"set/train.tsv": TEXT}))
    place = content.index(b"PK\x01\x02") + 24
    struct.pack_into("<L", content, place, 10)
    refused(written(tmp_path / "a.zip", bytes(content)), "damaged")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_wrong_byte_is_noticed_or_changes_nothing(
    tmp_path_factory, name: str, data: st.DataObject
) -> None:
    """Some bytes say nothing about the files, such as times; all others are covered by sums."""
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(PACKERS[name](FILES))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    archive = written(folder / name, bytes(content))
    try:
        extract(archive, {"set/train.tsv": folder / "out"})
    except InputError as error:
        assert name in str(error)
    else:
        assert (folder / "out").read_bytes() == TEXT
