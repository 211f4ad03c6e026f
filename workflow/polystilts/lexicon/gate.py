"""The ingestion gate: which listed translations enter a lexicon, and why the others do not."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from polystilts.lexicon.encoding import is_broken
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.remarks import remarks
from polystilts.lexicon.repairs import mended
from polystilts.lexicon.scripts import is_latin, script_share

_MARKUP = re.compile(r"[<>{}\[\]()|\\/^~=_#*@…+]|\.\.\.|&\w+;|https?:|www\.")
# `-ness`, `لا-`: part of a word. The minus sign and both kinds of hyphens occur.
_AFFIX = re.compile(r"^[-‐‑–−]|[-‐‑–−]$")

_DIGIT = re.compile(r"[0-9]")

WRONG_LANGUAGE = "wrong language"
DUPLICATE = "duplicate"


@dataclass(frozen=True)
class GatePolicy:
    """What the gate lets through.

    Names translated by themselves fill the published dictionaries (`self_pairs`), so keeping them
    changes how much is really switched. `form` is the Unicode form targets are stored in.
    `script_share` is the least share of a target's letters in the language's scripts.
    `most_words` limits the words of either side, None not at all.
    """

    self_pairs: Literal["drop", "keep"] = "drop"
    form: Literal["NFC", "NFKC"] = "NFC"
    script_share: float = 0.5
    most_words: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair on its way through the gate, after repairs and normalisation."""

    source: str
    target: str
    language: str


Check = Callable[[Candidate, GatePolicy], bool]


def _blank(pair: Candidate, policy: GatePolicy) -> bool:
    return not pair.source or not pair.target


def _broken(pair: Candidate, policy: GatePolicy) -> bool:
    return is_broken(pair.source) or is_broken(pair.target)


def _marked_up(pair: Candidate, policy: GatePolicy) -> bool:
    return bool(_MARKUP.search(pair.source) or _MARKUP.search(pair.target))


def _numeric(pair: Candidate, policy: GatePolicy) -> bool:
    return _has_digit(pair.source) or _has_digit(pair.target)


def _has_digit(text: str) -> bool:
    if text.isascii():
        return _DIGIT.search(text) is not None
    return any(map(str.isdigit, text))  # those of all scripts, circled and raised ones


def _wordless(pair: Candidate, policy: GatePolicy) -> bool:
    return not any(map(str.isalpha, pair.source)) or not any(map(str.isalpha, pair.target))


def _part_of_word(pair: Candidate, policy: GatePolicy) -> bool:
    return bool(_AFFIX.search(pair.source) or _AFFIX.search(pair.target))


def _too_long(pair: Candidate, policy: GatePolicy) -> bool:
    longest = max(len(pair.source.split()), len(pair.target.split()))
    return policy.most_words is not None and longest > policy.most_words


def _self_pair(pair: Candidate, policy: GatePolicy) -> bool:
    return policy.self_pairs == "drop" and _same(pair)


def _foreign_script(pair: Candidate, policy: GatePolicy) -> bool:
    if not is_latin(pair.source):
        return True
    share = script_share(pair.target, pair.language)
    kept_as_is = policy.self_pairs == "keep" and _same(pair)
    return share is not None and share < policy.script_share and not kept_as_is


def _same(pair: Candidate) -> bool:
    return pair.source.casefold() == pair.target.casefold()


# Reasons in the order they are tried: a pair is counted under the first that applies. Besides,
# there is `duplicate`, and `wrong language` for all pairs of a dictionary.
CHECKS: Mapping[str, Check] = {
    "blank": _blank,
    "encoding": _broken,
    "mark-up": _marked_up,
    "digits": _numeric,
    "no letters": _wordless,
    "affix": _part_of_word,
    "self-pair": _self_pair,
    "wrong script": _foreign_script,
    "multi-word": _too_long,
}


@dataclass
class Gate:
    """One language's gate; remembers accepted pairs over all its dictionaries.

    `rejected` counts by reason. `noticed` counts what was mended, and what was let through all the
    same: multi-word pairs, self-pairs, sources with capitals, targets that NFC changed, those that
    NFKC would change further (XLM-R's tokenizer applies NFKC), and what is peculiar to a language.
    """

    language: str
    policy: GatePolicy = GatePolicy()
    rejected: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    _pairs: set[tuple[str, str]] = field(default_factory=set)

    def admit(self, entries: Iterable[Entry], dictionary: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of the normal form for the entries let through, ranks by source."""
        for entry in entries:
            pair = self._candidate(entry)
            reason = self._reason(pair)
            if reason is not None:
                self.rejected[reason] += 1
                continue
            self._pairs.add((pair.source, pair.target))
            for remark in remarks(pair.source, pair.target, self.language):
                self.noticed[remark] += 1
            rank = self.accepted[pair.source]
            self.accepted[pair.source] += 1
            yield {
                "source": pair.source,
                "language": self.language,
                "target": pair.target,
                "rank": rank,
                "source_words": len(pair.source.split()),
                "target_words": len(pair.target.split()),
                "dictionary": dictionary,
            }

    def refuse(self, entries: Iterable[Entry]) -> None:
        """Reject the entries of a dictionary that is in another language."""
        self.rejected[WRONG_LANGUAGE] += sum(1 for _ in entries)

    def _candidate(self, entry: Entry) -> Candidate:
        source = " ".join(entry.source.split())
        mend = mended(entry.target, self.language, self.noticed)
        target = unicodedata.normalize(self.policy.form, mend)
        self.noticed["targets normalised"] += target != mend
        return Candidate(source, target, self.language)

    def _reason(self, pair: Candidate) -> str | None:
        for reason, applies in CHECKS.items():
            if applies(pair, self.policy):
                return reason
        return DUPLICATE if (pair.source, pair.target) in self._pairs else None
