"""Every selection predicts what its weights give, compared with models put together by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from polystilts.evaluation.predict import predict
from polystilts.evaluation.splits import evaluation_splits
from polystilts.provenance.manifest import verify, write_manifest
from polystilts.provenance.tables import read_table
from polystilts.training.encoder import load_encoder
from polystilts.training.fine_tune import fine_tune
from polystilts.training.stopping import Stopper
from training.by_hand import weights_after
from training.tiny import (
    NLI,
    SETTINGS,
    TRAINING,
    classification_rows,
    published_xlmr,
    read_json,
    task_record,
    write_rows,
)

ALL = ["averaged", "last", "best-english-dev", "oracle"]
STEPS = [2, 4, 7, 9]
# with a low learning rate the candidates differ in what they predict
SLOWLY = TRAINING | {"learning_rate": 0.006}
SPLITS = [("dev", "en"), ("dev", "ru"), ("dev", "de"), ("test", "en"), ("test", "ru")]
SPLITS += [("test", "de"), ("test", "sw")]


@dataclass
class Trained:
    """A model with all selections, and by hand one for every candidate and for their mean.

    `answers` are the predictions of the model after each step, by row of the data.
    """

    folder: Path
    frozen: bool
    answers: dict[int, list[str]] = field(default_factory=dict)

    @property
    def model(self) -> Path:
        return self.folder / "model"

    def train(self, partial: Path, stopper: Stopper, name: str = "never") -> None:
        record = {
            "seed": 10,
            "intermediate": "mnli",
            "name": "xnli",
            "task": task_record("classification", NLI, epochs=1),
            "training": SLOWLY,
            "selections": ALL,
            "evaluations": len(STEPS),
            "freeze_embeddings": self.frozen,
        }
        encoder, task = self.folder / "encoder", self.folder / "task"
        fine_tune(
            record, encoder, encoder / "tokenizer.json", task / "train.parquet",
            task / "dev.parquet", self.folder / name, partial, "k", stopper=stopper,
        )  # fmt: skip

    def assemble(self, name: str, changed: Mapping[str, Tensor]) -> None:
        """Write a model as if training had left these weights alone."""
        encoder = load_encoder(self.folder / "encoder").state_dict()
        weights = {f"encoder.{key}": tensor for key, tensor in encoder.items()}
        weights |= {key.replace("heads.xnli.", "head."): t for key, t in changed.items()}
        folder = self.folder / name
        folder.mkdir()
        save_file({key: t.contiguous() for key, t in weights.items()}, folder / "model.safetensors")
        (folder / "config.json").write_bytes((self.model / "config.json").read_bytes())
        write_manifest(
            folder / "training.json",
            "k",
            [folder / "model.safetensors", folder / "config.json"],
            task={"labels": NLI},
            selections={"last": {"weights": ""}},
        )

    def predict(self, model: str, rows: Path, selections: Sequence[str] = ("last",)) -> pa.Table:
        record = {
            "target": "xnli",
            "family": "classification",
            "metric": "accuracy",
            "settings": SETTINGS,
            "precision": "fp32",
            "selections": list(selections),
            "splits": [{"split": split, "language": language} for split, language in SPLITS],
        }
        output = self.folder / "predictions.parquet"
        tokenizer = self.folder / "encoder" / "tokenizer.json"
        splits = evaluation_splits(record, rows / "manifest.json")
        predict(record, self.folder / model, tokenizer, splits, output, "key")
        return read_table(output)


def labelled(golds: Sequence[str]) -> pa.Table:
    """Return the rows that are predicted, with these labels."""
    rows = classification_rows(len(golds))
    return rows.set_column(rows.column_names.index("label"), "label", pa.array(golds))


ROWS = 30


def write_target(folder: Path, golds: Mapping[tuple[str, str], Sequence[str]]) -> Path:
    files = {
        f"{split}.{language}": labelled(golds.get((split, language), ["neutral"] * ROWS))
        for split, language in SPLITS
    }
    write_rows(folder, files)
    return folder


@pytest.fixture(scope="module", params=[False, True], ids=["all-weights", "frozen-embeddings"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("trained")
    found = Trained(folder, request.param)
    published_xlmr(folder / "encoder")
    rows = {"train": classification_rows(36), "dev": classification_rows(13)}
    write_rows(folder / "task", rows)
    found.train(folder / "partial", Stopper(), "model")
    plain = write_target(folder / "plain", {})
    mean: dict[str, Tensor] = {}
    for step in STEPS:
        changed = weights_after(step, found.train, folder / f"stopped-{step}")
        found.assemble(f"step-{step}", changed)
        table = found.predict(f"step-{step}", plain)
        found.answers[step] = table["prediction"].to_pylist()[:ROWS]
        for key, tensor in changed.items():
            mean[key] = mean.get(key, torch.zeros((), dtype=torch.float64)) + tensor.double()
    found.assemble("mean", {key: (t / len(STEPS)).float() for key, t in mean.items()})
    return found


def rows_of(table: pa.Table, split: str, language: str) -> list[dict[str, Any]]:
    """Return the rows of a split, without the name of their selection."""
    rows = table.drop(["selection"]).to_pylist()
    return [row for row in rows if (row["split"], row["language"]) == (split, language)]


def assert_same_predictions(found: pa.Table, expected: pa.Table) -> None:
    for split, language in SPLITS:
        ours, theirs = rows_of(found, split, language), rows_of(expected, split, language)
        assert [row["prediction"] for row in ours] == [row["prediction"] for row in theirs]
        assert [row["score"] for row in ours] == pytest.approx(
            [row["score"] for row in theirs], abs=1e-5
        )
        assert [row["id"] for row in ours] == [row["id"] for row in theirs]


def test_candidates_differ(trained: Trained) -> None:
    """Without this the tests below would pass with any weights."""
    assert len({tuple(answers) for answers in trained.answers.values()}) == len(STEPS)


def test_every_selection_predicts_what_its_weights_give(trained: Trained) -> None:
    golds = {("dev", "ru"): trained.answers[2], ("dev", "de"): trained.answers[7]}
    rows = write_target(trained.folder / "target", golds)
    table = trained.predict("model", rows, ALL)
    names = table["selection"].to_pylist()
    assert list(dict.fromkeys(names)) == ALL
    parts = {name: table.filter(pa.array([n == name for n in names])) for name in ALL}
    assert_same_predictions(parts["last"], trained.predict("step-9", rows))
    assert_same_predictions(parts["averaged"], trained.predict("mean", rows))
    manifest = verify(trained.model / "training.json")
    step = manifest["selections"]["best-english-dev"]["step"]
    assert_same_predictions(parts["best-english-dev"], trained.predict(f"step-{step}", rows))
    for language, chosen in (("ru", 2), ("de", 7)):
        by_hand = trained.predict(f"step-{chosen}", rows)
        for split in ("dev", "test"):
            ours = rows_of(parts["oracle"], split, language)
            theirs = rows_of(by_hand, split, language)
            assert [r["prediction"] for r in ours] == [r["prediction"] for r in theirs] != []
    assert rows_of(parts["oracle"], "test", "sw") == [], "it has no dev set to choose by"


def test_one_selection_after_another_is_as_each_alone(trained: Trained) -> None:
    """Weights are loaded over one another; those that training did not change stay."""
    rows = write_target(trained.folder / "again", {("dev", "ru"): trained.answers[4]})
    together = trained.predict("model", rows, ALL[::-1])
    for name in ALL:
        alone = trained.predict("model", rows, [name])
        same = [n == name for n in together["selection"].to_pylist()]
        assert together.filter(pa.array(same)).equals(alone)


def test_the_labels_of_test_play_no_role(trained: Trained) -> None:
    dev = {("dev", "ru"): trained.answers[2], ("dev", "de"): trained.answers[7]}
    before = trained.predict("model", write_target(trained.folder / "one", dev), ["oracle"])
    test = {("test", lang): trained.answers[4] for lang in ("en", "ru", "de", "sw")}
    after = trained.predict("model", write_target(trained.folder / "two", dev | test), ["oracle"])
    assert after["prediction"].equals(before["prediction"])
    assert not after["gold"].equals(before["gold"])


def test_the_manifest_names_what_is_in_the_model(trained: Trained) -> None:
    chosen = read_json(trained.model / "training.json")["selections"]
    assert chosen["averaged"] == {"steps": STEPS, "weights": ""}
    assert chosen["last"]["step"] == 9
    assert [item["step"] for item in chosen["oracle"]["candidates"]] == STEPS
