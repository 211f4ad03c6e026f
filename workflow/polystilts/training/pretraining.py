"""The miniature's encoder: a tiny XLM-R pretrained by masked LM on the study's own text."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from polystilts.provenance.atomic import atomic_path
from polystilts.provenance.lock import exclusive
from polystilts.provenance.manifest import is_current, write_manifest
from polystilts.provenance.tables import read_table
from polystilts.training.encoder import (
    CONFIG,
    WEIGHTS,
    pick_device,
    save_config,
    save_weights,
    weights_of,
)
from polystilts.training.loop import Surroundings, train
from polystilts.training.masking import (
    MaskedText,
    encode_lines,
    masked_text,
    smoothed_order,
    token_batches,
)
from polystilts.training.optimisation import Optimisation
from polystilts.training.plan import MLM, Step
from polystilts.training.stopping import Stopper
from polystilts.training.streams import MaskedTextStream, Trainee, seed_fresh_weights
from polystilts.training.token_store import SpecialTokens
from polystilts.training.unigram import build_tokenizer


def pretrain_encoder(
    record: Mapping[str, Any],
    texts: Mapping[str, Path],
    output: Path,
    partial: Path,
    key: str,
    stopper: Stopper | None = None,
) -> None:
    """Write a Hugging Face folder: weights with their masked-LM head, config, tokenizer, manifest.

    Args:
        record: `seed`, `architecture` (what `XLMRobertaConfig` takes), `minimum_count` of a word
            to become a piece, `tokens` to train on, `max_length`, `probability` of masking,
            `batch_tokens`, `exponent` of language smoothing, `training` (for `Optimisation`).
        texts: per language rows with a `text` column.
    """
    with exclusive(partial.with_suffix(".lock")):
        if is_current(output / "encoder.json", key):
            return
        lines = {
            language: read_table(path, ["text"])["text"].to_pylist()
            for language, path in texts.items()
        }
        minimum = record["minimum_count"]
        tokenizer = build_tokenizer((line for text in lines.values() for line in text), minimum)
        seed = record["seed"]
        sizes = {language: len(lines[language]) for language in sorted(lines)}
        inputs = encode_lines(lines, tokenizer, record["max_length"]).inputs
        tokens = SpecialTokens.of(tokenizer)
        text = masked_text(inputs, sizes, tokens, record["probability"], seed)
        config = XLMRobertaConfig(
            vocab_size=tokenizer.get_vocab_size(),
            max_position_embeddings=record["max_length"] + 2,
            type_vocab_size=1,
            **record["architecture"],
        )
        seed_fresh_weights(seed)
        model = XLMRobertaForMaskedLM(config)
        trainee = Trainee(model.base_model, {}, model)
        plan = _plan(record, text)
        progress = train(
            trainee,
            {MLM: MaskedTextStream(trainee, text)},
            plan,
            Optimisation.from_mapping(record["training"]),
            seed,
            Surroundings(partial, pick_device(), stopper=stopper or Stopper()),
        )
        save_weights(output / WEIGHTS, weights_of(model))
        save_config(output / CONFIG, config)
        with atomic_path(output / "tokenizer.json") as temporary:
            tokenizer.save(str(temporary))
        write_manifest(
            output / "encoder.json",
            key,
            [output / WEIGHTS, output / CONFIG, output / "tokenizer.json"],
            record=record,
            vocabulary=tokenizer.get_vocab_size(),
            parameters=sum(p.numel() for p in model.parameters()),
            progress=vars(progress),
        )
        shutil.rmtree(partial, ignore_errors=True)


def _plan(record: Mapping[str, Any], text: MaskedText) -> list[Step]:
    lengths = text.inputs.lengths()
    count = round(record["tokens"] / float(lengths.mean()))
    order = smoothed_order(text.sizes, record["exponent"], record["seed"], count)
    batches = token_batches(order, lengths, record["batch_tokens"])
    return [Step(MLM, number, batch) for number, batch in enumerate(batches)]
