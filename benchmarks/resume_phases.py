"""The trainings that `resume.py` kills: every phase, on small drawn data, from files to files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table
from polystilts.training.fine_tune import fine_tune
from polystilts.training.intermediate import train_intermediate
from polystilts.training.pretraining import pretrain_encoder

EXAMPLES = 96
DROPOUT = 0.1
WORDS = [a + b for a in "bdfgklmnprst" for b in ("a", "eri", "oku", "ulan", "i")]
LABELS = ("entailment", "neutral", "contradiction")
TAGS = ("DET", "NOUN", "VERB")
SETTINGS = {
    "max_length": 32,
    "max_question_length": 8,
    "doc_stride": 16,
    "dropout": DROPOUT,
    "pool": "first",
}
TRAINING = {
    "learning_rate": 3e-3,
    "head_factor": 1.0,
    "warmup": 0.1,
    "weight_decay": 0.01,
    "clip": 1.0,
    "betas": [0.9, 0.98],
    "epsilon": 1e-6,
    "precision": "fp32",
    "micro_batch_tokens": 160,
}
MASKING = {
    "share": 0.0,
    "probability": 0.2,
    "max_length": 32,
    "batch_tokens": 128,
    "exponent": 0.5,
}
FAMILIES: dict[str, Sequence[str] | None] = {
    "classification": LABELS,
    "multiple_choice": (),
    "tagging": TAGS,
    "span_qa": (),
}


@dataclass(frozen=True)
class World:
    """Files that the trainings read: English rows, a corpus in three copies, text, an encoder."""

    rows: Mapping[str, Path]
    corpus: Path
    texts: Mapping[str, Path]
    encoder: Path


@dataclass(frozen=True)
class Place:
    """Where a training runs, and how many seconds pass between its checkpoints."""

    folder: Path
    checkpoint_seconds: float

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def partial(self) -> Path:
        return self.folder / "partial"

    @property
    def training(self) -> dict[str, Any]:
        return TRAINING | {"checkpoint_seconds": self.checkpoint_seconds}


Phase = Callable[[World, Place], None]


def make_world(folder: Path) -> World:
    """Draw the data and pretrain an encoder on its text."""
    generator = np.random.default_rng(7)
    rows = {}
    for family in FAMILIES:
        path = folder / family / "train.parquet"
        write_table(path, _rows(family, generator, 1.0), "rows")
        write_manifest(folder / family / "manifest.json", "rows", [path], splits={})
        rows[family] = path
    parts = []
    for copy in range(3):
        table = _rows("classification", generator, 1.5)
        number = pa.array([copy] * len(table), pa.int32())
        parts.append(table.append_column("copy", number))
    corpus = folder / "corpus" / "train.parquet"
    write_table(corpus, pa.concat_tables(parts), "corpus")
    write_manifest(corpus.with_suffix(".json"), "corpus", [corpus])
    texts = {}
    for language in ("en", "es"):
        texts[language] = folder / "text" / f"{language}.parquet"
        lines = [_sentence(generator, 4, 20) for _ in range(200)]
        write_table(texts[language], pa.table({"text": lines}), "text")
    world = World(rows, corpus, texts, folder / "encoder" / "output")
    pretraining(world, Place(folder / "encoder", 1e9))
    return world


def _sentence(generator: np.random.Generator, least: int, most: int) -> str:
    return " ".join(generator.choice(WORDS, size=generator.integers(least, most)))


def _rows(family: str, generator: np.random.Generator, longer: float) -> pa.Table:
    numbers = range(EXAMPLES)
    columns: dict[str, Any] = {name: [f"{family}-{i}" for i in numbers] for name in ("id", "group")}
    texts = [_sentence(generator, 4, int(16 * longer)) for _ in numbers]
    others = [_sentence(generator, 2, 6) for _ in numbers]
    if family == "classification":
        columns |= {"text_a": texts, "text_b": others}
        columns["label"] = [LABELS[i % 3] for i in numbers]
    elif family == "multiple_choice":
        columns |= {"context": texts, "question": others}
        columns["choices"] = [[_sentence(generator, 1, 5) for _ in range(3)] for _ in numbers]
        columns["label"] = pa.array([i % 3 for i in numbers], pa.int32())
    elif family == "tagging":
        columns["tokens"] = [text.split(" ") for text in texts]
        columns["tags"] = [list(generator.choice(TAGS, len(text.split(" ")))) for text in texts]
    else:
        # long enough for several windows
        contexts = [f"{text} {_sentence(generator, 10, 40)}" for text in texts]
        columns |= {"question": others, "context": contexts}
        starts = [context.index(" ") + 1 for context in contexts]
        columns["answers"] = pa.array(
            [
                [{"start": start, "text": context[start:].split(" ")[0]}]
                for start, context in zip(starts, contexts, strict=True)
            ],
            pa.list_(pa.struct([("start", pa.int32()), ("text", pa.string())])),
        )
    return pa.table(columns)


def _task(family: str, epochs: int) -> dict[str, Any]:
    labels = FAMILIES[family]
    return {
        "family": family,
        "labels": None if labels is None else list(labels),
        "settings": SETTINGS,
        "examples": None,
        "end": "front",
        "salt": family,
        "epochs": epochs,
        "batch_size": 8,
    }


def _intermediate(
    world: World, place: Place, epochs: Mapping[str, int], switched: bool = False, **changes: Any
) -> None:
    record = {
        "seed": 3,
        "tasks": {family: _task(family, number) for family, number in epochs.items()},
        "training": place.training,
        "multi_task": {"size_cap": 64} if len(epochs) > 1 else None,
        "mlm": MASKING,
        "objective": "task",
        "selection": "last",
        "english_dev_level": None,
        "evaluations": 1,
        "freeze_embeddings": False,
    }
    record |= changes
    rows = {family: world.rows[family] for family in epochs}
    corpora = rows | ({"classification": world.corpus} if switched else {})
    texts = world.texts if record["mlm"]["share"] else {}
    train_intermediate(
        record, world.encoder, rows, corpora, rows, texts, place.output, place.partial, "k"
    )


def pretraining(world: World, place: Place) -> None:
    record = {
        "seed": 3,
        "architecture": {
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 64,
            "hidden_dropout_prob": DROPOUT,
            "attention_probs_dropout_prob": DROPOUT,
        },
        "minimum_count": 1,
        "tokens": 5000,
        "max_length": 32,
        "probability": 0.2,
        "batch_tokens": 128,
        "exponent": 0.5,
        "training": place.training,
    }
    pretrain_encoder(record, world.texts, place.output, place.partial, "k")


def one_copy(world: World, place: Place) -> None:
    _intermediate(world, place, {"classification": 3})


def three_copies(world: World, place: Place) -> None:
    _intermediate(world, place, {"classification": 3}, switched=True)


def four_families(world: World, place: Place) -> None:
    mlm = MASKING | {"share": 0.2}
    _intermediate(world, place, dict.fromkeys(FAMILIES, 1), switched=True, mlm=mlm)


def masked_only(world: World, place: Place) -> None:
    _intermediate(world, place, {"classification": 3}, switched=True, objective="masked-lm")


def fine_tuning(world: World, place: Place) -> None:
    record = {
        "seed": 3,
        "intermediate": "mnli",
        "name": "xnli",
        "task": _task("classification", 3),
        "training": place.training,
        "selections": ["best-english-dev", "last", "averaged", "oracle"],
        "evaluations": 4,
        "freeze_embeddings": False,
    }
    english = world.rows["classification"]
    fine_tune(
        record,
        world.encoder,
        world.encoder / "tokenizer.json",
        english,
        english,
        place.output,
        place.partial,
        "k",
    )


PHASES: dict[str, Phase] = {
    "pretraining": pretraining,
    "intermediate, one copy": one_copy,
    "intermediate, three copies": three_copies,
    "`all`: four families, MLM share": four_families,
    "masked LM only": masked_only,
    "fine-tune, four selections": fine_tuning,
}
