"""Whether what two texts have in common survives the switching."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.sheet.association import ERRORS, Moments, mean, ratio, rounded

# least correlation of the overlap before and after
CORRELATION = 0.9
_SCALE = 1_000_000


@dataclass(slots=True)
class OverlapLeak:
    """Whether the words that two texts share, the cue of paraphrases, survive the switching.

    Where each side is switched on its own, pairs lose what they have in common, and duplicates come
    to look like other pairs. `type_overlap` gives the feature.
    """

    moments: Moments = field(default_factory=Moments)

    def add(self, before: NDArray[np.float64], after: NDArray[np.float64]) -> None:
        """Count pairs: overlap in English and after switching, shares in [0, 1]."""
        self.moments.add(*(np.rint(side * _SCALE).astype(np.int64) for side in (before, after)))

    def merge(self, other: "OverlapLeak") -> None:
        """Add the pairs of another part of the corpus."""
        self.moments.merge(other.moments)

    def sheet(self, *others: "OverlapLeak") -> dict[str, Any]:
        """Return Pearson's correlation of the overlap before and after, and its means.

        Passed: the correlation is at least 0.9, or so are three standard errors above it (Fisher's
        z). None where overlap does not vary.

        Args:
            others: the same pairs in the other copies.
        """
        copies = [copy.moments for copy in (self, *others)]
        pairs = self.moments.pairs
        known = [r for moments in copies if (r := moments.correlation()) is not None]
        found = mean(known) if known else None
        passed = None
        if found is not None:
            inner = float(np.clip(found, -1 + 1e-12, 1 - 1e-12))
            reach = ERRORS / max(pairs - 3, 1) ** 0.5
            passed = bool(np.tanh(np.arctanh(inner) + reach) >= CORRELATION)
        return {
            "passed": passed,
            "threshold": {"correlation": CORRELATION, "standard_errors": ERRORS},
            "copies": len(copies),
            "pairs": pairs,
            "correlation": rounded(found),
            "mean_before": ratio(self.moments.first, pairs * _SCALE),
            "mean_after": ratio(sum(m.second for m in copies), len(copies) * pairs * _SCALE),
        }


def type_overlap(
    pairs: int,
    first: tuple[NDArray[np.int64], NDArray[np.int64]],
    second: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.float64]:
    """Return the Jaccard overlap of the word types of two sides, float64[pairs]; 0 if both empty.

    Args:
        pairs: how many.
        first: (pair, unit) of each word of the first sides, int64[words] both: the number of the
            pair, and a number of at least 0 that words have in common if and only if they are
            written alike.
        second: the same of the second sides.
    """
    span = 1 + max(int(unit.max(initial=0)) for _, unit in (first, second))
    one, other = (np.unique(pair * span + unit) for pair, unit in (first, second))
    common = np.intersect1d(one, other, assume_unique=True)
    sizes = [np.bincount(keys // span, minlength=pairs) for keys in (one, other, common)]
    either = sizes[0] + sizes[1] - sizes[2]
    overlap: NDArray[np.float64] = sizes[2] / np.maximum(either, 1)
    return overlap
