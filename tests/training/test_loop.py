"""The loop: optimisation as written by hand, exact resume, micro-batches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import get_linear_schedule_with_warmup

from polystilts.errors import PolystiltsError
from polystilts.training.checkpoint import load_checkpoint, save_checkpoint
from polystilts.training.encoder import load_encoder, load_masked_lm
from polystilts.training.families import classification, span_qa, tagging
from polystilts.training.inputs import Encoded
from polystilts.training.loop import Optimisation, Progress, note_precision, train
from polystilts.training.masking import masked_text
from polystilts.training.plan import MLM, Step, interleave_mlm, plan_epochs
from polystilts.training.streams import MaskedTextStream, TaskStream, Trainee, split_examples
from training.tiny import (
    LINES,
    NLI,
    QUESTIONS,
    SENTENCES,
    SETTINGS,
    TAGS,
    TRAINING,
    classification_rows,
    published_xlmr,
    question_rows,
    tagging_rows,
    tokenizer,
)

CPU = torch.device("cpu")
TOKENS = tokenizer()


class KilledError(Exception):
    """The process is gone."""


def optimisation(**changes: Any) -> Optimisation:
    return Optimisation.from_mapping(TRAINING | changes)


class Toy(nn.Module):
    """Weights with and without decay, as names and shapes tell them apart."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))
        self.heads = nn.ModuleDict({"task": nn.Linear(2, 2)})
        for parameter in self.parameters():
            nn.init.ones_(parameter)


@dataclass(frozen=True)
class ToyStream:
    """A loss whose gradient is `slope` everywhere; `seen` records the weights at every step."""

    model: nn.Module
    slope: float
    seen: list[dict[str, Tensor]] = field(default_factory=list)

    def micro_batches(self, step: Step, limit: int | None) -> list[dict[str, Tensor]]:
        self.seen.append({name: p.detach().clone() for name, p in self.model.named_parameters()})
        return [{"attention_mask": torch.ones(1, 1)}]

    def weight(self, batch: Mapping[str, Tensor]) -> int:
        return 1

    def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        return self.slope * torch.stack([p.sum() for p in self.model.parameters()]).sum()


def toy_training(folder: Path, slope: float, steps: int, **changes: Any) -> list[dict[str, Tensor]]:
    model = Toy()
    stream = ToyStream(model, slope)
    plan = [Step("toy", 0, (i,)) for i in range(steps)]
    settings = optimisation(clip=1e9, epsilon=1e-30, **changes)
    train(model, {"toy": stream}, plan, settings, 1, folder, CPU)
    return [*stream.seen, {name: p.detach() for name, p in model.named_parameters()}]


def test_learning_rates_rise_and_fall_linearly(tmp_path: Path) -> None:
    """Under a constant gradient Adam moves by the learning rate itself."""
    seen = toy_training(tmp_path, 1.0, 10, weight_decay=0.0, warmup=0.2, head_factor=3.0)
    encoder = [float(step["encoder.0.bias"][0]) for step in seen]
    moves = [before - after for before, after in pairwise(encoder)]
    rates = [0.5, 1, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]
    assert moves == pytest.approx([0.01 * rate for rate in rates], rel=1e-3)
    head = [float(step["heads.task.bias"][0]) for step in seen]
    assert head[0] - head[-1] == pytest.approx(3 * (encoder[0] - encoder[-1]), rel=1e-3)


def test_without_warm_up_the_schedule_is_hugging_faces(tmp_path: Path) -> None:
    seen = toy_training(tmp_path, 1.0, 8, weight_decay=0.0, warmup=0.0)
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.01)
    schedule = get_linear_schedule_with_warmup(optimizer, 0, 8)
    for before, after in pairwise(seen):
        move = float(before["encoder.0.bias"][0] - after["encoder.0.bias"][0])
        assert move == pytest.approx(schedule.get_last_lr()[0], rel=1e-3)
        optimizer.step()
        schedule.step()


