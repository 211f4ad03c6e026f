"""Is a dictionary in the language that it is named for?

`anchors.tsv` has forty basic English words and their usual translations in all languages of XTREME
and in others that could be taken for one (variants separated by `|`, compared without accents). The
words among them that a dictionary translates are its anchors. A dictionary is another language's
where that one explains clearly more anchors; nothing is learnt, and the sheet shows the numbers.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from polystilts.lexicon.entries import Entry

_FILE = Path(__file__).parent / "anchors.tsv"
_FEWEST = 5
# Of the anchors: another language needs this many more than the own one, which has fewer than that.
_MARGIN = 0.15
_ENOUGH = 0.85
# Below this share, of so many anchors, a dictionary is in no language that is known here.
_HARDLY_ANY = 0.15
_MANY = 10
# Accents; vowel marks and hamza of Arabic; the dot below of Devanagari; joiners
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0655\u0670\u093c\u09bc\u200c\u200d]")
# One letter in several ways: Arabic and Persian yeh and kaf, Malayalam's letters without a vowel,
# Yoruba's open vowels, apostrophes
_SAME = str.maketrans(
    {
        "ي": "ی", "ى": "ی", "ك": "ک", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്", "ൺ": "ണ്",
        "ɔ": "o", "ɛ": "e", "’": "'", "ʼ": "'",
    }
)  # fmt: skip
_ARTICLE = "ال"
_EDGES = "-‐‑*%. "


@dataclass(frozen=True)
class LanguageCheck:
    """What the anchors of a dictionary say.

    Attributes:
        language: the code that the dictionary is read for.
        anchors: how many anchor words it translates.
        own: how many of them as the language does.
        other: the other language that explains the most, None where none explains any.
        others: how many that one explains.
        passed: whether the dictionary can be in the language.
        verdict: one line for people.
    """

    language: str
    anchors: int
    own: int
    other: str | None
    others: int
    passed: bool
    verdict: str

    def facts(self) -> dict[str, Any]:
        return asdict(self)


def check_language(entries: Iterable[Entry], language: str) -> LanguageCheck:
    """Compare the anchors among the entries with those of all languages.

    Words translated by themselves say nothing and are no anchors. A language without a row in the
    file, and a dictionary of fewer than five anchors, pass unchecked.
    """
    concepts, languages, names = _anchors()
    found: dict[str, set[str]] = {}
    for entry in entries:
        concept = entry.source.lower()
        target = _key(entry.target) if concept in concepts else ""
        if target and target != concept:
            found.setdefault(concept, set()).add(target)
    hits = {
        code: sum(not targets.isdisjoint(words[concept]) for concept, targets in found.items())
        for code, words in languages.items()
    }
    own = hits.pop(language, 0)
    other = max(hits, key=lambda code: (hits[code], code)) if found else None
    if other is not None and not hits[other]:
        other = None
    others = hits[other] if other else 0
    counted = (language, len(found), own, other, others)
    if language not in languages:
        return LanguageCheck(*counted, True, f"not checked: no anchor words for {language!r}")
    if len(found) < _FEWEST:
        return LanguageCheck(*counted, True, f"not checked: {len(found)} anchor words")
    ours = f"{names[language]}: {own} of {len(found)}"
    if other and own < _ENOUGH * len(found) and others - own >= _MARGIN * len(found):
        seen = f"looks like {names[other]} ({other}): {others} of {len(found)} anchor words"
        return LanguageCheck(*counted, False, f"{seen}; {ours}")
    if len(found) >= _MANY and own < _HARDLY_ANY * len(found):
        return LanguageCheck(*counted, False, f"looks like no language known here; {ours}")
    return LanguageCheck(*counted, True, f"{ours} anchor words")


Anchors = Mapping[str, Mapping[str, frozenset[str]]]


@cache
def _anchors() -> tuple[frozenset[str], Anchors, Mapping[str, str]]:
    """Return the English words, code -> word -> translations, and code -> name."""
    lines = _FILE.read_text("utf-8").splitlines()
    concepts = [word.lower() for word in lines[0].split("\t")[2:]]
    languages, names = {}, {}
    for line in lines[1:]:
        code, name, *cells = line.split("\t")
        words = (frozenset(map(_key, cell.split("|"))) for cell in cells)
        languages[code] = dict(zip(concepts, words, strict=True))
        names[code] = name
    return frozenset(concepts), languages, names


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = _MARKS.sub("", plain).translate(_SAME).strip(_EDGES)
    return plain.removeprefix(_ARTICLE) or plain
