"""Which examples are treated at all, and which language is drawn.

The language is drawn by a race: every language that has the word (or the example) runs with a
number drawn from the example's (or sentence's, or word's) base, and the lowest wins. Languages that
a word lacks drop out without changing the others' order, so that a word always takes the first one
that has it, and more dictionaries leave the draws among the others as they were.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes, mix, salt, share

# with an example's base, the base of the race of an example that is of one language
LANGUAGE = salt("purpose", "language")
_EXAMPLE = salt("purpose", "example")


def is_treated(bases: Hashes, examples: float) -> NDArray[np.bool_]:
    """Tell which examples are among the share that is treated in a copy; `bases` are theirs."""
    treated: NDArray[np.bool_] = share(mix(bases, _EXAMPLE)) < examples
    return treated


class LanguageRace:
    """The numbers with which languages run."""

    def __init__(self, languages: tuple[str, ...], weights: Mapping[str, float] | None) -> None:
        self._hashes = np.array([salt("language", name) for name in languages], np.uint64)
        self._weights = None
        if weights is not None:
            self._weights = np.array([weights.get(name, 1.0) for name in languages])

    def numbers(self, bases: Hashes, language: NDArray[np.int16]) -> NDArray[np.float64]:
        """Return one number per runner: uniform, or exponential with the language's weight."""
        draws = mix(bases, self._hashes[language])
        if self._weights is None:
            return share(draws)
        times: NDArray[np.float64] = -np.log1p(-share(draws)) / self._weights[language]
        return times
