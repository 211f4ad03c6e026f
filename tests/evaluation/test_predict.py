"""Predictions of a model on files, dev and test, all languages."""

import logging
import socket
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch

from polystilts.errors import DamagedFileError, PolystiltsError
from polystilts.evaluation import inference
from polystilts.evaluation.predict import predict
from polystilts.evaluation.prediction_table import prediction_table
from polystilts.evaluation.splits import EvaluationSplit, evaluation_splits
from polystilts.provenance.tables import read_table, table_key
from polystilts.training import token_store
from polystilts.training.fine_tune import fine_tune
from training.tiny import (
    NLI,
    QUESTIONS,
    SENTENCES,
    SETTINGS,
    TAGS,
    TRAINING,
    classification_rows,
    published_xlmr,
    question_rows,
    read_json,
    tagging_rows,
    task_record,
    write_rows,
)

ROWS: dict[str, tuple[list[str], pa.Table]] = {
    "classification": (NLI, classification_rows(36)),
    "tagging": (TAGS, tagging_rows([*SENTENCES, ("a猫 sees", "SYM VERB")])),
    "span_qa": ([], question_rows(QUESTIONS)),
}
COMMON = ["id", "group", "language", "split", "selection"]
SPLITS = [
    {"split": "dev", "language": None},
    {"split": "test", "language": "en"},
    {"split": "test", "language": "ru"},
]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.fixture(scope="module", params=list(ROWS))
def fine_tuned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path, Path]:
    """Return a family, the folder of its model and the manifest of what is to be predicted."""
    family: str = request.param
    folder = tmp_path_factory.mktemp(family)
    labels, rows = ROWS[family]
    published_xlmr(folder / "encoder")
    files = {"train": rows, "dev": rows, "test.en": rows.slice(0, 2), "test.ru": rows.slice(1)}
    paths = write_rows(folder / "task", files)
    record = {
        "seed": 1,
        "intermediate": "mnli",
        "name": family,
        "task": task_record(family, labels, epochs=8),
        "training": TRAINING,
        "selections": ["last"],
        "evaluations": 1,
        "freeze_embeddings": False,
    }
    fine_tune(
        record,
        folder / "encoder",
        folder / "encoder" / "tokenizer.json",
        paths["train"],
        paths["dev"],
        folder / "model",
        folder / "partial",
        "model-key",
    )
    return family, folder, folder / "task" / "manifest.json"


def predicted(
    fine_tuned: tuple[str, Path, Path], output: Path, tokens: Path | None = None, **settings: Any
) -> pa.Table:
    family, folder, manifest = fine_tuned
    record = {
        "target": "t",
        "family": family,
        "settings": SETTINGS | settings,
        "precision": "fp32",
        "metric": "accuracy",
        "selections": ["last"],
        "splits": SPLITS,
    }
    tokenizer = folder / "encoder" / "tokenizer.json"
    splits = evaluation_splits(record, manifest)
    predict(record, folder / "model", tokenizer, splits, output, "prediction-key", tokens)
    assert table_key(output) == "prediction-key"
    return read_table(output)


def test_every_row_of_every_file_is_predicted(
    fine_tuned: tuple[str, Path, Path], tmp_path: Path
) -> None:
    family = fine_tuned[0]
    table = predicted(fine_tuned, tmp_path / "p.parquet")
    rows = ROWS[family][1]
    ids = rows["id"].to_pylist()
    assert table["id"].to_pylist() == [*ids, *ids[:2], *ids[1:]]
    assert table["group"].to_pylist()[: len(ids)] == rows["group"].to_pylist()
    assert table["split"].to_pylist() == ["dev"] * len(ids) + ["test"] * (len(ids) + 1)
    languages = ["en"] * (len(ids) + 2) + ["ru"] * (len(ids) - 1)
    assert table["language"].to_pylist() == languages
    assert set(table["selection"].to_pylist()) == {"last"}
    expected = {name: pa.string() for name in [*COMMON, "gold", "prediction"]}
    expected |= {"score": pa.float64()}
    if family == "span_qa":
        expected |= {"start": pa.int32(), "end": pa.int32(), "prediction_xtreme": pa.string()}
    assert dict(zip(table.column_names, table.schema.types, strict=True)) == expected
    assert table["prediction"].null_count == table["gold"].null_count == 0


