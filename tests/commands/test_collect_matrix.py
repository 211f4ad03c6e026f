"""The matrix comes with its trainings, and says where arms differ in more than their text."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from analysis.training_files import SEEDS, path_of, study_files, write_files
from polystilts.analysis.trainings import Place
from polystilts.commands.collect_matrix import main
from polystilts.errors import ConfigError, DamagedFileError
from polystilts.evaluation.score_rows import SCORE_SCHEMA
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table, write_table

RECORD: dict[str, Any] = {
    "encoder": "miniature",
    "arms": ["english", "code-switched"],
    "intermediates": ["mnli"],
    "left_out": {},
    "not_available": ["not available: xnli in eu: not in XNLI"],
    "corpora": {"code-switched": {"mnli": {"mnli": "default"}}},
    "targets": ["xnli"],
    "fine_tunes": {"xnli": "xnli"},
    "seeds": list(SEEDS),
    "references": {"english": "english", "code-switched": "english"},
    "controls": {},
}
SWITCHED = Place("miniature", "code-switched", "mnli", "", 1)
PASSED = {"passed": True}
LEAKING = {
    "passed": False,
    "threshold": {"cramers_v": 0.05, "p_value": 0.001},
    "given_length": {"cramers_v": 0.153, "p_value": 0.0},
}
UNEQUAL = {SWITCHED: {"record.tasks.mnli.epochs": 3}}


def write_scores(folder: Path) -> None:
    row = {
        "encoder": "miniature",
        "target": "xnli",
        "language": "en",
        "split": "test",
        "selection": "last",
        "metric": "score",
        "semantics": "xtreme",
        "value": 50.0,
        "n": 1,
        "signature": "s",
        "key": "k",
    }
    for arm, name in (("none", "none"), ("english", "mnli"), ("code-switched", "mnli")):
        for seed in SEEDS:
            cell = {"arm": arm, "intermediate": name, "seed": seed}
            path = folder / "scores" / "miniature" / arm / name / "xnli" / f"seed-{seed}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_table(path, pa.Table.from_pylist([row | cell], schema=SCORE_SCHEMA), "k")


def write_sheet(folder: Path, leaks: dict[str, Any], key: str = "c") -> None:
    path = folder / "corpora" / "default" / "mnli" / "train.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"key": key, "files": {}, "leaks": leaks}), "utf-8")


def collect(
    folder: Path, record: dict[str, Any] = RECORD, corpora: tuple[str, ...] = ("default/mnli=c",)
) -> dict[str, Any]:
    """Run the step and return its manifest."""
    output, trainings = folder / "matrix.parquet", folder / "trainings.parquet"
    arguments = ["--results", folder, "--output", output, "--trainings", trainings]
    main(
        [*map(str, arguments), "--corpora", *corpora, "--key", "k", "--record", json.dumps(record)]
    )
    return verify(folder / "matrix.json")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    write_scores(tmp_path)
    write_files(tmp_path, study_files())
    write_sheet(tmp_path, {"label": PASSED})
    return tmp_path


def test_equal_arms_give_two_tables_and_no_warning(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = collect(study)
    assert set(manifest["files"]) == {"matrix.parquet", "trainings.parquet"}
    assert manifest["warnings"] == manifest["notes"] == manifest["failed_checks"] == []
    assert manifest["not_available"] == ["not available: xnli in eu: not in XNLI"]
    assert read_table(study / "matrix.parquet").num_rows == 6
    trainings = read_table(study / "trainings.parquet").to_pylist()
    assert len(trainings) == 10
    assert {row["fine_tune"] for row in trainings} == {"", "xnli"}
    assert capsys.readouterr().err == ""


def test_unequal_arms_are_warned_of(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(study, study_files(UNEQUAL))
    (warning,) = collect(study)["warnings"]
    assert "arm code-switched, intermediate mnli, seed 1" in warning
    assert "epochs of mnli (3, there 2)" in warning
    assert capsys.readouterr().err == (f"warning: arms differ in more than their text: {warning}\n")


def test_a_failed_leak_check_is_named_with_every_number_that_rests_on_it(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sheet(study, {"label": LEAKING, "overlap": PASSED})
    (failed,) = collect(study)["failed_checks"]
    place = {"arm": "code-switched", "task": "mnli", "check": "label"}
    assert failed.items() >= place.items()
    assert failed["figure"] == "Cramér's V given the length 0.153 > 0.05"
    assert "can partly be read" in failed["meaning"]
    assert failed["meaning"] in capsys.readouterr().err
    for name in ("matrix", "trainings"):
        for row in read_table(study / f"{name}.parquet").to_pylist():
            switched = row["arm"] == "code-switched"
            assert row["failed_checks"] == ("code-switched × mnli (label)" if switched else "")


def test_a_corpus_of_another_key_is_refused(study: Path) -> None:
    write_sheet(study, {"label": PASSED}, key="other")
    with pytest.raises(DamagedFileError, match=r"default/mnli/train\.json: written under the key"):
        collect(study)
    with pytest.raises(ConfigError, match="no key for default/mnli"):
        collect(study, corpora=())
    assert not (study / "matrix.json").exists()


def test_a_missing_training_is_named(study: Path) -> None:
    (study / path_of(SWITCHED)).unlink()
    with pytest.raises(DamagedFileError, match=r"code-switched/mnli/seed-1/training\.json"):
        collect(study)
    assert not (study / "matrix.json").exists()


def test_cells_that_are_left_out_need_neither_scores_nor_trainings(study: Path) -> None:
    for place in study_files():
        if place.arm == "code-switched":
            (study / path_of(place)).unlink()
    collect(study, {**RECORD, "left_out": {"code-switched": {"mnli": "no translation"}}})
    assert read_table(study / "trainings.parquet").num_rows == 6
    assert read_table(study / "matrix.parquet").num_rows == 4
