"""Files appear whole or not at all."""

import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from polystilts.provenance.atomic import atomic_path, write_json, write_text

SIZE = 200_000


def test_success_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.txt"
    with atomic_path(path) as temporary:
        assert temporary.parent == path.parent, "a rename is atomic within one file system only"
        temporary.write_text("done")
        assert not path.exists()
    assert path.read_text() == "done"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(error), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_nothing_where_nothing_was(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), atomic_path(tmp_path / "file.txt") as temporary:
        temporary.write_text("half")
        raise ValueError("x")
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_writes_nothing_fails(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "file.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o007, 0o660)])
def test_permissions_follow_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    path = tmp_path / "file.txt"
    before = os.umask(mask)
    try:
        with atomic_path(path) as temporary:
            temporary.write_text("private to its library")
            temporary.chmod(0o600)
        assert os.umask(mask) == mask, "the process keeps its umask"
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == mode


def _write_often(path: Path, letter: str) -> None:
    for _ in range(20):
        write_text(path, letter * SIZE)


def test_readers_see_one_writers_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "a" * SIZE)
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_often, args=(path, letter)) for letter in "ab"]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        text = path.read_text()
        assert len(text) == SIZE
        assert set(text) in ({"a"}, {"b"})
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert list(tmp_path.iterdir()) == [path]


def _hang_while_writing(path: Path) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text("half")
        time.sleep(60)


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    writer = multiprocessing.get_context("fork").Process(target=_hang_while_writing, args=(path,))
    writer.start()
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.01)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    assert path.read_text() == "old"
    # what is left has a hidden name that no pattern of a rule matches
    assert all(file.name.startswith(".file.txt.") for file in tmp_path.iterdir() if file != path)


def test_json_is_sorted_and_readable(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"b": ["ñ", "हिन्दी"], "a": None})
    text = path.read_text("utf-8")
    assert text.startswith('{\n  "a": null,\n  "b": [\n    "ñ",\n    "हिन्दी"')
    assert text.endswith("}\n")
    assert json.loads(text) == {"b": ["ñ", "हिन्दी"], "a": None}
