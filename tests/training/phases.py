"""Small trainings of every phase, from files to files, for tests of what may disturb them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.provenance.hashing import file_digest
from polystilts.training.fine_tune import fine_tune
from polystilts.training.intermediate import train_intermediate
from polystilts.training.pretraining import pretrain_encoder
from polystilts.training.stopping import Stopper
from training.tiny import (
    LINES,
    NLI,
    QUESTIONS,
    SENTENCES,
    SETTINGS,
    TAGS,
    TRAINING,
    choice_rows,
    classification_rows,
    published_xlmr,
    question_rows,
    read_json,
    tagging_rows,
    task_record,
    write_corpus,
    write_rows,
)

DROPOUT = 0.1
# of the phase `at_level`, reached on its way
LEVEL = 50.0
MASKING: dict[str, Any] = {
    "share": 0.0,
    "probability": 0.3,
    "max_length": 24,
    "batch_tokens": 24,
    "exponent": 0.5,
}
ROWS: dict[str, tuple[list[str] | None, pa.Table]] = {
    "classification": (NLI, classification_rows(24)),
    "multiple_choice": ([], choice_rows(8)),
    "tagging": (TAGS, tagging_rows(SENTENCES * 3)),
    "span_qa": ([], question_rows(QUESTIONS * 3)),
}


@dataclass(frozen=True)
class World:
    """An encoder and data: a task of every family, a corpus in three copies, plain text."""

    encoder: Path
    files: Mapping[str, Path]
    corpus: Path
    texts: Mapping[str, Path]


@dataclass(frozen=True)
class Place:
    """Where one training runs: its results, its state; and how often it saves that."""

    folder: Path
    training: Mapping[str, Any] = field(default_factory=dict)
    stopper: Stopper | None = None

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def partial(self) -> Path:
        return self.folder / "partial"

    def weights(self) -> str:
        """Return the digest of the weights that the training ended with."""
        return file_digest(self.output / "model.safetensors")

    def manifest(self) -> Any:
        (path,) = [self.output / n for n in MANIFESTS if (self.output / n).exists()]
        return read_json(path)

    def checkpoints(self) -> list[int]:
        """Return the steps of the complete checkpoints."""
        return [int(p.stem.split("-")[1]) for p in sorted(self.partial.glob("step-*.json"))]

    def candidates(self) -> list[int]:
        """Return the steps of the complete candidates."""
        return [int(p.stem.split("-")[1]) for p in sorted(self.partial.glob("candidate-*.json"))]


MANIFESTS = ("training.json", "encoder.json")
Phase = Callable[[World, Place], None]


def make_world(folder: Path, dropout: float = DROPOUT) -> World:
    published_xlmr(folder / "encoder", dropout=dropout)
    files = {
        name: write_rows(folder / name, {"train": table})["train"]
        for name, (_, table) in ROWS.items()
    }
    rows = ROWS["classification"][1]
    copies = [classification_rows(24, longer=True), rows, classification_rows(24, longer=True)]
    texts = {"en": LINES[:4], "es": LINES[4:5], "ru": LINES[5:]}
    return World(
        encoder=folder / "encoder",
        files=files,
        corpus=write_corpus(folder / "corpus" / "train.parquet", copies),
        texts=write_rows(folder / "text", {c: pa.table({"text": t}) for c, t in texts.items()}),
    )


def family_record(family: str, dropout: float = DROPOUT, **changes: Any) -> dict[str, Any]:
    """Return the record of a family's task, with dropout in its head."""
    settings = SETTINGS | {"dropout": dropout}
    return task_record(family, ROWS[family][0], settings=settings, salt=family, **changes)


def intermediate_record(*families: str, **changes: Any) -> dict[str, Any]:
    """Return the record of an intermediate training, of several tasks or of one."""
    record = {
        "seed": 1,
        "tasks": {family: family_record(family) for family in families},
        "training": TRAINING,
        "multi_task": {"size_cap": 8} if len(families) > 1 else None,
        "mlm": MASKING,
        "objective": "task",
        "selection": "last",
        "english_dev_level": None,
        "evaluations": 1,
        "freeze_embeddings": False,
    }
    return record | changes


def fine_tune_record(**changes: Any) -> dict[str, Any]:
    record = {
        "seed": 1,
        "intermediate": "mnli",
        "name": "xnli",
        "task": family_record("classification"),
        "training": TRAINING,
        "selections": ["last"],
        "evaluations": 1,
        "freeze_embeddings": False,
    }
    return record | changes


def run_intermediate(
    record: Mapping[str, Any],
    world: World,
    place: Place,
    corpora: Mapping[str, Path] | None = None,
) -> None:
    files = {name: world.files[name] for name in record["tasks"]}
    texts = world.texts if record["mlm"]["share"] else {}
    train_intermediate(
        _saving(record, place), world.encoder, files, files | dict(corpora or {}), files, texts,
        place.output, place.partial, "k", stopper=place.stopper,
    )  # fmt: skip


def run_fine_tune(record: Mapping[str, Any], world: World, place: Place) -> None:
    english = world.files["classification"]
    fine_tune(
        _saving(record, place), world.encoder, world.encoder / "tokenizer.json", english, english,
        place.output, place.partial, "k", stopper=place.stopper,
    )  # fmt: skip


def _saving(record: Mapping[str, Any], place: Place) -> dict[str, Any]:
    return dict(record) | {"training": record["training"] | place.training}


def pretraining(world: World, place: Place) -> None:
    record = {
        "seed": 1,
        "architecture": {
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "hidden_dropout_prob": DROPOUT,
        },
        "minimum_count": 1,
        "tokens": 2000,
        "max_length": 24,
        "probability": 0.3,
        "batch_tokens": 100,
        "exponent": 0.5,
        "training": TRAINING,
    }
    pretrain_encoder(
        _saving(record, place), world.texts, place.output, place.partial, "k", place.stopper
    )


def static(world: World, place: Place) -> None:
    """One task, one copy of its text."""
    run_intermediate(intermediate_record("classification"), world, place)


def copies(world: World, place: Place) -> None:
    """One task, a new copy of its text in every epoch."""
    tasks = {"classification": family_record("classification", epochs=3)}
    record = intermediate_record("classification", tasks=tasks)
    run_intermediate(record, world, place, {"classification": world.corpus})


def all_tasks(world: World, place: Place) -> None:
    """A task of every family, and masked text."""
    record = intermediate_record(*ROWS, mlm=MASKING | {"share": 0.2})
    run_intermediate(record, world, place)


def masked_only(world: World, place: Place) -> None:
    """The masked text of a task's examples."""
    record = intermediate_record("classification", "span_qa", objective="masked-lm")
    run_intermediate(record, world, place)


def selections(world: World, place: Place) -> None:
    """Fine-tuning, with weights left aside on the way."""
    names = ["best-english-dev", "last", "averaged", "oracle"]
    run_fine_tune(fine_tune_record(selections=names, evaluations=4), world, place)


def at_level(world: World, place: Place) -> None:
    """An intermediate training that hands on the weights that first reached a level."""
    tasks = {"classification": family_record("classification", dropout=0.0, epochs=10)}
    chosen = {"selection": "at-english-dev", "english_dev_level": LEVEL, "evaluations": 6}
    run_intermediate(intermediate_record("classification", tasks=tasks, **chosen), world, place)


PHASES: dict[str, Phase] = {
    phase.__name__: phase
    for phase in (pretraining, static, copies, all_tasks, masked_only, selections, at_level)
}
