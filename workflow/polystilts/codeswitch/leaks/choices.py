"""Whether the right choice can be read off how much of each choice is switched."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.sheet.association import (
    AUC_MARGIN,
    ERRORS,
    Auc,
    Counts,
    all_passed,
    auc,
    mean,
    mean_auc,
    rounded,
)

_SHARES = 1001


@dataclass(slots=True)
class ChoiceLeak:
    """Whether the right choice of an item can be told from how much of each choice is switched.

    Attributes:
        shares: histogram of switched shares in thousandths, int64[2, 1001]: wrong, right choices.
        items: number of items by number of choices.
        half_wins: by number of choices, wrong choices with a lower share than the right one, twice,
            and those with the same share.
        most, least: how often the right choice is among those of the highest or lowest share, by
            how many share it.
        unlabelled: items left out, since they name no right choice or have only one.
    """

    shares: Counts = field(default_factory=lambda: np.zeros((2, _SHARES), np.int64))
    items: Counter[int] = field(default_factory=Counter)
    half_wins: Counter[int] = field(default_factory=Counter)
    most: Counter[int] = field(default_factory=Counter)
    least: Counter[int] = field(default_factory=Counter)
    unlabelled: int = 0

    def add(
        self,
        gold: Sequence[int],
        switched: Sequence[NDArray[np.int64]],
        words: Sequence[NDArray[np.int64]],
    ) -> None:
        """Count items.

        Args:
            gold: place of the right choice; below 0 if unknown.
            switched: per item, the switched words of each choice.
            words: per item, the words of each choice.
        """
        kept = [i for i, place in enumerate(gold) if 0 <= place < len(words[i]) > 1]
        self.unlabelled += len(gold) - len(kept)
        if not kept:
            return
        choices = np.array([len(words[i]) for i in kept])
        part = np.concatenate([switched[i] for i in kept]).astype(np.int64)
        whole = np.concatenate([words[i] for i in kept]).astype(np.int64)
        share = np.rint(part * 1e9 / np.maximum(whole, 1)).astype(np.int64)
        first = np.cumsum(choices) - choices
        right = first + np.array([gold[i] for i in kept])
        right_share = np.repeat(share[right], choices)
        is_right = np.zeros(len(share), bool)
        is_right[right] = True

        thousandths = np.rint(share / 1e6).astype(np.int64)
        self.shares += np.bincount(
            is_right * _SHARES + np.minimum(thousandths, _SHARES - 1), minlength=2 * _SHARES
        ).reshape(2, _SHARES)
        below, same, above = (
            np.add.reduceat(compared.astype(np.int64), first)
            for compared in (share < right_share, share == right_share, share > right_share)
        )
        self.items.update(choices.tolist())
        for number in np.unique(choices).tolist():
            chosen = choices == number
            self.half_wins[number] += int((2 * below + same - 1)[chosen].sum())
        self.most.update(same[above == 0].tolist())
        self.least.update(same[below == 0].tolist())

    def merge(self, other: "ChoiceLeak") -> None:
        """Add the items of another part of the corpus."""
        self.shares = self.shares + other.shares
        self.unlabelled += other.unlabelled
        for name in ("items", "half_wins", "most", "least"):
            getattr(self, name).update(getattr(other, name))

    def sheet(self, *others: "ChoiceLeak") -> dict[str, Any]:
        """Return how well the switched share finds the right choice.

        `auc` is that of "this is the right choice" from the share over all choices, `auc_of_items`
        the mean over items of the share of wrong choices below the right one; ties count half.
        Passed: both within 0.02 or three standard errors of 0.5. The accuracy of taking the most
        or the least switched choice (one of them at random, if several) stands beside `chance`.

        Args:
            others: the same items in the other copies.
        """
        copies = (self, *others)
        items = self.items.total()
        overall = mean_auc([auc(copy.shares[0], copy.shares[1]) for copy in copies])
        of_items = mean_auc([copy._auc_of_items() for copy in copies])
        return {
            "passed": all_passed((overall.near_half, of_items.near_half)),
            "threshold": {"auc_margin": AUC_MARGIN, "standard_errors": ERRORS},
            "copies": len(copies),
            "items": items,
            "unlabelled": self.unlabelled,
            "auc": rounded(overall.value),
            "auc_error": rounded(overall.error),
            "auc_of_items": rounded(of_items.value),
            "auc_of_items_error": rounded(of_items.error),
            "accuracy_of_most": _mean_of_parts([copy.most for copy in copies], items),
            "accuracy_of_least": _mean_of_parts([copy.least for copy in copies], items),
            "chance": _mean_of_parts([self.items], items),
        }

    def _auc_of_items(self) -> Auc:
        items = self.items.total()
        if not items:
            return Auc(None, None)
        won = sum(self.half_wins[n] / (2 * (n - 1)) for n in sorted(self.items))
        # the place of one of n choices at random, divided by n - 1
        variance = sum(self.items[n] * (n + 1) / (12 * (n - 1)) for n in sorted(self.items))
        return Auc(won / items, variance**0.5 / items)


def _mean_of_parts(copies: Sequence[Counter[int]], items: int) -> float | None:
    """Return the mean over copies and items of 1/n; a copy counts by n those that have one."""
    totals = [sum(count / n for n, count in sorted(numbers.items())) for numbers in copies]
    return rounded(mean(totals) / items) if items else None
