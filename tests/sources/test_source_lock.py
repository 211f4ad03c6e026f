"""The source lock knows every published file, keeps its form, and says what is wrong with it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from polystilts.errors import InputError
from polystilts.sources.known import Known
from polystilts.sources.lock_file import dump, header_of, parse, record_commit, record_files
from polystilts.sources.source_lock import SourceLock, load
from polystilts.study.tasks import Split, Task, expand
from polystilts.tasks.registry import TASKS
from repository import REPOSITORY
from sources.locks import HEAD, lock_of, write_lock

LOCK = REPOSITORY / "sources.lock.yaml"
SHA = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def published() -> SourceLock:
    return load(LOCK)


def files_of(task: Task, splits: tuple[Split, ...]) -> Iterator[str]:
    for split in expand(replace(task, splits=splits), task.languages):
        yield from split.files


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_every_published_file_has_an_origin(published: SourceLock, task: Task) -> None:
    """All but what may not be passed on (CCGbank) and what people bring themselves (text)."""
    missing = {
        form: [path for path in files_of(task, splits) if published.origin_of(path) is None]
        for form, splits in [
            ("original", task.splits),
            ("translations", task.translations),
            *((form.name, form.splits) for form in task.forms),
        ]
    }
    without = {form for form, files in missing.items() if files}
    assert without == {"ccg": {"original", "auto"}, "mlm": {"original"}}.get(task.name, set())


def test_no_file_is_listed_that_no_treebank_table_knows(published: SourceLock) -> None:
    used = {path for split in ("train", "dev", "test") for path in _treebanks(split)}
    listed = {path for path in published.origins if path.startswith("ud-treebanks")}
    assert listed == used


def _treebanks(split: str) -> Iterator[str]:
    udpos = TASKS["udpos"]
    for declared in udpos.splits:
        if declared.name == split:
            everywhere = replace(declared, per_language=True, languages=None)
            for language in udpos.languages:
                if split != "test" and language in ("kk", "th", "tl", "yo"):
                    continue
                narrowed = replace(udpos, splits=(everywhere,))
                for resolved in expand(narrowed, [language]):
                    yield from resolved.files
    if split == "train":
        yield "ud-treebanks-v2.5/UD_Kazakh-KTB/kk_ktb-ud-train.conllu"


def test_every_source_says_what_people_need_to_know(published: SourceLock) -> None:
    for source in published.sources.values():
        for value in (source.title, source.licence, source.citation):
            assert value.strip(), source.name
        assert source.homepage.startswith("https://")
        assert source.languages
    for origin in published.origins.values():
        assert all(re.match(r"https?://[^{}\s]+$", url) for url in origin.urls), origin
        assert "{" not in origin.path + (origin.member or "") + (origin.archive or "")


def test_reading_and_writing_it_changes_nothing() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert dump(parse(text, LOCK), header_of(text)) == text
    assert header_of(text).startswith("# Where published files come from")


def test_originals_that_are_known_are_pinned(published: SourceLock) -> None:
    """Digests taken from the repositories themselves, at the commits in the addresses."""
    english = published.origin_of("xquad/xquad.en.json")
    assert english is not None
    assert str(english.known) == (
        "e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29/609383"
    )
    assert "/7d30520c717524000f0d9d2f9c10a069acd9d285/" in english.urls[0]
    tatoeba = [path for path in published.origins if path.startswith("tatoeba/")]
    assert len(tatoeba) == 72
    assert all(published.origins[path].known for path in tatoeba)


@pytest.mark.parametrize(
    ("task", "split", "language", "rows"),
    [
        ("anli", "train", None, 1_104_934),
        ("mnli", "dev", None, 9_815),
        ("xnli", "test", "sw", 5_010),
        ("udpos", "train", None, 21_253),
        ("udpos", "test", "yo", 100),
        ("udpos", "test", "de", None),
        ("panx", "dev", "de", 10_000),
        ("panx", "test", "my", 100),
        ("mlqa", "test", "hi", 4_918),
        ("tydiqa", "test", "bn", 113),
        ("tatoeba", "test", "ka", 1_492),
        ("bucc", "test", "de", None),
        ("nothing", "test", None, None),
    ],
)
def test_published_numbers_of_examples(
    published: SourceLock, task: str, split: str, language: str | None, rows: int | None
) -> None:
    assert published.expected_rows(task, split, language) == rows


def test_tydiqa_numbers_add_up(published: SourceLock) -> None:
    languages = TASKS["tydiqa"].languages
    numbers = [published.expected_rows("tydiqa", "test", code) or 0 for code in languages]
    assert sum(numbers) == 5_077


def test_it_is_read_in_no_time_and_with_nothing_heavy() -> None:
    program = (
        "import sys, time; from pathlib import Path; from polystilts.sources import source_lock\n"
        f"times = []\nfor _ in range(5):\n    start = time.process_time()\n"
        f"    source_lock.load(Path({str(LOCK)!r}))\n"
        "    times.append(time.process_time() - start)\n"
        "heavy = [n for n in ('numpy', 'pyarrow', 'huggingface_hub') if n in sys.modules]\n"
        "print(min(times), *heavy)"
    )
    path = {"PYTHONPATH": str(REPOSITORY / "workflow")}
    command = [sys.executable, "-c", program]
    printed = subprocess.run(command, env=path, capture_output=True, text=True, check=True).stdout
    seconds, *heavy = printed.split()
    assert float(seconds) < 0.06
    assert heavy == []


def test_place_holders_are_filled(tmp_path: Path) -> None:
    lock = lock_of(
        tmp_path / "lock.yaml",
        {
            "url": ["https://a.org/{iso}/{iso.value}/{iso}.tar.gz", "https://b.org/{iso}.tar.gz"],
            "over": {"iso": {"deu": "1.0", "fra": "2.0"}, "part": ["x", "y"]},
            "files": {"d/{iso}.{part}": "{iso}/{part}", "d/{iso}": "readme"},
            "recorded": {"d/deu.x": f"{SHA}/17", "archives/deu.tar.gz": f"{SHA}/99"},
        },
        {"url": "https://c.org/v.zip", "archive": "c.zip", "files": {"c/c": "a!b"}},
    )
    origin = lock.origin_of("d/deu.x")
    assert origin is not None
    assert origin.urls == ("https://a.org/deu/1.0/deu.tar.gz", "https://b.org/deu.tar.gz")
    assert (origin.archive, origin.member, origin.size) == ("archives/deu.tar.gz", "deu/x", 17)
    assert origin.known_archive == Known(SHA, 99)
    assert list(lock.archive_of(origin)) == ["d/deu.x", "d/deu.y", "d/deu"]
    other = lock.origin_of("d/fra.y")
    assert other is not None
    assert (other.known, other.known_archive, other.size) == (None, None, None)
    renamed = lock.origin_of("c/c")
    assert renamed is not None
    assert (renamed.archive, renamed.member) == ("archives/c.zip", "a!b")
    assert lock.origin_of("d/ita") is None
    source = lock.source_of("c/c")
    assert source is not None
    assert source.licence == "CC0"


HUB = {"hub": "org/set", "revision": None, "shards": 1, "commit": None, "recorded": None}


def test_every_split_of_a_listed_repository_is_known(tmp_path: Path) -> None:
    path = "hub/org/set/20231101.de/train.parquet"
    lock = lock_of(tmp_path / "lock.yaml", {**HUB, "recorded": {path: f"{SHA}/5/3"}})
    origin = lock.origin_of(path)
    assert origin is not None and origin.hub is not None
    assert (origin.hub.config, origin.hub.split, origin.hub.shards) == ("20231101.de", "train", 1)
    assert origin.known == Known(SHA, 5, parts=3)
    for other in ("hub/org/other/a/b.parquet", "hub/org/set/b.parquet", "hub/org/set/a/b.csv"):
        assert lock.origin_of(other) is None


def test_what_is_recorded_is_not_part_of_an_identity(tmp_path: Path) -> None:
    """Identities go into content keys: a first fetch must not make results stale."""
    files = {"url": "https://a.org/a.zip", "files": {"d/x": "x"}}
    recorded = {"recorded": {"d/x": f"{SHA}/1", "archives/a.zip": f"{SHA}/2"}}
    path = "hub/org/set/c/train.parquet"
    before = lock_of(tmp_path / "lock.yaml", files, HUB)
    after = lock_of(
        tmp_path / "lock.yaml",
        {**files, **recorded},
        {**HUB, "commit": "c" * 40, "recorded": {path: f"{SHA}/1"}},
    )
    changed = lock_of(
        tmp_path / "lock.yaml",
        {**files, "files": {"d/x": "y"}},
        {**HUB, "revision": "d" * 40},
    )
    for name in ("d/x", path):
        old, new, other = (lock.origin_of(name) for lock in (before, after, changed))
        assert old is not None and new is not None and other is not None
        assert old != new
        assert old.identity() == new.identity()
        assert old.identity() != other.identity()


def test_recording_changes_nothing_else(tmp_path: Path) -> None:
    path = write_lock(
        tmp_path / "lock.yaml",
        {"url": "https://a.org/{p}", "over": {"p": ["x", "y"]}, "files": {"d/{p}": None}},
        HUB,
        counts={"t/dev": {"default": 2, "no": 1}},
    )
    guard = tmp_path / "guard"
    record_files(path, guard, "data", 0, {"d/y": Known(SHA, 2)})
    record_files(path, guard, "data", 0, {"d/x": Known(SHA, 1), "d/y": Known(SHA, 2)})
    assert record_commit(path, guard, "data", 1, "a" * 40) == "a" * 40
    assert record_commit(path, guard, "data", 1, "b" * 40) == "a" * 40, "the first one stands"
    text = path.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    lock = load(path)
    assert [str(lock.origins[name].known) for name in ("d/x", "d/y")] == [f"{SHA}/1", f"{SHA}/2"]
    assert lock.expected_rows("t", "dev", "no") == 1
    with pytest.raises(InputError, match=f"`d/x` is {SHA}/9.*recorded meanwhile"):
        record_files(path, guard, "data", 0, {"d/x": Known(SHA, 9)})
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sources: {a: ]\n", r"lock\.yaml:1: not readable as YAML"),
        ("# head\nsources:\n  a: b: c\n", r"lock\.yaml:3: not readable as YAML"),
        ("[]", "a mapping with `sources`"),
        ("", "a mapping with `sources`"),
        ("sources: {a: {title: x}}", "source `a` is not of the form"),
        ("sources: {a: []}", "source `a` is not of the form"),
    ],
)
def test_a_malformed_lock_is_named(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "lock.yaml").write_text(text)
    with pytest.raises(InputError, match=reason):
        load(tmp_path / "lock.yaml")


def test_contradictions_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such source lock"):
        load(tmp_path / "missing.yaml")
    twice = {"url": "https://a.org/a", "files": {"d/x": None}}
    with pytest.raises(InputError, match="`d/x` has two origins"):
        lock_of(tmp_path / "lock.yaml", twice, twice)
    with pytest.raises(InputError, match="not a sha256 and a size"):
        lock_of(tmp_path / "lock.yaml", {**twice, "recorded": {"d/x": "abc/1"}})
    unfilled = {"url": "https://a.org/a", "files": {"d/{x}": None}}
    with pytest.raises(InputError, match="source `data` is not of the form"):
        lock_of(tmp_path / "lock.yaml", unfilled)