def test_the_model_predicts_what_it_learned(
    fine_tuned: tuple[str, Path, Path], tmp_path: Path
) -> None:
    table = predicted(fine_tuned, tmp_path / "p.parquet").slice(0, len(ROWS[fine_tuned[0]][1]))
    gold, prediction = table["gold"].to_pylist(), table["prediction"].to_pylist()
    if fine_tuned[0] == "classification":
        right = [g == p for g, p in zip(gold, prediction, strict=True)]
        assert sum(right) / len(right) > 0.9
    elif fine_tuned[0] == "tagging":
        for g, p in zip(gold, prediction, strict=True):
            assert len(p.split(" ")) == len(g.split(" "))
        tags = [
            (g, p)
            for row in zip(gold[:3], prediction[:3], strict=True)
            for g, p in zip(row[0].split(), row[1].split(), strict=True)
        ]
        assert sum(g == p for g, p in tags) / len(tags) > 0.9
    else:
        contexts = [context for _, context, _ in QUESTIONS]
        starts, ends = table["start"].to_pylist(), table["end"].to_pylist()
        for context, start, end, text in zip(contexts, starts, ends, prediction, strict=True):
            assert context[start:end] == text != ""


def test_batches_do_not_change_predictions(
    fine_tuned: tuple[str, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = predicted(fine_tuned, tmp_path / "a.parquet")
    monkeypatch.setattr(inference, "_CPU_BATCH_TOKENS", 1)
    alone = predicted(fine_tuned, tmp_path / "b.parquet")
    assert together.drop(["score"]).equals(alone.drop(["score"]))
    torch.testing.assert_close(
        torch.tensor(together["score"].to_pylist()),
        torch.tensor(alone["score"].to_pylist()),
        atol=1e-4,
        rtol=1e-4,
    )


def test_tokenised_rows_are_kept_where_a_folder_is_given(
    fine_tuned: tuple[str, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = predicted(fine_tuned, tmp_path / "plain.parquet")
    first = predicted(fine_tuned, tmp_path / "first.parquet", tokens=tmp_path / "tokens")
    assert len(list((tmp_path / "tokens").glob("*.arrow"))) == 3, "one for every split"

    def refuse(*arguments: Any) -> None:
        raise AssertionError("it is there already")

    monkeypatch.setattr(token_store, "load_tokenizer", refuse)
    second = predicted(fine_tuned, tmp_path / "second.parquet", tokens=tmp_path / "tokens")
    assert first.equals(plain)
    assert second.equals(plain)


def test_shortened_inputs_are_reported(
    fine_tuned: tuple[str, Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    changes: dict[str, dict[str, Any]] = {
        "classification": {"max_length": 8},
        "tagging": {"max_length": 3},
        "span_qa": {"max_question_length": 2},
    }
    predicted(fine_tuned, tmp_path / "p.parquet", **changes[fine_tuned[0]])
    lines = [r.getMessage() for r in caplog.records if "had to be shortened" in r.getMessage()]
    assert lines[0].startswith("dev.parquet: ")
    assert any(line.startswith("test.ru.parquet: ") for line in lines)


def test_a_damaged_model_is_refused(fine_tuned: tuple[str, Path, Path], tmp_path: Path) -> None:
    weights = fine_tuned[1] / "model" / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-4] + b"\0\0\0\1")
    try:
        with pytest.raises(DamagedFileError, match="sha256"):
            predicted(fine_tuned, tmp_path / "p.parquet")
    finally:
        weights.write_bytes(whole)
    assert read_json(fine_tuned[1] / "model" / "training.json")["key"] == "model-key"


def test_damaged_rows_are_refused(tmp_path: Path) -> None:
    files = write_rows(tmp_path, {"dev": classification_rows(3)})
    files["dev"].unlink()
    with pytest.raises(DamagedFileError, match="missing"):
        evaluation_splits({"splits": [SPLITS[0]]}, tmp_path / "manifest.json")


def test_a_file_without_examples_is_named(tmp_path: Path) -> None:
    split = EvaluationSplit("test", "ru", tmp_path / "test.ru.parquet")
    with pytest.raises(PolystiltsError, match=r"test\.ru\.parquet: no examples"):
        prediction_table([], [], split, {"gold": []})
