"""The switcher: replaces words of one text and keeps account of every character and word."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from polystilts.codeswitch.casing import Casing, apply_casing
from polystilts.codeswitch.engine import Engine, Form, Scan
from polystilts.codeswitch.offsets import Event, OffsetMap
from polystilts.codeswitch.wordmap import Choice, WordMap

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Switched:
    """A switched text.

    Attributes:
        scan: the source text and its words.
        text: the new text, equal to the source outside the events.
        events: the replaced words, from left to right.
        eligible: words that were not protected and had a usable translation.
        tried: words that were drawn; tried = len(events) + sum(losses.values()).
        losses: words that were drawn and stayed, by reason: `no_entry`, `self`, `multiword`,
            `collision`, `anchor_border`, `protected:<class>` (`span` for a protected span).
    """

    scan: Scan
    text: str
    events: tuple[Event, ...]
    eligible: int
    tried: int
    losses: dict[str, int]

    @property
    def words(self) -> int:
        """The number of words in the source text."""
        return len(self.scan.words)

    @property
    def offsets(self) -> OffsetMap:
        """Where every character and span of the source text went."""
        return OffsetMap(self.events)


def untouched(scan: Scan) -> Switched:
    """Return a text in which no word was tried."""
    return Switched(scan, scan.text, (), 0, 0, {})


def switch(
    text: str | Scan,
    protected: Sequence[Span] = (),
    anchors: Sequence[Span] = (),
    *,
    engine: Engine,
    word_map: WordMap,
    names: AbstractSet[str] | None = None,
) -> Switched:
    """Replace words of `text` as `word_map` decides.

    Args:
        text: a text, or its scan by the same engine.
        protected: character spans; a word that overlaps one stays.
        anchors: character spans that must be found again exactly, such as answers. Words inside are
            switched as any other. A word that an anchor's border cuts in two stays, so that the
            offset map gives every anchor's new borders exactly, and the text between them is the
            switched form of the anchor and nothing else.
        engine: dictionary and recipe.
        word_map: the decisions of the example.
        names: words that count as names here; by default those that this text shows to be.
    """
    scan = engine.scan(text) if isinstance(text, str) else text
    names = engine.names([scan]) if names is None else names
    fixed = _fixed(scan, protected, anchors) if protected or anchors else {}
    source = scan.text
    pieces: list[str] = []
    events: list[Event] = []
    losses: dict[str, int] = {}
    eligible = tried = 0
    copied = written = 0
    gate = engine.gate
    for (start, form, initial), draw in zip(scan.words, word_map.draws(scan), strict=True):
        entry, loss = form.entry, form.loss
        if fixed:
            loss = fixed.get(start, loss)
        if form.capital and loss is None:
            loss = _capital_loss(form, scan, names)
        if loss is None:
            eligible += 1
        if draw >= gate:
            continue
        tried += 1
        choice = word_map.choose(form, entry, draw) if loss is None and entry else loss
        if not isinstance(choice, Choice):
            losses[str(choice)] = losses.get(str(choice), 0) + 1
            continue
        target, language = choice.target, choice.language
        if form.casing is not Casing.LOWER:
            target = apply_casing(target, _casing(form, initial, scan.shouted), language)
        pieces.append(source[copied:start])
        pieces.append(target)
        written += start - copied
        copied = start + form.length
        end = written + len(target)
        events.append(Event(start, copied, written, end, choice.source, language))
        written = end
    pieces.append(source[copied:])
    return Switched(scan, "".join(pieces), tuple(events), eligible, tried, losses)


def _capital_loss(form: Form, scan: Scan, names: AbstractSet[str]) -> str | None:
    """Return why the capitals of an otherwise usable word keep it English, or None."""
    if form.word in names:
        return "protected:names"
    in_lower_case = form.entry is None or form.entry.source != form.word
    return "no_entry" if form.acronym and in_lower_case and not scan.shouted else None


def _casing(form: Form, initial: bool, shouted: bool) -> Casing:
    """Return the casing to write; `I` and `A` are capitals for reasons of their own."""
    if form.length > 1:
        return form.casing
    if shouted:
        return Casing.UPPER
    return Casing.TITLE if initial else Casing.LOWER


def _fixed(scan: Scan, protected: Sequence[Span], anchors: Sequence[Span]) -> dict[int, str]:
    """Return start -> reason of the words that overlap a protected span or are cut by an anchor."""
    starts = [start for start, _, _ in scan.words]
    ends = [start + form.length for start, form, _ in scan.words]
    fixed: dict[int, str] = {}
    for border in {border for anchor in anchors for border in anchor}:
        word = bisect_left(starts, border) - 1
        if word >= 0 and ends[word] > border:
            fixed[starts[word]] = "anchor_border"
    for start, end in protected:
        for word in range(bisect_right(ends, start), bisect_left(starts, end)):
            fixed[starts[word]] = "protected:span"
    return fixed
