"""Whole trainings: pretraining, intermediate, fine-tuning, from files to files."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForMaskedLM

from polystilts.provenance.manifest import verify
from polystilts.training import fine_tune as fine_tuning
from polystilts.training import intermediate
from polystilts.training.encoder import load_encoder
from polystilts.training.fine_tune import fine_tune
from polystilts.training.intermediate import train_intermediate
from polystilts.training.loop import train
from polystilts.training.plan import MLM, Step
from polystilts.training.pretraining import pretrain_encoder
from training.test_data import write_corpus
from training.tiny import (
    LINES,
    NLI,
    QUESTIONS,
    SENTENCES,
    TAGS,
    TRAINING,
    choice_rows,
    classification_rows,
    published_xlmr,
    question_rows,
    tagging_rows,
    task_record,
    write_rows,
)

MASKING = {
    "share": 0.2,
    "probability": 0.3,
    "max_length": 24,
    "batch_tokens": 24,
    "exponent": 0.5,
}
ROWS: dict[str, tuple[list[str] | None, pa.Table]] = {
    "classification": (NLI, classification_rows(36)),
    "multiple_choice": ([], choice_rows(8)),
    "tagging": (TAGS, tagging_rows(SENTENCES * 3)),
    "span_qa": ([], question_rows(QUESTIONS * 3)),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    published_xlmr(folder)
    return folder


def fine_tune_record(**task: Any) -> dict[str, Any]:
    return {
        "seed": 1,
        "intermediate": "mnli",
        "name": "xnli",
        "task": task_record("classification", NLI, **task),
        "training": TRAINING,
        "selections": ["last"],
        "evaluations": 1,
        "freeze_embeddings": False,
    }


def test_fine_tuning_learns_and_leaves_a_model(encoder: Path, tmp_path: Path) -> None:
    rows = {"train": ROWS["classification"][1], "dev": classification_rows(7)}
    english, dev = write_rows(tmp_path / "xnli", rows).values()
    record = fine_tune_record(epochs=10)
    output, partial = tmp_path / "target", tmp_path / "partial" / "k1"
    fine_tune(record, encoder, encoder / "tokenizer.json", english, dev, output, partial, "k1")
    manifest = verify(output / "training.json")
    assert manifest["key"] == "k1"
    assert manifest["progress"]["steps"] == 90
    assert manifest["progress"]["losses"][-1]["loss"] < 0.7
    assert manifest["task"]["copies"][0]["examples"] == 36
    tokens = manifest["task"]["copies"][0]["tokens"]
    assert manifest["progress"]["real_tokens"] == 10 * tokens
    assert 0.95 <= tokens * 10 / manifest["progress"]["processed_tokens"] <= 1
    assert manifest["plan"]["steps"] == 90
    assert manifest["plan"]["steps_per_stream"] == {"xnli": 90}
    assert manifest["selections"] == {"last": {"step": 90, "weights": ""}}
    assert manifest["english_dev"]["xnli"]["n"] == 7
    assert manifest["english_dev"]["xnli"]["accuracy"] > 80
    assert set(manifest["files"]) == {"model.safetensors", "config.json"}
    state = load_file(output / "model.safetensors")
    assert {name.split(".")[0] for name in state} == {"encoder", "head"}
    assert not any("pooler" in name or "lm_head" in name for name in state)
    assert not partial.exists()

    (output / "model.safetensors").chmod(0o444)
    before = (output / "model.safetensors").stat().st_mtime_ns
    fine_tune(record, encoder, encoder / "tokenizer.json", english, dev, output, partial, "k1")
    assert (output / "model.safetensors").stat().st_mtime_ns == before, "was already there"


def test_a_fine_tunes_randomness_is_that_of_its_seed_and_intermediate(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two arms, which start from different checkpoints, share it; two intermediates do not."""
    rows = write_rows(tmp_path / "xnli", {"train": ROWS["classification"][1]})["train"]
    published_xlmr(tmp_path / "other", seed=12)
    heads, seeds = [], []

    def watching(
        trainee: Any, streams: Any, plan: Any, settings: Any, seed: int, around: Any
    ) -> Any:
        heads.append({n: t.clone() for n, t in trainee.heads["xnli"].state_dict().items()})
        seeds.append(seed)  # that dropout is drawn from
        return train(trainee, streams, plan, settings, seed, around)

    monkeypatch.setattr(fine_tuning, "train", watching)

    def facts(name: str, start: Path, **changes: Any) -> tuple[Any, ...]:
        record = fine_tune_record(epochs=1) | changes
        output = tmp_path / name
        fine_tune(
            record, start, encoder / "tokenizer.json", rows, rows, output, tmp_path / f"p-{name}",
            name,
        )  # fmt: skip
        manifest = verify(output / "training.json")
        assert manifest["drawn_seed"] == seeds[-1]
        return manifest["plan"]["digest"], seeds[-1], heads[-1]["out.weight"].flatten().tolist()

    english = facts("english", encoder)
    assert facts("switched", tmp_path / "other") == english
    for name, changes in (
        ("squad", {"intermediate": "squad"}),
        ("baseline", {"intermediate": "none"}),
        ("again", {"seed": 2}),
    ):
        other = facts(name, encoder, **changes)
        assert [a == b for a, b in zip(other, english, strict=True)] == [False] * 3, name


def test_frozen_embeddings_stay(encoder: Path, tmp_path: Path) -> None:
    english = write_rows(tmp_path / "xnli", {"train": classification_rows(8)})["train"]
    record = fine_tune_record(epochs=1) | {"freeze_embeddings": True}
    fine_tune(
        record, encoder, encoder / "tokenizer.json", english, english, tmp_path / "t",
        tmp_path / "p", "k",
    )  # fmt: skip
    before = load_encoder(encoder).state_dict()
    after = load_file(tmp_path / "t" / "model.safetensors")
    changed = {n for n, tensor in before.items() if not torch.equal(tensor, after[f"encoder.{n}"])}
    assert "embeddings.word_embeddings.weight" not in changed
    assert "embeddings.position_embeddings.weight" in changed


