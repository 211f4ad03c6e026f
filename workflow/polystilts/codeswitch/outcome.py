"""A batch after switching: new texts, and what happened to every chunk of them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.batch import Batch, Items
from polystilts.codeswitch.engine.decide import Decision
from polystilts.codeswitch.example import Span
from polystilts.codeswitch.text.offsets import Edit, Event, OffsetMap

UNITS = ("word", "phrase", "entity")
FOUND = ("exact", "lower", "lemma")


@dataclass(frozen=True, slots=True)
class SwitchedText:
    """A switched text; its map gives every character and span of the source text."""

    text: str
    map: OffsetMap
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """The items that were replaced, in the order of the texts: columns of equal length.

    Attributes:
        item: the place among the items.
        candidate: what was chosen.
        written: what is written for it, a place among the dictionary's targets; -1 for the word
            itself, in the control `identity`.
        language: its language, a place in the outcome's `languages`.
        entry: the entry it was found under.
        flags: of its surface; see `surfaces`.
        suffix: the length of the possessive 's behind it, which stays.
        senses: the number of candidates that its language offered.
    """

    item: NDArray[np.int64]
    candidate: NDArray[np.int64]
    written: NDArray[np.int32]
    language: NDArray[np.int16]
    entry: NDArray[np.int32]
    flags: NDArray[np.int16]
    suffix: NDArray[np.int8]
    senses: NDArray[np.int64]

    @property
    def units(self) -> NDArray[np.int64]:
        """What was replaced: places in `UNITS`."""
        flags = self.flags
        return np.where(flags & known.ENTITY != 0, 2, np.where(flags & known.PHRASE != 0, 1, 0))

    @property
    def found(self) -> NDArray[np.int64]:
        """How the entry was found: places in `FOUND`."""
        flags = self.flags
        return np.where(flags & known.LEMMA != 0, 2, np.where(flags & known.LISTED != 0, 0, 1))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One copy of a batch (columnar; texts are the fields of the examples, one after the other).

    Attributes:
        texts: new texts; a list of tokens where the field was tokens.
        languages: codes; see `codes`.
        first_text: texts of example e are first_text[e]:first_text[e + 1].
        first_chunk: chunks of text t are first_chunk[t]:first_chunk[t + 1]. A chunk is a word, or
            another token with letters or digits (a number, a contraction, a URL, mark-up).
        codes: per chunk -1 for no word, 0 for English, k > 0 for a word of languages[k - 1]; all
            chunks of a replaced phrase have its code.
        switched: source words replaced, per text.
        words: words, per text.
        eligible: per chunk, whether it might have been switched.
        function_words: per chunk, whether it is a word of the class `function-words`.
        item_entry: per item its entry in the dictionary, or -1.
        new: what stands in place of each replaced item, a possessive 's included.
        dropped: the chunks before which a space was dropped.
        batch, items, decision, replaced, dictionary: what the rest is read from.
    """

    texts: list[str | list[str]]
    languages: tuple[str, ...]
    first_text: NDArray[np.int64]
    first_chunk: NDArray[np.int64]
    codes: NDArray[np.int16]
    switched: NDArray[np.int64]
    words: NDArray[np.int64]
    eligible: NDArray[np.bool_]
    function_words: NDArray[np.bool_]
    item_entry: NDArray[np.int32]
    batch: Batch
    items: Items
    decision: Decision
    replaced: Replaced
    new: list[str] = field(repr=False)
    dropped: NDArray[np.int64] = field(repr=False)
    dictionary: Dictionary = field(repr=False)

    def spans(self, text: int) -> list[Span]:
        """Return the character spans of a text's chunks in its source."""
        return self.batch.spans(text)

    def source(self, text: int) -> str:
        """Return the source text; tokens are joined by spaces."""
        given = self.batch.fields[text].text
        return given if isinstance(given, str) else " ".join(given)

    def switched_text(self, text: int) -> SwitchedText:
        """Return a text with its map and its replaced words."""
        batch, replaced = self.batch, self.replaced
        begin = int(batch.text_start[text])
        units, found = replaced.units, replaced.found
        edits: list[tuple[int, int, int]] = []  # start, end, the place among those replaced or -1
        for place in self._replaced_in(text):
            item = int(replaced.item[place])
            chunk, width = int(self.items.chunk[item]), int(self.items.width[item])
            span = int(batch.start[chunk]) - begin, int(batch.end[chunk + width - 1]) - begin
            edits.append((*span, place))
        for chunk in self.dropped[batch.chunk_text[self.dropped] == text].tolist():
            edits.append((int(batch.end[chunk - 1]) - begin, int(batch.start[chunk]) - begin, -1))
        events: list[Event] = []
        mapped: list[Edit] = []
        shift = 0
        for start, end, place in sorted(edits):
            new, suffix = "", 0
            if place >= 0:
                new, suffix = self.new[place], int(replaced.suffix[place])
            after = start + shift, start + shift + len(new) - suffix
            mapped.append(Edit(start, end - suffix, *after))
            shift += len(new) - (end - start)
            if place >= 0:
                event = Event(
                    *mapped[-1],
                    self.dictionary.sources[replaced.entry[place]],
                    self.languages[replaced.language[place]],
                    UNITS[units[place]],
                    FOUND[found[place]],
                )
                events.append(event)
        written = self.texts[text]
        joined = written if isinstance(written, str) else " ".join(written)
        return SwitchedText(joined, OffsetMap(mapped), tuple(events))

    def map(self, text: int) -> OffsetMap:
        """Return where the characters of a text went."""
        return self.switched_text(text).map

    def _replaced_in(self, text: int) -> range:
        items = self.items.text[self.replaced.item]
        return range(
            int(np.searchsorted(items, text, "left")), int(np.searchsorted(items, text, "right"))
        )

    def written_units(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return numbers of what each item was, and is now: equal for what is written alike.

        A word that stays has the same number on both sides. Casing does not count.
        """
        words = np.unique(self.items.unit, return_inverse=True)[1].astype(np.int64)
        after = words.copy()
        meanings = self.dictionary.meaning[self.replaced.candidate]
        after[self.replaced.item] = meanings + len(words)
        return words, after
