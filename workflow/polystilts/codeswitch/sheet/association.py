"""How strongly two things go together, computed from integer counts and sums alone.

Whatever these functions read can be added up over parts of a corpus in any order, so that one, two
or eight workers come to the same number, to its last digit.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import chdtrc  # scipy.stats takes a second to import

Counts = NDArray[np.int64]

# chance below which an association is not put down to chance; small, as a study makes many checks
SIGNIFICANCE = 0.001
# distance of an AUC from 0.5 that does not matter, and standard errors that chance may reach
AUC_MARGIN = 0.02
ERRORS = 3.0


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """Pearson's test of independence, perhaps summed over layers.

    Attributes:
        statistic: χ², the sum over the layers.
        freedom: degrees of freedom, the sum over the layers; 0 where nothing could be tested.
        excess: (χ² − df) / (n · min(r − 1, c − 1)), the square of the strength; below 0 where the
            association is weaker than chance makes it.
    """

    statistic: float
    freedom: float
    excess: float

    @property
    def p_value(self) -> float | None:
        """Return the chance of so large a χ² without association; None without freedom."""
        return float(chdtrc(self.freedom, self.statistic)) if self.freedom else None

    @property
    def cramers_v(self) -> float | None:
        """Return the strength from 0 (none) to 1, √max(0, excess); None without freedom.

        Cramér's V grows with chance in small samples; χ² less its expectation df does not (the
        correction of φ² in Bergsma 2013, J. Korean Stat. Soc. 42:323).
        """
        return min(1.0, math.sqrt(max(0.0, self.excess))) if self.freedom else None


def chi_square(layers: Counts) -> ChiSquare:
    """Return the test of rows against columns within each layer of an int64[layers, rows, columns].

    Rows and columns that are empty in a layer do not count there; a layer with one row or column
    says nothing.
    """
    statistic, freedom, total, width = 0.0, 0, 0, 1
    for layer in layers:
        table = layer[layer.any(axis=1)][:, layer.any(axis=0)]
        if min(table.shape) < 2:
            continue
        size = int(table.sum())
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / size
        statistic += float((np.square(table - expected) / expected).sum())
        freedom += (table.shape[0] - 1) * (table.shape[1] - 1)
        total += size
        width = max(width, min(table.shape) - 1)
    excess = (statistic - freedom) / (total * width) if freedom else 0.0
    return ChiSquare(statistic, freedom, excess)


def mean_chi_square(copies: Sequence[ChiSquare]) -> ChiSquare:
    """Return the test of several draws of the same examples, the mean of those that say something.

    Each draw is tested on its own, with as many cases as there are examples. Without association
    the mean is Σ λ·z² of normal z, with weights λ in [0, 1] that sum to df. It is χ² with df
    degrees of freedom if all draws are the same, else it varies less, and small p-values err
    upwards (such sums: Bock, Diaconis, Huffer and Perlman 1987, Can. J. Stat. 15:387).
    """
    known = [test for test in copies if test.freedom]
    if not known:
        return ChiSquare(0.0, 0, 0.0)
    return ChiSquare(
        mean([test.statistic for test in known]),
        mean([test.freedom for test in known]),
        mean([test.excess for test in known]),
    )


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve of a score: the chance that a positive scores above a negative.

    Attributes:
        value: the area; ties count half. None without positives or negatives.
        error: its standard error if the score says nothing (Mann and Whitney 1947), as though
            all cases were independent.
    """

    value: float | None
    error: float | None

    @property
    def near_half(self) -> bool | None:
        """Whether it is within 0.02 or three errors of 0.5; None if it was not measured."""
        if self.value is None or self.error is None:
            return None
        return abs(self.value - 0.5) <= max(AUC_MARGIN, ERRORS * self.error)


def auc(negatives: Counts, positives: Counts) -> Auc:
    """Return the AUC from two histograms over the same ascending scores, int64[scores] each."""
    cases, others = int(positives.sum()), int(negatives.sum())
    if not cases or not others:
        return Auc(None, None)
    below = np.cumsum(negatives) - negatives
    # twice the wins, as Python integers: their number is cases × others
    wins = sum(int(n) * int(w) for n, w in zip(positives, 2 * below + negatives, strict=True) if n)
    error = math.sqrt((cases + others + 1) / (12 * cases * others))
    return Auc(wins / (2 * cases * others), error)


def mean_auc(copies: Sequence[Auc]) -> Auc:
    """Return the AUC of several draws of the same cases: the mean, with the error of one draw.

    The mean of draws has at most the mean of their errors, and just that if all are the same.
    """
    values = [area.value for area in copies if area.value is not None]
    errors = [area.error for area in copies if area.error is not None]
    return Auc(mean(values), mean(errors)) if values and errors else Auc(None, None)


def entropy(counts: Counts) -> float | None:
    """Return −Σ p log2 p of the shares of `counts`, in bits; None if there is nothing."""
    present = counts[counts > 0]
    if not len(present):
        return None
    shares = present / present.sum()
    return abs(float(-(shares * np.log2(shares)).sum()))


@dataclass(slots=True)
class Moments:
    """Number, sums, squares and products of pairs of integers: all that a correlation needs."""

    pairs: int = 0
    first: int = 0
    second: int = 0
    first_squared: int = 0
    second_squared: int = 0
    product: int = 0

    def add(self, first: Counts, second: Counts) -> None:
        """Add int64[pairs] and int64[pairs]; sums of squares in one call must fit 63 bits."""
        self.pairs += len(first)
        self.first += int(first.sum())
        self.second += int(second.sum())
        self.first_squared += int((first * first).sum())
        self.second_squared += int((second * second).sum())
        self.product += int((first * second).sum())

    def merge(self, other: "Moments") -> None:
        """Add the pairs of another part."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def correlation(self) -> float | None:
        """Return Pearson's r, or None where a side does not vary or there are under two pairs."""
        first = self.pairs * self.first_squared - self.first**2
        second = self.pairs * self.second_squared - self.second**2
        if first <= 0 or second <= 0:
            return None
        covariance = self.pairs * self.product - self.first * self.second
        return covariance / (math.sqrt(first) * math.sqrt(second))


def encode(values: Sequence[str]) -> tuple[list[str], Counts]:
    """Return the different values and, for each value, its place among them."""
    encoded = pa.array(values, pa.string()).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def all_passed(results: Iterable[bool | None]) -> bool | None:
    """Return whether no check failed; None if none was made."""
    known = [result for result in results if result is not None]
    return all(known) if known else None


def mean(values: Sequence[float]) -> float:
    """Return the mean of at least one number, which is that number if all are equal."""
    first = values[0]
    return first + math.fsum(value - first for value in values) / len(values)


def ratio(part: int, whole: int) -> float | None:
    """Return part / whole to six places, or None of nothing."""
    return rounded(part / whole) if whole else None


def rounded(value: float | None) -> float | None:
    """Return a value to six places."""
    return None if value is None else round(value, 6)
