"""How the casing of a source word is carried over to its replacement.

Only Latin, Greek, Cyrillic and Armenian have two cases in running text. (Georgian capitals exist in
Unicode but are not used in title case, and Python would produce them.) A lower-case source word
leaves the lexicon's own casing alone: German nouns keep their capital.
"""

import unicodedata
from enum import Enum
from functools import lru_cache

_BICAMERAL = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN")
_DOTTED_I = frozenset({"tr", "az"})
_DROPPED_GREEK_MARKS = frozenset("\u0300\u0301\u0342\u0313\u0314")
_DIALYTIKA = "\u0308"


class Casing(Enum):
    """The casing of a word: as written in lower case, with an initial capital, in capitals."""

    LOWER = "lower"
    TITLE = "title"
    UPPER = "upper"


def casing_of(word: str) -> Casing:
    """Return a word's casing; capitals need two letters, `McDonald` counts as title case."""
    if not word[0].isupper() and not word[0].istitle():
        return Casing.LOWER
    if len(word) > 1 and word.isupper():
        return Casing.UPPER
    return Casing.TITLE


@lru_cache(maxsize=1 << 17)
def apply_casing(target: str, casing: Casing, language: str) -> str:
    """Return `target` in the given casing, by the rules of `language` (a two-letter code).

    Turkish i becomes İ and ı becomes I; Dutch ij becomes IJ as one letter; capitals of ß are SS;
    Greek capitals carry no accents (Unicode Common Locale Data Repository, transform el-Upper) and
    σ and ς share one capital, while title case changes the first letter only, so that a final
    sigma stays final. The result is in Unicode normal form C.
    """
    if casing is Casing.LOWER or not _is_bicameral(target[0]):
        return target
    if casing is Casing.TITLE:
        return _title(target, language)
    return _upper(target, language)


def _is_bicameral(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_BICAMERAL)


def _title(target: str, language: str) -> str:
    if language == "nl" and target.startswith("ij"):
        return "IJ" + target[2:]
    if language in _DOTTED_I and target[0] == "i":
        return "İ" + target[1:]
    # str.title gives digraphs such as ǆ their title form and would split ß into two letters.
    initial = target[0].title() if len(target[0].title()) == 1 else target[0]
    return unicodedata.normalize("NFC", initial + target[1:])


def _upper(target: str, language: str) -> str:
    if language in _DOTTED_I:
        target = target.replace("i", "İ")
    if language == "el":
        target = _without_accents(target)
    return unicodedata.normalize("NFC", target.upper())


def _without_accents(word: str) -> str:
    """Drop Greek accents; a vowel that only the accent kept apart gets a dialytika instead."""
    kept: list[str] = []
    accented_vowel = False
    for character in unicodedata.normalize("NFC", word):
        base, *marks = list(unicodedata.normalize("NFD", character))
        if accented_vowel and base in "ιυ" and not marks:
            marks = [_DIALYTIKA]
        accented_vowel = base in "αεου" and "\u0301" in marks
        kept.append(base + "".join(mark for mark in marks if mark not in _DROPPED_GREEK_MARKS))
    return "".join(kept)
