"""The world's words: concepts with one form per language (English verbs have two).

The forms are real words of Spanish, Russian, Hindi and Arabic, written without inflection: nouns
stand in the plural, verbs in one past form, adjectives in one form, names are transliterated.
"""

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("lexicon.tsv")
LANGUAGES = ("en", "es", "ru", "hi", "ar")
CONTENT_KINDS = frozenset(
    ("noun", "hypernym", "use", "state", "site", "adjective", "verb", "keep", "day")
)
NAME_KINDS = frozenset(("person", "surname", "city", "organisation", "suffix"))


@dataclass(frozen=True, eq=False)
class Concept:
    """One meaning; the same object wherever it is meant.

    Attributes:
        kind: noun, hypernym, verb, adjective, site, name kinds, function …
        group: what the kind is divided by: a noun's class, a verb's synonym set, an adjective's
            scale, whether a name is rare.
        upos: universal part of speech per language.
        forms: the word per language; `base` is the English infinitive of a verb.
    """

    id: str
    kind: str
    group: str
    upos: Mapping[str, str]
    forms: Mapping[str, str]
    base: str

    @property
    def is_content(self) -> bool:
        return self.kind in CONTENT_KINDS

    @property
    def is_name(self) -> bool:
        return self.kind in NAME_KINDS


@dataclass(frozen=True)
class Lexicon:
    """All concepts in the file's order, by (kind, id), and by (kind, group)."""

    concepts: tuple[Concept, ...]
    by_key: Mapping[tuple[str, str], Concept]
    members: Mapping[tuple[str, str | None], tuple[Concept, ...]]

    def get(self, kind: str, identifier: str) -> Concept:
        return self.by_key[kind, identifier]

    def kind(self, kind: str, group: str | None = None) -> tuple[Concept, ...]:
        """Return the concepts of a kind (and group), in the file's order."""
        return self.members[kind, group]

    def partner(self, concept: Concept) -> Concept:
        """Return the other member of a pair: a verb's synonym, an adjective's antonym."""
        (other,) = (c for c in self.kind(concept.kind, concept.group) if c is not concept)
        return other

    def english(self, concept: Concept) -> tuple[str, ...]:
        """Return the English surface forms, the past of a verb before its infinitive."""
        forms = (concept.forms["en"], concept.base)
        return tuple(dict.fromkeys(form for form in forms if form))


@cache
def load_lexicon() -> Lexicon:
    """Read the word list that stands beside this module; forms are NFC."""
    with SOURCE.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    concepts = tuple(_concept(row) for row in rows)
    keys = [(c.kind, group) for c in concepts for group in (None, c.group)]
    members = {
        (kind, group): tuple(c for c in concepts if c.kind == kind and group in (None, c.group))
        for kind, group in dict.fromkeys(keys)
    }
    return Lexicon(concepts, {(c.kind, c.id): c for c in concepts}, members)


def _concept(row: Mapping[str, str]) -> Concept:
    default, *exceptions = row["upos"].split("|")
    upos = dict.fromkeys(LANGUAGES, default) | dict(e.split("=") for e in exceptions)
    forms = {code: unicodedata.normalize("NFC", row[code]) for code in LANGUAGES}
    return Concept(row["id"], row["kind"], row["group"], upos, forms, row["base"] or "")