def write_texts(folder: Path) -> dict[str, Path]:
    texts = {"en": LINES[:4], "es": LINES[4:5], "ru": LINES[5:]}
    return write_rows(folder, {code: pa.table({"text": lines}) for code, lines in texts.items()})


def multi_task(folder: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    tasks = {name: task_record(name, labels) for name, (labels, _) in ROWS.items()}
    files = {
        name: write_rows(folder / name, {"train": table})["train"]
        for name, (_, table) in ROWS.items()
    }
    record = {
        "seed": 1,
        "tasks": tasks,
        "training": TRAINING,
        "multi_task": {"size_cap": 16},
        "mlm": MASKING,
        "objective": "task",
        "selection": "last",
        "evaluations": 1,
        "freeze_embeddings": False,
    }
    return record, files


def test_all_families_train_together_with_masked_text(encoder: Path, tmp_path: Path) -> None:
    record, files = multi_task(tmp_path)
    output = tmp_path / "intermediate"
    train_intermediate(
        record, encoder, files, files, files, write_texts(tmp_path / "text"), output,
        tmp_path / "partial", "k",
    )  # fmt: skip
    manifest = verify(output / "training.json")
    steps = manifest["plan"]["steps_per_stream"]
    assert manifest["plan"]["steps"] == sum(steps.values()) == manifest["progress"]["steps"]
    assert {name: steps[name] for name in ROWS} == {
        # of 24 in all, ∝ 16, 8, 9 and 9 examples
        "classification": 9,
        "multiple_choice": 5,
        "tagging": 5,
        "span_qa": 5,
    }
    assert steps[MLM] == round(24 * 0.2 / 0.8)
    assert set(manifest["english_dev"]) == set(ROWS)
    assert all(0 <= entry["accuracy"] <= 100 for entry in manifest["english_dev"].values())
    assert manifest["english_dev"]["tagging"]["n"] == 3 * sum(len(w.split()) for w, _ in SENTENCES)
    state = load_file(output / "model.safetensors")
    assert state.keys() == load_encoder(encoder).state_dict().keys(), "the encoder alone goes on"
    before = load_encoder(encoder).state_dict()
    after = load_encoder(output).state_dict()
    assert all(torch.equal(after[name], state[name]) for name in state)
    assert not torch.equal(
        after["embeddings.word_embeddings.weight"], before["embeddings.word_embeddings.weight"]
    )


def planned(call: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    """Return the plan that a training was about to follow."""

    class PlannedError(Exception):
        """The plan is made."""

    plans: list[list[Step]] = []

    def instead(trainee: Any, streams: Any, plan: list[Step], *rest: Any) -> None:
        plans.append(plan)
        raise PlannedError

    monkeypatch.setattr(intermediate, "train", instead)
    with pytest.raises(PlannedError):
        call()
    return plans[0]


def test_every_arm_follows_the_same_plan(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, files = multi_task(tmp_path)
    texts = write_texts(tmp_path / "text")
    longer = [classification_rows(36, longer=True), classification_rows(36, longer=True)]
    switched = files | {
        "classification": write_corpus(tmp_path / "switched" / "train.parquet", longer)
    }
    plans = [
        planned(
            lambda corpora=corpora: train_intermediate(  # type: ignore[misc]
                record, encoder, files, corpora, files, texts, tmp_path / "o", tmp_path / "p", "k"
            ),
            monkeypatch,
        )
        for corpora in (files, switched)
    ]
    assert plans[0] == plans[1]
    assert {step.stream for step in plans[0]} == {*ROWS, MLM}


def test_a_single_task_without_masked_text(encoder: Path, tmp_path: Path) -> None:
    record, files = multi_task(tmp_path)
    only = {"classification": files["classification"]}
    record["tasks"] = {"classification": record["tasks"]["classification"] | {"epochs": 10}}
    record |= {"multi_task": None, "mlm": MASKING | {"share": 0.0}}
    output = tmp_path / "intermediate"
    train_intermediate(record, encoder, only, only, only, {}, output, tmp_path / "p", "k")
    manifest = verify(output / "training.json")
    assert manifest["plan"]["steps_per_stream"] == {"classification": 90}
    assert manifest["english_dev"]["classification"] == {
        "accuracy": pytest.approx(100, abs=15),
        "n": 36,
        "chance": pytest.approx(100 / 3),
        "collapsed": False,
    }


def test_pretraining_writes_a_hugging_face_folder(tmp_path: Path) -> None:
    record = {
        "seed": 1,
        "architecture": {
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
        },
        "minimum_count": 1,
        "tokens": 4000,
        "max_length": 24,
        "probability": 0.3,
        "batch_tokens": 100,
        "exponent": 0.5,
        "training": TRAINING,
    }
    output = tmp_path / "encoder"
    texts = write_texts(tmp_path / "text")
    pretrain_encoder(record, texts, output, tmp_path / "partial", "k")
    manifest = verify(output / "encoder.json")
    assert set(manifest["files"]) == {"model.safetensors", "config.json", "tokenizer.json"}
    assert 3600 <= manifest["progress"]["real_tokens"] <= 4400
    model, information = AutoModelForMaskedLM.from_pretrained(output, output_loading_info=True)
    assert not information["missing_keys"]
    assert not information["unexpected_keys"]
    assert model.num_parameters() == manifest["parameters"]
    assert model.config.max_position_embeddings == 26, "positions begin after the padding id"
