"""`polystilts score`: one JSON object on stdout, everything else on stderr, 0 / 1 / 2."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evaluation.mock_submission import file_of, write_submission
from polystilts.commands.cli import main


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main(["score", *map(str, arguments)])
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture
def sides(tmp_path: Path) -> list[str | Path]:
    write_submission(tmp_path)
    return ["--predictions", tmp_path / "predictions", "--labels", tmp_path / "labels"]


def test_a_submission_as_a_user_scores_it(sides: list[str | Path]) -> None:
    command = [str(Path(sys.executable).with_name("polystilts")), "score", *map(str, sides)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    result = json.loads(finished.stdout)
    assert len(result["tasks"]) == 9
    udpos = result["tasks"]["udpos"]
    assert {"score", "f1", "accuracy", "signature", "languages"} <= udpos.keys()
    assert {"score", "f1", "accuracy"} <= udpos["languages"]["af"].keys()
    assert result["missing"] == []
    assert 0 < result["average"] < 100


def test_gaps_are_named_on_stderr(
    sides: list[str | Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file_of(tmp_path / "predictions", "xnli", "sw").unlink()
    (tmp_path / "labels" / "other").mkdir()
    assert run(*sides) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["missing"] == ["xnli/sw"]
    assert "missing: xnli/sw (no predictions)" in printed.err
    assert "other: not XTREME's, skipped" in printed.err


def test_the_result_is_written_as_well(
    sides: list[str | Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new" / "scores.json"
    assert run(*sides, "--output", output) == 0
    written: dict[str, Any] = json.loads(output.read_text("utf-8"))
    assert written == json.loads(capsys.readouterr().out)


def test_a_file_that_cannot_be_scored(
    sides: list[str | Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_of(tmp_path / "predictions", "xnli", "sw")
    path.write_text("neutral\n")
    assert run(*sides) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error: {path}: 1 lines, but ")


def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--predictions", tmp_path) == 2
    assert run("--predictions", tmp_path, "--labels", tmp_path / "none") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "none is not a folder" in printed.err
