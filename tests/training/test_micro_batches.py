"""A step that does not fit is repeated in smaller parts, and says so where that does not help."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from polystilts.errors import PolystiltsError
from polystilts.training.distributed import Processes
from polystilts.training.families import classification, multiple_choice, span_qa, tagging
from polystilts.training.inputs import Encoded
from polystilts.training.masking import encode_lines, masked_text
from polystilts.training.micro_batches import halving, step_tokens
from polystilts.training.plan import MLM, Step
from polystilts.training.streams import MaskedTextStream, TaskStream, Trainee
from polystilts.training.token_store import SpecialTokens
from training.tiny import (
    LINES,
    NLI,
    QUESTIONS,
    SENTENCES,
    SETTINGS,
    TAGS,
    choice_rows,
    classification_rows,
    question_rows,
    tagging_rows,
    tokenizer,
)

TOKENS = tokenizer()
NOBODY = Trainee(nn.Identity(), {}, None)


class Memory:
    """Holds so many tokens at once, of a step of 1000."""

    def __init__(self, capacity: int, error: RuntimeError | None = None) -> None:
        self.capacity = capacity
        self.error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate ...")
        self.asked: list[int | None] = []

    def __call__(self, tokens: int | None) -> str:
        self.asked.append(tokens)
        if (1000 if tokens is None else tokens) > self.capacity:
            raise self.error
        return f"computed {tokens}"


def halve(
    attempt: Callable[[int | None], Any], limit: int | None, least: int = 1, largest: int = 1000
) -> tuple[Any, int | None]:
    """Repeat steps whose largest micro-batch has 1000 tokens, in a single process."""
    return halving(attempt, limit, lambda: (largest, least), Processes())


@pytest.mark.parametrize(
    ("capacity", "asked"), [(2000, [1000]), (999, [1000, 500]), (100, [1000, 500, 250, 125, 64])]
)
def test_tokens_are_halved_until_they_fit(
    capacity: int, asked: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    memory = Memory(capacity)
    assert halve(memory, 1000, least=64) == (f"computed {asked[-1]}", asked[-1])
    assert memory.asked == asked
    assert capsys.readouterr().err.count("memory ran out") == len(asked) - 1


def test_without_a_limit_halving_begins_at_the_largest_micro_batch() -> None:
    memory = Memory(300)
    assert halve(memory, None) == ("computed 250", 250)
    assert memory.asked == [None, 500, 250]
    assert halve(Memory(1000), None) == ("computed None", None), "no limit where none is needed"


def test_a_limit_above_the_largest_micro_batch_is_halved_from_there() -> None:
    memory = Memory(300)
    assert halve(memory, 100_000) == ("computed 250", 250)
    assert memory.asked == [100_000, 500, 250]


def test_sizes_are_asked_for_only_where_memory_ran_out() -> None:
    def refuse() -> tuple[int, int]:
        raise AssertionError("a step is made into micro-batches twice")

    assert halving(Memory(1000), 1000, refuse, Processes()) == ("computed 1000", 1000)


def test_all_processes_try_again_where_one_ran_out() -> None:
    """This process's own attempts succeed; the other one's first two do not."""
    elsewhere = iter([True, True, False])

    class Both(Processes):
        def any(self, flag: bool) -> bool:
            return flag or next(elsewhere)

    memory = Memory(1000)
    found = halving(memory, 800, lambda: (1000, 1), Both())
    assert found == ("computed 200", 200)
    assert memory.asked == [800, 400, 200]


def test_an_example_that_does_not_fit_by_itself_is_named() -> None:
    memory = Memory(10)
    message = "a micro-batch of 64 tokens, which is a single example: lower `max_length`"
    with pytest.raises(PolystiltsError, match=message):
        halve(memory, 200, least=64)
    assert memory.asked == [200, 100, 64]


def test_a_limit_below_the_largest_example_is_tried_once() -> None:
    memory = Memory(10)
    with pytest.raises(PolystiltsError, match="32 tokens"):
        halve(memory, 32, least=64)
    assert memory.asked == [32]


@pytest.mark.parametrize(
    "message", ["CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling", "CUDA error: out of memory"]
)
def test_libraries_that_could_not_allocate_count(message: str) -> None:
    assert halve(Memory(50, RuntimeError(message)), 100)[1] == 50


def test_other_errors_are_nobodys_memory() -> None:
    memory = Memory(50, RuntimeError("CUDA error: device-side assert triggered"))
    with pytest.raises(RuntimeError, match="device-side assert"):
        halve(memory, 100)
    assert memory.asked == [100]


def test_what_an_attempt_held_is_given_back_before_the_next() -> None:
    held: list[weakref.ref[torch.Tensor]] = []

    def step(tokens: int | None) -> int:
        assert tokens is not None
        assert not any(reference() is not None for reference in held)
        activations = torch.zeros(tokens)
        held.append(weakref.ref(activations))
        if tokens > 20:
            raise torch.OutOfMemoryError
        return len(activations)

    assert halve(step, 80) == (20, 20)
    assert len(held) == 3


def encoded_families() -> list[tuple[Any, Encoded]]:
    return [
        (classification, classification.encode(classification_rows(12), TOKENS, SETTINGS, NLI)),
        (multiple_choice, multiple_choice.encode(choice_rows(6), TOKENS, SETTINGS, [])),
        (tagging, tagging.encode(tagging_rows(SENTENCES), TOKENS, SETTINGS, TAGS)),
        (span_qa, span_qa.encode(question_rows(QUESTIONS), TOKENS, SETTINGS, [])),
    ]


@pytest.mark.parametrize("number", range(4))
def test_tokens_of_a_step_and_of_what_cannot_be_split(number: int) -> None:
    """What stays whole is an input, and all choices of an example."""
    family, encoded = encoded_families()[number]
    examples = (1, 0, 2)
    stream = TaskStream(NOBODY, "task", family, [encoded], 1)
    whole, least = step_tokens(stream, Step("task", 0, examples))
    sizes = [[len(encoded.inputs[i]) for i in encoded.unit(e)] for e in examples]
    units = sizes if family is multiple_choice else [[n] for unit in sizes for n in unit]
    # one part of a unit may be computed apart, where the others would be padded to it
    assert max(sum(unit) for unit in units) <= least <= max(len(u) * max(u) for u in units)
    real = sum(map(sum, sizes))
    assert least <= whole <= real / 0.95
    batches = stream.micro_batches(Step("task", 0, examples), least)
    assert max(batch.processed_tokens for batch in batches) <= least, "a limit that can be kept"


def test_tokens_of_masked_text() -> None:
    inputs = encode_lines({"en": LINES}, TOKENS, 24).inputs
    text = masked_text(inputs, {"en": len(LINES)}, SpecialTokens.of(TOKENS), 0.3, 1)
    longest = max(len(text.inputs[i]) for i in (0, 1, 3))
    found = step_tokens(MaskedTextStream(NOBODY, text), Step(MLM, 0, (0, 1, 3)))
    assert found == (3 * longest, longest)
