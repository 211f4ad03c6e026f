"""What comes from publishers is recorded once and enforced everywhere from then on."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import InputError
from polystilts.provenance.manifest import verify
from polystilts.sources.fetch import fetch
from polystilts.sources.known import measure
from polystilts.sources.mirror import PUBLISHED
from polystilts.sources.source_lock import load
from repository import REPOSITORY
from sources.locks import write_lock
from sources.packing import tarred, zipped
from sources.site import BODY, HASTY, Serving, Site

PLAIN = "data/plain.txt"
IN_ZIP = ["data/z/train.tsv", "data/z/dev.tsv"]
IN_TAR = ["data/t/train.tsv", "data/t/dev.tsv"]
NESTED = "data/n/de/train"
UNPACKED = "data/dictionary"
FILES = [PLAIN, *IN_ZIP, *IN_TAR, NESTED, UNPACKED]
CONTENT = {path: f"{path}: ein Satz\n".encode() * 300 for path in FILES} | {PLAIN: BODY}


@pytest.fixture
def site() -> Iterator[Site]:
    inner = tarred({"train": CONTENT[NESTED]})
    others = {
        "/data/plain.txt": CONTENT[PLAIN],
        "/data/set.zip": zipped({f"set/{Path(p).name}": CONTENT[p] for p in IN_ZIP} | {"x": b"x"}),
        "/data/set.tar.bz2": tarred({f"./set/{Path(p).name}": CONTENT[p] for p in IN_TAR}, "bz2"),
        "/data/outer.zip": zipped({"de.tar.gz": inner}),
        "/data/dictionary.gz": gzip.compress(CONTENT[UNPACKED]),
    }
    with Serving(Site(others=others)) as served:
        yield served


@pytest.fixture
def lock(site: Site, tmp_path: Path) -> Path:
    return write_lock(tmp_path / "sources.lock.yaml", *origins(site.address))


def origins(address: str) -> list[dict[str, Any]]:
    over = {"split": ["train", "dev"]}
    return [
        {"url": f"{address}/plain.txt", "files": {PLAIN: None}},
        {
            "url": [f"{address}/gone.zip", f"{address}/set.zip"],
            "archive": "set.zip",
            "over": over,
            "files": {"data/z/{split}.tsv": "set/{split}.tsv"},
        },
        {
            "url": f"{address}/set.tar.bz2",
            "over": over,
            "files": {"data/t/{split}.tsv": "set/{split}.tsv"},
        },
        {"url": f"{address}/outer.zip", "files": {NESTED: "de.tar.gz!train"}},
        {"url": f"{address}/dictionary.gz", "files": {UNPACKED: "dictionary"}},
    ]


def get(file: str, mirror: str | Path, world: Path, lock: Path | None) -> dict[str, Any]:
    manifest = world / f"{file}.manifest.json"
    fetch([file], str(mirror), world, manifest, f"key-{file.replace('/', '-')}", lock, HASTY)
    assert (world / file).read_bytes() == CONTENT[file]
    return verify(manifest)


def get_all(mirror: str | Path, world: Path, lock: Path) -> None:
    for file in FILES:
        get(file, mirror, world, lock)


@pytest.mark.parametrize("file", FILES)
def test_a_file_comes_from_its_publisher(site: Site, lock: Path, tmp_path: Path, file: str) -> None:
    manifest = get(file, PUBLISHED, tmp_path / "world", lock)
    place = manifest["origins"][file]
    assert place.startswith(site.address)
    assert manifest["mirror"] == PUBLISHED


def test_the_first_fetch_records_and_nothing_else_changes(lock: Path, tmp_path: Path) -> None:
    before = lock.read_text()
    get_all(PUBLISHED, tmp_path / "world", lock)
    after = load(lock)
    for file in FILES:
        origin = after.origins[file]
        assert origin.known == measure(tmp_path / "world" / file)
        if origin.archive:
            assert origin.known_archive == measure(tmp_path / "world" / origin.archive)
    recorded = lock.read_text()
    assert recorded.startswith(before.partition("sources:")[0])
    get_all(PUBLISHED, tmp_path / "again", lock)
    assert lock.read_text() == recorded


@pytest.mark.parametrize("file", FILES)
def test_other_bytes_than_the_recorded_ones_are_refused(
    site: Site, lock: Path, tmp_path: Path, file: str
) -> None:
    get(file, PUBLISHED, tmp_path / "world", lock)
    recorded = lock.read_text()
    for path, content in site.others.items():
        site.others[path] = content[:-1] + bytes([content[-1] ^ 1])
    with pytest.raises(InputError, match="was recorded") as caught:
        get(file, PUBLISHED, tmp_path / "other", lock)
    assert site.address in str(caught.value)
    assert "set what was recorded to null" in str(caught.value)
    assert not (tmp_path / "other" / file).exists()
    assert lock.read_text() == recorded


@pytest.mark.parametrize("file", [*IN_ZIP, *IN_TAR, NESTED, UNPACKED])
def test_a_file_in_an_archive_that_is_not_the_recorded_one_is_refused(
    lock: Path, tmp_path: Path, file: str
) -> None:
    """Digests of single files may be known before that of their archive."""
    address = load(lock).origins[PLAIN].place
    wrong = [
        {**origin, "recorded": {file: f"{'a' * 64}/{len(CONTENT[file])}"}}
        for origin in origins(address)
    ]
    write_lock(lock, *wrong)
    with pytest.raises(InputError, match=rf"`{file}`: its sha256 is .*{'a' * 64} was recorded"):
        get(file, PUBLISHED, tmp_path / "world", lock)
    assert not (tmp_path / "world" / file).exists()


def test_null_takes_what_is_there_now(site: Site, lock: Path, tmp_path: Path) -> None:
    get(PLAIN, PUBLISHED, tmp_path / "world", lock)
    site.others["/data/plain.txt"] = b"a newer file\n"
    recorded = str(load(lock).origins[PLAIN].known)
    lock.write_text(lock.read_text().replace(recorded, "null"))
    fetch([PLAIN], PUBLISHED, tmp_path / "w", tmp_path / "w" / "m.json", "k", lock, HASTY)
    assert (tmp_path / "w" / PLAIN).read_bytes() == b"a newer file\n"


def test_an_archive_is_fetched_once(site: Site, lock: Path, tmp_path: Path) -> None:
    get_all(PUBLISHED, tmp_path / "world", lock)
    for archive in ("set.zip", "set.tar.bz2"):
        assert site.asked.count(f"/data/{archive}") == 1
        assert (tmp_path / "world" / "archives" / archive).is_file()
    # what was unpacked is enough where somebody has made room
    shutil.rmtree(tmp_path / "world" / "archives")
    get(IN_TAR[1], PUBLISHED, tmp_path / "world", lock)
    assert site.asked.count("/data/set.tar.bz2") == 1


@pytest.mark.parametrize("damaged", ["staged", "archive"])
def test_a_byte_that_changed_on_our_disk_is_noticed(
    lock: Path, tmp_path: Path, damaged: str
) -> None:
    world = tmp_path / "world"
    get(IN_TAR[0], PUBLISHED, world, lock)
    staged = world / ".partial" / "archives" / "set.tar.bz2" / IN_TAR[1]
    _change_one_byte(staged)
    if damaged == "staged":
        get(IN_TAR[1], PUBLISHED, world, lock)
        return
    _change_one_byte(world / "archives" / "set.tar.bz2")
    with pytest.raises(InputError, match=r"archives/set\.tar\.bz2: its sha256 .*Delete it"):
        get(IN_TAR[1], PUBLISHED, world, lock)


def test_jobs_that_run_at_once_fetch_an_archive_once(
    site: Site, lock: Path, tmp_path: Path
) -> None:
    world = tmp_path / "world"
    jobs = []
    for file in IN_TAR + IN_ZIP + [PLAIN]:
        record = json.dumps({"mirror": PUBLISHED, "file": file})
        command = [sys.executable, "-m", "polystilts.commands.fetch_source", "--record", record]
        command += ["--sources", str(world), "--lock", str(lock), "--key", file.replace("/", "-")]
        command += ["--manifest", str(world / f"{file}.manifest.json")]
        environment = {"PYTHONPATH": str(REPOSITORY / "workflow")}
        jobs.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
    for job in jobs:
        _, printed = job.communicate(timeout=60)
        assert job.returncode == 0, printed
    for archive in ("set.zip", "set.tar.bz2"):
        assert site.asked.count(f"/data/{archive}") == 1
    known = load(lock).origins
    for file in IN_TAR + IN_ZIP + [PLAIN]:
        assert (world / file).read_bytes() == CONTENT[file]
        assert known[file].known == measure(world / file)


def test_an_interrupted_archive_goes_on(site: Site, lock: Path, tmp_path: Path) -> None:
    site.cuts = [200, 0, 0, 0]
    with pytest.raises(InputError, match="Run again"):
        get(IN_TAR[0], PUBLISHED, tmp_path / "world", lock)
    site.requests.clear()
    get(IN_TAR[1], PUBLISHED, tmp_path / "world", lock)
    assert site.requests == ["bytes=200-"], "another job of the same archive goes on with it"


def test_a_web_page_instead_of_a_file_is_not_recorded(
    site: Site, lock: Path, tmp_path: Path
) -> None:
    site.others["/data/plain.txt"] = b"\n<!DOCTYPE html><title>Sorry</title>"
    before = lock.read_text()
    with pytest.raises(InputError, match="it is a web page, not the file"):
        get(PLAIN, PUBLISHED, tmp_path / "world", lock)
    assert lock.read_text() == before


def test_files_without_an_origin_are_named(lock: Path, tmp_path: Path) -> None:
    for known in (lock, None):
        with pytest.raises(
            InputError, match=r"ccg/ccg\.train: no published origin .*tasks\.<name>"
        ):
            fetch(
                ["ccg/ccg.train"],
                PUBLISHED,
                tmp_path,
                tmp_path / "ccg" / "m.json",
                "key",
                known,
                HASTY,
            )


def archives_alone(site: Site, folder: Path) -> Path:
    """Make a mirror that holds archives and one plain file."""
    (folder / "archives").mkdir(parents=True)
    for name in ("set.zip", "set.tar.bz2", "outer.zip", "dictionary.gz"):
        (folder / "archives" / name).write_bytes(site.others[f"/data/{name}"])
    (folder / PLAIN).parent.mkdir(parents=True)
    (folder / PLAIN).write_bytes(BODY)
    return folder


def test_what_was_fetched_is_a_mirror_for_another_machine(
    site: Site, lock: Path, tmp_path: Path
) -> None:
    get_all(PUBLISHED, tmp_path / "world", lock)
    asked = len(site.asked)
    get_all(tmp_path / "world", tmp_path / "offline", lock)
    assert len(site.asked) == asked


@pytest.mark.parametrize("file", FILES)
def test_archives_in_a_mirror_stand_for_their_files(
    site: Site, lock: Path, tmp_path: Path, file: str
) -> None:
    mirror = archives_alone(site, tmp_path / "mirror")
    before = lock.read_text()
    manifest = get(file, mirror, tmp_path / "world", lock)
    assert manifest["origins"][file].startswith(str(mirror))
    assert lock.read_text() == before, "a mirror is not trusted with the first word"
    assert site.asked == []


@pytest.mark.parametrize("file", FILES)
def test_archives_below_an_address_stand_for_their_files(
    site: Site, lock: Path, tmp_path: Path, file: str
) -> None:
    before = lock.read_text()
    mirror = archives_alone(site, tmp_path / "mirror")
    served = {
        f"/data/{path.relative_to(mirror).as_posix()}": path.read_bytes()
        for path in mirror.rglob("*")
        if path.is_file()
    }
    with Serving(Site(others=served)) as other:
        get(file, other.address, tmp_path / "world", lock)
    assert lock.read_text() == before
    assert site.asked == []


def test_an_extracted_file_goes_before_an_archive(site: Site, lock: Path, tmp_path: Path) -> None:
    mirror = archives_alone(site, tmp_path / "mirror")
    (mirror / IN_ZIP[0]).parent.mkdir(parents=True)
    (mirror / IN_ZIP[0]).write_bytes(b"mine")
    fetch([IN_ZIP[0]], str(mirror), tmp_path / "w", tmp_path / "w" / "m", "k", lock, HASTY)
    assert (tmp_path / "w" / IN_ZIP[0]).read_bytes() == b"mine"


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("served", [False, True])
def test_one_wrong_byte_in_a_mirrors_file_is_refused(
    lock: Path, tmp_path: Path, file: str, served: bool
) -> None:
    get_all(PUBLISHED, tmp_path / "world", lock)
    mirror = tmp_path / "mirror"
    (mirror / file).parent.mkdir(parents=True)
    shutil.copy(tmp_path / "world" / file, mirror / file)
    _change_one_byte(mirror / file)
    content = {f"/data/{file}": (mirror / file).read_bytes()}
    with Serving(Site(others=content)) as other:
        place = other.address if served else str(mirror)
        with pytest.raises(InputError, match=r"its sha256 is .* was recorded") as caught:
            get(file, place, tmp_path / "offline", lock)
    assert f"{place}/{file}" in str(caught.value)
    assert not (tmp_path / "offline" / file).exists()


@pytest.mark.parametrize("file", [*IN_ZIP, *IN_TAR, NESTED, UNPACKED])
def test_one_wrong_byte_in_a_mirrors_archive_is_refused(
    site: Site, lock: Path, tmp_path: Path, file: str
) -> None:
    get_all(PUBLISHED, tmp_path / "world", lock)
    mirror = archives_alone(site, tmp_path / "mirror")
    get(file, mirror, tmp_path / "offline", lock)
    archive = mirror / str(load(lock).origins[file].archive)
    _change_one_byte(archive)
    (tmp_path / "offline" / file).unlink()
    with pytest.raises(InputError, match=r"its sha256 is .* was recorded") as caught:
        get(file, mirror, tmp_path / "offline", lock)
    assert str(archive) in str(caught.value)


def test_manifests_vouch_for_files_that_the_lock_does_not_know(lock: Path, tmp_path: Path) -> None:
    unknown = lock.read_text()
    get(PLAIN, PUBLISHED, tmp_path / "world", lock)
    lock.write_text(unknown)
    _change_one_byte(tmp_path / "world" / PLAIN)
    with pytest.raises(InputError, match=r"plain\.txt: its sha256 is not the one in"):
        get(PLAIN, tmp_path / "world", tmp_path / "offline", lock)


def test_without_a_lock_nothing_is_compared(site: Site, lock: Path, tmp_path: Path) -> None:
    get(PLAIN, PUBLISHED, tmp_path / "world", lock)
    mirror = archives_alone(site, tmp_path / "mirror")
    (mirror / PLAIN).write_bytes(b"mine")
    fetch([PLAIN], str(mirror), tmp_path / "w", tmp_path / "w" / "m", "k", None, HASTY)
    assert (tmp_path / "w" / PLAIN).read_bytes() == b"mine"
    with pytest.raises(InputError, match="has no"):
        get(IN_ZIP[0], mirror, tmp_path / "w", None)


def _change_one_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
