"""Predictions made ahead: taken where they are exactly what the target's own job would make."""

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from polystilts.commands.ahead import adopt, predict_ahead
from polystilts.errors import PolystiltsError
from polystilts.provenance.manifest import verify, write_manifest

KEY, ROWS_KEY = "00000000000000aa", "00000000000000bb"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments with which a step was run; it writes what it is told to predict."""
    seen: list[list[str]] = []

    def main(arguments: Sequence[str]) -> None:
        seen.append(list(arguments))
        output = Path(arguments[arguments.index("--output") + 1])
        output.parent.mkdir(parents=True)
        output.write_text("predictions")
        write_manifest(output.with_suffix(".json"), KEY, [output])
        for error in (PolystiltsError("the rows are damaged."), IndexError("layer 9 of 6")):
            if type(error).__name__ in arguments:
                raise error

    step = ModuleType("polystilts.commands.imagined")
    step.main = main  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, step.__name__, step)
    return seen


def request(folder: Path, rows: int = 10, written_under: str = ROWS_KEY) -> dict[str, Any]:
    manifest = folder / "rows" / "manifest.json"
    manifest.parent.mkdir(exist_ok=True)
    splits = {"dev.en": {"rows": rows // 2}, "test.es": {"rows": rows - rows // 2}}
    write_manifest(manifest, written_under, [], splits=splits | {"train": {"rows": 1_000_000}})
    return {
        "key": KEY,
        "record": {"target": "xnli"},
        "partial": str(folder / KEY),
        "output": "predictions/output.parquet",
        "rows": str(manifest),
        "rows_key": ROWS_KEY,
    }


def test_what_was_made_ahead_is_moved_to_its_place(tmp_path: Path, calls: list[list[str]]) -> None:
    predict_ahead("imagined", [json.dumps(request(tmp_path))], ["--model", "m"])
    (arguments,) = calls
    assert arguments[:2] == ["--model", "m"]
    assert json.loads(arguments[arguments.index("--record") + 1]) == {"target": "xnli"}
    assert arguments[arguments.index("--key") + 1] == KEY
    output = tmp_path / "predictions" / "output.parquet"
    assert adopt(tmp_path / KEY, output, KEY)
    assert output.read_text() == "predictions"
    verify(output.with_suffix(".json"))
    assert not (tmp_path / KEY).exists()
    assert not adopt(tmp_path / KEY, output, KEY), "there is nothing left to take"


def test_a_target_whose_data_is_another_is_left_to_its_job(
    tmp_path: Path, calls: list[list[str]]
) -> None:
    stale = request(tmp_path, written_under="00000000000000cc")
    absent = stale | {"rows": str(tmp_path / "none.json")}
    predict_ahead("imagined", [json.dumps(stale), json.dumps(absent)], [])
    assert calls == []


def test_a_large_target_is_left_to_its_job(tmp_path: Path, calls: list[list[str]]) -> None:
    predict_ahead("imagined", [json.dumps(request(tmp_path, rows=10_001))], [])
    assert calls == []
    predict_ahead("imagined", [json.dumps(request(tmp_path, rows=10_000))], [])
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("PolystiltsError", "PolystiltsError('the rows are damaged.')"),
        ("IndexError", "IndexError('layer 9 of 6')"),
    ],
)
def test_a_failure_does_not_fail_the_training(
    tmp_path: Path,
    calls: list[list[str]],
    caplog: pytest.LogCaptureFixture,
    error: str,
    said: str,
) -> None:
    with caplog.at_level(logging.WARNING):
        predict_ahead("imagined", [json.dumps(request(tmp_path))], [error])
    assert f"xnli: not predicted ahead, its own job will: {said}" in caplog.text
    assert not adopt(tmp_path / KEY, tmp_path / "output.parquet", KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_what_is_predicted_already_is_not_predicted_again(
    tmp_path: Path, calls: list[list[str]]
) -> None:
    output = tmp_path / "predictions" / "output.parquet"
    asked = json.dumps(request(tmp_path) | {"output": str(output)})
    predict_ahead("imagined", [asked], [])
    assert adopt(tmp_path / KEY, output, KEY)
    predict_ahead("imagined", [asked], [])
    assert len(calls) == 1


def test_nothing_is_done_on_a_gpu(
    tmp_path: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    predict_ahead("imagined", [json.dumps(request(tmp_path))], [])
    assert calls == []


@pytest.mark.parametrize("damage", ["key", "content", "unfinished"])
def test_nothing_doubtful_is_taken(tmp_path: Path, calls: list[list[str]], damage: str) -> None:
    predict_ahead("imagined", [json.dumps(request(tmp_path))], [])
    partial, output = tmp_path / KEY, tmp_path / "output.parquet"
    if damage == "content":
        (partial / "output.parquet").write_text("predictionz")
    if damage == "unfinished":
        (partial / "output.json").unlink()
    assert not adopt(partial, output, "00000000000000cc" if damage == "key" else KEY)
    assert not output.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]
