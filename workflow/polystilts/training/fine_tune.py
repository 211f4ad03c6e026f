"""Target fine-tuning: a fresh head on an encoder, trained on the target's English data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polystilts.provenance.lock import exclusive
from polystilts.provenance.manifest import is_current, write_manifest
from polystilts.training.data import load_task
from polystilts.training.encoder import (
    CONFIG,
    WEIGHTS,
    load_encoder,
    pick_device,
    save_config,
    save_weights,
)
from polystilts.training.inputs import load_tokenizer, token_id
from polystilts.training.loop import Optimisation, train
from polystilts.training.plan import plan_epochs
from polystilts.training.streams import (
    TaskStream,
    Trainee,
    freeze_word_embeddings,
    seed_fresh_weights,
)


def fine_tune(
    record: Mapping[str, Any],
    encoder: Path,
    tokenizer_file: Path,
    english: Path,
    output: Path,
    partial: Path,
    key: str,
) -> None:
    """Train and write `model.safetensors` (encoder and head), `config.json`, `training.json`.

    Args:
        record: `seed`, `name` and `task` (what `load_task` takes, with `epochs` and
            `batch_size`), `training` (what `Optimisation` takes), `freeze_embeddings`.
        encoder: the pretrained encoder's folder or an intermediate checkpoint's.
        tokenizer_file: the pretrained encoder's `tokenizer.json`.
        english: canonical rows of the English training data.
        partial: where a killed training left its state; not needed any more at the end.
    """
    with exclusive(partial.with_suffix(".lock")):
        if is_current(output / "training.json", key):
            return
        tokenizer = load_tokenizer(tokenizer_file)
        name, task = record["name"], record["task"]
        data = load_task(task, english, english, tokenizer)
        seed_fresh_weights(record["seed"])
        model = load_encoder(encoder)
        if record["freeze_embeddings"]:
            freeze_word_embeddings(model)
        hidden = int(model.config.hidden_size)  # type: ignore[union-attr, arg-type]
        head = data.family.Head(hidden, len(data.labels), task["settings"])
        trainee = Trainee(model, {name: head}, None)
        pad_id = token_id(tokenizer, "pad")
        stream = TaskStream(trainee, name, data.family, data.copies, pad_id)
        seed = record["seed"]
        plan = plan_epochs(name, data.lengths, task["epochs"], task["batch_size"], seed)
        optimisation = Optimisation.from_mapping(record["training"])
        progress = train(trainee, {name: stream}, plan, optimisation, seed, partial, pick_device())
        state = {f"encoder.{key}": value for key, value in model.state_dict().items()}
        state |= {f"head.{key}": value for key, value in head.state_dict().items()}
        save_weights(output / WEIGHTS, state)
        save_config(output / CONFIG, model.config)
        write_manifest(
            output / "training.json",
            key,
            [output / WEIGHTS, output / CONFIG],
            record=record,
            task=data.counts(),
            progress=vars(progress),
        )
