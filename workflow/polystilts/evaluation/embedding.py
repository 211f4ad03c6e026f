"""Sentence vectors from a layer of an encoder, as XTREME takes them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from polystilts.errors import PolystiltsError
from polystilts.evaluation.inference import Forward, run
from polystilts.evaluation.prediction_table import prediction_table
from polystilts.evaluation.search import Floats
from polystilts.evaluation.splits import EvaluationSplit
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table, write_table
from polystilts.training.encoder import load_encoder, pick_device, position_limit, precision
from polystilts.training.inputs import encode_pairs, load_tokenizer, token_id
from polystilts.training.pooling import pool

# The layer stands in the predictions' own file, beside the key.
LAYER_FIELD = "polystilts.layer"

# Token ids as Python numbers take some 5 kB a sentence: 80 MB a chunk, whatever the corpus.
_CHUNK_SENTENCES = 1 << 14
# Encoders whose layers are a list of which the output of each is a hidden state as it stands.
_CUT_AT_LAYER = ("bert", "deberta-v2", "roberta", "xlm-roberta")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Embedder:
    """Turns sentences into vectors of `width`, with the special tokens and at most `max_length`."""

    forward: Forward
    tokenizer: Tokenizer
    max_length: int
    width: int
    device: torch.device
    autocast: torch.dtype | None

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return float32 (sentences, width), in the order of `texts`.

        The array is allocated once and filled chunk by chunk; within a chunk sentences of like
        length run together. How many were shortened is logged.
        """
        vectors: Floats = np.empty((len(texts), self.width), dtype=np.float32)
        pad_id = token_id(self.tokenizer, "pad")
        shortened = 0
        for first in range(0, len(texts), _CHUNK_SENTENCES):
            chunk = [(text, None) for text in texts[first : first + _CHUNK_SENTENCES]]
            inputs, cut = encode_pairs(self.tokenizer, chunk, self.max_length)
            shortened += cut
            results = run(self.forward, inputs, pad_id, self.device, self.autocast)
            for row, vector in enumerate(results, start=first):
                vectors[row] = vector.numpy()
        if shortened:
            _log.info("%d sentences shortened to %d tokens", shortened, self.max_length)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()  # what torch keeps for later, the search cannot use
        return vectors


def predict_retrieval(
    record: Mapping[str, Any],
    start: Path,
    tokenizer_file: Path,
    splits: Sequence[EvaluationSplit],
    output: Path,
    key: str,
) -> None:
    """Write the candidates of a retrieval target for every split and language.

    A vector is the mean over a sentence's tokens, special ones included, in one hidden state
    (XTREME's `evaluate_retrieval.py` with mean pooling). The layer is logged and stands in the
    metadata of the predictions.

    Args:
        record: `retriever`, `layer` (null: round(14/24 · layers), XTREME's layer 14 of XLM-R Large
            carried over to other depths), `max_length` in tokens, special ones included (XTREME:
            512; never more than the encoder has positions), `precision`, `selections` (the rows
            carry the name of the first; nothing is chosen here).
        start: the manifest of an encoder or of an intermediate checkpoint; it is verified.
        splits: each with its sentences; the gold pairs stand beside them.

    Raises:
        PolystiltsError: the encoder has no such layer.
    """
    retriever = import_module(f"polystilts.evaluation.retrievers.{record['retriever']}")
    verify(start)
    device = pick_device()
    model = load_encoder(start.parent).to(device).eval()
    config: Any = model.config
    layers = int(config.num_hidden_layers)
    layer = default_layer(layers) if record["layer"] is None else int(record["layer"])
    if not 0 <= layer <= layers:
        raise PolystiltsError(
            f"retrieval takes layer {layer} of an encoder that has {layers}: set its"
            " `retrieval_layer` to one of them, or to null."
        )
    embed = Embedder(
        mean_of_layer(model, layer),
        load_tokenizer(tokenizer_file),
        min(record["max_length"], position_limit(config)),
        int(config.hidden_size),
        device,
        precision(record["precision"], device),
    )
    _log.info("sentence vectors: mean of layer %d of %d", layer, layers)
    tables = []
    for split in splits:
        sentences = read_table(split.path)
        pairs = read_table(pairs_path(split.path))
        rows = retriever.candidates(sentences, pairs, split.language, embed)
        ids, groups = rows.pop("id"), rows.pop("group")
        tables.append(prediction_table(ids, groups, split, rows, record["selections"][0]))
    table = pa.concat_tables(tables).replace_schema_metadata({LAYER_FIELD: str(layer)})
    write_table(output, table, key)


def pairs_path(sentences: Path) -> Path:
    """Return where the gold pairs of a split of sentences stand."""
    split, rest = sentences.name.split(".", 1)
    return sentences.with_name(f"{split}-pairs.{rest}")


def default_layer(layers: int) -> int:
    """Return the hidden state to take from an encoder of so many layers (0 is the embeddings).

    14/24 of them, rounded as Python rounds, halves to the even number: 6 layers give 4 (of 3.5),
    18 give 10 (of 10.5).
    """
    return round(14 * layers / 24)


def mean_of_layer(model: nn.Module, layer: int) -> Forward:
    """Return a function from ids and mask to the mean of a layer's vectors, in float32.

    Layers above it are taken off `model`, where that leaves the others' output as it is: they
    would be computed for nothing, and every layer's output kept.
    """
    encoder: Any = model
    kind = encoder.config.model_type
    # DeBERTa has no output without any layer
    cut = kind in _CUT_AT_LAYER and (layer > 0 or kind != "deberta-v2")
    if cut:
        del encoder.encoder.layer[layer:]

    def forward(ids: Tensor, mask: Tensor) -> Tensor:
        output = encoder(input_ids=ids, attention_mask=mask, output_hidden_states=not cut)
        hidden = output.last_hidden_state if cut else output.hidden_states[layer]
        return pool(hidden.float(), mask, "mean")

    return forward
