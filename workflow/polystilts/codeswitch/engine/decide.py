"""All decisions of one copy: which items of a batch are switched, and into which candidate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes, mix, salt, share
from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.engine.batch import Batch, Items
from polystilts.codeswitch.engine.choice import choose
from polystilts.codeswitch.engine.chunks import Places
from polystilts.codeswitch.engine.curriculum import difficulty, sets_entries_aside, stage
from polystilts.codeswitch.engine.draws import Draws, draw_items
from polystilts.codeswitch.engine.quota import Units, group, walk
from polystilts.codeswitch.engine.race import LanguageRace, is_treated
from polystilts.codeswitch.engine.surfaces import Table
from polystilts.codeswitch.recipe import Recipe
from polystilts.policies import RateOf

_ROUNDING, _UNIT = (salt("purpose", name) for name in ("rounding", "unit"))
_PROTECTIONS = np.array([losses.protection_of(name) is not None for name in losses.LOSS_NAMES])

# which items the rate is a share of, by why each must stay
DENOMINATORS: Mapping[RateOf, Callable[[NDArray[np.int8]], NDArray[np.bool_]]] = {
    "words": lambda loss: np.ones(len(loss), bool),
    "unprotected": lambda loss: ~_PROTECTIONS[loss],
    "eligible": lambda loss: loss == losses.NONE,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of the items of a batch.

    Attributes:
        candidate: per item, or -1 where it stays.
        tried: per item, whether the walk came to it.
        loss: per item, why it stays although it was tried, or NONE.
        eligible: per item, whether it might have been switched.
        place: per item, the hash of its place, for what is drawn anew at every occurrence.
        quota: per example, the words that were to be switched.
        shortfall: per example, the words that it lacked for that.
    """

    candidate: Places
    tried: NDArray[np.bool_]
    loss: NDArray[np.int8]
    eligible: NDArray[np.bool_]
    place: Hashes
    quota: NDArray[np.float64]
    shortfall: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _State:
    """What is fixed for a copy, and what becomes of the items (the last three are written to)."""

    items: Items
    draws: Draws
    loss: NDArray[np.int8]
    entry: NDArray[np.int32]
    candidate: Places
    tried: NDArray[np.bool_]
    lost: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _Walked:
    """Units that were decided on, in the order of the walk."""

    lead: Places  # the item that stands for each
    example: Places
    candidate: Places
    taken: NDArray[np.bool_]
    tried: NDArray[np.bool_]
    collided: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Known:
    """Units that were decided on, by key: candidates, or -1 and why they stay if tried."""

    key: Hashes
    candidate: Places
    tried: NDArray[np.bool_]
    loss: NDArray[np.int8]
    taken: Places  # (example, meaning) of what is taken


