"""Target fine-tuning: a fresh head on an encoder, trained on the target's English data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from polystilts.provenance.hashing import unit_hash
from polystilts.provenance.manifest import is_current, write_manifest
from polystilts.training.data import load_rows, load_task
from polystilts.training.distributed import processes
from polystilts.training.encoder import (
    CONFIG,
    WEIGHTS,
    attention_of,
    check_length,
    load_encoder,
    pick_device,
    save_config,
    save_weights,
)
from polystilts.training.examination import dev_accuracy
from polystilts.training.loop import Surroundings, train
from polystilts.training.optimisation import Optimisation
from polystilts.training.outcome import choose, warn_of_collapse
from polystilts.training.plan import describe, plan_epochs
from polystilts.training.selection import (
    LAST,
    Candidates,
    Examined,
    evaluation_steps,
    load_weights,
    needs_candidates,
)
from polystilts.training.stopping import Stopper
from polystilts.training.streams import (
    TaskStream,
    Trainee,
    freeze_word_embeddings,
    seed_fresh_weights,
)
from polystilts.training.token_store import TokenStore


def fine_tune(
    record: Mapping[str, Any],
    encoder: Path,
    tokenizer_file: Path,
    english: Path,
    dev: Path,
    output: Path,
    partial: Path,
    key: str,
    tokens: Path | None = None,
    stopper: Stopper | None = None,
) -> None:
    """Train and write `model.safetensors` (encoder and head), `config.json`, `training.json`.

    The weights of the first selection are named `encoder.…` and `head.…`, those of the others
    `<name>/encoder.…`, where `training.json` tells the names; weights that no training changes are
    there once.

    Args:
        record: `seed` and `intermediate` (what the encoder was trained on before, `none` for
            nothing), from which all randomness is drawn; `name` and `task` (what `load_task` takes,
            with `epochs` and `batch_size`), `training` (what `Optimisation` takes), `selections`,
            `evaluations`, `freeze_embeddings`.
        encoder: the pretrained encoder's folder or an intermediate checkpoint's.
        tokenizer_file: the pretrained encoder's `tokenizer.json`.
        english: canonical rows of the English training data.
        dev: canonical rows of English dev.
        partial: where a killed training left its state; not needed any more at the end.
        tokens: where tokenised data is kept for other trainings.
        stopper: says when to stop; see `polystilts.training.stopping`.
    """
    with processes() as group, group.exclusive(partial.with_suffix(".lock")):
        if is_current(output / "training.json", key):
            return
        store = TokenStore(tokenizer_file, tokens)
        name, task = record["name"], record["task"]
        data = load_task(task, english, english, store)
        seed = drawn_seed(record["seed"], record["intermediate"])
        seed_fresh_weights(seed)
        model = load_encoder(encoder)
        check_length(model.config, int(task["settings"]["max_length"]))
        if record["freeze_embeddings"]:
            freeze_word_embeddings(model)
        hidden = int(model.config.hidden_size)  # type: ignore[union-attr, arg-type]
        head = data.family.Head(hidden, len(data.labels), task["settings"])
        trainee = Trainee(model, {name: head}, None)
        stream = TaskStream(trainee, name, data.family, data.copies, data.tokens.pad)
        plan = plan_epochs(name, data.lengths, task["epochs"], task["batch_size"], seed)
        device = pick_device()
        (dev_rows,) = load_rows(task, dev, data.labels, store).copies

        def examine() -> Examined:
            return {name: dev_accuracy(stream, dev_rows, device)}

        candidates = None
        if needs_candidates(record["selections"]):
            due = evaluation_steps(len(plan), record["evaluations"])
            candidates = Candidates(partial, due, examine)
        around = Surroundings(partial, device, group, stopper or Stopper(), candidates)
        optimisation = Optimisation.from_mapping(record["training"])
        progress = train(trainee, {name: stream}, plan, optimisation, seed, around)
        if not group.is_first:
            return
        if candidates is None:
            selections: dict[str, Any] = {LAST: {"step": len(plan), "weights": ""}}
            state = _state(trainee, name, "")
        else:
            selections, weights = choose(record["selections"], candidates.found())
            state = {}
            for prefix in sorted(weights, reverse=True):
                load_weights(trainee, weights[prefix])
                state |= _state(trainee, name, prefix)
        # of the first selection, whose weights were put back last
        english_dev = examine()
        warn_of_collapse(english_dev)
        save_weights(output / WEIGHTS, state)
        save_config(output / CONFIG, model.config)
        write_manifest(
            output / "training.json",
            key,
            [output / WEIGHTS, output / CONFIG],
            record=record,
            drawn_seed=seed,
            task=data.counts(),
            plan=describe(plan, {name: data.ids}),
            english_dev=english_dev,
            selections=selections,
            attention=attention_of(model),
            progress=vars(progress),
        )


def drawn_seed(seed: int, intermediate: str) -> int:
    """Return the seed of a fine-tuning's order of examples, dropout and new head.

    It is the same in all arms, and another for every intermediate: means over intermediates would
    else share one draw of luck, and look more certain than they are.
    """
    return unit_hash("fine-tune", seed, intermediate) % (1 << 63)


def _state(trainee: Trainee, name: str, prefix: str) -> dict[str, Tensor]:
    """Return the model's weights under a prefix; behind one, only those that training changes."""
    lead = f"{prefix}/" if prefix else ""
    state = {}
    for part, module in (("encoder", trainee.encoder), ("head", trainee.heads[name])):
        fixed = {n for n, p in module.named_parameters() if not p.requires_grad}
        for key, value in module.state_dict().items():
            if not (prefix and key in fixed):
                state[f"{lead}{part}.{key}"] = value.detach().to("cpu", copy=True)
    return state
