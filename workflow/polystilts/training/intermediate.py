"""Intermediate training: one task or several on top of a pretrained encoder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from polystilts.provenance.lock import exclusive
from polystilts.provenance.manifest import is_current, write_manifest
from polystilts.provenance.tables import read_table
from polystilts.training.data import TaskData, load_task
from polystilts.training.encoder import (
    CONFIG,
    WEIGHTS,
    load_encoder,
    load_masked_lm,
    pick_device,
    save_config,
    save_weights,
)
from polystilts.training.examination import dev_accuracy
from polystilts.training.inputs import load_tokenizer, token_id
from polystilts.training.loop import Optimisation, Stream, train
from polystilts.training.masking import MaskedText, masked_text, smoothed_order, token_batches
from polystilts.training.plan import (
    MLM,
    Step,
    interleave_mlm,
    plan_epochs,
    plan_multi_task,
)
from polystilts.training.streams import (
    MaskedTextStream,
    TaskStream,
    Trainee,
    freeze_word_embeddings,
    seed_fresh_weights,
)


def train_intermediate(
    record: Mapping[str, Any],
    encoder: Path,
    english: Mapping[str, Path],
    corpora: Mapping[str, Path],
    dev: Mapping[str, Path],
    texts: Mapping[str, Path],
    output: Path,
    partial: Path,
    key: str,
) -> None:
    """Train and write `model.safetensors`, `config.json` and `training.json` to `output`.

    Args:
        record: `seed`, `tasks` (name → what `load_task` takes, with `epochs` and `batch_size`),
            `training` (what `Optimisation` takes), `multi_task` (`size_cap`) or null, `mlm`
            (`share`, `probability`, `max_length`, `batch_tokens`, `exponent`),
            `freeze_embeddings`.
        encoder: a Hugging Face folder; with an MLM share, one that has its masked-LM head.
        english: per task the canonical English rows, from which the batch plan is made.
        corpora: per task what is trained on: the same path, or a switched corpus.
        dev: per task its English dev rows, on which the trained head is examined at the end.
        texts: per language monolingual rows for the MLM share.
        partial: where a killed training left its state; not needed any more at the end.
    """
    with exclusive(partial.with_suffix(".lock")):
        if is_current(output / "training.json", key):
            return
        tokenizer = load_tokenizer(encoder / "tokenizer.json")
        pad_id = token_id(tokenizer, "pad")
        data = {
            name: load_task(task, english[name], corpora[name], tokenizer)
            for name, task in record["tasks"].items()
        }
        text = _masked_text(record, texts, tokenizer) if record["mlm"]["share"] else None
        plan = _plan(record, data, text)
        seed_fresh_weights(record["seed"])
        trainee = _trainee(record, encoder, data)
        tasks = {
            name: TaskStream(trainee, name, task.family, task.copies, pad_id)
            for name, task in data.items()
        }
        streams: dict[str, Stream] = dict(tasks)
        if text is not None:
            streams[MLM] = MaskedTextStream(trainee, text)
        device = pick_device()
        optimisation = Optimisation.from_mapping(record["training"])
        progress = train(trainee, streams, plan, optimisation, record["seed"], partial, device)
        learned = {}
        for name, task in data.items():
            rows, settings = read_table(dev[name]), record["tasks"][name]["settings"]
            encoded = task.family.encode(rows, tokenizer, settings, task.labels)
            learned[name] = dev_accuracy(tasks[name], encoded, device)
        save_weights(output / WEIGHTS, trainee.encoder.state_dict())
        save_config(output / CONFIG, trainee.encoder.config)
        write_manifest(
            output / "training.json",
            key,
            [output / WEIGHTS, output / CONFIG],
            record=record,
            tasks={name: task.counts() for name, task in data.items()},
            english_dev=learned,
            steps_per_stream=_steps_per_stream(plan),
            progress=vars(progress),
        )


def _plan(
    record: Mapping[str, Any], data: Mapping[str, TaskData], text: MaskedText | None
) -> list[Step]:
    tasks, seed = record["tasks"], record["seed"]
    if record["multi_task"] is None:
        (name,) = data
        task = tasks[name]
        lengths = data[name].lengths
        plan = plan_epochs(name, lengths, task["epochs"], task["batch_size"], seed)
    else:
        plan = plan_multi_task(
            {name: task.lengths for name, task in data.items()},
            {name: task["epochs"] for name, task in tasks.items()},
            {name: task["batch_size"] for name, task in tasks.items()},
            record["multi_task"]["size_cap"],
            seed,
        )
    if text is None:
        return plan
    mlm = record["mlm"]
    order = smoothed_order(text.sizes, mlm["exponent"], seed, len(text.inputs))
    batches = token_batches(order, text.inputs, mlm["batch_tokens"])
    return interleave_mlm(plan, mlm["share"], batches)


def _masked_text(
    record: Mapping[str, Any], texts: Mapping[str, Path], tokenizer: Any
) -> MaskedText:
    mlm = record["mlm"]
    lines = {
        language: read_table(path, ["text"])["text"].to_pylist() for language, path in texts.items()
    }
    return masked_text(lines, tokenizer, mlm["max_length"], mlm["probability"], record["seed"])


def _trainee(record: Mapping[str, Any], folder: Path, data: Mapping[str, TaskData]) -> Trainee:
    language_model = load_masked_lm(folder) if record["mlm"]["share"] else None
    encoder: nn.Module = (
        load_encoder(folder) if language_model is None else language_model.base_model  # type: ignore[assignment]
    )
    if record["freeze_embeddings"]:
        freeze_word_embeddings(encoder)
    hidden = int(encoder.config.hidden_size)  # type: ignore[union-attr, arg-type]
    heads = {
        name: task.family.Head(hidden, len(task.labels), record["tasks"][name]["settings"])
        for name, task in data.items()
    }
    return Trainee(encoder, heads, language_model)


def _steps_per_stream(plan: list[Step]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in plan:
        counts[step.stream] = counts.get(step.stream, 0) + 1
    return counts
