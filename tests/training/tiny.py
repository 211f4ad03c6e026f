"""A tokenizer, encoders, rows and settings small enough to train within a test."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertForPreTraining, XLMRobertaConfig, XLMRobertaForMaskedLM

from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table
from polystilts.training.optimisation import Optimisation
from polystilts.training.unigram import build_tokenizer

LINES = [
    "the cat sees a small dog in the garden .",
    "a dog sees the old cat .",
    "who sees the bird ?",
    "no bird is in the house , the cat is .",
    "el gato mira un perro viejo .",
    "кошка видит собаку в саду .",
]
SETTINGS: dict[str, Any] = {
    "max_length": 24,
    "max_question_length": 8,
    "doc_stride": 9,
    "dropout": 0.0,
    "pool": "first",
}
TRAINING: dict[str, Any] = {
    "learning_rate": 0.01,
    "head_factor": 1.0,
    "warmup": 0.25,
    "weight_decay": 0.01,
    "clip": 1.0,
    "betas": [0.9, 0.999],
    "epsilon": 1e-8,
    "precision": "fp32",
    "micro_batch_tokens": None,
    "checkpoint_seconds": 1e9,
}
CPU = torch.device("cpu")
NLI = ["entailment", "neutral", "contradiction"]
TAGS = ["DET", "NOUN", "VERB"]


def optimisation(**changes: Any) -> Optimisation:
    return Optimisation.from_mapping(TRAINING | changes)


def tokenizer() -> Tokenizer:
    """Every word of LINES is one piece, every character too."""
    return build_tokenizer(LINES, 1)


def publish_tokenizer(folder: Path, tokens: Tokenizer, embeddings: int | None = None) -> Path:
    """Write a tokenizer as it stands in an encoder's folder, without weights; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    size = embeddings or tokens.get_vocab_size()
    (folder / "config.json").write_text(json.dumps({"vocab_size": size}), "utf-8")
    tokens.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


def xlmr_config(vocabulary: int, dropout: float = 0.0, **options: Any) -> XLMRobertaConfig:
    return XLMRobertaConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=66,
        type_vocab_size=1,
        initializer_range=0.2,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        **options,
    )


def bert_config(vocabulary: int) -> BertConfig:
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.2,
    )


def published_xlmr(folder: Path, dropout: float = 0.0, seed: int = 11, **options: Any) -> nn.Module:
    """Write an XLM-R with its masked-LM head as Hugging Face does, and return it."""
    tokens = tokenizer()
    torch.manual_seed(seed)
    model = XLMRobertaForMaskedLM(xlmr_config(tokens.get_vocab_size(), dropout, **options))
    _publish(folder, model, tokens)
    return model.eval()


def published_bert(folder: Path) -> nn.Module:
    """Write a BERT as it is published, with pooler and next-sentence head, and return it."""
    tokens = tokenizer()
    torch.manual_seed(12)
    model = BertForPreTraining(bert_config(tokens.get_vocab_size()))
    _publish(folder, model, tokens)
    return model.eval()


def _publish(folder: Path, model: Any, tokens: Tokenizer) -> None:
    model.save_pretrained(folder)
    tokens.save(str(folder / "tokenizer.json"))
    names = ["model.safetensors", "config.json", "tokenizer.json"]
    write_manifest(folder / "encoder.json", "e", [folder / name for name in names])


