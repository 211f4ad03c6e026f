"""Source files come whole from a folder or an address, and nothing leaves the mirror."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polystilts.commands.fetch_source import main
from polystilts.errors import InputError
from polystilts.provenance.manifest import verify
from polystilts.sources.fetch import fetch
from sources.site import BODY, HASTY, PATH, Serving, Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Serving(Site()) as served:
        yield served


def get(mirror: str | Path, output: Path, files: tuple[str, ...] = (PATH,)) -> dict:
    fetch(files, str(mirror), output, output / "manifest.json", "key-1", patience=HASTY)
    return json.loads((output / "manifest.json").read_text())


def mirror_with(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(BODY)
    return folder


def test_a_folder_mirror_is_copied_and_recorded(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", PATH, "anli/R1/dev.jsonl")
    manifest = get(mirror, tmp_path / "out", (PATH, "anli/R1/dev.jsonl"))

    assert (tmp_path / "out" / PATH).read_bytes() == BODY
    assert manifest["key"] == "key-1"
    assert manifest["files"][PATH] == {
        "bytes": len(BODY),
        "sha256": hashlib.sha256(BODY).hexdigest(),
    }
    assert manifest["origins"]["anli/R1/dev.jsonl"] == str(mirror / "anli/R1/dev.jsonl")
    verify(tmp_path / "out" / "manifest.json")


def test_a_missing_file_names_mirror_path_and_cure(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", f"{PATH}.gz")
    with pytest.raises(InputError) as caught:
        get(mirror, tmp_path / "out")
    message = str(caught.value)
    assert str(mirror) in message
    assert PATH in message
    assert "gunzip" in message
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_mirror_that_is_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.*not a folder"):
        get(tmp_path / "nowhere", tmp_path / "out")


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/etc/passwd", "", "a\\b"])
def test_paths_that_leave_the_mirror_are_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("x")
    mirror = mirror_with(tmp_path / "mirror", PATH)
    with pytest.raises(InputError, match="relative to its mirror"):
        get(mirror, tmp_path / "out", (PATH, path))
    assert not (tmp_path / "out").exists()


def test_links_may_stay_inside_the_mirror_only(tmp_path: Path) -> None:
    mirror = mirror_with(tmp_path / "mirror", "real.tsv")
    (tmp_path / "secret").write_text("x")
    (mirror / "inside.tsv").symlink_to("real.tsv")
    (mirror / "outside.tsv").symlink_to(tmp_path / "secret")

    get(mirror, tmp_path / "out", ("inside.tsv",))
    assert (tmp_path / "out" / "inside.tsv").read_bytes() == BODY
    with pytest.raises(InputError, match="outside the mirror"):
        get(mirror, tmp_path / "out", ("outside.tsv",))


def test_a_file_is_downloaded_and_its_address_recorded(site: Site, tmp_path: Path) -> None:
    manifest = get(f"{site.address}/", tmp_path)
    assert (tmp_path / PATH).read_bytes() == BODY
    assert manifest["origins"] == {PATH: f"{site.address}/{PATH}"}


def test_names_with_spaces_are_quoted(tmp_path: Path) -> None:
    with Serving(Site(path="/data/a%20b%23.txt")) as site:
        get(site.address, tmp_path, ("a b#.txt",))
    assert (tmp_path / "a b#.txt").read_bytes() == BODY


def test_a_refused_file_is_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"glue/QQP/dev\.tsv: the server answered 404"):
        get(site.address, tmp_path, ("glue/QQP/dev.tsv",))
    assert len(site.requests) == 1
    assert not (tmp_path / "glue").joinpath("QQP", "dev.tsv").exists()


def test_a_busy_server_is_asked_again(site: Site, tmp_path: Path) -> None:
    site.errors = [503, 429]
    get(site.address, tmp_path)
    assert (tmp_path / PATH).read_bytes() == BODY


def test_a_broken_transfer_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    site.cuts = [1000, 500]
    get(site.address, tmp_path)
    assert site.requests == [None, "bytes=1000-", "bytes=1500-"]
    assert (tmp_path / PATH).read_bytes() == BODY


def test_the_next_run_resumes_what_the_last_one_left(site: Site, tmp_path: Path) -> None:
    site.cuts = [1000, 0, 0, 0]
    with pytest.raises(InputError, match="failed 3 times without progress"):
        get(site.address, tmp_path)
    assert not (tmp_path / PATH).exists()

    site.requests.clear()
    get(site.address, tmp_path)
    assert site.requests == ["bytes=1000-"]
    assert (tmp_path / PATH).read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_not_mixed(site: Site, tmp_path: Path) -> None:
    site.cuts = [1000, 0, 0, 0]
    with pytest.raises(InputError):
        get(site.address, tmp_path)
    site.body, site.tag = BODY[::-1], '"v2"'
    get(site.address, tmp_path)
    assert (tmp_path / PATH).read_bytes() == BODY[::-1]


def test_without_a_version_a_part_is_thrown_away(tmp_path: Path) -> None:
    with Serving(Site(tag=None, cuts=[1000])) as site:
        get(site.address, tmp_path)
    assert site.requests == [None, None]
    assert (tmp_path / PATH).read_bytes() == BODY


def test_a_server_without_ranges_sends_all_again(tmp_path: Path) -> None:
    with Serving(Site(ranges=False, cuts=[1000])) as site:
        get(site.address, tmp_path)
    assert (tmp_path / PATH).read_bytes() == BODY


def test_a_file_of_unknown_length_is_refused(tmp_path: Path) -> None:
    with Serving(Site(length=False)) as site, pytest.raises(InputError, match="how long"):
        get(site.address, tmp_path)
    assert not (tmp_path / PATH).exists()


def test_a_chunked_answer_that_breaks_off_is_asked_for_again(tmp_path: Path) -> None:
    with Serving(Site(chunked=True, cuts=[1000])) as site:
        get(site.address, tmp_path)
    assert len(site.requests) == 2
    assert (tmp_path / PATH).read_bytes() == BODY


def test_a_server_that_is_gone_gives_an_error_with_a_cure(tmp_path: Path) -> None:
    with Serving(Site()) as site:
        address = site.address
    with pytest.raises(InputError, match="folder mirror"):
        get(address, tmp_path)


@settings(max_examples=25, deadline=None)
@given(body=st.binary(max_size=4000), cuts=st.lists(st.integers(1, 1500), max_size=4))
def test_any_interruptions_give_the_same_bytes(body: bytes, cuts: list[int]) -> None:
    with TemporaryDirectory() as folder, Serving(Site(body=body, cuts=cuts)) as site:
        get(site.address, Path(folder))
        assert (Path(folder) / PATH).read_bytes() == body


def test_the_command_takes_an_empty_lock_for_none(site: Site, tmp_path: Path) -> None:
    manifest = tmp_path / f"{PATH}.manifest.json"
    record = json.dumps({"mirror": site.address, "file": PATH})
    common = ["--key", "key", "--record", record, "--sources", str(tmp_path)]
    main([*common, "--lock", "--manifest", str(manifest)])
    assert (tmp_path / PATH).read_bytes() == BODY
    assert verify(manifest)["origins"] == {PATH: f"{site.address}/{PATH}"}
    with pytest.raises(InputError, match="no such source lock"):
        main([*common, "--lock", str(tmp_path / "gone.yaml"), "--manifest", str(manifest)])
