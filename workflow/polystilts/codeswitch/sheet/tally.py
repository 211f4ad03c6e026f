"""The account of what was switched, how much, into what, and why the rest was not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.outcome import FOUND, UNITS, Outcome
from polystilts.codeswitch.sheet.mixing import Mixing
from polystilts.codeswitch.sheet.replacements import Replacements

REASONS = ("no_entry", "self", "protected", "multiword", "collision")
# shares of words are summed in billionths, so that the order of summing does not show
_BILLION = 1_000_000_000


@dataclass(slots=True)
class Tally:
    """Counts over texts; those of several parts are joined by `merge`, in any order.

    Words are source words: a replaced phrase of three words counts as three. `languages` are those
    of the switcher, in its order.
    """

    languages: tuple[str, ...]
    counts: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    switched: Counter[str] = field(default_factory=Counter)
    candidates: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    replacements: Replacements = field(default_factory=Replacements)
    mixing: Mixing = field(init=False)

    def __post_init__(self) -> None:
        self.mixing = Mixing(self.languages)

    def add(self, outcome: Outcome) -> None:
        """Count one copy of a batch."""
        items, decision, replaced = outcome.items, outcome.decision, outcome.replaced
        width = items.width
        per_example = (
            np.add.reduceat(np.append(outcome.switched, 0), outcome.first_text[:-1])
            if len(outcome.first_text) > 1
            else np.zeros(0, np.int64)
        )
        empty = outcome.first_text[1:] == outcome.first_text[:-1]
        per_example = np.where(empty, 0, per_example)
        words_of = outcome.batch.text_example
        is_mixed = per_example > 0
        unprotected = ~_IS_PROTECTION[items.loss]
        self.counts.update(
            examples=len(per_example),
            examples_switched=int(is_mixed.sum()),
            words=int(outcome.words.sum()),
            words_of_switched_examples=int(outcome.words[is_mixed[words_of]].sum()),
            unprotected=int(width[unprotected].sum()),
            eligible=int(width[decision.eligible].sum()),
            tried=int(width[decision.tried].sum()),
            switched=int(outcome.switched.sum()),
            switched_function_words=int((outcome.function_words & (outcome.codes > 0)).sum()),
            quota=int(np.rint(decision.quota * _BILLION).astype(np.int64).sum()),
            shortfall=int(np.rint(decision.shortfall * _BILLION).astype(np.int64).sum()),
        )
        lost = np.bincount(decision.loss, width, minlength=len(losses.LOSS_NAMES))
        for code in np.flatnonzero(lost).tolist():
            if code != losses.NONE:
                self.losses[losses.LOSS_NAMES[code]] += int(lost[code])
        replaced_width = width[replaced.item]
        self._count(self.switched, self.languages, replaced.language, replaced_width)
        self._count(
            self.candidates, self.languages, replaced.language, replaced_width * replaced.senses
        )
        self._count(self.units, UNITS, replaced.units, replaced_width)
        self._count(self.found, FOUND, replaced.found, replaced_width)
        self._cover(outcome)
        self.replacements.add(replaced)
        self.mixing.add(outcome.codes, outcome.first_chunk)

    @staticmethod
    def _count(
        counter: Counter[str],
        names: tuple[str, ...],
        places: NDArray[Any],
        weights: NDArray[np.int64],
    ) -> None:
        for name, count in zip(
            names, np.bincount(places, weights, minlength=len(names)).tolist(), strict=True
        ):
            if count:
                counter[name] += int(count)

    def _cover(self, outcome: Outcome) -> None:
        """Count words for which some language, and each, has a usable translation."""
        dictionary, batch = outcome.dictionary, outcome.batch
        entry = outcome.item_entry
        counts = np.bincount(entry[entry >= 0], outcome.items.width[entry >= 0])
        met = np.flatnonzero(counts)
        first = dictionary.slot_first[met]
        widths = dictionary.slot_first[met + 1] - first
        starts = np.cumsum(widths) - widths
        slots = np.arange(int(widths.sum())) + np.repeat(first - starts, widths)
        weights = np.repeat(counts[met], widths)
        self._count(self.covered, self.languages, dictionary.slot_language[slots], weights)
        self.counts["covered"] += int(counts[met][widths > 0].sum())
        self.counts["texts"] += len(batch.fields)

    def merge(self, other: "Tally") -> None:
        """Add the counts of another part of the same corpus."""
        for name in ("counts", "losses", "switched", "candidates", "covered", "units", "found"):
            getattr(self, name).update(getattr(other, name))
        self.replacements.merge(other.replacements)
        self.mixing.merge(other.mixing)

    def sheet(self) -> dict[str, Any]:
        """Return the counts with the rates they give.

        `account`: tried = switched + no_entry + self + protected + multiword + collision, in words.
        `shortfall`: words that examples lacked for their quota. `ambiguity`: translations that the
        language of a replaced word offered, on average over replaced words.
        `share_of_function_words`: of the replaced words of the text (each word of a replaced phrase
        counts), those that in lower case and without a possessive 's are in the class
        `function-words`.
        """
        counts = self.counts
        protected = {
            reason: count
            for name, count in sorted(self.losses.items())
            if (reason := losses.protection_of(name)) is not None
        }
        account = {reason: self.losses[reason] for reason in REASONS}
        account["protected"] = sum(protected.values())
        switched = counts["switched"]
        return {
            **{name: counts[name] for name in ("examples", "examples_switched", "texts", "words")},
            "words_of_switched_examples": counts["words_of_switched_examples"],
            "unprotected": counts["unprotected"],
            "eligible": counts["eligible"],
            "tried": counts["tried"],
            "switched": switched,
            "switched_function_words": counts["switched_function_words"],
            "share_of_function_words": share(counts["switched_function_words"], switched),
            "quota": round(counts["quota"] / _BILLION, 6),
            "shortfall": round(counts["shortfall"] / _BILLION, 6),
            "realised_rate": share(switched, counts["words"]),
            "realised_rate_of_words": share(switched, counts["words"]),
            "realised_rate_of_unprotected": share(switched, counts["unprotected"]),
            "realised_rate_of_eligible": share(switched, counts["eligible"]),
            "realised_rate_of_switched_examples": share(
                switched, counts["words_of_switched_examples"]
            ),
            "account": {"tried": counts["tried"], "switched": switched, **account},
            "protected_by_class": protected,
            "coverage": share(counts["covered"], counts["words"]),
            "ambiguity": share(sum(self.candidates.values()), switched),
            "languages": {
                language: {
                    "coverage": share(self.covered[language], counts["words"]),
                    "switched": self.switched[language],
                    "share_of_switched": share(self.switched[language], switched),
                    "ambiguity": share(self.candidates[language], self.switched[language]),
                }
                for language in self.languages
            },
            "units": {name: self.units[name] for name in UNITS},
            "found": {name: self.found[name] for name in FOUND},
            "mixing": self.mixing.sheet(),
        }


_IS_PROTECTION = np.array([losses.protection_of(name) is not None for name in losses.LOSS_NAMES])


def with_dictionary(tally: Tally, dictionary: Dictionary) -> dict[str, Any]:
    """Return the sheet with what words of the dictionary tell.

    That is what each lexicon held, which could not contribute, and `replacements`: the 30 most
    frequent of all languages, see `Replacements.sheet`.
    """
    sheet = tally.sheet()
    languages = {
        code: {"dictionary": dict(dictionary.counts[code]), **facts}
        for code, facts in sheet["languages"].items()
    }
    return {
        **sheet,
        "languages": languages,
        "replacements": tally.replacements.sheet(dictionary),
        "warnings": _warnings(languages),
    }


def _warnings(languages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = []
    for language, facts in languages.items():
        if not facts["dictionary"]["translations"]:
            found.append(f"{language}: its dictionary holds no usable translation.")
        elif not facts["coverage"]:
            found.append(f"{language}: none of its entries occurs in the text.")
    return found


def share(part: int, whole: int) -> float | None:
    """Return part / whole to six places, or None of nothing."""
    return round(part / whole, 6) if whole else None
