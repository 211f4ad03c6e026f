"""Chunk precision, recall and F1 by the rule of seqeval 0.0.12, the one behind XTREME's numbers.

XTREME scores part-of-speech tags with it as well, on tags without a prefix. The first letter of
such a tag then acts as the prefix: runs of one tag merge into a chunk, tags that begin with S
(SCONJ, SYM) are chunks of one token each, and a type is the whole tag. seqeval 0.0.16 and later
cut the first letter off, so that CCONJ and SCONJ become one type; results differ.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, count, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Reading = Callable[[str], tuple[str, str]]

_OUTSIDE = "O"
# the first letters that the rule knows; every other one acts like the last of these
_LETTERS = "BIESO.?"


class ChunkScores(NamedTuple):
    """Micro-averaged scores in [0, 1] and the number of gold chunks."""

    precision: float
    recall: float
    f1: float
    gold_chunks: int


class _Chunks(NamedTuple):
    """Chunks by position, sentences joined: whether one ends there, where it begins, its type."""

    ends: NDArray[np.bool_]
    first: NDArray[np.int32]
    types: NDArray[np.int32]


def by_first_letter(tag: str) -> tuple[str, str]:
    """Read a tag as seqeval 0.0.12 does: its first letter, and the text after its last hyphen."""
    return tag[0], tag.rsplit("-", 1)[-1]


def as_runs(tag: str) -> tuple[str, str]:
    """Read a tag without a prefix: no letter means anything, and runs of a tag are its chunks."""
    return (_OUTSIDE, tag) if tag == _OUTSIDE else ("I", tag)


def chunk_scores(
    gold: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    reading: Reading = by_first_letter,
) -> ChunkScores:
    """Score predicted tags against gold tags, sentence by sentence; a ratio of 0/0 counts as 0.

    A chunk is right if a gold chunk has its type and begins and ends where it does.

    Raises:
        ValueError: a sentence has more or fewer predicted tags than gold tags.
    """
    for number, (expected, given) in enumerate(zip(gold, predicted, strict=True), start=1):
        if len(expected) != len(given):
            raise ValueError(
                f"sentence {number}: {len(expected)} gold tags, {len(given)} predicted tags"
            )
    codes: dict[str, int] = defaultdict(count().__next__)
    coded = [_coded(sentences, codes) for sentences in (gold, predicted)]
    wanted, proposed = (_chunks(row, [reading(tag) for tag in codes]) for row in coded)
    same = (wanted.first == proposed.first) & (wanted.types == proposed.types)
    correct = int(np.count_nonzero(wanted.ends & proposed.ends & same))
    found, sought = int(np.count_nonzero(proposed.ends)), int(np.count_nonzero(wanted.ends))
    precision = correct / found if found else 0.0
    recall = correct / sought if sought else 0.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return ChunkScores(precision, recall, f1, sought)


def _coded(sentences: Iterable[Sequence[str]], codes: dict[str, int]) -> NDArray[np.int32]:
    """Return a number per tag, with an O before the first sentence and after each."""
    tags = chain.from_iterable(chain.from_iterable((one, (_OUTSIDE,)) for one in sentences))
    return np.fromiter(map(codes.__getitem__, chain((_OUTSIDE,), tags)), np.int32)


def _chunks(tags: NDArray[np.int32], readings: Sequence[tuple[str, str]]) -> _Chunks:
    """Find the chunks of coded tags; `readings` are the prefix and the type of each code."""
    kinds: dict[str, int] = defaultdict(count().__next__)
    types = np.array([kinds[kind] for _, kind in readings], np.int32)[tags]
    letters = np.array([_LETTERS.find(letter) for letter, _ in readings]) % len(_LETTERS)
    after = letters.astype(np.uint8)[tags]
    step = (after[:-1] * len(_LETTERS) + after[1:]) * 2 + (types[:-1] != types[1:])
    positions = np.arange(len(step), dtype=np.int32)
    begun = np.maximum.accumulate(positions * _STARTS[step])
    # a chunk that ends before a position began before it
    return _Chunks(_ENDS[step][1:], begun[:-1], types[1:-1])


def _ends(previous: str, prefix: str, type_changed: bool) -> bool:
    return (
        previous in "ES"
        or (previous in "BI" and prefix in "BSO")
        or (type_changed and previous not in "O.")
    )


def _starts(previous: str, prefix: str, type_changed: bool) -> bool:
    return (
        prefix in "BS"
        or (previous in "ESO" and prefix in "EI")
        or (type_changed and prefix not in "O.")
    )


def _table(rule: Callable[[str, str, bool], bool]) -> NDArray[np.bool_]:
    """Write a rule down for every two letters that follow one another, types equal or not."""
    pairs = product(_LETTERS, _LETTERS, (False, True))
    return np.array([rule(previous, prefix, changed) for previous, prefix, changed in pairs])


_ENDS, _STARTS = _table(_ends), _table(_starts)
