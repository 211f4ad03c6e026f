"""A step that does not fit is repeated in smaller parts, and says so where that does not help."""

import weakref
from typing import Any

import pytest
import torch
from torch import nn

from polystilts.errors import PolystiltsError
from polystilts.training.families import classification, multiple_choice
from polystilts.training.masking import masked_text
from polystilts.training.micro_batches import halving, step_tokens
from polystilts.training.plan import MLM, Step
from polystilts.training.streams import MaskedTextStream, TaskStream, Trainee
from training.tiny import LINES, NLI, SETTINGS, choice_rows, classification_rows, tokenizer

TOKENS = tokenizer()
NOBODY = Trainee(nn.Identity(), {}, None)


class Memory:
    """Holds so many tokens at once."""

    def __init__(self, capacity: int, error: RuntimeError | None = None) -> None:
        self.capacity = capacity
        self.error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate ...")
        self.asked: list[int] = []

    def __call__(self, tokens: int) -> str:
        self.asked.append(tokens)
        if tokens > self.capacity:
            raise self.error
        return f"computed {tokens}"


@pytest.mark.parametrize(
    ("capacity", "asked"), [(2000, [1000]), (999, [1000, 500]), (100, [1000, 500, 250, 125, 64])]
)
def test_tokens_are_halved_until_they_fit(
    capacity: int, asked: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    memory = Memory(capacity)
    assert halving(memory, 1000, least=64) == (f"computed {asked[-1]}", asked[-1])
    assert memory.asked == asked
    assert capsys.readouterr().err.count("memory ran out") == len(asked) - 1


def test_an_example_that_does_not_fit_by_itself_is_named() -> None:
    memory = Memory(10)
    message = "a micro-batch of 64 tokens, which is a single example: lower `max_length`"
    with pytest.raises(PolystiltsError, match=message):
        halving(memory, 200, least=64)
    assert memory.asked == [200, 100, 64]


def test_a_limit_below_the_largest_example_is_tried_once() -> None:
    memory = Memory(10)
    with pytest.raises(PolystiltsError, match="32 tokens"):
        halving(memory, 32, least=64)
    assert memory.asked == [32]


@pytest.mark.parametrize(
    "message", ["CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling", "CUDA error: out of memory"]
)
def test_libraries_that_could_not_allocate_count(message: str) -> None:
    assert halving(Memory(50, RuntimeError(message)), 100)[1] == 50


def test_other_errors_are_nobodys_memory() -> None:
    memory = Memory(50, RuntimeError("CUDA error: device-side assert triggered"))
    with pytest.raises(RuntimeError, match="device-side assert"):
        halving(memory, 100)
    assert memory.asked == [100]


def test_what_an_attempt_held_is_given_back_before_the_next() -> None:
    held: list[weakref.ref[torch.Tensor]] = []

    def step(tokens: int) -> int:
        assert not any(reference() is not None for reference in held)
        activations = torch.zeros(tokens)
        held.append(weakref.ref(activations))
        if tokens > 20:
            raise torch.OutOfMemoryError
        return len(activations)

    assert halving(step, 80) == (20, 20)
    assert len(held) == 3


def test_tokens_of_a_step_and_of_its_largest_example() -> None:
    pairs = classification.encode(classification_rows(12), TOKENS, SETTINGS, NLI)
    choices = multiple_choice.encode(choice_rows(6), TOKENS, SETTINGS, [])
    families: list[tuple[Any, Any]] = [(classification, pairs), (multiple_choice, choices)]
    for family, encoded in families:
        examples = (1, 0, 4)
        stream = TaskStream(NOBODY, "task", family, [encoded], 1)
        sizes = [[len(encoded.inputs[i]) for i in encoded.units[e]] for e in examples]
        inputs = sum(map(len, sizes))
        whole, least = step_tokens(stream, Step("task", 0, examples))
        assert whole == inputs * max(max(size) for size in sizes)
        assert least == max(len(size) * max(size) for size in sizes)
    text = masked_text({"en": LINES}, TOKENS, 24, 0.3, 1)
    longest = max(len(text.inputs[i]) for i in (0, 1, 3))
    found = step_tokens(MaskedTextStream(NOBODY, text), Step(MLM, 0, (0, 1, 3)))
    assert found == (3 * longest, longest)
