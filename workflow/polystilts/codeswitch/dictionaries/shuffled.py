"""The control `shuffled-dictionary`: the same switches with the wrong words.

Per language, the translations change places among the source words once and for all (a seeded
derangement), so that a wrong word is as consistent as a right one. All decisions (where, which
language, which sense) are taken on the true dictionary; only what is then written differs.

The control should cost a training as many subword pieces as the true switch does. So words change
places only with words of one script, one length in characters, one number of words and one casing,
and among these with the `BAND` that are about as common, so that all data sets and encoders get the
same wrong dictionary. How common a translation is comes from the lexicons alone: most list frequent
English words first, and their order is used for those in alphabetical order too. Frequent words
matter because subword vocabularies have whole pieces for them. Other bands, then near lengths, are
taken where a band leaves no way out. The translations of a word go to different words: no list is
handed on whole.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from statistics import fmean, median_low

import pyarrow as pa

from polystilts.codeswitch.dictionaries.dictionary import Wrong
from polystilts.codeswitch.dictionaries.pairs import normal_lists
from polystilts.codeswitch.text.casing import casing_of
from polystilts.codeswitch.text.scripts import script_of
from polystilts.provenance.hashing import unit_hash

BAND = 16
# A lexicon is alphabetical where more than this share of its first sources ascend: half of them do
# in an order that has nothing to do with letters.
_FIRST = 1000
_ALPHABETICAL = 0.8
# An estimate makes little of the first so many places of a lexicon.
_HEAD = 30
# How much a unit of log frequency of letters counts beside one of places; tried on real pieces.
_LETTERS = 0.7


@dataclass(frozen=True, slots=True)
class Shuffled:
    """One language's wrong dictionary.

    Attributes:
        words: by source word and translation, the word that is written instead.
        translations: how many translations took part (those equal to their source are never
            switched and stay).
        kept: of these, how many no exchange could move: they are still a translation of their word.
        stretched: of these, how many are not as long as what they stand for.
        borrowed: of these, how many left their band, as it held no partner.
        doubled: of these, how many stand in the list of their new word more than once.
    """

    words: Wrong
    translations: int
    kept: int
    stretched: int
    borrowed: int
    doubled: int


# words of the source, words of the target, its casing, its script
_Kind = tuple[int, int, str, str]


@dataclass(frozen=True, slots=True)
class _Slot:
    source: str
    target: str
    kind: _Kind
    band: int


def derange_lexicons(lexicons: Mapping[str, pa.Table], seed: int) -> dict[str, Shuffled]:
    """Return the wrong dictionary of each lexicon; see `polystilts.lexicon.store`."""
    places = english_places(table["source"].unique().to_pylist() for table in lexicons.values())
    return {
        language: derange(normal_lists(table), language, seed, places)
        for language, table in lexicons.items()
    }


def english_places(lexicons: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return the place of English words in lower case by frequency.

    It is the lower median of their places in the lexicons whose first `_FIRST` sources are in no
    alphabetical order; empty where all are.
    """
    found: dict[str, list[int]] = {}
    for sources in lexicons:
        keys = list(dict.fromkeys(source.lower() for source in sources))
        head = keys[:_FIRST]
        ascending = sum(one < other for one, other in pairwise(head))
        if ascending <= _ALPHABETICAL * (len(head) - 1):
            for place, key in enumerate(keys):
                found.setdefault(key, []).append(place)
    return {key: median_low(places) for key, places in found.items()}


def derange(
    targets: Mapping[str, list[str]],
    language: str,
    seed: int,
    places: Mapping[str, int] | None = None,
) -> Shuffled:
    """Return the wrong dictionary of a language; equal input gives equal output everywhere.

    `places` is what `english_places` returns; without it the places are those of this lexicon.
    """
    if places is None:
        places = english_places([list(targets)])
    slots = _slots(targets, language, seed, places)
    exchange = _Exchange(targets, slots, _rotated(slots))
    for place in range(len(slots)):
        exchange.mend(place)
    wrong = {source: {target: target for target in listed} for source, listed in targets.items()}
    for slot, target in zip(slots, exchange.written, strict=True):
        wrong[slot.source][slot.target] = target
    kept = sum(
        exchange.is_own(slot.source, target)
        for slot, target in zip(slots, exchange.written, strict=True)
    )
    doubled = sum(
        count - 1 for given in exchange.given.values() for count in given.values() if count > 1
    )
    stretched = sum(
        len(slot.target) != len(target)
        for slot, target in zip(slots, exchange.written, strict=True)
    )
    return Shuffled(wrong, len(slots), kept, stretched, exchange.borrowed, doubled)


def _is_self(source: str, target: str) -> bool:
    return source.casefold() == target.casefold()