def test_biases_and_layer_norms_do_not_decay(tmp_path: Path) -> None:
    last = toy_training(tmp_path, 0.0, 4, weight_decay=0.5, warmup=0.0)[-1]
    factor = 1.0
    for rate in (1, 3 / 4, 2 / 4, 1 / 4):
        factor *= 1 - 0.01 * rate * 0.5
    for name, weight in last.items():
        decays = name in ("encoder.0.weight", "heads.task.weight")
        expected = torch.full_like(weight, factor if decays else 1.0)
        torch.testing.assert_close(weight, expected, msg=f"{name}: {weight}")


def nli_stream(trainee: Trainee, copies: int = 1) -> TaskStream:
    tables = [classification_rows(24, longer=bool(copy % 2)) for copy in range(copies)]
    encoded = [classification.encode(table, TOKENS, SETTINGS, NLI) for table in tables]
    return TaskStream(trainee, "nli", classification, encoded, 1)


def nli_trainee(folder: Path, dropout: float = 0.0, masked: bool = False) -> Trainee:
    if not (folder / "config.json").exists():
        published_xlmr(folder, dropout)
    model = load_masked_lm(folder) if masked else None
    torch.manual_seed(5)
    head = classification.Head(16, 3, SETTINGS | {"dropout": dropout})
    return Trainee(model.base_model if model else load_encoder(folder), {"nli": head}, model)  # type: ignore[arg-type]


def test_the_loop_is_the_one_written_by_hand(tmp_path: Path) -> None:
    """Same batches through plain torch: same losses and weights."""
    trainee = nli_trainee(tmp_path / "encoder")
    stream = nli_stream(trainee)
    plan = plan_epochs("nli", stream.copies[0].lengths(), 4, 6, 1)
    settings = optimisation(clip=0.5, weight_decay=0.1)
    losses: list[float] = []

    @dataclass(frozen=True)
    class Recorded(TaskStream):
        def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
            loss = super().loss(batch)
            losses.append(float(loss.detach()) / self.weight(batch))
            return loss

    recorded = Recorded(trainee, "nli", classification, stream.copies, 1)
    train(trainee, {"nli": recorded}, plan, settings, 1, tmp_path / "partial", CPU)

    other = nli_trainee(tmp_path / "encoder").train()
    encoder, head = other.encoder, other.heads["nli"]
    named = list(other.named_parameters())
    decayed = [p for n, p in named if not n.endswith("bias") and "LayerNorm" not in n]
    plain = [p for n, p in named if n.endswith("bias") or "LayerNorm" in n]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}],
        lr=0.01,
        eps=1e-8,
    )
    rows = classification_rows(24).to_pylist()
    expected = []
    for number, step in enumerate(plan):
        rate = (number + 1) / 4 if number < 4 else (16 - number) / 12
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * rate
        texts = [
            (rows[i]["text_a"], rows[i]["text_b"]) if rows[i]["text_b"] else rows[i]["text_a"]
            for i in step.examples
        ]
        batch = [TOKENS.encode(*t) if isinstance(t, tuple) else TOKENS.encode(t) for t in texts]
        longest = max(len(e.ids) for e in batch)
        ids = torch.tensor([e.ids + [1] * (longest - len(e.ids)) for e in batch])
        hidden = encoder(input_ids=ids, attention_mask=(ids != 1).long()).last_hidden_state
        labels = torch.tensor([NLI.index(rows[i]["label"]) for i in step.examples])
        loss = functional.cross_entropy(head(hidden, None), labels)
        expected.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(other.parameters(), 0.5)
        optimizer.step()
    assert losses == pytest.approx(expected, abs=1e-5)
    assert expected[-1] < expected[0] / 2
    for (name, ours), theirs in zip(trainee.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4, msg=name)


@dataclass
class Interruption:
    """Kills a training before its n-th batch, as a signal would."""

    left: int

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KilledError