class Decider:
    """Decides with one dictionary and recipe."""

    def __init__(self, dictionary: Dictionary, recipe: Recipe) -> None:
        self._dictionary = dictionary
        self._recipe = recipe
        self._race = LanguageRace(dictionary.languages, recipe.language_weights)
        self._difficulty = difficulty(dictionary) if sets_entries_aside(recipe) else None

    def decide(
        self,
        batch: Batch,
        items: Items,
        table: Table,
        hashes: Hashes,
        copy: int,
    ) -> Decision:
        """Decide on the items of a batch; `hashes` are those of the examples' ids."""
        rate, entries = stage(self._recipe, copy)
        own = mix(hashes, salt("copy", copy))
        parents = batch.parents
        base = own if parents is None else own[parents]
        loss = self._with_curriculum(items, table, entries)
        state = _State(
            items=items,
            draws=draw_items(batch, items, table, self._recipe, own, base),
            loss=loss,
            entry=table.entry[items.surface],
            candidate=np.full(len(loss), -1, np.int64),
            tried=np.zeros(len(loss), bool),
            lost=np.zeros(len(loss), np.int8),
        )
        examples = len(hashes)
        quota = rate * self._denominator(items, loss, examples)
        quota[~is_treated(base, self._recipe.examples)] = 0.0
        rounding = share(mix(own, _ROUNDING))
        if parents is None:
            self._walk(state, np.arange(len(items.chunk)), quota, rounding)
        else:
            child_item = (parents != np.arange(examples))[items.example]
            walked = self._walk(state, np.flatnonzero(~child_item), quota, rounding)
            known = self._known(state, walked)
            new = self._inherit(state, np.flatnonzero(child_item), parents, known, quota)
            self._walk(state, new, quota, rounding, parents, known)
        eligible = loss == losses.NONE
        held = np.bincount(
            items.example, (items.width * (state.candidate >= 0)), minlength=examples
        )
        able = np.bincount(items.example, items.width * eligible, minlength=examples)
        shortfall = np.maximum(quota - np.maximum(able, held), 0.0)
        return Decision(
            state.candidate, state.tried, state.lost, eligible, state.draws.place, quota, shortfall
        )

    def _with_curriculum(self, items: Items, table: Table, entries: float) -> NDArray[np.int8]:
        if self._difficulty is None or not len(self._difficulty) or entries >= 1.0:
            return items.loss
        entry = table.entry[items.surface]
        hard = (entry >= 0) & (self._difficulty[entry] >= entries) & (items.loss == losses.NONE)
        return np.where(hard, losses.protected("curriculum"), items.loss).astype(np.int8)

    def _denominator(
        self, items: Items, loss: NDArray[np.int8], examples: int
    ) -> NDArray[np.float64]:
        counted = DENOMINATORS[self._recipe.rate_of](loss)
        return np.bincount(items.example, items.width * counted, minlength=examples).astype(float)

    def _walk(
        self,
        state: _State,
        members: Places,
        quota: NDArray[np.float64],
        rounding: NDArray[np.float64],
        parents: Places | None = None,
        known: _Known | None = None,
    ) -> _Walked:
        """Decide on some items: parents', or children's whose parents' units are known."""
        items = state.items
        eligible = state.loss[members] == losses.NONE
        units = group(
            items.example[members],
            state.draws.draw[members],
            state.draws.unit[members],
            items.width[members],
            eligible,
        )
        lead = members[units.lead] if len(members) else units.lead
        candidate = np.full(len(lead), -1, np.int64)
        collided = np.zeros(len(lead), bool)
        words = units.words
        while True:
            live = Units(
                units.order, units.first, units.example, np.where(collided, 0, words), units.lead
            )
            taken, tried = walk(live, quota, rounding)
            new = np.flatnonzero(taken & (candidate < 0))
            candidate[new] = choose(
                self._dictionary,
                self._race,
                state.entry[lead[new]],
                state.draws.draw[lead[new]],
                state.draws.language_base[lead[new]],
                items.part[lead[new]],
            )
            shared = np.flatnonzero(taken & state.draws.is_shared[lead])
            clash = self._collisions(shared, units.example, candidate)
            if known is not None and parents is not None:
                parent = self._meanings(parents[units.example[shared]], candidate[shared])
                clash[shared[np.isin(parent, known.taken)]] = True
            if not clash.any():
                break
            collided |= clash
        candidate[~taken] = -1
        sizes = np.diff(units.first)
        of_item = np.empty(len(members), np.int64)
        of_item[units.order] = np.repeat(np.arange(len(lead)), sizes)
        state.candidate[members] = np.where(eligible, candidate[of_item], -1)
        state.tried[members] = tried[of_item]
        reason = np.where(eligible & collided[of_item], losses.COLLISION, state.loss[members])
        stays = tried[of_item] & (state.candidate[members] < 0)
        state.lost[members] = np.where(stays, reason, losses.NONE)
        return _Walked(lead, units.example, candidate, taken, tried, collided)

    def _known(self, state: _State, walked: _Walked) -> _Known:
        """Return what children take over."""
        lead = walked.lead
        key = mix(state.draws.unit[lead], walked.example.astype(np.uint64) ^ _UNIT)
        order = np.argsort(key)
        loss = np.where(walked.collided, losses.COLLISION, state.loss[lead]).astype(np.int8)
        of_shared = walked.taken & state.draws.is_shared[lead]
        return _Known(
            key=key[order],
            candidate=walked.candidate[order],
            tried=walked.tried[order],
            loss=loss[order],
            taken=self._meanings(walked.example[of_shared], walked.candidate[of_shared]),
        )

    def _meanings(self, example: Places, candidate: Places) -> Places:
        return example << 46 | self._dictionary.meaning[candidate]

    def _collisions(
        self,
        places: Places,
        example: Places,
        candidate: Places,
    ) -> NDArray[np.bool_]:
        """Say which units would make two words one, in the order of the walk the later one.

        Two source words never become the same word of the same language in a shared map, since
        that would blur a difference the label may hang on. `places` are the units in question.
        """
        clash = np.zeros(len(candidate), bool)
        meaning = self._meanings(example[places], candidate[places])
        order = np.argsort(meaning, kind="stable")
        again = meaning[order][1:] == meaning[order][:-1]
        clash[places[order[1:][again]]] = True
        return clash

    def _inherit(
        self,
        state: _State,
        members: Places,
        parents: Places,
        known: _Known,
        quota: NDArray[np.float64],
    ) -> Places:
        """Take over what a parent decided; return the items that it does not know."""
        items = state.items
        parent = parents[items.example[members]].astype(np.uint64)
        key = mix(state.draws.unit[members], parent ^ _UNIT)
        at = np.minimum(np.searchsorted(known.key, key), max(len(known.key) - 1, 0))
        is_known = np.zeros(len(members), bool)
        if len(known.key):
            is_known = (known.key[at] == key) & state.draws.is_shared[members]
        old, place = members[is_known], at[is_known]
        eligible = state.loss[old] == losses.NONE
        state.candidate[old] = np.where(eligible, known.candidate[place], -1)
        state.tried[old] = known.tried[place]
        # what the parent had to leave, such as a word that an anchor cuts, stays here as well
        reason = np.where(eligible, known.loss[place], state.loss[old])
        stays = state.tried[old] & (state.candidate[old] < 0)
        state.lost[old] = np.where(stays, reason, losses.NONE)
        inherited = np.bincount(
            items.example[old], items.width[old] * (state.candidate[old] >= 0), len(quota)
        )
        np.maximum(quota - inherited, 0.0, out=quota)
        return members[~is_known]
