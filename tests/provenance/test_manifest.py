"""A manifest vouches for files: any other byte is found, the file named and a cure given."""

import json
from pathlib import Path

import pytest

from polystilts.errors import DamagedFileError
from polystilts.provenance.manifest import (
    is_current,
    read_key,
    require_key,
    verify,
    write_manifest,
)

KEY = "0123456789abcdef"


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "model.bin").write_bytes(bytes(range(256)))
    (tmp_path / "deep" / "empty").write_bytes(b"")
    path = tmp_path / "training.json"
    write_manifest(path, KEY, [tmp_path / "model.bin", tmp_path / "deep" / "empty"], seed=3)
    return path


def damage(manifest: Path) -> str:
    with pytest.raises(DamagedFileError) as caught:
        verify(manifest)
    assert not is_current(manifest, KEY)
    return str(caught.value)


def test_intact_files_are_vouched_for(manifest: Path) -> None:
    found = verify(manifest)
    assert found["key"] == KEY
    assert found["seed"] == 3
    # sha256 of nothing, and of the bytes 0 … 255, as `sha256sum` prints them
    assert found["files"] == {
        "deep/empty": {
            "bytes": 0,
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
        "model.bin": {
            "bytes": 256,
            "sha256": "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880",
        },
    }
    assert is_current(manifest, KEY)


def test_a_flipped_bit(manifest: Path) -> None:
    file = manifest.parent / "model.bin"
    content = bytearray(file.read_bytes())
    content[77] ^= 1
    file.write_bytes(content)
    message = damage(manifest)
    assert message.startswith(f"{file}: its sha256")
    assert "run again" in message


def test_a_truncated_file(manifest: Path) -> None:
    file = manifest.parent / "model.bin"
    file.write_bytes(file.read_bytes()[:100])
    assert damage(manifest).startswith(f"{file}: 100 bytes, training.json recorded 256")


def test_a_missing_file(manifest: Path) -> None:
    file = manifest.parent / "deep" / "empty"
    file.unlink()
    assert damage(manifest).startswith(f"{file}: missing")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "x"}', "null"])
def test_an_unreadable_manifest(manifest: Path, text: str) -> None:
    manifest.write_text(text)
    assert damage(manifest).startswith(f"{manifest}: ")
    assert read_key(manifest) is None


def test_a_manifest_that_is_not_text(manifest: Path) -> None:
    manifest.write_bytes(b"\xff\xfe\x00")
    assert damage(manifest).startswith(f"{manifest}: not a readable manifest")


def test_a_missing_manifest(tmp_path: Path) -> None:
    assert damage(tmp_path / "none.json").startswith(f"{tmp_path / 'none.json'}: the manifest is")


def test_another_key_is_not_current(manifest: Path) -> None:
    assert read_key(manifest) == KEY
    assert not is_current(manifest, "f" * 16)


def test_names_are_relative_so_that_results_can_move(manifest: Path, tmp_path: Path) -> None:
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    tmp_path.rename(moved)
    assert verify(moved / "training.json")["key"] == KEY


def test_a_manifest_holds_no_folder_of_the_machine(manifest: Path) -> None:
    assert str(manifest.parent) not in manifest.read_text()
    assert set(json.loads(manifest.read_text())["files"]) == {"model.bin", "deep/empty"}


def test_a_manifest_of_another_key_is_refused(manifest: Path) -> None:
    require_key(manifest, KEY)
    require_key(manifest, None)
    with pytest.raises(DamagedFileError, match=f"under the key {KEY}, not under f{{16}}") as caught:
        require_key(manifest, "f" * 16)
    assert "Run again." in str(caught.value)
    with pytest.raises(DamagedFileError, match="the manifest is missing"):
        require_key(manifest.with_name("none.json"), KEY)
