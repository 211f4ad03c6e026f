"""Heads: shapes, pooling, and no influence of padding."""

from types import ModuleType

import pytest
import torch

from polystilts.training.families import classification, multiple_choice, span_qa, tagging
from polystilts.training.pooling import pool
from training.tiny import SETTINGS

HIDDEN = torch.randn(2, 5, 8, generator=torch.manual_seed(0))
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def test_pooling() -> None:
    assert torch.equal(pool(HIDDEN, MASK, "first"), HIDDEN[:, 0])
    mean = pool(HIDDEN, MASK, "mean")
    torch.testing.assert_close(mean[0], HIDDEN[0].mean(0))
    torch.testing.assert_close(mean[1], HIDDEN[1, :3].mean(0))
    with pytest.raises(ValueError, match="`max`"):
        pool(HIDDEN, MASK, "max")


@pytest.mark.parametrize(
    ("family", "shape"),
    [
        (classification, (2, 3)),
        (multiple_choice, (2, 1)),
        (tagging, (2, 5, 3)),
        (span_qa, (2, 5, 2)),
    ],
)
@pytest.mark.parametrize("pooling", ["first", "mean"])
def test_padding_does_not_change_logits(
    family: ModuleType, shape: tuple[int, ...], pooling: str
) -> None:
    torch.manual_seed(1)
    head = family.Head(8, 3, SETTINGS | {"pool": pooling}).eval()
    logits = head(HIDDEN, MASK)
    assert logits.shape == shape
    other = HIDDEN.clone()
    other[1, 3:] = 1e4
    alone = head(HIDDEN[1:, :3], MASK[1:, :3])
    changed = head(other, MASK)
    if len(shape) == 3:
        logits, changed = logits[:, :3], changed[:, :3]
    torch.testing.assert_close(changed, logits)
    torch.testing.assert_close(alone[0], logits[1])


def test_padding_is_never_an_answer() -> None:
    logits = span_qa.Head(8, 0, SETTINGS)(HIDDEN, MASK)
    assert (logits[1, 3:] == float("-inf")).all()
    assert torch.isfinite(logits[0]).all()
    assert torch.isfinite(logits[1, :3]).all()


@pytest.mark.parametrize("family", [classification, multiple_choice, tagging])
def test_dropout_acts_in_training_alone(family: ModuleType) -> None:
    head = family.Head(8, 3, SETTINGS | {"dropout": 0.5})
    assert not torch.equal(head(HIDDEN, MASK), head(HIDDEN, MASK))
    head.eval()
    assert torch.equal(head(HIDDEN, MASK), head(HIDDEN, MASK))


def test_the_classification_head_is_robertas() -> None:
    head = classification.Head(8, 3, SETTINGS).eval()
    weights = head.state_dict()
    dense = torch.tanh(HIDDEN[:, 0] @ weights["dense.weight"].T + weights["dense.bias"])
    expected = dense @ weights["out.weight"].T + weights["out.bias"]
    torch.testing.assert_close(head(HIDDEN, MASK), expected)
