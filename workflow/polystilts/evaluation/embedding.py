"""Sentence vectors from a layer of an encoder, as XTREME takes them."""

import logging
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from polystilts.evaluation.inference import run
from polystilts.evaluation.prediction_table import prediction_table
from polystilts.evaluation.splits import EvaluationSplit
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table, write_table
from polystilts.training.encoder import load_encoder, pick_device, precision
from polystilts.training.inputs import encode_pairs, load_tokenizer, token_id
from polystilts.training.pooling import pool

Floats = NDArray[np.float32]

_log = logging.getLogger(__name__)


def predict_retrieval(
    record: Mapping[str, Any],
    start: Path,
    tokenizer_file: Path,
    splits: Sequence[EvaluationSplit],
    output: Path,
    key: str,
) -> None:
    """Write the candidates of a retrieval target for every split and language.

    Args:
        record: `target`, `layer` (null: round(14/24 · layers), XTREME's layer 14 of XLM-R Large
            carried over to other depths), `max_length`, `precision`.
        start: the manifest of an encoder or of an intermediate checkpoint; it is verified.
        splits: each with its sentences; the gold pairs stand beside them.
    """
    retriever = import_module(f"polystilts.evaluation.retrievers.{record['target']}")
    verify(start)
    device = pick_device()
    autocast = precision(record["precision"], device)
    tokenizer = load_tokenizer(tokenizer_file)
    pad_id = token_id(tokenizer, "pad")
    model = load_encoder(start.parent).to(device).eval()
    layer = record["layer"] or default_layer(int(model.config.num_hidden_layers))  # type: ignore[union-attr, arg-type]

    def forward(ids: Tensor, mask: Tensor) -> Tensor:
        output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        return pool(output.hidden_states[layer], mask, "mean")

    def embed(texts: Sequence[str]) -> Floats:
        inputs, cut = encode_pairs(tokenizer, [(t, None) for t in texts], record["max_length"])
        if cut:
            _log.info("%d sentences shortened to %d tokens", cut, record["max_length"])
        return torch.stack(run(forward, inputs, pad_id, device, autocast)).numpy()

    tables = []
    for split in splits:
        sentences = read_table(split.path)
        pairs = read_table(pairs_path(split.path))
        rows = retriever.candidates(sentences, pairs, split.language, embed)
        ids, groups = rows.pop("id"), rows.pop("group")
        tables.append(prediction_table(ids, groups, split, rows))
    write_table(output, pa.concat_tables(tables), key)


def pairs_path(sentences: Path) -> Path:
    """Return where the gold pairs of a split of sentences stand."""
    split, rest = sentences.name.split(".", 1)
    return sentences.with_name(f"{split}-pairs.{rest}")


def default_layer(layers: int) -> int:
    """Return the hidden state to take from an encoder of so many layers (0 is the embeddings)."""
    return round(14 / 24 * layers)
