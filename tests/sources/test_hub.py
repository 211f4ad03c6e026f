"""Splits of hub repositories become one Parquet file, whole, of one commit, without any code."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from polystilts.errors import InputError
from polystilts.provenance.manifest import verify
from polystilts.sources import hub as module
from polystilts.sources.fetch import fetch
from polystilts.sources.mirror import PUBLISHED
from polystilts.sources.patience import Patience
from polystilts.sources.source_lock import load
from sources.hub_site import REPOSITORY, HubSite, ServingHub, parquet
from sources.locks import write_lock
from sources.site import HASTY, Serving, Site

FIRST, SECOND = "a" * 40, "b" * 40
ROWS = {"text": [f"row {n}" for n in range(1000)], "label": list(range(1000))}
WHOLE = parquet(ROWS)
HALVES = [parquet({k: v[s] for k, v in ROWS.items()}, 100) for s in (slice(600), slice(600, None))]
PLAIN = f"hub/{REPOSITORY}/plain/train.parquet"
PARTS = f"hub/{REPOSITORY}/parts/train.parquet"
FILES = {
    "README.md": b"# A data set",
    "plain/train-00000-of-00001.parquet": WHOLE,
    "parts/train-00000-of-00002.parquet": HALVES[0],
    "parts/train-00001-of-00002.parquet": HALVES[1],
}


@pytest.fixture
def hub(monkeypatch) -> Iterator[HubSite]:
    site = HubSite(commits={FIRST: dict(FILES)}, branches={"main": FIRST})
    with ServingHub(site) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        yield served


def lock_with(tmp_path: Path, **changes: Any) -> Path:
    origin = {"hub": REPOSITORY, "revision": None, "shards": None, "commit": None, "recorded": None}
    return write_lock(tmp_path / "lock.yaml", {**origin, **changes})


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return lock_with(tmp_path)


def get(
    file: str,
    world: Path,
    lock: Path,
    mirror: str | Path = PUBLISHED,
    patience: Patience = HASTY,
) -> dict[str, Any]:
    manifest = world / f"{file}.manifest.json"
    fetch([file], str(mirror), world, manifest, f"key-{Path(file).parent.name}", lock, patience)
    return verify(manifest)


def rows_of(path: Path) -> dict[str, list[Any]]:
    return pq.read_table(path).to_pydict()


def files_asked(hub: HubSite) -> list[tuple[str, str | None]]:
    """Return the transfers of files: name and range."""
    storage = [(path, part) for path, part in hub.asked if path.startswith("/storage/")]
    return [(path.split("/", 3)[3], part) for path, part in storage]


def test_a_split_comes_as_it_was_published(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    manifest = get(PLAIN, tmp_path / "world", lock)
    assert (tmp_path / "world" / PLAIN).read_bytes() == WHOLE
    assert manifest["origins"][PLAIN] == f"hub:{REPOSITORY}@{FIRST}/plain/train"
    assert not list((tmp_path / "world" / ".partial").rglob("*.parquet"))


def test_parts_are_put_together_by_row_groups(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    get(PARTS, tmp_path / "world", lock)
    assert rows_of(tmp_path / "world" / PARTS) == ROWS
    assert pq.ParquetFile(tmp_path / "world" / PARTS).num_row_groups == 10
    known = load(lock).origin_of(PARTS).known
    assert known is not None
    assert (known.parts, known.size) == (2, sum(map(len, HALVES)))


def test_the_first_parts_may_be_enough(hub: HubSite, tmp_path: Path) -> None:
    get(PARTS, tmp_path / "world", lock_with(tmp_path, shards=1))
    assert (tmp_path / "world" / PARTS).read_bytes() == HALVES[0]
    assert [name for name, _ in files_asked(hub)] == ["parts/train-00000-of-00002.parquet"]


CARD = [
    {"config_name": "plain", "data_files": [{"split": "train", "path": "odd/first-*"}]},
    {
        "config_name": "parts",
        "data_files": [
            {"split": "dev", "path": "odd/x.parquet"},
            {"split": "train", "path": ["odd/first-*", "odd/second-*"]},
        ],
    },
    "a configuration of old",
]


@pytest.mark.parametrize(
    ("configs", "files"),
    [
        (CARD, {"odd/first-1.parquet": WHOLE, "plain/train-0.parquet": HALVES[0]}),
        ([], {"plain/train/0000.parquet": WHOLE}),
        ([], {"plain/train.parquet": WHOLE, "plain/train2.parquet": HALVES[0]}),
        (["plain"], {"plain/train-00000-of-00001-1a2b.parquet": WHOLE}),
    ],
)
def test_files_are_found_as_the_card_or_custom_says(
    hub: HubSite, lock: Path, tmp_path: Path, configs: list[Any], files: dict[str, bytes]
) -> None:
    hub.commits[FIRST], hub.configs = files, configs
    get(PLAIN, tmp_path / "world", lock)
    assert (tmp_path / "world" / PLAIN).read_bytes() == WHOLE


def test_the_default_configuration_has_no_folder(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    hub.commits[FIRST] = {"data/train-00000-of-00001.parquet": WHOLE}
    get(f"hub/{REPOSITORY}/default/train.parquet", tmp_path / "world", lock)
    with pytest.raises(InputError, match="no Parquet files of plain/train"):
        get(PLAIN, tmp_path / "world", lock)


def test_a_split_that_a_program_makes_is_refused(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    hub.commits[FIRST] = {"set.py": b"import os", "data.zip": b"PK"}
    with pytest.raises(InputError, match=r"program set\.py only.*refs/convert/parquet"):
        get(PLAIN, tmp_path / "world", lock)
    assert files_asked(hub) == []


def test_its_converted_copy_is_taken_where_people_say_so(hub: HubSite, tmp_path: Path) -> None:
    hub.commits[FIRST] = {"set.py": b"import os"}
    hub.commits[SECOND] = {"plain/train/0000.parquet": WHOLE}
    hub.branches["refs/convert/parquet"] = SECOND
    lock = lock_with(tmp_path, revision="refs/convert/parquet")
    get(PLAIN, tmp_path / "world", lock)
    assert load(lock).origin_of(PLAIN).hub.commit == SECOND


def test_other_formats_are_refused(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    hub.commits[FIRST] = {"train.jsonl": b"{}", "set.py": b""}
    hub.configs = [
        {"config_name": "plain", "data_files": [{"split": "train", "path": "train.jsonl"}]}
    ]
    with pytest.raises(InputError, match=r"train\.jsonl; only Parquet"):
        get(PLAIN, tmp_path / "world", lock)


def test_a_moved_branch_changes_nothing(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    """The commit of the first fetch holds for every later file of the repository."""
    get(PLAIN, tmp_path / "world", lock)
    assert load(lock).origin_of(PARTS).hub.commit == FIRST
    hub.commits[SECOND] = dict.fromkeys(FILES, b"new")
    hub.branches["main"] = SECOND
    hub.asked.clear()
    get(PLAIN, tmp_path / "again", lock)
    get(PARTS, tmp_path / "again", lock)
    assert (tmp_path / "again" / PLAIN).read_bytes() == WHOLE
    assert rows_of(tmp_path / "again" / PARTS) == ROWS
    assert not [path for path, _ in hub.asked if SECOND in path or path.endswith("/main")]


def test_a_commit_recorded_meanwhile_is_the_one_in_force(hub: HubSite, tmp_path: Path) -> None:
    """Two jobs that look at a branch that moves between them take the same commit."""
    hub.commits[SECOND] = dict.fromkeys(FILES, b"new")
    hub.branches["main"] = SECOND
    split = load(lock_with(tmp_path)).origin_of(PLAIN).hub
    _, place = module.fetch_split(
        split, tmp_path / "out", tmp_path / "part", lambda _: FIRST, lambda _: None, HASTY
    )
    assert FIRST in place
    assert (tmp_path / "out").read_bytes() == WHOLE


def test_a_pinned_commit_is_asked_for_and_not_recorded(hub: HubSite, tmp_path: Path) -> None:
    hub.branches["main"] = SECOND
    lock = lock_with(tmp_path, revision=FIRST)
    get(PLAIN, tmp_path / "world", lock)
    assert load(lock).origin_of(PLAIN).hub.commit is None


@pytest.mark.parametrize("file", [PLAIN, PARTS])
def test_another_content_than_the_recorded_one_is_refused(
    hub: HubSite, lock: Path, tmp_path: Path, file: str
) -> None:
    """A commit's files cannot change on an honest hub; a mirror of it may be another matter."""
    get(file, tmp_path / "world", lock)
    for name in FILES:
        hub.commits[FIRST][name] = parquet({**ROWS, "label": [0] * 1000})
    with pytest.raises(InputError, match=rf"hub:{REPOSITORY}@{FIRST}.*recorded") as caught:
        get(file, tmp_path / "other", lock)
    assert "null" in str(caught.value)
    assert not (tmp_path / "other" / file).exists()


