"""Whether labels can be read off how much of an example is switched."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.sheet.association import (
    SIGNIFICANCE,
    ChiSquare,
    Counts,
    all_passed,
    chi_square,
    encode,
    mean_chi_square,
    ratio,
    rounded,
)

# Cramér's V that is let pass: for two labels of equal size, that of an AUC of about 0.53
STRENGTH = 0.05
_SCALE = 1_000_000
# up to here a count is a bin of its own
_EXACT = 32
# more than there are bins of 63-bit counts
_BINS = 512


@dataclass(slots=True)
class LabelLeak:
    """Whether the label of an example can be read off how much of it is switched.

    Counts of words are binned: 0 to 32 each on its own, then four bins an octave. (The number of
    switched words follows the length closely: in wider bins of short texts it would tell how long
    they are, and where lengths differ by label, the label.) What decides is
    the association of label and switched words among examples of about the same length: where one
    label has longer texts, as in natural inference, these hold more switched words whatever is
    done, and coarser shares. Label against number and against share alone are reported as well.
    """

    counts: dict[str, Counter[tuple[int, int, int]]] = field(default_factory=dict)
    switched: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    shares: Counter[str] = field(default_factory=Counter)

    def add(
        self, labels: Sequence[str], switched: NDArray[np.int64], words: NDArray[np.int64]
    ) -> None:
        """Count examples, each once: label, switched words and words; int64[examples] both."""
        names, label = encode(labels)
        share = np.rint(switched * float(_SCALE) / np.maximum(words, 1)).astype(np.int64)
        share_bin = -(-share * 10 // _SCALE)
        cells = ((label * _BINS + _bins(words)) * _BINS + _bins(switched)) * _BINS + share_bin
        for cell, count in zip(*np.unique(cells, return_counts=True), strict=True):
            rest, by_share = divmod(int(cell), _BINS)
            rest, by_count = divmod(rest, _BINS)
            code, length = divmod(rest, _BINS)
            bins = length, by_count, by_share
            self.counts.setdefault(names[code], Counter())[bins] += int(count)
        for code, name in enumerate(names):
            chosen = label == code
            self.switched[name] += int(switched[chosen].sum())
            self.words[name] += int(words[chosen].sum())
            self.shares[name] += int(share[chosen].sum())

    def merge(self, other: "LabelLeak") -> None:
        """Add the examples of another part of the corpus."""
        for name, counts in other.counts.items():
            self.counts.setdefault(name, Counter()).update(counts)
        for mine, theirs in (
            (self.switched, other.switched),
            (self.words, other.words),
            (self.shares, other.shares),
        ):
            mine.update(theirs)

    def sheet(self, *others: "LabelLeak") -> dict[str, Any]:
        """Return the tests, the shares per label and whether the check passed.

        `given_length`, `count` and `share` are chi-square tests, each with `p_value` and
        `cramers_v` (corrected for chance, see `ChiSquare`). Passed: given the length, V ≤ 0.05 or
        p ≥ 0.001.

        Args:
            others: the same examples in the other copies.
        """
        copies = (self, *others)
        tests = {
            name: _sheet_of([copy._test(layer, column) for copy in copies])
            for name, layer, column in (
                ("given_length", 0, 1),
                ("count", None, 1),
                ("share", None, 2),
            )
        }
        decisive = tests["given_length"]
        passed = None
        if decisive["p_value"] is not None:
            passed = decisive["cramers_v"] <= STRENGTH or decisive["p_value"] >= SIGNIFICANCE
        return {
            "passed": passed,
            "threshold": {"cramers_v": STRENGTH, "p_value": SIGNIFICANCE},
            "copies": len(copies),
            "examples": sum(counts.total() for counts in self.counts.values()),
            **tests,
            "labels": {
                name: {
                    "examples": (number := self.counts[name].total()),
                    "switched_share": ratio(
                        sum(copy.switched[name] for copy in copies),
                        sum(copy.words[name] for copy in copies),
                    ),
                    "mean_share": ratio(
                        sum(copy.shares[name] for copy in copies), number * len(copies) * _SCALE
                    ),
                }
                for name in sorted(self.counts)
            },
        }

    def _test(self, layer: int | None, column: int) -> ChiSquare:
        names = sorted(self.counts)
        depth = 1 if layer is None else _BINS
        table = np.zeros((depth, len(names), _BINS), np.int64)
        for row, name in enumerate(names):
            for cell, count in self.counts[name].items():
                table[0 if layer is None else cell[layer], row, cell[column]] += count
        return chi_square(table)


def _sheet_of(copies: Sequence[ChiSquare]) -> dict[str, Any]:
    test = mean_chi_square(copies)
    freedom = round(test.freedom, 3)
    return {
        "chi_square": round(test.statistic, 3),
        "degrees_of_freedom": int(freedom) if freedom == int(freedom) else freedom,
        "p_value": rounded(test.p_value),
        "cramers_v": rounded(test.cramers_v),
    }


@dataclass(slots=True)
class AnswerabilityLeak:
    """Whether a question without answer can be told from how much of it or its context is switched.

    Two label checks, one of contexts and one of questions; passed if neither fails.
    """

    context: LabelLeak = field(default_factory=LabelLeak)
    question: LabelLeak = field(default_factory=LabelLeak)

    def add(
        self,
        answerable: Sequence[bool],
        context_switched: NDArray[np.int64],
        context_words: NDArray[np.int64],
        question_switched: NDArray[np.int64],
        question_words: NDArray[np.int64],
    ) -> None:
        """Count questions with their contexts; int64[questions] each."""
        labels = ["answerable" if yes else "unanswerable" for yes in answerable]
        self.context.add(labels, context_switched, context_words)
        self.question.add(labels, question_switched, question_words)

    def merge(self, other: "AnswerabilityLeak") -> None:
        """Add the questions of another part of the corpus."""
        self.context.merge(other.context)
        self.question.merge(other.question)

    def sheet(self, *others: "AnswerabilityLeak") -> dict[str, Any]:
        """Return both sheets, and whether none failed; `others`: the other copies."""
        sheets = {
            "context": self.context.sheet(*(copy.context for copy in others)),
            "question": self.question.sheet(*(copy.question for copy in others)),
        }
        return {"passed": all_passed(part["passed"] for part in sheets.values()), **sheets}


def _bins(counts: Counts) -> Counts:
    """Return the bin of each count: 0 to 32 are their own, then four an octave."""
    octaves = np.floor(4 * np.log2(np.maximum(counts, _EXACT) / _EXACT)).astype(np.int64)
    return np.where(counts <= _EXACT, counts, _EXACT + 1 + octaves)
