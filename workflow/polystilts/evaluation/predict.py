"""Predictions of a fine-tuned model on every language of a target, dev and test."""

import logging
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from safetensors.torch import load_file
from torch import Tensor

from polystilts.evaluation.inference import run
from polystilts.evaluation.prediction_table import prediction_table
from polystilts.evaluation.splits import EvaluationSplit
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table, write_table
from polystilts.training.encoder import (
    WEIGHTS,
    build_encoder,
    load_config,
    pick_device,
    precision,
)
from polystilts.training.inputs import load_tokenizer, token_id

_log = logging.getLogger(__name__)


def predict(
    record: Mapping[str, Any],
    model: Path,
    tokenizer_file: Path,
    splits: Sequence[EvaluationSplit],
    output: Path,
    key: str,
) -> None:
    """Write one row per example of every split and language.

    Args:
        record: `target`, `family`, `settings` (of the family) and `precision`.
        model: the folder of a fine-tuned model, whose manifest is verified first.
        splits: what to predict, in the order in which rows are written.
    """
    family = import_module(f"polystilts.evaluation.families.{record['family']}")
    tokenizer = load_tokenizer(tokenizer_file)
    pad_id = token_id(tokenizer, "pad")
    labels = verify(model / "training.json")["task"]["labels"]
    device = pick_device()
    autocast = precision(record["precision"], device)
    forward = _forward(model, family.Head, len(labels), record["settings"], device)
    tables = []
    for split in splits:
        rows = read_table(split.path)
        encoded = family.encode(rows, tokenizer, record["settings"], labels)
        if encoded.truncated:
            _log.info("%s: %d inputs had to be shortened", split.path.name, encoded.truncated)
        logits = run(forward, encoded.inputs, pad_id, device, autocast)
        columns = family.decode(encoded, rows, logits, labels)
        tables.append(prediction_table(rows["id"], rows["group"], split, columns))
    write_table(output, pa.concat_tables(tables), key)


def _forward(
    folder: Path, head_class: Any, labels: int, settings: Mapping[str, Any], device: torch.device
) -> Any:
    config = load_config(folder)
    encoder = build_encoder(config)
    head = head_class(config.hidden_size, labels, settings)
    state = load_file(folder / WEIGHTS)
    for prefix, module in (("encoder.", encoder), ("head.", head)):
        own = {n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)}
        module.load_state_dict(own)
    encoder.to(device).eval()
    head.to(device).eval()

    def forward(ids: Tensor, mask: Tensor) -> Tensor:
        hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits: Tensor = head(hidden, mask)
        return logits

    return forward
