"""Every step can be run by hand and ends as the workflow relies on: 0 done, 1 failed, 2 misused."""

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polystilts.commands.step import run
from repository import REPOSITORY

COMMANDS = REPOSITORY / "workflow" / "polystilts" / "commands"
STEPS = sorted(
    path.stem
    for path in COMMANDS.glob("*.py")
    if "step_parser(" in path.read_text("utf-8") and path.stem != "step"
)
KEY = "0123456789abcdef"
CELL: dict[str, Any] = {
    "encoder": "e",
    "arms": [],
    "intermediates": [],
    "left_out": {},
    "not_available": [],
    "corpora": {},
    "targets": ["xnli"],
    "fine_tunes": {"xnli": "xnli"},
    "seeds": [1],
    "references": {"english": "english", "code-switched": "english"},
    "controls": {},
}
# what each step is told to read is not there
MISSING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "build_lexicon": ({}, "--sources s --manifests none.json --lexicon l --sheet s".split()),
    "code_switch": ({}, "--rows none/rows --lexicons l --corpus c --sheet s".split()),
    "collect_matrix": (CELL, "--results none --output m.parquet --trainings t.parquet".split()),
    "corpus_page": ({}, "--sheet none.json --page p.html --manifest m".split()),
    "fetch_encoder": ({"source": "none", "revision": None}, ["--manifest", "e/encoder.json"]),
    "fetch_source": (
        {"mirror": "none", "file": "muse/en-es.txt"},
        "--sources s --manifest s/muse/en-es.txt.manifest.json".split(),
    ),
    "fine_tune": (
        {},
        "--start none.json --tokenizer t --english e --dev d --manifest m --partial p".split(),
    ),
    "predict": ({"splits": []}, "--model m --tokenizer t --rows none.json --output o".split()),
    "predict_retrieval": (
        {"splits": []},
        "--start s --tokenizer t --rows none.json --output o".split(),
    ),
    "prepare_encoder": ({}, "--fetched none.json --manifest m".split()),
    "prepare_task": ({}, "--sources s --manifests none.json --manifest m".split()),
    "pretrain_encoder": ({}, "--texts en=none.parquet --manifest e/m --partial p".split()),
    "score": ({}, "--predictions none.parquet --output o".split()),
    "train_intermediate": (
        {},
        "--encoder none.json --english a=b --corpora a=b --dev a=b --manifest m --partial p".split(
            " "
        ),
    ),
    "translate": (
        {},
        "--rows none/rows --translations es=t --manifests m.json --corpus c --sheet s".split(),
    ),
    "write_report": ({}, "--matrix none.parquet --trainings t.parquet --manifest m".split()),
}

Execute = Callable[..., tuple[int, str]]


@pytest.fixture
def execute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Execute:
    """A function that runs a step in an empty folder and returns its status and messages."""
    monkeypatch.chdir(tmp_path)

    def execute_step(step: str, *arguments: str) -> tuple[int, str]:
        main = importlib.import_module(f"polystilts.commands.{step}").main
        monkeypatch.setattr(sys, "argv", [step, *arguments])
        status: Any = 0
        try:
            run(main)
        except SystemExit as end:
            status = end.code
        printed = capsys.readouterr()
        assert printed.out == "", "stdout carries results only, and a step's are files"
        return status, printed.err

    return execute_step


def settings(record: dict[str, Any]) -> list[str]:
    return ["--key", KEY, "--record", json.dumps(record)]


@pytest.mark.parametrize("step", STEPS)
def test_no_arguments_are_wrong_usage(execute: Execute, step: str) -> None:
    status, messages = execute(step)
    assert status == 2
    assert "--key, --record" in messages


@pytest.mark.parametrize("record", ["{", "[]", "seed=1"])
def test_a_record_that_is_no_object_is_wrong_usage(execute: Execute, record: str) -> None:
    arguments = ["--predictions", "p", "--output", "o", "--key", KEY, "--record", record]
    status, messages = execute("score", *arguments)
    assert status == 2
    assert "argument --record: not " in messages


def test_a_file_without_a_name_is_wrong_usage(execute: Execute) -> None:
    arguments = ["--texts", "text.parquet", "--manifest", "m", "--partial", "p", *settings({})]
    assert execute("pretrain_encoder", *arguments) == (
        2,
        "error: `text.parquet` is not of the form NAME=FILE\n",
    )


@pytest.mark.parametrize("step", sorted(set(STEPS) - {"write_miniature"}))
def test_a_missing_input_is_one_line_that_names_it(
    execute: Execute, tmp_path: Path, step: str
) -> None:
    record, arguments = MISSING[step]
    status, messages = execute(step, *arguments, *settings(record))
    assert status == 1
    errors = [line for line in messages.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, messages
    assert "none" in errors[0]
    assert "Traceback" not in messages
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def test_wrong_settings_are_wrong_usage(execute: Execute) -> None:
    record = {"world": {"langages": ["en"]}}
    status, messages = execute("write_miniature", "--manifest", "m.json", *settings(record))
    assert status == 2
    assert messages.startswith("error: ")
    assert "langages" in messages
    assert messages.count("\n") == 1
