"""How large a study's data and encoder are, as far as that is known before they are here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from polystilts.study.graph import Graph
from polystilts.study.names import PRETRAIN
from polystilts.study.settings import Phase
from polystilts.study.study import Study
from polystilts.tasks.prepare import ExpectedRows

_BYTES_OF_A_PARAMETER = 4
_HUB = "hub:"
# layers and hidden size of published encoders
_SHAPES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "FacebookAI/xlm-roberta-base": (12, 768),
        "FacebookAI/xlm-roberta-large": (24, 1024),
        "google-bert/bert-base-multilingual-cased": (12, 768),
        "intfloat/multilingual-e5-small": (12, 384),
        "intfloat/multilingual-e5-base": (12, 768),
        "intfloat/multilingual-e5-large": (24, 1024),
        "microsoft/Multilingual-MiniLM-L12-H384": (12, 384),
        "microsoft/mdeberta-v3-base": (12, 768),
        "cis-lmu/glot500-base": (12, 768),
        "jhu-clsp/mmBERT-base": (22, 768),
        "jhu-clsp/mmBERT-small": (22, 384),
    }
)


@dataclass(frozen=True)
class EncoderSize:
    """Numbers of parameters: all that are stored, and those that compute for every token.

    `vocabulary` are the embeddings', which also score masked tokens; 0 where they are not known.
    `attention` is layers × hidden size, None where the encoder's shape is not known.
    """

    stored: int
    computing: int
    vocabulary: int = 0
    attention: int | None = None

    @property
    def weights(self) -> int:
        """Bytes of a checkpoint's fp32 weights."""
        return self.stored * _BYTES_OF_A_PARAMETER


def encoder_size(graph: Graph) -> EncoderSize | None:
    """Return the size of the study's encoder, or None where nothing says it."""
    encoder = graph.study.encoder
    if encoder.parameters is not None:
        embeddings = encoder.embedding_parameters or 0
        shape = _SHAPES.get(encoder.source.removeprefix(_HUB))
        attention = None if shape is None else (encoder.layers or shape[0]) * shape[1]
        return EncoderSize(
            encoder.parameters, encoder.parameters - embeddings, embeddings, attention
        )
    if encoder.source == PRETRAIN and encoder.pretraining is not None:
        own = encoder.pretraining.architecture
        layer = 4 * own.hidden_size**2 + 2 * own.hidden_size * own.intermediate_size
        computing = own.num_hidden_layers * layer
        return EncoderSize(computing, computing, 0, own.num_hidden_layers * own.hidden_size)
    weights = Path(
        graph.paths.fetched_encoder("model.safetensors").format(encoder=graph.selection.encoder)
    )
    config = weights.with_name("config.json")
    if not weights.is_file() or not config.is_file():
        return None
    stored = weights.stat().st_size // _BYTES_OF_A_PARAMETER
    shape_of = json.loads(config.read_text(encoding="utf-8"))
    hidden = int(shape_of.get("hidden_size", 0))
    embeddings = int(shape_of.get("vocab_size", 0)) * hidden
    layers = encoder.layers or int(shape_of.get("num_hidden_layers", 0))
    attention = layers * hidden or None
    return EncoderSize(stored, max(stored - embeddings, 0), embeddings, attention)


def training_rows(study: Study, task: str, phase: Phase, expected_rows: ExpectedRows) -> int | None:
    """Return how many examples a training of a phase reads in an epoch, None if unknown."""
    wanted = study.training(task, phase).examples
    available = _rows(study, task, "train", None, expected_rows)
    known = [number for number in (wanted, available) if number is not None]
    return min(known) if known else None


def evaluation_rows(study: Study, target: str, expected_rows: ExpectedRows) -> int | None:
    """Return the rows of a target's dev and test sets in all its languages, None if unknown."""
    rows = [
        _rows(study, target, split.origin.name, split.origin.language, expected_rows)
        for split in study.prepared_splits(target)
        if split.origin.name != "train"
    ]
    known = [number for number in rows if number is not None]
    return sum(known) if len(known) == len(rows) else None


def _rows(
    study: Study, task: str, split: str, language: str | None, expected_rows: ExpectedRows
) -> int | None:
    """Return the rows of a split: as prepared, else as published, cut to the study's limit."""
    limit = study.settings(task).sizes.get(split)  # type: ignore[call-overload]
    prepared = _prepared_rows(study, task, split, language)
    if prepared is not None:
        return prepared
    published = expected_rows(task, split, language)
    known = [number for number in (limit, published) if number is not None]
    return min(known) if known else None


def _prepared_rows(study: Study, task: str, split: str, language: str | None) -> int | None:
    manifest = Path(study.paths.task_manifest(task))
    if not manifest.is_file():
        return None
    stem = split if language is None else f"{split}.{language}"
    try:
        facts = json.loads(manifest.read_text(encoding="utf-8"))["splits"].get(stem)
    except (ValueError, KeyError):
        return None
    return int(facts["rows"]) if facts else None
