"""The loop: training as written by hand, exact resume."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from polystilts.training.batches import Batch
from polystilts.training.checkpoint import Saved, load_checkpoint, save_checkpoint
from polystilts.training.encoder import load_encoder, load_masked_lm
from polystilts.training.families import classification
from polystilts.training.loop import Stream, Surroundings, train
from polystilts.training.masking import encode_lines, masked_text
from polystilts.training.plan import MLM, Step, interleave_mlm, plan_epochs
from polystilts.training.progress import Progress
from polystilts.training.streams import MaskedTextStream, TaskStream, Trainee
from polystilts.training.token_store import SpecialTokens
from training.tiny import (
    CPU,
    LINES,
    NLI,
    SETTINGS,
    classification_rows,
    optimisation,
    published_xlmr,
    tokenizer,
)

TOKENS = tokenizer()


class KilledError(Exception):
    """The process is gone."""


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


@pytest.mark.parametrize("clip", [0.5, 1e9])
def test_the_loop_is_the_one_written_by_hand(tmp_path: Path, clip: float) -> None:
    """Same batches through plain torch: same losses and weights.

    The loop computes a step in groups of like length, so that sums differ by rounding. A key's bias
    adds the same to all scores of a query, which softmax ignores: its gradient is rounding alone,
    from which Adam makes steps of full size.
    """
    trainee = nli_trainee(tmp_path / "encoder")
    stream = nli_stream(trainee)
    plan = plan_epochs("nli", stream.copies[0].lengths(), 4, 6, 1)
    settings = optimisation(clip=clip, weight_decay=0.1)
    losses: list[float] = []
    weights: list[int] = []

    @dataclass(frozen=True)
    class Recorded(TaskStream):
        def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
            batches = super().micro_batches(step, limit)
            losses.append(0.0)
            weights.append(sum(batch.weight for batch in batches))
            return batches

        def loss(self, batch: Batch) -> Tensor:
            loss = super().loss(batch)
            losses[-1] += float(loss.detach()) / weights[-1]
            return loss

    recorded = Recorded(trainee, "nli", classification, stream.copies, 1)
    around = Surroundings(tmp_path / "partial", CPU)
    train(trainee, {"nli": recorded}, plan, settings, 1, around)
    assert weights == [6] * 16

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
        nn.utils.clip_grad_norm_(other.parameters(), clip)
        optimizer.step()
    assert losses == pytest.approx(expected, abs=1e-5)
    assert expected[-1] < expected[0] / 2
    for (name, ours), theirs in zip(trainee.named_parameters(), other.parameters(), strict=True):
        if not name.endswith("key.bias"):
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
    lines = encode_lines({"en": LINES[:4], "es": LINES[4:5], "ru": LINES[5:]}, TOKENS, 24)
    sizes = {"en": 4, "es": 1, "ru": 1}
    text = masked_text(lines.inputs, sizes, SpecialTokens.of(TOKENS), 0.3, 1)

    @dataclass(frozen=True)
    class Watched(TaskStream):
        def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
            watch()
            return super().micro_batches(step, limit)

    task = nli_stream(trainee, copies=2)
    streams: dict[str, Stream] = {
        "nli": Watched(trainee, "nli", classification, task.copies, 1),
        MLM: MaskedTextStream(trainee, text),
    }
    plan = plan_epochs("nli", task.copies[0].lengths(), 2, 6, 1)
    plan = interleave_mlm(plan, 0.3, [(0, 3), (1, 2, 4), (5,)])
    settings = optimisation(**({"checkpoint_seconds": 0.0, "micro_batch_tokens": 60} | changes))
    progress = train(trainee, streams, plan, settings, 1, Surroundings(partial, CPU))
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


@pytest.mark.parametrize("keep", [0, 7, 100, -2])
@pytest.mark.parametrize("part", ["safetensors", "json"])
def test_a_damaged_checkpoint_is_not_the_end(
    tmp_path: Path,
    whole: tuple[Path, dict[str, Tensor], Progress],
    capsys: pytest.CaptureFixture[str],
    part: str,
    keep: int,
) -> None:
    encoder, expected, _ = whole
    with pytest.raises(KilledError):
        mixed_training(encoder, tmp_path, Interruption(5))
    earlier, newest = sorted(tmp_path.glob(f"step-*.{part}"))
    newest.write_bytes(newest.read_bytes()[:keep])
    state, progress = mixed_training(encoder, tmp_path)
    assert_equal(state, expected)
    assert progress.resumed_from == int(earlier.stem.removeprefix("step-"))
    assert f"unreadable checkpoint {newest.stem} (" in capsys.readouterr().err


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
        around = Surroundings(tmp_path / str(seed), CPU)
        train(trainee, {"nli": stream}, plan, optimisation(), seed, around)
        ends.append(trainee.heads["nli"].get_parameter("out.weight").detach())
    assert not torch.equal(*ends)


def test_the_two_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    for step in (3, 20, 100):
        nn.init.constant_(model.weight, step)
        assert save_checkpoint(tmp_path, step, model, optimizer, {"real_tokens": 5 * step})
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "step-00000020.json",
        "step-00000020.safetensors",
        "step-00000100.json",
        "step-00000100.safetensors",
    ]
    other = nn.Linear(2, 2)
    saved = load_checkpoint(tmp_path, other, torch.optim.AdamW(other.parameters()))
    assert saved == Saved(100, {"real_tokens": 500})
    assert (other.weight == 100).all()
    assert load_checkpoint(tmp_path / "none", other, optimizer) is None
