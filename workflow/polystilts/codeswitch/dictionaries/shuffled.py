"""The control `shuffled-dictionary`: the same switches with the wrong words.

Per language, the translations change places among the source words once and for all (a seeded
derangement), so that a wrong word is as consistent as a right one. They do so within bands of equal
frequency, and only between translations with the same number of words and the same casing. All
decisions (where, which language, which sense) are taken on the true dictionary; only what is then
written differs. A band is the power of two of the source word's place in its lexicon, since
published dictionaries list frequent words first: unlike counts in one corpus this gives every data
set, and the multi-task mixture of all of them, the same wrong dictionary.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from polystilts.codeswitch.dictionaries.dictionary import Wrong
from polystilts.codeswitch.dictionaries.pairs import normal_lists
from polystilts.codeswitch.text.casing import casing_of
from polystilts.provenance.hashing import unit_hash

FIRST_BAND = 64


@dataclass(frozen=True, slots=True)
class Shuffled:
    """One language's wrong dictionary.

    Attributes:
        words: by source word and translation, the word that is written instead.
        translations: how many translations took part (those equal to their source are never
            switched and stay).
        kept: of these, how many no exchange could move: they are still a translation of their word.
        borrowed: of these, how many left their frequency band, as it held no partner.
        doubled: of these, how many stand in the list of their new word more than once.
    """

    words: Wrong
    translations: int
    kept: int
    borrowed: int
    doubled: int


@dataclass(frozen=True, slots=True)
class _Slot:
    source: str
    index: int
    target: str
    kind: tuple[int, int, str]  # words of the source, words of the target, its casing
    band: int


def derange_lexicon(table: pa.Table, language: str, seed: int) -> Shuffled:
    """Return the wrong dictionary of a lexicon; see `polystilts.lexicon.store`."""
    return derange(normal_lists(table), language, seed)


def derange(targets: Mapping[str, list[str]], language: str, seed: int) -> Shuffled:
    """Return the wrong dictionary of a language; equal input gives equal output everywhere."""
    slots = _slots(targets, language, seed)
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
    return Shuffled(wrong, len(slots), kept, exchange.borrowed, doubled)


def _is_self(source: str, target: str) -> bool:
    return source.casefold() == target.casefold()


def _slots(targets: Mapping[str, list[str]], language: str, seed: int) -> list[_Slot]:
    """Return all translations, sorted by kind and band, then by hash of their source.

    The translations of one source stay together, so that a rotation hands whole lists on and the
    senses of a wrong entry belong to each other as those of a true one do.
    """
    keyed = []
    for place, (source, listed) in enumerate(targets.items()):
        band = (place // FIRST_BAND).bit_length()
        order = unit_hash(seed, "derangement", language, source)
        for index, target in enumerate(listed):
            if not _is_self(source, target):
                kind = (source.count(" "), target.count(" "), casing_of(target).value)
                slot = _Slot(source, index, target, kind, band)
                keyed.append(((kind, band, order, source, index), slot))
    return [slot for _, slot in sorted(keyed, key=lambda item: item[0])]


def _runs(keys: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of every run of equal keys."""
    first = 0
    for place in range(1, len(keys) + 1):
        if place == len(keys) or keys[place] != keys[first]:
            yield first, place
            first = place


def _rotated(slots: list[_Slot]) -> list[str]:
    """Return the targets moved on, within kind and band, by the longest list among them."""
    written = [slot.target for slot in slots]
    for first, end in _runs([(slot.kind, slot.band) for slot in slots]):
        longest = max(Counter(slot.source for slot in slots[first:end]).values())
        step = longest % (end - first)
        written[first:end] = written[first + step : end] + written[first : first + step]
    return written


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
        self._band = [run for run in _runs([(s.kind, s.band) for s in slots]) for _ in range(*run)]
        self._kind = [run for run in _runs([slot.kind for slot in slots]) for _ in range(*run)]

    def is_own(self, source: str, target: str) -> bool:
        """Say whether `target` is a translation of `source`, or the word itself."""
        return target.casefold() in self._own[source]

    def mend(self, place: int) -> None:
        """Exchange the target at `place` with the nearest one that fits both, if it must go."""
        source, target = self._slots[place].source, self.written[place]
        own = self.is_own(source, target)
        if not own and self.given[source][target] == 1:
            return
        for partner in _nearest(place, *self._band[place]):
            if self._fits(place, partner):
                self._swap(place, partner)
                return
        # Only a true translation is worth leaving the band: a double is merely less varied.
        for partner in _nearest(place, *self._kind[place]) if own else ():
            if self._fits(place, partner):
                self._swap(place, partner)
                self.borrowed += 1
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


def _nearest(place: int, first: int, end: int) -> Iterator[int]:
    for distance in range(1, max(place - first, end - 1 - place) + 1):
        if place + distance < end:
            yield place + distance
        if place - distance >= first:
            yield place - distance