def mixed_training(
    folder: Path,
    partial: Path,
    watch: Callable[[], None] = lambda: None,
    **changes: Any,
) -> tuple[dict[str, Tensor], Progress]:
    """Two epochs of two copies with dropout, a share of masked text and micro-batches."""
    trainee = nli_trainee(folder, dropout=0.2, masked=True)
    text = masked_text({"en": LINES[:4], "es": LINES[4:5], "ru": LINES[5:]}, TOKENS, 24, 0.3, 1)

    @dataclass(frozen=True)
    class Watched(TaskStream):
        def micro_batches(self, step: Step, limit: int | None) -> list[dict[str, Tensor]]:
            watch()
            return super().micro_batches(step, limit)

    task = nli_stream(trainee, copies=2)
    streams = {
        "nli": Watched(trainee, "nli", classification, task.copies, 1),
        MLM: MaskedTextStream(trainee, text),
    }
    plan = plan_epochs("nli", task.copies[0].lengths(), 2, 6, 1)
    plan = interleave_mlm(plan, 0.3, [(0, 3), (1, 2, 4), (5,)])
    settings = optimisation(**({"checkpoint_seconds": 0.0, "micro_batch_tokens": 60} | changes))
    progress = train(trainee, streams, plan, settings, 1, partial, CPU)
    return {name: p.detach().clone() for name, p in trainee.state_dict().items()}, progress


def assert_equal(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    assert ours.keys() == theirs.keys()
    different = [name for name in ours if not torch.equal(ours[name], theirs[name])]
    assert not different


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Tensor], Progress]:
    """A training that nobody disturbed and that wrote no checkpoint."""
    folder = tmp_path_factory.mktemp("whole")
    state, progress = mixed_training(folder / "encoder", folder / "partial", checkpoint_seconds=1e9)
    assert not (folder / "partial").exists()
    return folder / "encoder", state, progress


@pytest.mark.parametrize("kills", [(1,), (2, 3), (1, 1, 1, 1), (7,)])
def test_a_killed_training_ends_with_the_same_bits(
    tmp_path: Path, whole: tuple[Path, dict[str, Tensor], Progress], kills: tuple[int, ...]
) -> None:
    encoder, expected, undisturbed = whole
    for steps in kills:
        with pytest.raises(KilledError):
            mixed_training(encoder, tmp_path, Interruption(steps))
    state, progress = mixed_training(encoder, tmp_path)
    assert_equal(state, expected)
    assert progress.resumed_from >= sum(kills)
    for count in ("steps", "real_tokens", "processed_tokens"):
        assert getattr(progress, count) == getattr(undisturbed, count), count


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_a_damaged_checkpoint_is_not_the_end(
    tmp_path: Path,
    whole: tuple[Path, dict[str, Tensor], Progress],
    capsys: pytest.CaptureFixture[str],
    keep: int,
) -> None:
    encoder, expected, _ = whole
    with pytest.raises(KilledError):
        mixed_training(encoder, tmp_path, Interruption(5))
    earlier, newest = sorted(tmp_path.iterdir())
    newest.write_bytes(newest.read_bytes()[:keep])
    state, progress = mixed_training(encoder, tmp_path)
    assert_equal(state, expected)
    assert progress.resumed_from == int(earlier.stem.removeprefix("step-"))
    assert f"unreadable checkpoint {newest.name}" in capsys.readouterr().err


def test_without_a_readable_checkpoint_training_begins_anew(
    tmp_path: Path, whole: tuple[Path, dict[str, Tensor], Progress]
) -> None:
    encoder, expected, _ = whole
    with pytest.raises(KilledError):
        mixed_training(encoder, tmp_path, Interruption(3))
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    state, progress = mixed_training(encoder, tmp_path)
    assert_equal(state, expected)
    assert progress.resumed_from == 0


def test_another_seed_is_another_training(
    tmp_path: Path, whole: tuple[Path, dict[str, Tensor], Progress]
) -> None:
    """What the tests above compare is not constant: dropout draws on the seed."""
    encoder = whole[0]
    ends = []
    for seed in (1, 2):
        trainee = nli_trainee(encoder, dropout=0.2)
        stream = nli_stream(trainee)
        plan = plan_epochs("nli", stream.copies[0].lengths(), 1, 6, 1)
        train(trainee, {"nli": stream}, plan, optimisation(), seed, tmp_path / str(seed), CPU)
        ends.append(trainee.heads["nli"].get_parameter("out.weight").detach())
    assert not torch.equal(*ends)


