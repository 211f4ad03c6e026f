"""What items draw, and who decides for whom: one map for an example, or each place on its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes, mix, salt, share
from polystilts.codeswitch.engine.batch import Batch, Items
from polystilts.codeswitch.engine.chunks import Places
from polystilts.codeswitch.engine.items import sentence_numbers
from polystilts.codeswitch.engine.race import LANGUAGE
from polystilts.codeswitch.engine.surfaces import Table
from polystilts.codeswitch.recipe import Recipe
from polystilts.policies import LanguageChoice

_SHARED, _REDRAW, _CHOICES, _PLACE = (
    salt("purpose", name) for name in ("shared", "redraw", "choices", "place")
)


@dataclass(frozen=True, slots=True)
class Draws:
    """Per item of a batch.

    Attributes:
        unit: equal for items that are decided on together.
        draw: what decides; equal for equal units of an example.
        place: the hash of the item's place, for what is drawn anew at every occurrence.
        language_base: the base of its language race; see `choice`.
        is_shared: whether it has part in the example's one map.
    """

    unit: Hashes
    draw: Hashes
    place: Hashes
    language_base: Hashes
    is_shared: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Around:
    """What a choice of languages may depend on.

    Attributes:
        batch, items, table, stay: of the copy and its recipe.
        draw, place: per item, as in `Draws`.
        own, base: per example its base, and that of its parent or its own.
    """

    batch: Batch
    items: Items
    table: Table
    stay: float
    draw: Hashes
    place: Hashes
    own: Hashes
    base: Hashes


def draw_items(
    batch: Batch, items: Items, table: Table, recipe: Recipe, own: Hashes, base: Hashes
) -> Draws:
    """Return the draws of a copy.

    Args:
        batch, items, table: what is drawn for.
        recipe: says how many word types share one map, and how languages are drawn.
        own: per example its base.
        base: per example that of its parent, or its own.
    """
    unit = items.unit
    place = _places(batch, items, own)
    draw = mix(base[items.example], unit)
    is_shared = np.ones(len(unit), bool)
    if recipe.consistency < 1.0:
        is_shared = share(mix(draw, _SHARED)) < recipe.consistency
        choices = np.array([field.is_choice for field in batch.fields], bool)[items.text]
        among = mix(mix(own[items.example], _CHOICES), unit)
        draw = np.where(is_shared, draw, np.where(choices, among, place))
        unit = np.where(is_shared, unit, np.where(choices, unit ^ _CHOICES, place))
    around = Around(batch, items, table, recipe.stay, draw, place, own, base)
    languages = LANGUAGE_CHOICES[recipe.language_choice](around)
    return Draws(unit, draw, place, languages, is_shared)


def _places(batch: Batch, items: Items, own: Hashes) -> Hashes:
    field = items.text - batch.first_text[items.example]
    local = items.chunk - batch.first_chunk[items.text]
    return mix(mix(own[items.example], _PLACE), (field << 32 | local).astype(np.uint64))


def _per_word(around: Around) -> Hashes:
    return mix(around.draw, LANGUAGE)


def _per_example(around: Around) -> Hashes:
    return mix(around.base, LANGUAGE)[around.items.example]


def _per_sentence(around: Around) -> Hashes:
    return _runs(around, sentence_numbers(around.batch, around.items, around.table))


def _stay(around: Around) -> Hashes:
    return _runs(around, np.cumsum(share(mix(around.place, _REDRAW)) >= around.stay))


# how often a language is drawn -> the base of each item's language race
LANGUAGE_CHOICES: Mapping[LanguageChoice, Callable[[Around], Hashes]] = {
    "per-word": _per_word,
    "per-sentence": _per_sentence,
    "per-example": _per_example,
    "stay": _stay,
}


def _runs(around: Around, number: Places) -> Hashes:
    """Return bases that are equal where a text's items have one number."""
    batch, items = around.batch, around.items
    is_first = np.ones(len(number), bool)
    is_first[1:] = items.text[1:] != items.text[:-1]
    starts = np.flatnonzero(is_first)
    if len(starts):
        number = number - np.repeat(number[starts], np.diff(np.append(starts, len(number))))
    field = items.text - batch.first_text[items.example]
    runs = (field << 32 | number).astype(np.uint64)
    return mix(mix(around.own, LANGUAGE)[items.example], runs)
