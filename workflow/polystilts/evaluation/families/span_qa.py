"""The best answer span of a question over all windows of its context."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from torch import Tensor

from polystilts.evaluation.xtreme_answers import project
from polystilts.training.families import span_qa as family
from polystilts.training.inputs import Encoded

encode = family.encode
Head = family.Head

_BEST = 20
_LONGEST_ANSWER = 30


@dataclass(frozen=True)
class Span:
    """A candidate answer: character offsets in the context and the sum of its two logits."""

    score: float
    start: int
    end: int


def decode(
    encoded: Encoded, table: pa.Table, logits: Sequence[Tensor], labels: Sequence[str]
) -> dict[str, list[object]]:
    """Return predictions cut from the context by character offsets, and by XTREME's projection.

    As in XTREME, every question is answered; an answer has at most 30 pieces, both its ends are
    among the 20 best, and its start is scored in the window that shows it with most context.
    """
    columns: dict[str, list[object]] = {
        name: [] for name in ("gold", "prediction", "score", "start", "end", "prediction_xtreme")
    }
    shifts = encoded.numbers("shift").tolist()
    windows = [[(start, end) for start, end in rows] for rows in encoded.rows("spans").tolist()]
    rows = zip(table["context"].to_pylist(), table["answers"].to_pylist(), strict=True)
    for example, (context, golds) in enumerate(rows):
        unit = encoded.unit(example)
        spans = [windows[i] for i in unit]
        central = _most_central(spans)
        best = Span(float("-inf"), 0, 0)
        for i, offsets, owned in zip(unit, spans, central, strict=True):
            found = _best_span(logits[i], shifts[i], offsets, owned)
            best = max(best, found, key=lambda span: span.score)
        start, end = _trim(context, best.start, best.end)
        columns["gold"].append(json.dumps([a["text"] for a in golds], ensure_ascii=False))
        columns["prediction"].append(context[start:end])
        columns["prediction_xtreme"].append(project(context, start, end))
        columns["score"].append(best.score)
        columns["start"].append(start)
        columns["end"].append(end)
    return columns


def _best_span(
    logits: Tensor, shift: int, offsets: Sequence[tuple[int, int]], owned: Sequence[bool]
) -> Span:
    first, last = logits[shift : shift + len(offsets)].float().unbind(-1)
    count = min(_BEST, len(offsets))
    starts = first.topk(count)
    ends = last.topk(count)
    best = Span(float("-inf"), offsets[0][0], offsets[0][0])
    for start_score, start in zip(starts.values.tolist(), starts.indices.tolist(), strict=True):
        if not owned[start]:
            continue
        for end_score, end in zip(ends.values.tolist(), ends.indices.tolist(), strict=True):
            if start <= end < start + _LONGEST_ANSWER and start_score + end_score > best.score:
                best = Span(start_score + end_score, offsets[start][0], offsets[end][1])
    return best


def _most_central(windows: Sequence[Sequence[tuple[int, int]]]) -> list[list[bool]]:
    """Tell for each token of each window whether no other window shows it with more context.

    The measure is SQuAD's "max context": the smaller of the contexts on both sides, plus a
    hundredth of the window's length.
    """
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for number, offsets in enumerate(windows):
        for position, span in enumerate(offsets):
            around = min(position, len(offsets) - position - 1) + 0.01 * len(offsets)
            if span not in best or around > best[span][0]:
                best[span] = (around, number)
    return [[best[span][1] == number for span in offsets] for number, offsets in enumerate(windows)]


def _trim(context: str, start: int, end: int) -> tuple[int, int]:
    """Leave out the white space that pieces carry before a word."""
    while start < end and context[start].isspace():
        start += 1
    while end > start and context[end - 1].isspace():
        end -= 1
    return start, end
