"""Intermediate training: one task or several on top of a pretrained encoder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from torch import nn

from polystilts.provenance.hashing import file_digest
from polystilts.provenance.manifest import is_current, write_manifest
from polystilts.provenance.tables import read_table
from polystilts.training.data import TaskData, load_rows, load_task
from polystilts.training.distributed import processes
from polystilts.training.encoder import (
    CONFIG,
    WEIGHTS,
    attention_of,
    check_length,
    load_encoder,
    load_masked_lm,
    pick_device,
    save_config,
    save_weights,
)
from polystilts.training.examination import dev_accuracy
from polystilts.training.inputs import Encoded
from polystilts.training.loop import Stream, Surroundings, train
from polystilts.training.masking import (
    MaskedText,
    encode_lines,
    masked_text,
    smoothed_order,
    token_batches,
)
from polystilts.training.optimisation import Optimisation
from polystilts.training.outcome import choose, warn_of_collapse, warn_of_level
from polystilts.training.plan import (
    MLM,
    Step,
    describe,
    interleave_mlm,
    plan_epochs,
    plan_multi_task,
)
from polystilts.training.selection import (
    LAST,
    Candidates,
    Examined,
    evaluation_steps,
    load_weights,
)
from polystilts.training.stopping import Stopper
from polystilts.training.streams import (
    MaskedTaskStream,
    MaskedTextStream,
    TaskStream,
    Trainee,
    freeze_word_embeddings,
    seed_fresh_weights,
)
from polystilts.training.token_store import Made, TokenStore

TASK, MASKED_LM = "task", "masked-lm"


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
    tokens: Path | None = None,
    stopper: Stopper | None = None,
) -> None:
    """Train and write `model.safetensors`, `config.json` and `training.json` to `output`.

    Args:
        record: `seed`, `tasks` (name → what `load_task` takes, with `epochs` and `batch_size`),
            `training` (what `Optimisation` takes), `multi_task` (`size_cap`) or null, `mlm`
            (`share`, `probability`, `max_length`, `batch_tokens`, `exponent`), `objective` (`task`,
            or `masked-lm`: the masked text of the same examples, without labels), `selection`,
            `english_dev_level` (percent, for `at-english-dev`) and `evaluations`,
            `freeze_embeddings`.
        encoder: a Hugging Face folder; with masked text, one that has its masked-LM head.
        english: per task canonical rows, which fix the batch plan.
        corpora: per task the rows that are trained on; the English rows themselves, or a corpus.
        dev: per task canonical English rows, on which its head is examined.
        texts: per language rows with a `text` column, for the MLM share.
        partial: where a killed training left its state; not needed any more at the end.
        tokens: where tokenised data is kept for other trainings.
        stopper: says when to stop; see `polystilts.training.stopping`.
    """
    with processes() as group, group.exclusive(partial.with_suffix(".lock")):
        if is_current(output / "training.json", key):
            return
        store = TokenStore(encoder / "tokenizer.json", tokens)
        data = {
            name: load_task(task, english[name], corpora[name], store)
            for name, task in record["tasks"].items()
        }
        text = _masked_text(record, texts, store) if record["mlm"]["share"] else None
        plan = _plan(record, data, text)
        seed_fresh_weights(record["seed"])
        trainee = _trainee(record, encoder, data)
        tasks = _task_streams(record, trainee, data)
        streams: dict[str, Stream] = dict(tasks) or _masked_task_streams(record, trainee, data)
        if text is not None:
            streams[MLM] = MaskedTextStream(trainee, text)
        device = pick_device()
        examined = _dev_data(record, dev, tasks, data, store)

        def examine() -> Examined:
            return {n: dev_accuracy(tasks[n], rows, device) for n, rows in examined.items()}

        selection = record["selection"]
        candidates = None
        if selection != LAST:
            due = evaluation_steps(len(plan), record["evaluations"])
            candidates = Candidates(partial, due, examine)
        around = Surroundings(partial, device, group, stopper or Stopper(), candidates)
        optimisation = Optimisation.from_mapping(record["training"])
        progress = train(trainee, streams, plan, optimisation, record["seed"], around)
        if not group.is_first:
            return
        selections: dict[str, Any] = {LAST: {"step": len(plan), "weights": ""}}
        if candidates is not None:
            level = record["english_dev_level"]
            selections, weights = choose([selection], candidates.found(), level)
            load_weights(trainee, weights[""])
            warn_of_level(selections)
        english_dev = examine()
        warn_of_collapse(english_dev)
        save_weights(output / WEIGHTS, trainee.encoder.state_dict())
        save_config(output / CONFIG, trainee.encoder.config)
        write_manifest(
            output / "training.json",
            key,
            [output / WEIGHTS, output / CONFIG],
            record=record,
            tasks={name: task.counts() for name, task in data.items()},
            plan=describe(plan, {name: task.ids for name, task in data.items()}),
            english_dev=english_dev,
            selections=selections,
            attention=attention_of(trainee.encoder),
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
    batches = token_batches(order, text.inputs.lengths(), mlm["batch_tokens"])
    return interleave_mlm(plan, mlm["share"], batches)


def _masked_text(
    record: Mapping[str, Any], texts: Mapping[str, Path], store: TokenStore
) -> MaskedText:
    mlm = record["mlm"]

    def make(tokenizer: Tokenizer) -> Made:
        lines = {
            language: read_table(path, ["text"])["text"].to_pylist()
            for language, path in texts.items()
        }
        sizes = {language: len(lines[language]) for language in sorted(lines)}
        return [encode_lines(lines, tokenizer, mlm["max_length"])], {"sizes": sizes}

    ingredients = {
        "texts": {language: file_digest(path) for language, path in texts.items()},
        "max_length": mlm["max_length"],
    }
    found = store.get("mlm-train", ["polystilts.training.masking"], ingredients, make)
    (lines,) = found.copies
    sizes = found.facts["sizes"]
    return masked_text(lines.inputs, sizes, found.tokens, mlm["probability"], record["seed"])


def _trainee(record: Mapping[str, Any], folder: Path, data: Mapping[str, TaskData]) -> Trainee:
    masks = record["objective"] == MASKED_LM or record["mlm"]["share"]
    language_model = load_masked_lm(folder) if masks else None
    encoder: nn.Module = (
        load_encoder(folder) if language_model is None else language_model.base_model  # type: ignore[assignment]
    )
    lengths = [task["settings"]["max_length"] for task in record["tasks"].values()]
    check_length(encoder.config, max(map(int, lengths)))
    if record["freeze_embeddings"]:
        freeze_word_embeddings(encoder)
    hidden = int(encoder.config.hidden_size)  # type: ignore[union-attr, arg-type]
    heads = {
        name: task.family.Head(hidden, len(task.labels), record["tasks"][name]["settings"])
        for name, task in data.items()
        if record["objective"] == TASK
    }
    return Trainee(encoder, heads, language_model)


def _task_streams(
    record: Mapping[str, Any], trainee: Trainee, data: Mapping[str, TaskData]
) -> dict[str, TaskStream]:
    if record["objective"] == MASKED_LM:
        return {}
    return {
        name: TaskStream(trainee, name, task.family, task.copies, task.tokens.pad)
        for name, task in data.items()
    }


def _masked_task_streams(
    record: Mapping[str, Any], trainee: Trainee, data: Mapping[str, TaskData]
) -> dict[str, Stream]:
    """Return streams of the tasks' own steps that see their text alone."""

    def masked(name: str, copy: int, encoded: Encoded, task: TaskData) -> MaskedText:
        sizes = {f"{name}-{copy}": len(encoded.inputs)}
        probability = record["mlm"]["probability"]
        return masked_text(encoded.inputs, sizes, task.tokens, probability, record["seed"])

    return {
        name: MaskedTaskStream(
            trainee,
            task.copies,
            [masked(name, copy, encoded, task) for copy, encoded in enumerate(task.copies)],
        )
        for name, task in data.items()
    }


def _dev_data(
    record: Mapping[str, Any],
    dev: Mapping[str, Path],
    tasks: Mapping[str, TaskStream],
    data: Mapping[str, TaskData],
    store: TokenStore,
) -> dict[str, Encoded]:
    found = {}
    for name in tasks:
        (found[name],) = load_rows(
            record["tasks"][name], dev[name], data[name].labels, store
        ).copies
    return found