def test_another_number_of_parts_is_refused(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    get(PARTS, tmp_path / "world", lock)
    del hub.commits[FIRST]["parts/train-00001-of-00002.parquet"]
    with pytest.raises(InputError, match="published in 1 parts, 2 were recorded"):
        get(PARTS, tmp_path / "other", lock)


@pytest.mark.parametrize("in_git", [False, True])
def test_one_wrong_byte_is_noticed(hub: HubSite, lock: Path, tmp_path: Path, in_git: bool) -> None:
    name = "parts/train-00001-of-00002.parquet"
    if in_git:
        hub.in_git.add(name)
    damaged = bytearray(HALVES[1])
    damaged[99] ^= 1
    hub.lies[name] = bytes(damaged)
    with pytest.raises(InputError, match="the hub lists") as caught:
        get(PARTS, tmp_path / "world", lock)
    assert name in str(caught.value)
    assert not (tmp_path / "world" / PARTS).exists()
    hub.lies.clear()
    get(PARTS, tmp_path / "world", lock)
    assert rows_of(tmp_path / "world" / PARTS) == ROWS


def test_a_broken_transfer_goes_on(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    hub.cuts = [1000, 500]
    get(PLAIN, tmp_path / "world", lock)
    assert [part for _, part in files_asked(hub)] == [None, "bytes=1000-", "bytes=1500-"]
    assert (tmp_path / "world" / PLAIN).read_bytes() == WHOLE


def test_the_next_run_goes_on_where_the_last_one_stopped(
    hub: HubSite, lock: Path, tmp_path: Path
) -> None:
    hub.cuts = [len(HALVES[0]), 700, 0, 0, 0]
    with pytest.raises(InputError, match="without progress"):
        get(PARTS, tmp_path / "world", lock)
    hub.asked.clear()
    get(PARTS, tmp_path / "world", lock)
    assert files_asked(hub) == [("parts/train-00001-of-00002.parquet", "bytes=700-")]
    assert rows_of(tmp_path / "world" / PARTS) == ROWS


def test_a_busy_hub_is_waited_for(hub: HubSite, lock: Path, tmp_path: Path, monkeypatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    hub.errors, hub.retry_after = [429, 503], "9"
    get(PLAIN, tmp_path / "world", lock)
    assert waited == [9.0, 9.0]
    hub.errors = [429, 429, 429]
    with pytest.raises(InputError, match="429"):
        get(PARTS, tmp_path / "world", lock)


def test_a_busy_storage_is_waited_for(hub: HubSite, tmp_path: Path, monkeypatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    hub.retry_after = "4"
    listing = module._list

    def list_and_be_busy(*arguments: Any) -> Any:
        found = listing(*arguments)
        hub.errors = [429]
        return found

    monkeypatch.setattr(module, "_list", list_and_be_busy)
    get(PLAIN, tmp_path / "world", lock_with(tmp_path))
    assert waited == [4.0]


def test_what_the_hub_does_not_have_is_named(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no Parquet files of plain/test"):
        get(f"hub/{REPOSITORY}/plain/test.parquet", tmp_path / "world", lock)
    other = lock_with(tmp_path, hub="org/gone")
    with pytest.raises(InputError, match=r"hub:org/gone@main.*404"):
        get("hub/org/gone/plain/train.parquet", tmp_path / "world", other)
    moved = lock_with(tmp_path, revision=SECOND)
    with pytest.raises(InputError, match=rf"@{SECOND}.*404"):
        get(PLAIN, tmp_path / "world", moved)
    assert len(hub.asked) == 3, "none of them is asked for twice"


def test_a_file_that_is_listed_and_not_there_is_named(
    hub: HubSite, tmp_path: Path, monkeypatch
) -> None:
    listing = module._list

    def list_and_lose(*arguments: Any) -> Any:
        found = listing(*arguments)
        del hub.commits[FIRST]["plain/train-00000-of-00001.parquet"]
        return found

    monkeypatch.setattr(module, "_list", list_and_lose)
    with pytest.raises(InputError, match=r"plain/train-00000-of-00001\.parquet: .*404"):
        get(PLAIN, tmp_path / "world", lock_with(tmp_path))


def test_a_hub_out_of_reach_offers_a_mirror(lock: Path, tmp_path: Path, monkeypatch) -> None:
    with ServingHub(HubSite()) as site:
        address = site.address
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(InputError, match="folder mirror"):
        get(PLAIN, tmp_path / "world", lock)


def test_parts_of_other_columns_are_refused(hub: HubSite, lock: Path, tmp_path: Path) -> None:
    hub.commits[FIRST]["parts/train-00001-of-00002.parquet"] = parquet({"text": ["x"]})
    with pytest.raises(InputError, match="its part 2 are not those of the first"):
        get(PARTS, tmp_path / "world", lock)
    hub.commits[FIRST]["parts/train-00001-of-00002.parquet"] = b"PAR1 no Parquet PAR1"
    with pytest.raises(InputError, match="no whole Parquet file"):
        get(PARTS, tmp_path / "world", lock)
    assert not (tmp_path / "world" / PARTS).exists()


@pytest.mark.parametrize("served", [False, True])
@pytest.mark.parametrize("file", [PLAIN, PARTS])
def test_a_mirror_replaces_the_hub(
    hub: HubSite, lock: Path, tmp_path: Path, file: str, served: bool
) -> None:
    """Files put together elsewhere may differ in bytes: their manifest vouches for them."""
    get(file, tmp_path / "world", lock)
    hub.asked.clear()
    recorded = lock.read_text()
    content = {f"/data/{file}": (tmp_path / "world" / file).read_bytes()}
    with Serving(Site(others=content)) as other:
        mirror = other.address if served else tmp_path / "world"
        get(file, tmp_path / "offline", lock, mirror)
    assert (tmp_path / "offline" / file).read_bytes() == content[f"/data/{file}"]
    assert hub.asked == []
    assert lock.read_text() == recorded


@pytest.mark.parametrize("file", [PLAIN, PARTS])
def test_one_wrong_byte_in_a_mirrors_parquet_file_is_refused(
    hub: HubSite, lock: Path, tmp_path: Path, file: str
) -> None:
    get(file, tmp_path / "world", lock)
    mirror = tmp_path / "mirror"
    shutil.copytree(tmp_path / "world", mirror)
    content = bytearray((mirror / file).read_bytes())
    content[len(content) // 2] ^= 1
    (mirror / file).write_bytes(content)
    with pytest.raises(InputError, match=r"train\.parquet: its sha256"):
        get(file, tmp_path / "offline", lock, mirror)


def test_memory_stays_bounded_by_a_row_group(tmp_path: Path) -> None:
    """Forty row groups of a megabyte, of which no more than a few are held at once."""
    column = [f"{n:01000}" for n in range(40_000)]
    parts = []
    for number, start in enumerate((0, 20_000)):
        part = tmp_path / f"{number}.parquet"
        table = pa.table({"text": column[start : start + 20_000]})
        pq.write_table(table, part, row_group_size=1000, use_dictionary=False, compression="none")
        parts.append(part)
    del table
    pa.default_memory_pool().release_unused()
    before = pa.total_allocated_bytes()
    peak = 0

    class Watched(pq.ParquetWriter):
        def write_table(self, *arguments: Any, **options: Any) -> None:
            nonlocal peak
            super().write_table(*arguments, **options)
            peak = max(peak, pa.total_allocated_bytes() - before)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.pq, "ParquetWriter", Watched)
        module._put_together("hub:x", parts, tmp_path / "out.parquet")
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 40_000
    assert 0 < peak < 10 << 20
