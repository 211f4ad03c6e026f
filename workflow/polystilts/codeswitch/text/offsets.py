"""Where the characters of a text went when some of its words were replaced."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Event(NamedTuple):
    """One replaced word or phrase.

    Attributes:
        start, end: characters of the word in the source text.
        target_start, target_end: characters of its replacement in the new text.
        source: the dictionary's source word that it was found under.
        language: code of the replacement's language.
        unit: `word`, `phrase` or `entity`.
        found: how it was found: `exact`, in `lower` case, or by its `lemma`.
    """

    start: int
    end: int
    target_start: int
    target_end: int
    source: str
    language: str
    unit: str
    found: str


class Edit(NamedTuple):
    """Characters `start` to `end` of the source text that became others in the new text."""

    start: int
    end: int
    target_start: int
    target_end: int


class OffsetMap:
    """Maps character positions and spans of the source text into the new text.

    Positions outside replaced words map exactly. A border strictly inside a replaced word has no
    counterpart: the start of a span moves to the start of the replacement and its end to the end,
    so that a span only ever grows to whole words.
    """

    __slots__ = ("_edits", "_ends", "_starts")

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        self._ends = [edit.end for edit in edits]

    def start(self, position: int) -> int:
        """Return where a span that starts at `position` starts in the new text."""
        after = bisect_right(self._ends, position)
        if after < len(self._edits) and self._starts[after] < position:
            return self._edits[after].target_start
        return position + self._shift(after)

    def end(self, position: int) -> int:
        """Return where a span that ends before `position` ends in the new text."""
        before = bisect_left(self._starts, position)
        if before and self._ends[before - 1] > position:
            return self._edits[before - 1].target_end
        return position + self._shift(before)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the new borders of the characters from `start` up to `end`."""
        return self.start(start), self.end(end)

    def _shift(self, edits: int) -> int:
        if not edits:
            return 0
        last = self._edits[edits - 1]
        return last.target_end - last.end
