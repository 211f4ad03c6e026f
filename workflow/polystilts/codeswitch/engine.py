"""What switching needs to know about words: the dictionary, the recipe, and a table of surfaces."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field

from polystilts.codeswitch.casing import Casing, casing_of
from polystilts.codeswitch.decisions import limit
from polystilts.codeswitch.dictionary import Dictionary, Entry
from polystilts.codeswitch.protection import NAMES, class_words, protected_words
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.words import chunks, starts_sentence, word_of
from polystilts.provenance.hashing import unit_hash

_LONGEST_ACRONYM = 4
_CACHE_LIMIT = 1 << 19


@dataclass(frozen=True, slots=True)
class Form:
    """What is known of a surface wherever it occurs.

    Attributes:
        word: the surface without a possessive 's.
        length: its characters.
        casing: its casing.
        entry: its dictionary entry, found exactly as written or else in lower case.
        unit: the hash that stands for the word in decisions: equal for all surfaces of one entry.
        loss: why it can never be switched (`protected:<class>`, `no_entry`, or its entry's own
            loss), or None. What hangs on context, names above all, is not decided here.
        capital: whether its capitals may make it a name; those of `The` and `I` may not.
        acronym: whether it is short and all capitals, as `US`: not to be read as `us`.
    """

    word: str
    length: int
    casing: Casing
    entry: Entry | None
    unit: int
    loss: str | None
    capital: bool
    acronym: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """A text and its words: (start, form, whether it begins a sentence) from left to right.

    The third part is always True for words in lower case, where nothing depends on it.
    """

    text: str
    words: tuple[tuple[int, Form, bool], ...]
    shouted: bool


@dataclass(frozen=True, slots=True)
class Engine:
    """Reads texts with one recipe and one dictionary. Its table of surfaces only saves time."""

    dictionary: Dictionary
    recipe: Recipe
    forms: dict[str, Form | None] = field(default_factory=dict)
    gate: int = field(init=False)
    example_gate: int = field(init=False)
    protect_names: bool = field(init=False)
    _protected: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gate", limit(self.recipe.rate))
        object.__setattr__(self, "example_gate", limit(self.recipe.examples))
        object.__setattr__(self, "protect_names", NAMES in self.recipe.protect)
        classes = protected_words(self.recipe.protect)
        losses = {word: f"protected:{name}" for word, name in classes.items()}
        object.__setattr__(self, "_protected", losses)

    def scan(self, text: str) -> Scan:
        """Return the words of a text."""
        forms = self.forms
        if len(forms) > _CACHE_LIMIT:
            forms.clear()
        words: list[tuple[int, Form, bool]] = []
        for start, chunk in chunks(text):
            try:
                form = forms[chunk]
            except KeyError:
                form = forms[chunk] = self._form(chunk)
            if form is not None:
                initial = form.casing is Casing.LOWER or starts_sentence(text, start)
                words.append((start, form, initial))
        return Scan(text, tuple(words), text.isupper())

    def names(self, scans: Collection[Scan]) -> frozenset[str]:
        """Return the words that an example's texts show to be names.

        These are words capitalised inside a sentence. A capital at the beginning of a sentence
        says nothing by itself, and in a text that is all capitals none does.
        """
        if not self.protect_names:
            return frozenset()
        return frozenset(
            form.word
            for scan in scans
            if not scan.shouted
            for _, form, initial in scan.words
            if form.capital and (not initial or form.acronym)
        )

    def _form(self, chunk: str) -> Form | None:
        word = word_of(chunk)
        if word is None:
            return None
        exact = unicodedata.normalize("NFC", word)
        lower = exact.lower()
        entry = self.dictionary.entries.get(exact) or self.dictionary.entries.get(lower)
        casing = casing_of(word)
        missing = entry.loss if entry else "no_entry"
        return Form(
            word=word,
            length=len(word),
            casing=casing,
            entry=entry,
            unit=unit_hash("word", entry.source if entry else lower),
            loss=self._protected.get(lower, missing),
            capital=casing is Casing.UPPER
            or (casing is Casing.TITLE and lower not in class_words("function-words")),
            acronym=casing is Casing.UPPER and len(word) <= _LONGEST_ACRONYM,
        )
