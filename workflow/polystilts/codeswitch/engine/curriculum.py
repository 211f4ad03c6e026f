"""How copies of a corpus differ: the rate of each, and how sure the dictionaries must be."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.recipe import Recipe
from polystilts.policies import Curriculum

# (number of the copy from 0, copies) -> (factor of the rate, share of the entries, easiest first)
Stage = Callable[[int, int], tuple[float, float]]


def _even(copy: int, copies: int) -> tuple[float, float]:
    return 1.0, 1.0


def _ramp(copy: int, copies: int) -> tuple[float, float]:
    return (copy + 1) / copies, 1.0


def _easy_first(copy: int, copies: int) -> tuple[float, float]:
    return 1.0, (copy + 1) / copies


CURRICULA: Mapping[Curriculum, Stage] = {"none": _even, "ramp": _ramp, "easy-first": _easy_first}


def stage(recipe: Recipe, copy: int) -> tuple[float, float]:
    """Return (rate, share of the entries that may be switched) of a copy of switched text."""
    factor, entries = CURRICULA[recipe.curriculum](min(copy, recipe.copies - 1), recipe.copies)
    return recipe.rate * factor, entries


def sets_entries_aside(recipe: Recipe) -> bool:
    """Tell whether some copy may not switch all entries, so that their difficulty is needed."""
    return any(stage(recipe, copy)[1] < 1.0 for copy in range(recipe.copies))


def difficulty(dictionary: Dictionary) -> NDArray[np.float64]:
    """Return each entry's place, from 0 to 1, by the mean number of translations per language.

    Words with one sense come first; among equals those that more languages have, then those that
    the dictionaries list first, which are frequent in most of them.
    """
    slots = np.diff(dictionary.slot_first)
    totals = np.diff(dictionary.candidate_first[dictionary.slot_first])
    mean = totals / np.maximum(slots, 1)
    mean[slots == 0] = np.inf
    order = np.lexsort((np.arange(len(mean)), -slots, mean))
    place = np.empty(len(mean))
    place[order] = np.arange(len(mean)) / max(len(mean), 1)
    return place