def test_the_two_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    for step in (3, 20, 100):
        nn.init.constant_(model.weight, step)
        save_checkpoint(tmp_path, step, model, optimizer)
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "step-00000020.safetensors",
        "step-00000100.safetensors",
    ]
    other = nn.Linear(2, 2)
    assert load_checkpoint(tmp_path, other, torch.optim.AdamW(other.parameters())) == 100
    assert (other.weight == 100).all()
    assert load_checkpoint(tmp_path / "none", other, optimizer) == 0


def encoded_families() -> list[tuple[Any, Encoded, int]]:
    return [
        (classification, classification.encode(classification_rows(6), TOKENS, SETTINGS, NLI), 3),
        (tagging, tagging.encode(tagging_rows(SENTENCES), TOKENS, SETTINGS, TAGS), 3),
        (span_qa, span_qa.encode(question_rows(QUESTIONS), TOKENS, SETTINGS, []), 2),
    ]


@pytest.mark.parametrize("number", range(3))
def test_micro_batches_give_the_gradients_of_the_whole_batch(tmp_path: Path, number: int) -> None:
    family, encoded, labels = encoded_families()[number]
    published_xlmr(tmp_path)
    step = Step("task", 0, tuple(range(len(encoded.units))))
    gradients, sizes = [], []
    for limit in (None, 40, 1):
        torch.manual_seed(5)
        head = family.Head(16, labels, SETTINGS)
        trainee = Trainee(load_encoder(tmp_path), {"task": head}, None)
        stream = TaskStream(trainee, "task", family, [encoded], 1)
        batches = stream.micro_batches(step, limit)
        sizes.append(len(batches))
        total = sum(stream.weight(batch) for batch in batches)
        for batch in batches:
            (stream.loss(batch) / total).backward()  # type: ignore[no-untyped-call]
        gradients.append({n: p.grad for n, p in trainee.named_parameters() if p.grad is not None})
    assert 1 == sizes[0] < sizes[1] <= sizes[2] == len(encoded.units)
    for parts in gradients[1:]:
        for name, gradient in gradients[0].items():
            torch.testing.assert_close(parts[name], gradient, atol=1e-6, rtol=1e-4, msg=name)


def test_masked_text_is_split_with_its_masks(tmp_path: Path) -> None:
    published_xlmr(tmp_path)
    text = masked_text({"en": LINES}, TOKENS, 24, 0.3, 1)
    trainee = Trainee(load_encoder(tmp_path), {}, load_masked_lm(tmp_path))
    stream = MaskedTextStream(trainee, text)
    (full,) = stream.micro_batches(Step(MLM, 3, (0, 1, 2, 3)), None)
    parts = stream.micro_batches(Step(MLM, 3, (0, 1, 2, 3)), full["target"].shape[1] * 3)
    assert [len(part["target"]) for part in parts] == [3, 1]
    for name, tensor in full.items():
        assert torch.equal(torch.cat([part[name] for part in parts]), tensor)


def test_parts_of_a_step_keep_examples_whole_and_in_order() -> None:
    _, encoded, _ = encoded_families()[2]
    limit = 24 * 2
    parts = split_examples(encoded, (1, 2, 0), limit)
    assert [i for part in parts for i in part] == [1, 2, 0]
    for part in parts:
        inputs = [encoded.inputs[i] for example in part for i in encoded.units[example]]
        assert len(part) == 1 or len(inputs) * max(map(len, inputs)) <= limit
    assert split_examples(encoded, (1, 2, 0), None) == [(1, 2, 0)]


@pytest.mark.parametrize("slope", [float("nan"), float("inf")])
def test_a_training_that_diverged_is_no_result(tmp_path: Path, slope: float) -> None:
    with pytest.raises(PolystiltsError, match=r"diverged: at step 1 of 3, on toy, the loss is"):
        toy_training(tmp_path, slope=slope, steps=3)
    assert list(tmp_path.rglob("*.safetensors")) == []


def test_a_change_of_precision_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(computed_in="bf16 on cuda")
    note_precision(progress, CPU, None)
    assert progress.computed_in == "bf16 on cuda, then fp32 on cpu"
    assert "bf16 on cuda so far, goes on in fp32 on cpu" in capsys.readouterr().err
    again = Progress(computed_in="fp32 on cpu")
    note_precision(again, CPU, None)
    assert again.computed_in == "fp32 on cpu"
    assert capsys.readouterr().err == ""
