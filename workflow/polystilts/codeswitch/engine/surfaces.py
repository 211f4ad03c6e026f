"""What is known of a surface wherever it occurs: a growing table of chunks, as arrays.

A surface is a chunk of text as it is written. It is looked up once, exactly as written, in lower
case, then by its base forms; texts are then handled as numbers of surfaces.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import word_hash
from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.engine.chunks import Codes, HashTable, Places, chunk_hashes
from polystilts.codeswitch.english.lemmas import base_form, lemmas
from polystilts.codeswitch.english.protection import (
    NAMES,
    abbreviations,
    class_words,
    protected_words,
)
from polystilts.codeswitch.english.words import ends_abbreviation, is_mark_up, word_of
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.text.casing import Casing, casing_of

_LONGEST_ACRONYM = 4
_RESERVED = word_hash("reserved for probes")

# Bits of `Table.flags`.
WORD = 1  # it is a word; the rest holds for words alone
PLAIN = 2  # in lower case without a possessive 's: a translation is written as it is listed
CAPITAL = 4  # its capitals may make it a name, here and wherever else the example has it
ACRONYM = 8  # short and all capitals, as `US`: not to be read as `us`
SINGLE = 16  # one capital letter, `I` or `A`: a capital for reasons of its own
WHOLE = 32  # without a possessive 's
ENTITY = 64  # listed with a capital, and written as listed, where entities are switched
LISTED = 128  # found exactly as written
LEMMA = 256  # found by its base form
ABBREVIATION = 512  # a full stop behind it may be its own (also for what is no word)
MARK_UP = 1024  # a sentence begins after it (also for what is no word)
CAPITALS = 2048  # two or more letters, all capitals
PHRASE = 4096  # of several words
FUNCTION = 8192  # a function word, in whatever casing
PLACED = 16384  # a function word with a capital, as `May`: a name only where a sentence goes on


class Style(NamedTuple):
    """How a translation is written in place of a surface."""

    casing: Casing
    suffix: str


_AS_LISTED = Style(Casing.LOWER, "")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by number of the surface.

    Attributes:
        entry: its entry in the dictionary, or -1.
        unit: the hash that stands for it in decisions, equal for all surfaces of an entry.
        loss: why it can never be switched (`losses`), or NONE.
        flags: the bits above.
        host: equal for surfaces that differ by a possessive 's alone.
        phrase_word: its number among the words of phrases, or -1.
        suffix: the length of its possessive 's.
    """

    entry: NDArray[np.int32]
    unit: NDArray[np.uint64]
    loss: NDArray[np.int8]
    flags: NDArray[np.int16]
    host: NDArray[np.int32]
    phrase_word: NDArray[np.int32]
    suffix: NDArray[np.int8]


def is_reserved(source: str, reserved: float) -> bool:
    """Say whether a source word is kept for probes and never switched, in any recipe or seed.

    All forms of a base form are reserved together, so that training touches none of them.
    """
    base = base_form(source.lower()) if " " not in source else source.lower()
    return (word_hash(base) ^ _RESERVED) < reserved * 2.0**64


def _is_function_word(lower: str) -> bool:
    return lower in class_words("function-words")


class _Rows(dict[str, int]):
    """Number by surface; a surface that is looked up for the first time is added."""

    def __init__(self, surfaces: "Surfaces") -> None:
        self._surfaces = surfaces

    def __missing__(self, surface: str) -> int:
        self[surface] = number = self._surfaces.add(surface)
        return number


