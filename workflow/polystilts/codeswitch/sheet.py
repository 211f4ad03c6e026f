"""The data sheet of a corpus: what was switched, how much, and why the rest was not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from polystilts.codeswitch.dictionary import Dictionary, Entry
from polystilts.codeswitch.switcher import Switched

LOSSES = ("no_entry", "self", "protected", "multiword", "collision", "anchor_border")


@dataclass(slots=True)
class CopyTally:
    """Counts of one copy; `losses` by reason, `languages` by code of the words written."""

    examples: int = 0
    examples_switched: int = 0
    words: int = 0
    eligible: int = 0
    tried: int = 0
    switched: int = 0
    words_of_switched_examples: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, parts: Iterable[Switched]) -> tuple[int, int]:
        """Count the texts of one row; return its numbers of switched words and of words."""
        words = switched = tried = 0
        for part in parts:
            words += len(part.scan.words)
            switched += len(part.events)
            tried += part.tried
            self.eligible += part.eligible
            for reason, count in part.losses.items():
                self.losses[reason] += count
            for event in part.events:
                self.languages[event.language] += 1
        self.examples += 1
        self.examples_switched += switched > 0
        self.words += words
        self.tried += tried
        self.switched += switched
        self.words_of_switched_examples += words if switched else 0
        return switched, words

    def merge(self, other: "CopyTally") -> None:
        """Add the counts of another part of the same copy."""
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, mine + theirs)

    def sheet(self) -> dict[str, Any]:
        """Return the counts with the rates they give."""
        protected = {
            reason.partition(":")[2]: count
            for reason, count in sorted(self.losses.items())
            if reason.startswith("protected:")
        }
        account = {reason: self.losses[reason] for reason in LOSSES}
        account["protected"] = sum(protected.values())
        return {
            "examples": self.examples,
            "examples_switched": self.examples_switched,
            "words": self.words,
            "words_of_switched_examples": self.words_of_switched_examples,
            "eligible": self.eligible,
            "switched": self.switched,
            "realised_rate": share(self.switched, self.words),
            "realised_rate_of_eligible": share(self.switched, self.eligible),
            "realised_rate_of_switched_examples": share(
                self.switched, self.words_of_switched_examples
            ),
            "account": {"tried": self.tried, "switched": self.switched, **account},
            "protected_by_class": protected,
        }


def share(part: int, whole: int) -> float | None:
    """Return part / whole to six places, or None of nothing."""
    return round(part / whole, 6) if whole else None


def language_sheet(
    dictionary: Dictionary, seen: Mapping[str, int], words: int, switched: Mapping[str, int]
) -> dict[str, Any]:
    """Return per language: dictionary size and what was set aside, coverage, words written.

    `seen` counts the source entries met in the English text, whose words are `words` in all;
    coverage is the share of them for which the language has a usable translation.
    """
    covered: Counter[str] = Counter()
    for source, count in seen.items():
        for language in dictionary.entries[source].languages:
            covered[language] += count
    total = sum(switched.values())
    return {
        language: {
            "dictionary": dict(dictionary.counts[language]),
            "coverage": share(covered[language], words),
            "switched": switched.get(language, 0),
            "share_of_switched": share(switched.get(language, 0), total),
        }
        for language in dictionary.languages
    }


def count_entries(parts: Iterable[Switched]) -> Counter[str]:
    """Return how often each source entry was met in the English text of `parts`."""
    entries: list[Entry | None] = [form.entry for part in parts for _, form, _ in part.scan.words]
    return Counter(entry.source for entry in entries if entry is not None)


def warnings(languages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each language that could not contribute."""
    found = []
    for language, facts in languages.items():
        if not facts["dictionary"]["translations"]:
            found.append(f"{language}: its lexicon holds no usable translation.")
        elif not facts["coverage"]:
            found.append(f"{language}: none of its entries occurs in the text.")
    return found
