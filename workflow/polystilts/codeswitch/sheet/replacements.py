"""Which words were replaced by which, and how often: one list over all languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.outcome import Replaced
from polystilts.codeswitch.sheet.association import Counts

LISTED = 30
# replacements that may wait before they are summed up
_WAITING = 1 << 16
# word, language and what is written (-1: the word itself, counted from 0 here) in 63 bits
_WRITTEN_BITS, _LANGUAGE_BITS = 29, 10

_Part = tuple[Counts, Counts]


@dataclass(slots=True)
class Replacements:
    """Counts of replacements by dictionary word, language and translation, casing left aside.

    Memory goes with the number of different replacements: parts wait until they are as many as what
    is summed up already.
    """

    _parts: list[_Part] = field(default_factory=list)

    def add(self, replaced: Replaced) -> None:
        """Count what was replaced in one copy of a batch."""
        keys = replaced.entry.astype(np.int64) << _LANGUAGE_BITS | replaced.language
        keys = keys << _WRITTEN_BITS | (replaced.written.astype(np.int64) + 1)
        if len(keys):
            different, times = np.unique(keys, return_counts=True)
            self._parts.append((different, times.astype(np.int64)))

    def merge(self, other: "Replacements") -> None:
        """Add the counts of another part of the same corpus."""
        self._parts = [*self._parts, *other._parts]
        sizes = [len(keys) for keys, _ in self._parts]
        if sum(sizes) > 2 * max(sizes, default=0) + _WAITING:
            self._parts = [_summed(self._parts)]

    def sheet(self, dictionary: Dictionary) -> list[dict[str, Any]]:
        """Return the 30 most frequent ones, the most frequent first.

        Of those that are equally frequent, the first by word, language and replacement in the order
        of their code points comes first. `word` is as the dictionary lists it, which for an
        inflected word may be the base form.
        """
        if not self._parts:
            return []
        keys, times = _summed(self._parts)
        least = np.partition(times, -LISTED)[-LISTED] if len(times) > LISTED else 0
        rows = []
        for key, count in zip(keys[times >= least].tolist(), times[times >= least], strict=True):
            rest, written = divmod(key, 1 << _WRITTEN_BITS)
            entry, language = divmod(rest, 1 << _LANGUAGE_BITS)
            word = dictionary.sources[entry]
            replacement = dictionary.targets[written - 1] if written else word
            rows.append((-int(count), word, dictionary.languages[language], replacement))
        return [
            {"word": word, "language": language, "replacement": replacement, "count": -less}
            for less, word, language, replacement in sorted(rows)[:LISTED]
        ]


def _summed(parts: Sequence[_Part]) -> _Part:
    """Return each key once, in ascending order, with the sum of its counts."""
    keys = np.concatenate([part[0] for part in parts])
    times = np.concatenate([part[1] for part in parts])
    order: NDArray[np.int64] = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[first], np.add.reduceat(times[order], first)