@dataclass(slots=True)
class Surfaces:
    """The table of surfaces of one dictionary and recipe. It only saves time."""

    dictionary: Dictionary
    recipe: Recipe
    classes: Collection[str]
    rows: dict[str, int] = field(init=False)
    styles: list[Style] = field(default_factory=list)
    _protected: Mapping[str, int] = field(init=False)
    _columns: tuple[list[int], ...] = field(init=False)
    # by the loss and the surfaces of the chunks of a phrase, what `phrase` returns
    phrase_rows: dict[tuple[int, ...], int] = field(default_factory=dict)
    _hosts: dict[str, int] = field(default_factory=dict)
    _entry_loss: list[int] = field(init=False)
    _abbreviations: Collection[str] = field(init=False)
    _phrase_words: Mapping[str, int] = field(init=False)
    _phrases: dict[tuple[str, str, int], int] = field(default_factory=dict)
    _table: Table | None = None
    _known: HashTable = field(default_factory=HashTable)

    def __post_init__(self) -> None:
        self.rows = _Rows(self)
        self._columns = tuple([] for _ in Table.__slots__)
        self._entry_loss = self.dictionary.loss.tolist()
        self._abbreviations = abbreviations()
        self._phrase_words = self.dictionary.phrase_words
        words = protected_words(self.classes)
        self._protected = {word: losses.protected(name) for word, name in words.items()}

    def numbers(self, text: str, codes: Codes, start: Places, end: Places) -> NDArray[np.int32]:
        """Return the numbers of chunks of plain texts, by where they begin and end."""
        hashes = chunk_hashes(codes, start, end)
        numbers = self._known.look_up(hashes)
        new = np.flatnonzero(numbers < 0)
        if len(new):
            spans = zip(start[new].tolist(), end[new].tolist(), strict=True)
            numbers[new] = [self.rows[text[first:last]] for first, last in spans]
            self._known.learn(hashes[new], numbers[new])
        return numbers

    def table(self) -> Table:
        """Return the columns of all surfaces so far."""
        done = 0 if self._table is None else len(self._table.entry)
        if self._table is None or len(self.styles) > done:
            kinds = (np.int32, np.uint64, np.int8, np.int16, np.int32, np.int32, np.int8)
            new = [
                np.array(column[done:], kind)
                for column, kind in zip(self._columns, kinds, strict=True)
            ]
            if self._table is not None:
                old = (getattr(self._table, name) for name in Table.__slots__)
                new = [np.concatenate(pair) for pair in zip(old, new, strict=True)]
            self._table = Table(*new)
        return self._table

    def add(self, surface: str) -> int:
        """Add a surface, a chunk or a phrase, and return its number."""
        number = len(self.styles)
        if len(surface) > 1 and surface.isascii() and surface.isalpha():
            # most are letters alone, for which many questions do not arise
            word = exact = surface
            flags = ABBREVIATION * (surface.lower() in self._abbreviations)
        else:
            flags = ABBREVIATION * ends_abbreviation(surface) | MARK_UP * is_mark_up(surface)
            found = surface if " " in surface else word_of(surface)
            if found is None:
                self._append(-1, 0, losses.NONE, flags, -1, -1, _AS_LISTED)
                return number
            word = found
            exact = word if word.isascii() else unicodedata.normalize("NFC", word)
        lower = exact.lower()
        entry, way = self._entry(exact, lower)
        source = lower if entry < 0 else self.dictionary.sources[entry]
        flags |= WORD | way | PHRASE * (" " in word)
        style = _AS_LISTED
        if surface == lower:
            flags |= PLAIN | WHOLE | FUNCTION * _is_function_word(lower)
        else:
            style = Style(casing_of(word), surface[len(word) :])
            flags |= self._flags(word, lower, style)
            if self._is_entity(entry, source, exact):
                flags |= ENTITY
        loss = self._loss(entry, source, lower, bool(flags & ENTITY))
        host = self._hosts.setdefault(word, len(self._hosts))
        place = self._phrase_words.get(lower, -1)
        self._append(entry, word_hash(source), loss, flags, host, place, style)
        return number

    def _is_entity(self, entry: int, source: str, exact: str) -> bool:
        has_capital = source[:1] != source[:1].lower()
        return has_capital and entry >= 0 and source == exact and "entity" in self.recipe.units

    def phrase(self, phrase: str, suffix: str, loss: int) -> int:
        """Return the number of a phrase with the 's behind it, which stays for a reason or NONE.

        It is -1 if no dictionary lists the phrase.
        """
        key = phrase, suffix, loss
        number = self._phrases.get(key)
        if number is None:
            self._phrases[key] = number = self._add_phrase(phrase, suffix, loss)
        return number

    def _add_phrase(self, phrase: str, suffix: str, loss: int) -> int:
        phrase = " ".join(phrase.split())
        if phrase not in self.dictionary.entries and phrase.lower() not in self.dictionary.entries:
            return -1
        number = self.add(phrase)
        self.styles[number] = Style(self.styles[number].casing, suffix)
        lost, flags = self._columns[2:4]
        self._columns[6][number] = len(suffix)
        if suffix:
            flags[number] &= ~(PLAIN | WHOLE)
        if lost[number] == losses.NONE and not flags[number] & ENTITY:
            lost[number] = loss
        return number

    def _entry(self, exact: str, lower: str) -> tuple[int, int]:
        entries = self.dictionary.entries
        entry = entries.get(exact)
        if entry is not None:
            return entry, LISTED
        entry = entries.get(lower)
        if entry is not None:
            return entry, 0
        if self.recipe.lemma and " " not in lower:
            for base in lemmas(lower):
                entry = entries.get(base)
                if entry is not None:
                    return entry, LEMMA
        return -1, 0

    @staticmethod
    def _flags(word: str, lower: str, style: Style) -> int:
        capitals, title = style.casing is Casing.UPPER, style.casing is Casing.TITLE
        function = _is_function_word(lower)
        plain = style.casing is Casing.LOWER and not style.suffix
        return (
            PLAIN * plain
            | FUNCTION * function
            | CAPITAL * (capitals or (title and not function))
            | PLACED * (title and function and len(word) > 1)
            | CAPITALS * capitals
            | ACRONYM * (capitals and len(word) <= _LONGEST_ACRONYM)
            | SINGLE * (len(word) == 1 and word != lower)
            | WHOLE * (not style.suffix)
        )

    def _loss(self, entry: int, source: str, lower: str, entity: bool) -> int:
        units = self.recipe.units
        protected = self._protected.get(lower, losses.NONE)
        if entity and protected == losses.PROTECTED_NAME:
            protected = losses.NONE
        if protected:
            return protected
        if entry < 0:
            return losses.NO_ENTRY
        kind = "phrase" if " " in source else "word"
        if not entity and kind not in units:
            return losses.protected("unit")
        if self.recipe.reserved and is_reserved(source, self.recipe.reserved):
            return losses.protected("reserved")
        return self._entry_loss[entry]

    def protects_names(self) -> bool:
        """Say whether words that the text shows to be names stay."""
        return NAMES in self.classes

    def _append(
        self, entry: int, unit: int, loss: int, flags: int, host: int, place: int, style: Style
    ) -> None:
        entries, units, lost, bits, hosts, places, suffixes = self._columns
        entries.append(entry)
        units.append(unit)
        lost.append(loss)
        bits.append(flags)
        hosts.append(host)
        places.append(place)
        suffixes.append(len(style.suffix))
        self.styles.append(style)
