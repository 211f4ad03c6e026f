"""Extractive question answering over windows of the context."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from polystilts.errors import PolystiltsError
from polystilts.training.inputs import Array, Encoded, special_ids
from polystilts.training.ragged import Integers, Ragged

OVER_INPUTS = True

NO_ANSWER = 0


def encode(
    table: pa.Table, tokenizer: Tokenizer, settings: Mapping[str, object], labels: Sequence[str]
) -> Encoded:
    """Encode rows of `id, question, context, answers` as question–window pairs.

    A context that does not fit is read through windows that begin `doc_stride` tokens after each
    other, as in XTREME's `squad.py` and in jiant; all windows of a question are one example. A
    question longer than `max_question_length` loses its end (counted). The target of a window is
    the first answer's first and last token; where the window does not hold the whole answer, or
    there is none, it is position 0.

    Per input, `start` and `end` are its target, `shift` is the position of its first context token,
    and `spans` are the character spans of its context tokens, (tokens, 2): what decoding needs to
    cut answers from the context itself.

    Raises:
        PolystiltsError: beside the longest question, a window would be narrower than the step to
            the next one.
    """
    before, between, after = special_ids(tokenizer)
    specials = len(before) + len(between) + len(after)
    step, question_room, room = _lengths(settings, specials)
    questions = tokenizer.encode_batch(table["question"].to_pylist(), add_special_tokens=False)
    contexts = tokenizer.encode_batch(table["context"].to_pylist(), add_special_tokens=False)
    inputs: list[list[int]] = []
    first_input = [0]
    targets_of: list[tuple[int, int]] = []
    shifts: list[int] = []
    spans: list[list[tuple[int, int]]] = []
    truncated = 0
    answers = table["answers"].to_pylist()
    for question, context, golds in zip(questions, contexts, answers, strict=True):
        truncated += len(question.ids) > question_room
        prefix = before + question.ids[:question_room] + between
        width = room - min(len(question.ids), question_room)
        answer = _answer_tokens(context.offsets, golds)
        for start in window_starts(len(context.ids), width, step):
            inputs.append(prefix + context.ids[start : start + width] + after)
            shifts.append(len(prefix))
            spans.append(context.offsets[start : start + width])
            targets_of.append(_inside(answer, start, width, len(prefix)))
        first_input.append(len(inputs))
    ends = np.array(targets_of, np.int32).reshape(-1, 2)
    arrays: dict[str, Array] = {
        "start": ends[:, 0].copy(),
        "end": ends[:, 1].copy(),
        "shift": np.array(shifts, np.int32),
        "spans": Ragged.of(spans, width=2),
    }
    return Encoded(Ragged.of(inputs), np.array(first_input, np.int64), arrays, truncated)


def _lengths(settings: Mapping[str, object], specials: int) -> tuple[int, int, int]:
    """Return the step between windows, the longest question, and the tokens of both texts."""
    names = ("doc_stride", "max_question_length", "max_length")
    step, question, longest = (int(str(settings[name])) for name in names)
    if longest - specials - question < step:
        raise PolystiltsError(
            f"`max_length` {longest} holds {specials} special tokens of this tokenizer, a question "
            f"of `max_question_length` {question} and {max(0, longest - specials - question)} "
            f"tokens of its context, fewer than the `doc_stride` of {step} to the next window: set "
            f"`max_length` to at least {specials + question + step}, or lower one of the others"
        )
    return step, question, longest - specials


def window_starts(tokens: int, width: int, step: int) -> list[int]:
    """Return where windows of `width` tokens begin, `step` after each other.

    A window that reaches the end is the last one.
    """
    starts = [0]
    while starts[-1] + width < tokens:
        starts.append(starts[-1] + step)
    return starts


def _answer_tokens(
    offsets: Sequence[tuple[int, int]], golds: Sequence[Mapping[str, object]]
) -> tuple[int, int] | None:
    """Return the first and last token that show a part of the first answer, if there is one.

    White space at the answer's ends is no part of it: the next word's piece may carry it.
    """
    if not golds:
        return None
    text = str(golds[0]["text"])
    begin = int(str(golds[0]["start"])) + len(text) - len(text.lstrip())
    end = begin + len(text.strip())
    shown = [i for i, (left, right) in enumerate(offsets) if left < end and right > begin]
    return (shown[0], shown[-1]) if shown else None


def _inside(answer: tuple[int, int] | None, start: int, width: int, shift: int) -> tuple[int, int]:
    """Return the answer's positions in a window's input, NO_ANSWER unless it is there whole."""
    if answer is None or answer[0] < start or answer[1] >= start + width:
        return NO_ANSWER, NO_ANSWER
    return shift + answer[0] - start, shift + answer[1] - start


def targets(encoded: Encoded, inputs: Integers) -> dict[str, Tensor]:
    """Return `start` and `end`, int64 of shape (inputs,)."""
    return {
        name: torch.from_numpy(encoded.numbers(name)[inputs].astype(np.int64))
        for name in ("start", "end")
    }


def guesses(encoded: Encoded) -> Integers:
    """Return what the same guess every time could get right: each window's ends, as one number."""
    longest = int(encoded.inputs.lengths().max(initial=0)) + 1
    ends: Integers = encoded.numbers("start").astype(np.int64) * longest + encoded.numbers("end")
    return ends


def weight(batch: Mapping[str, Tensor]) -> int:
    """Return what a batch's summed loss is divided by: its windows."""
    return len(batch["start"])


def loss(logits: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """Return the summed mean of the cross-entropies of first and last token."""
    first = functional.cross_entropy(logits[..., 0], batch["start"], reduction="sum")
    last = functional.cross_entropy(logits[..., 1], batch["end"], reduction="sum")
    return (first + last) / 2


def correct(logits: Tensor, batch: Mapping[str, Tensor]) -> tuple[int, int]:
    """Return in how many windows both first and last token are right, and of how many."""
    right = (logits[..., 0].argmax(-1) == batch["start"]) & (
        logits[..., 1].argmax(-1) == batch["end"]
    )
    return int(right.sum()), len(batch["start"])


class Head(nn.Module):
    """A linear layer that scores every token as first and as last of the answer."""

    def __init__(self, hidden_size: int, labels: int, settings: Mapping[str, object]) -> None:
        super().__init__()
        self.out = nn.Linear(hidden_size, 2)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """(inputs, length, hidden) and (inputs, length) → logits (inputs, length, 2)."""
        logits: Tensor = self.out(hidden)
        return logits.masked_fill(mask.unsqueeze(-1) == 0, float("-inf"))
