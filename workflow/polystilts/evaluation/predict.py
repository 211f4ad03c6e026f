"""Predictions of a fine-tuned model on every language of a target, dev and test."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
from safetensors import safe_open
from torch import Tensor, nn

from polystilts.evaluation.inference import run
from polystilts.evaluation.prediction_table import prediction_table
from polystilts.evaluation.selections import ORACLE
from polystilts.evaluation.splits import EvaluationSplit
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table, write_table
from polystilts.training.data import load_rows
from polystilts.training.encoder import (
    WEIGHTS,
    build_encoder,
    load_config,
    pick_device,
    precision,
)
from polystilts.training.first_token import only_what_is_pooled
from polystilts.training.token_store import TokenStore

_log = logging.getLogger(__name__)

Columns = Mapping[str, Sequence[object]]


def predict(
    record: Mapping[str, Any],
    model: Path,
    tokenizer_file: Path,
    splits: Sequence[EvaluationSplit],
    output: Path,
    key: str,
    tokens: Path | None = None,
) -> None:
    """Write one row per example of every selection, split and language.

    Args:
        record: `target`, `family`, `metric`, `settings` (of the family), `precision` and
            `selections`, which the model's training must have left.
        model: the folder of a fine-tuned model, whose manifest is verified first.
        splits: what to predict, in the order in which rows are written.
        tokens: where tokenised data is kept for other models.
    """
    training = verify(model / "training.json")
    store = TokenStore(tokenizer_file, tokens)
    predictor = Predictor(record, _Model(model, record), store, training["task"]["labels"])
    tables: list[pa.Table] = []
    for selection in record["selections"]:
        chosen = training["selections"][selection]
        if selection == ORACLE:
            oracle = import_module("polystilts.evaluation.oracle")
            tables += oracle.tables(predictor, splits, chosen["candidates"])
        else:
            tables += [predictor.table(s, chosen["weights"], selection) for s in splits]
    write_table(output, pa.concat_tables(tables), key)


@dataclass(frozen=True)
class Predictor:
    """Predicts splits with any of the weights that a training left, each once."""

    record: Mapping[str, Any]
    model: "_Model"
    store: TokenStore
    labels: Sequence[str]
    _known: dict[tuple[str, EvaluationSplit], Columns] = field(default_factory=dict)

    def table(self, split: EvaluationSplit, weights: str, selection: str) -> pa.Table:
        """Return the prediction rows of a split."""
        rows = read_table(split.path)
        if (weights, split) not in self._known:
            self._known[weights, split] = self._columns(split, rows, weights)
        columns = self._known[weights, split]
        return prediction_table(rows["id"], rows["group"], split, columns, selection)

    def _columns(self, split: EvaluationSplit, rows: pa.Table, weights: str) -> Columns:
        tokenised = load_rows(self.record, split.path, self.labels, self.store)
        (encoded,) = tokenised.copies
        if encoded.truncated:
            _log.info("%s: %d inputs had to be shortened", split.path.name, encoded.truncated)
        forward = self.model.with_weights(weights, len(self.labels))
        logits = run(
            forward, encoded.inputs, tokenised.tokens.pad, self.model.device, self.model.autocast
        )
        columns: Columns = self.model.family.decode(encoded, rows, logits, self.labels)
        return columns


class _Model:
    """An encoder under a head, with one set of a training's weights at a time."""

    def __init__(self, folder: Path, record: Mapping[str, Any]) -> None:
        self.family: ModuleType = import_module(
            f"polystilts.evaluation.families.{record['family']}"
        )
        self.device = pick_device()
        self.autocast = precision(record["precision"], self.device)
        self._path = folder / WEIGHTS
        self._config = load_config(folder)
        self._settings = record["settings"]
        self._parts: dict[str, nn.Module] = {}
        self._weights: str | None = None

    def with_weights(self, name: str, labels: int) -> "_Model":
        """Load weights by their name in `training.json`, unless they are there."""
        if not self._parts:
            self._parts["encoder"] = build_encoder(self._config)
            self._parts["head"] = self.family.Head(self._config.hidden_size, labels, self._settings)
            self._load("")
        if name != self._weights:
            self._load(name)
        return self

    def _load(self, name: str) -> None:
        """Load a set of weights; what no training changes stands under the first set alone."""
        lead = f"{name}/" if name else ""
        with safe_open(self._path, framework="pt") as file:
            stored: list[str] = list(file.keys())
            for part, module in self._parts.items():
                prefix = f"{lead}{part}."
                own = {
                    n.removeprefix(prefix): file.get_tensor(n)
                    for n in stored
                    if n.startswith(prefix)
                }
                module.load_state_dict(own, strict=not name)
                module.to(self.device).eval()
        self._weights = name

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        encoder, head = self._parts["encoder"], self._parts["head"]
        with only_what_is_pooled(encoder, head):
            hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits: Tensor = head(hidden, mask)
        return logits
