"""Which translation of a language is drawn: weights of candidates, from registered factors.

A candidate is one listed translation of a word in one language. The factors of a recipe are
multiplied; a language whose candidates all get nothing keeps them all, so that senses never decide
which languages have a word.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polystilts.policies import Sense

# Bits of the parts of speech that dictionaries name, and rows of `weights`; 0 is an unknown one.
PARTS_OF_SPEECH = ("NOUN", "VERB", "ADJ", "ADV")
BY_PART_OF_SPEECH: Final = "part-of-speech"

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """All candidates of a dictionary, slot by slot; a slot is a word in one language.

    Attributes:
        rank: place among the translations of the word, from 0.
        agreement: number of dictionaries that list the pair.
        parts: bit set of its parts of speech; 0 where no dictionary names one.
        meaning: equal for equal translations of one language.
        slot_first: candidates of slot s are slot_first[s]:slot_first[s + 1].
    """

    rank: NDArray[np.int32]
    agreement: NDArray[np.int32]
    parts: NDArray[np.uint8]
    meaning: NDArray[np.int64]
    slot_first: NDArray[np.int64]


def _uniform(candidates: Candidates) -> Weights:
    return np.ones(len(candidates.rank))


def _by_rank(candidates: Candidates) -> Weights:
    weights: Weights = 1.0 / (1.0 + candidates.rank.astype(np.float64))
    return weights


def _by_agreement(candidates: Candidates) -> Weights:
    return candidates.agreement.astype(np.float64)


def _by_round_trip(candidates: Candidates) -> Weights:
    """Keep a translation whose best way back is this word: no other lists it at a better rank."""
    if not len(candidates.rank):
        return np.ones(0)
    _, place = np.unique(candidates.meaning, return_inverse=True)
    best = np.full(place.max() + 1, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(best, place, candidates.rank)
    is_best: NDArray[np.bool_] = candidates.rank == best[place]
    return is_best.astype(np.float64)


FACTORS: Mapping[Sense, Callable[[Candidates], Weights]] = {
    "uniform": _uniform,
    "rank": _by_rank,
    "agreement": _by_agreement,
    BY_PART_OF_SPEECH: _uniform,  # it depends on the English word: see `with_parts` below
    "round-trip": _by_round_trip,
}


def cumulative(
    candidates: Candidates, senses: Sequence[Sense], with_parts: bool
) -> NDArray[np.float64]:
    """Return, per part of speech of the English word, slot + cumulative share of each candidate.

    The first row is for words of unknown part of speech; further ones, in the order of
    `PARTS_OF_SPEECH`, are there if `with_parts`: they set aside candidates that are known to be
    another part of speech. A number u in [0, 1) draws, in slot s, the first candidate above s + u.
    """
    weights = np.ones(len(candidates.rank))
    for sense in senses:
        weights = weights * FACTORS[sense](candidates)
    rows = [_shares(_or_all(weights, candidates), candidates)]
    for bit in range(len(PARTS_OF_SPEECH) if with_parts else 0):
        fits = (candidates.parts == 0) | (candidates.parts & np.uint8(1 << bit) != 0)
        rows.append(_shares(_or_all(_or_other(weights, fits, candidates), candidates), candidates))
    return np.stack(rows)


def _or_other(weights: Weights, fits: NDArray[np.bool_], candidates: Candidates) -> Weights:
    """Set aside what does not fit, where that leaves something."""
    kept = weights * fits
    return np.where(_sums(kept, candidates) > 0, kept, weights)


def _or_all(weights: Weights, candidates: Candidates) -> Weights:
    return np.where(_sums(weights, candidates) > 0, weights, 1.0)


def _sums(weights: Weights, candidates: Candidates) -> Weights:
    """Return the sum of each candidate's slot."""
    first = candidates.slot_first
    if len(first) < 2:
        return weights
    sums: Weights = np.repeat(np.add.reduceat(weights, first[:-1]), np.diff(first))
    return sums


def _shares(weights: Weights, candidates: Candidates) -> Weights:
    first = candidates.slot_first
    slots = len(first) - 1
    if slots < 1:
        return weights
    # Summed slot by slot, so that a candidate's bound depends on no other slot.
    widths = np.diff(first)
    total = np.add.reduceat(weights, first[:-1])
    shares = weights / np.repeat(total, widths)
    bounds: Weights = np.empty_like(shares)
    running = np.zeros(slots)
    longer = np.arange(slots)
    for place in range(int(widths.max())):
        longer = longer[widths[longer] > place]
        at = first[longer] + place
        running[longer] += shares[at]
        bounds[at] = running[longer]
    bounds[first[1:] - 1] = 1.0  # whatever rounding left over
    bounds += np.repeat(np.arange(slots, dtype=np.float64), widths)
    return bounds