def _slots(
    targets: Mapping[str, list[str]], language: str, seed: int, places: Mapping[str, int]
) -> list[_Slot]:
    """Return all translations, sorted by kind, length and band, then by hash of their source."""
    by_source = [places.get(source.lower(), len(places)) for source in targets]
    rarity = _rarity(targets, by_source)
    like: defaultdict[tuple[_Kind, int], list[tuple[float, int, str, str]]]
    like = defaultdict(list)
    for place, (source, listed) in zip(by_source, targets.items(), strict=True):
        for index, target in enumerate(listed):
            if not _is_self(source, target):
                casing, script = casing_of(target).value, script_of(target)
                kind = (source.count(" "), target.count(" "), casing, script)
                rare = round(math.log(place + _HEAD) + rarity[target.casefold()], 6)
                like[kind, len(target)].append((rare, index, source, target))
    keyed = []
    for (kind, length), rows in like.items():
        for number, (_, index, source, target) in enumerate(sorted(rows)):
            band = number // BAND
            order = unit_hash(seed, "derangement", language, source)
            keyed.append(
                ((kind, length, band, order, source, index), _Slot(source, target, kind, band))
            )
    return [slot for _, slot in sorted(keyed, key=lambda item: item[0])]


def _rarity(targets: Mapping[str, list[str]], by_source: Sequence[int]) -> dict[str, float]:
    """Return an estimate, per translation, of how rare it and its sequences of letters are.

    A translation's use is estimated as the sum over its sources of 1 / (place * rank); its rarity
    is the logarithm of its place by that, less `_LETTERS` times the mean logarithm of the number of
    translations that have each of its sequences of three letters.
    """
    use: defaultdict[str, float] = defaultdict(float)
    for place, listed in zip(by_source, targets.values(), strict=True):
        for rank, target in enumerate(listed, 1):
            use[target.casefold()] += 1 / ((place + _HEAD) * rank)
    having = Counter(chain.from_iterable(map(_letters, use)))
    order = sorted(use, key=lambda target: (-use[target], target))
    return {
        target: math.log(place + _HEAD)
        - _LETTERS * fmean(math.log1p(having[letters]) for letters in _letters(target))
        for place, target in enumerate(order)
    }


def _letters(target: str) -> list[str]:
    """Return the sequences of three letters of a word, its borders among them."""
    bordered = f"^{target}$"
    return [bordered[first : first + 3] for first in range(len(bordered) - 2)]


def _runs(keys: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of every run of equal keys."""
    first = 0
    for place in range(1, len(keys) + 1):
        if place == len(keys) or keys[place] != keys[first]:
            yield first, place
            first = place


def _rotated(slots: list[_Slot]) -> list[str]:
    """Return the targets moved on, within their bands, by the longest list among them."""
    written = [slot.target for slot in slots]
    for first, end in _runs(list(map(_band, slots))):
        longest = max(Counter(slot.source for slot in slots[first:end]).values())
        step = longest % (end - first)
        written[first:end] = written[first + step : end] + written[first : first + step]
    return written


def _band(slot: _Slot) -> tuple[_Kind, int, int]:
    return slot.kind, len(slot.target), slot.band


class _Exchange:
    """Mends places where the rotation left a word its own translation, or one word twice."""

    def __init__(
        self, targets: Mapping[str, list[str]], slots: list[_Slot], written: list[str]
    ) -> None:
        self.written = written
        self.borrowed = 0
        self.given: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for slot, target in zip(slots, written, strict=True):
            self.given[slot.source][target] += 1
        self._slots = slots
        self._own = {
            source: frozenset(target.casefold() for target in (source, *listed))
            for source, listed in targets.items()
        }
        self._band = _bounds(list(map(_band, slots)))
        self._length = _bounds([(slot.kind, len(slot.target)) for slot in slots])
        self._kind = _bounds([slot.kind for slot in slots])

    def is_own(self, source: str, target: str) -> bool:
        """Say whether `target` is a translation of `source`, or the word itself."""
        return target.casefold() in self._own[source]

    def mend(self, place: int) -> None:
        """Exchange the target at `place` with the nearest one that fits both, if it must go."""
        source, target = self._slots[place].source, self.written[place]
        own = self.is_own(source, target)
        if not own and self.given[source][target] == 1:
            return
        # Only a true translation is worth another length: a double is merely less varied.
        pools = (self._band, self._length, self._kind) if own else (self._band, self._length)
        for pool in pools:
            for partner in _nearest(place, *pool[place]):
                if self._fits(place, partner):
                    self._swap(place, partner)
                    self.borrowed += pool is not self._band
                    return

    def _fits(self, place: int, partner: int) -> bool:
        return self._accepts(place, partner) and self._accepts(partner, place)

    def _accepts(self, place: int, partner: int) -> bool:
        source, target = self._slots[place].source, self.written[partner]
        return not self.is_own(source, target) and not self.given[source][target]

    def _swap(self, place: int, partner: int) -> None:
        here, there = self.given[self._slots[place].source], self.given[self._slots[partner].source]
        target, other = self.written[place], self.written[partner]
        here.subtract([target])
        there.subtract([other])
        here.update([other])
        there.update([target])
        self.written[place], self.written[partner] = other, target


def _bounds(keys: Sequence[object]) -> list[tuple[int, int]]:
    """Return for every place the run of equal keys that it is in."""
    return [run for run in _runs(keys) for _ in range(*run)]


def _nearest(place: int, first: int, end: int) -> Iterator[int]:
    for distance in range(1, max(place - first, end - 1 - place) + 1):
        if place + distance < end:
            yield place + distance
        if place - distance >= first:
            yield place - distance