def probe_batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask of two inputs, the second one padded."""
    ids = torch.tensor([[0, 7, 9, 11, 2], [0, 8, 2, 1, 1]])
    return ids, (ids != 1).long()


def classification_rows(count: int, longer: bool = False) -> pa.Table:
    """Pairs whose label can be read off the first word; `longer` says the same in more words."""
    subjects = ["cat", "dog", "bird"]
    suffix = " in the old garden , in the small house" if longer else ""
    return pa.table(
        {
            "id": [f"c{i}" for i in range(count)],
            "group": [f"g{i}" for i in range(count)],
            "text_a": [
                f"{subjects[i % 3]} " + " ".join(["sees"] * (i % 4 + 1)) + suffix
                for i in range(count)
            ],
            "text_b": [None if i % 5 == 0 else "the house ." for i in range(count)],
            "label": [NLI[i % 3] for i in range(count)],
        },
        schema=pa.schema([(n, pa.string()) for n in ("id", "group", "text_a", "text_b", "label")]),
    )


def choice_rows(count: int) -> pa.Table:
    return pa.table(
        {
            "id": [f"m{i}" for i in range(count)],
            "group": [f"m{i}" for i in range(count)],
            "context": ["the cat sees a dog"] * count,
            "question": [None if i % 2 else "who sees ?" for i in range(count)],
            "choices": [["cat", "dog .", "a bird in the house"][: 2 + i % 2] for i in range(count)],
            "label": pa.array([i % 2 for i in range(count)], pa.int32()),
        }
    )


def tagging_rows(sentences: Sequence[tuple[str, str]]) -> pa.Table:
    """Rows of (words, tags), both separated by spaces."""
    return pa.table(
        {
            "id": [f"t{i}" for i in range(len(sentences))],
            "group": [f"t{i}" for i in range(len(sentences))],
            "tokens": [words.split(" ") for words, _ in sentences],
            "tags": [tags.split(" ") for _, tags in sentences],
        }
    )


SENTENCES = [
    ("the cat sees a dog", "DET NOUN VERB DET NOUN"),
    ("a bird", "DET NOUN"),
    (" ".join(["dog sees the cat a"] * 6), " ".join(["NOUN VERB DET NOUN DET"] * 6)),
]


def question_rows(items: Sequence[tuple[str, str, str | None]]) -> pa.Table:
    """Rows of (question, context, answer); the answer's first occurrence counts."""
    answer = pa.list_(pa.struct([("start", pa.int32()), ("text", pa.string())]))
    return pa.table(
        {
            "id": [f"q{i}" for i in range(len(items))],
            "group": [f"p{i}" for i in range(len(items))],
            "question": [question for question, _, _ in items],
            "context": [context for _, context, _ in items],
            "answers": pa.array(
                [
                    [] if text is None else [{"start": context.index(text), "text": text}]
                    for _, context, text in items
                ],
                answer,
            ),
        }
    )


LONG = "the cat sees a dog , a bird sees the cat , the dog is in the garden , no bird is in"
QUESTIONS = [
    ("who sees ?", "the cat sees a dog .", "the cat"),
    ("who is in the garden ?", f"{LONG} the house .", "the house"),
    ("who is the cat in the house and the bird and the dog ?", "a dog sees .", None),
]


def write_rows(folder: Path, files: Mapping[str, pa.Table]) -> dict[str, Path]:
    """Write a task's files and their manifest; return their paths."""
    paths = {name: folder / f"{name}.parquet" for name in files}
    for name, table in files.items():
        write_table(paths[name], table, "rows")
    write_manifest(folder / "manifest.json", "rows", paths.values(), splits={})
    return paths


def task_record(family: str, labels: Sequence[str] | None, **changes: Any) -> dict[str, Any]:
    """Return what `load_task` and the trainings take."""
    record = {
        "family": family,
        "labels": labels,
        "settings": SETTINGS,
        "examples": None,
        "end": "front",
        "salt": "s",
        "epochs": 2,
        "batch_size": 4,
    }
    return record | changes


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_corpus(path: Path, copies: list[pa.Table]) -> Path:
    """Write switched copies of a task's rows as one file, rows of all copies mixed."""
    tables = [
        table.append_column("copy", pa.array([number] * len(table), pa.int32()))
        for number, table in enumerate(copies)
    ]
    mixed = pa.concat_tables(tables)
    order = sorted(range(len(mixed)), key=lambda row: (row * 7) % len(mixed))
    write_table(path, mixed.take(pa.array(order)), "corpus")
    write_manifest(path.with_suffix(".json"), "corpus", [path])
    return path
