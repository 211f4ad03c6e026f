"""The optimiser and its schedule, as the loop uses them."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import get_linear_schedule_with_warmup

from polystilts.errors import PolystiltsError
from polystilts.training.batches import Batch, single_part
from polystilts.training.loop import Surroundings, train
from polystilts.training.plan import Step
from training.tiny import CPU, optimisation


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

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        self.seen.append({name: p.detach().clone() for name, p in self.model.named_parameters()})
        return [single_part(torch.ones(1, 1), torch.ones(1, 1), {}, 1)]

    def loss(self, batch: Batch) -> Tensor:
        return self.slope * torch.stack([p.sum() for p in self.model.parameters()]).sum()


def toy_training(folder: Path, slope: float, steps: int, **changes: Any) -> list[dict[str, Tensor]]:
    model = Toy()
    stream = ToyStream(model, slope)
    plan = [Step("toy", 0, (i,)) for i in range(steps)]
    settings = optimisation(clip=1e9, epsilon=1e-30, **changes)
    train(model, {"toy": stream}, plan, settings, 1, Surroundings(folder, CPU))
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


@pytest.mark.parametrize("slope", [float("nan"), float("inf")])
def test_a_training_that_diverged_is_no_result(tmp_path: Path, slope: float) -> None:
    with pytest.raises(PolystiltsError, match=r"diverged: at step 1 of 3, on toy, the loss is"):
        toy_training(tmp_path, slope=slope, steps=3)
    assert list(tmp_path.rglob("*.safetensors")) == []
