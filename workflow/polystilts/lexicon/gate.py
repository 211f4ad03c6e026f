"""The ingestion gate: which listed translations enter a lexicon, and why the others do not."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from polystilts.lexicon.chinese import CHINESE, converted, simplified
from polystilts.lexicon.encoding import is_broken
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.folding import Habit, case_habit, doubt, folded
from polystilts.lexicon.parts_of_speech import union
from polystilts.lexicon.plain import PlainWords, is_plain_english
from polystilts.lexicon.remarks import remarks
from polystilts.lexicon.repairs import mended
from polystilts.lexicon.scripts import is_latin, script_share
from polystilts.policies import ChineseScript

_MARKUP = re.compile(r"[<>{}\[\]()|\\/^~=_#*@…+]|\.\.\.|&\w+;|https?:|www\.")
# `-ness`, `لا-`: part of a word. The minus sign and both kinds of hyphens occur.
_AFFIX = re.compile(r"^[-‐‑–−]|[-‐‑–−]$")

_DIGIT = re.compile(r"[0-9]")

_SCRIPT_REMARKS = {
    ("simplified", 1): "targets converted to simplified characters",
    ("traditional", 1): "targets converted to traditional characters",
    ("traditional", 2): "single characters left in simplified form",
}

WRONG_LANGUAGE = "wrong language"
DUPLICATE = "duplicate"


@dataclass(frozen=True)
class GatePolicy:
    """What the gate lets through.

    Names translated by themselves fill the published dictionaries (`self_pairs`), so keeping them
    changes how much is really switched. `form` is the Unicode form targets are stored in.
    `script_share` is the least share of a target's letters in the language's scripts.
    `most_words` limits the words of either side, None not at all. `chinese` is the script that
    Chinese is written in; `keep` leaves every word as it is listed.
    """

    self_pairs: Literal["drop", "keep"] = "drop"
    form: Literal["NFC", "NFKC"] = "NFC"
    script_share: float = 0.5
    most_words: int | None = None
    chinese: ChineseScript = "simplified"


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
    if policy.most_words is None:
        return False
    return max(len(pair.source.split()), len(pair.target.split())) > policy.most_words


def _self_pair(pair: Candidate, policy: GatePolicy) -> bool:
    return policy.self_pairs == "drop" and _same(pair)


def _foreign_script(pair: Candidate, policy: GatePolicy) -> bool:
    if not is_latin(pair.source):
        return True
    share = script_share(pair.target, pair.language)
    kept_as_is = policy.self_pairs == "keep" and _same(pair)
    return share is not None and share < policy.script_share and not kept_as_is


def _same(pair: Candidate) -> bool:
    if folded(pair.source, "en") == folded(pair.target, pair.language):
        return True
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
# Those that can apply to plain words
PLAIN_CHECKS = {reason: CHECKS[reason] for reason in ("self-pair", "multi-word")}


@dataclass(slots=True)
class Pair:
    """A pair that was let through: a row of the normal form.

    `dictionary` is the first that lists it, `agreement` the number of dictionaries that do, `rank`
    its place among the translations of its source. `pos` has what all of them state. `target` is
    the least doubtful of the forms listed (see `folding.doubt`), `listed` the first of them before
    any conversion.
    """

    source: str
    target: str
    rank: int
    dictionary: str
    pos: str | None
    agreement: int
    last_reading: int
    listed: str
    doubt: int


@dataclass
class Gate:
    """One language's gate; remembers accepted pairs over all its dictionaries.

    `accepted` has them by source and by what all spellings of the target share, both in the order
    of listing. `rejected` counts by reason. `noticed` counts what was mended, converted or folded
    together, and what was let through all the same: multi-word pairs, self-pairs, sources with
    capitals, targets that NFC changed, those that NFKC would change further (XLM-R's tokenizer
    applies NFKC), and what is peculiar to a language. `habits` has how each dictionary writes.
    """

    language: str
    policy: GatePolicy = GatePolicy()
    rejected: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    accepted: dict[str, dict[str, Pair]] = field(default_factory=dict)
    habits: dict[str, Habit] = field(default_factory=dict)
    _readings: int = 0

    def admit(self, entries: Iterable[Entry], dictionary: str) -> Iterator[Pair]:
        """Yield the pairs let through that are new.

        One that an earlier dictionary lists too, in this spelling or another, is a duplicate that
        adds to the agreement.
        """
        entries = list(entries)
        habit = self.habits[dictionary] = case_habit([entry.target for entry in entries])
        self._readings += 1
        words = PlainWords(self.language)
        for entry in entries:
            source, target = entry.source, entry.target
            if is_plain_english(source) and target in words:
                reason = self._reason(Candidate(source, target, self.language), PLAIN_CHECKS)
            else:
                pair = self._candidate(entry)
                source, target = pair.source, pair.target
                reason = self._reason(pair, CHECKS)
            if reason is not None:
                self.rejected[reason] += 1
                continue
            listed = target
            target, key, doubtful = self._spelled(listed, habit)
            known = self.accepted.setdefault(source, {})
            if (twin := known.get(key)) is not None:
                self.rejected[DUPLICATE] += 1
                self._fold(twin, listed, target, doubtful)
                self._agree(twin, entry.pos)
                continue
            for remark in remarks(source, target, self.language):
                self.noticed[remark] += 1
            known[key] = Pair(
                source,
                target,
                rank=len(known),
                dictionary=dictionary,
                pos=entry.pos,
                agreement=1,
                last_reading=self._readings,
                listed=listed,
                doubt=doubtful,
            )
            yield known[key]

    def refuse(self, entries: Iterable[Entry]) -> None:
        """Reject the entries of a dictionary that is in another language."""
        self.rejected[WRONG_LANGUAGE] += sum(1 for _ in entries)

    def _candidate(self, entry: Entry) -> Candidate:
        source = " ".join(entry.source.split())
        mend = mended(entry.target, self.language, self.noticed)
        target = unicodedata.normalize(self.policy.form, mend)
        self.noticed["targets normalised"] += target != mend
        return Candidate(source, target, self.language)

    def _spelled(self, listed: str, habit: Habit) -> tuple[str, str, int]:
        """Return a target as it is written, what its spellings share, and how doubtful it is."""
        of_case = doubt(listed, habit)
        script = self.policy.chinese
        if self.language != CHINESE or script == "keep":
            return listed, folded(listed, self.language), of_case
        target, of_script = converted(listed, script)
        if of_script:
            self.noticed[_SCRIPT_REMARKS[script, of_script]] += 1
        return target, folded(simplified(target), CHINESE), 3 * of_script + of_case

    def _fold(self, twin: Pair, listed: str, target: str, doubtful: int) -> None:
        """Write a pair in the better of two spellings; count that they were two."""
        if listed != twin.listed:
            same = folded(listed, self.language) == folded(twin.listed, self.language)
            self.noticed["targets folded by case" if same else "targets folded by script"] += 1
        if doubtful < twin.doubt:
            twin.target, twin.doubt = target, doubtful

    def _reason(self, pair: Candidate, checks: Mapping[str, Check]) -> str | None:
        for reason, applies in checks.items():
            if applies(pair, self.policy):
                return reason
        return None

    def _agree(self, pair: Pair, pos: str | None) -> None:
        """Take note of a pair that is listed again, by this dictionary or another one."""
        pair.pos = union(pair.pos, pos)
        if pair.last_reading != self._readings:
            pair.last_reading = self._readings
            pair.agreement += 1
