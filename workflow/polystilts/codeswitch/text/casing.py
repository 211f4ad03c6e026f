"""How the casing of a source word is carried over to its replacement.

Only Latin, Greek, Cyrillic and Armenian have two cases in running text. (Georgian capitals exist in
Unicode but are not used in title case, and Python would produce them.) A lower-case source word
leaves the lexicon's own casing alone: German nouns keep their capital where the lexicon has it.
"""

import re
import unicodedata
from enum import Enum
from functools import cache, lru_cache

from polystilts.lexicon.folding import DOTTED_I, LOWERED_DOTTED_I

_BICAMERAL = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN")
_APOSTROPHE_WORDS = frozenset({"nl", "af"})
_UNCAPITALISED = re.compile(r"['’][a-z](?![a-z])")
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
    σ and ς share one capital. Title case changes the first letter only, so that a final sigma stays
    final; punctuation before it is passed over (a digit is not), and so is a Dutch or Afrikaans
    word like 'n or 's; a word with a capital of its own inside (iPhone) keeps what it has. Letters
    of scripts without capitals stay. What was changed is in Unicode normal form C.
    """
    if casing is Casing.LOWER or not any(map(_is_bicameral, target)):
        return target
    if language in DOTTED_I:
        target = target.replace(LOWERED_DOTTED_I, "i")
    if casing is Casing.TITLE:
        return _title(target, language)
    return _upper(target, language)


@cache
def _is_bicameral(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_BICAMERAL)


def _title(target: str, language: str) -> str:
    skipped = _UNCAPITALISED.match(target) if language in _APOSTROPHE_WORDS else None
    first = skipped.end() if skipped else 0
    while first < len(target) and not target[first].isalnum():
        first += 1
    head, word = target[:first], target[first:]
    if not word or not _is_bicameral(word[0]) or _has_inner_capital(word.split()[0]):
        return target
    if language == "nl" and word.startswith("ij"):
        return f"{head}IJ{word[2:]}"
    if language in DOTTED_I and word[0] == "i":
        return f"{head}İ{word[1:]}"
    # str.title gives digraphs such as ǆ their title form and would split ß into two letters.
    initial = word[0].title() if len(word[0].title()) == 1 else word[0]
    return unicodedata.normalize("NFC", head + initial + word[1:])


def _has_inner_capital(word: str) -> bool:
    return any(character.isupper() for character in word[1:])


def _upper(target: str, language: str) -> str:
    if language in DOTTED_I:
        target = target.replace("i", "İ")
    if language == "el":
        target = " ".join(map(_without_accents, target.split(" ")))
    capitals = (char.upper() if _is_bicameral(char) else char for char in target)
    return unicodedata.normalize("NFC", "".join(capitals))


def _without_accents(word: str) -> str:
    """Drop Greek accents; a vowel that only the accent kept apart gets a dialytika instead.

    The word ή (or) keeps its accent, which tells it from the article η.
    """
    if unicodedata.normalize("NFC", word) == "ή":
        return word
    kept: list[str] = []
    accented_vowel = False
    for character in unicodedata.normalize("NFC", word):
        base, *marks = list(unicodedata.normalize("NFD", character))
        if accented_vowel and base.lower() in "ιυ" and not marks:
            marks = [_DIALYTIKA]
        accented_vowel = base.lower() in "αεου" and "\u0301" in marks
        kept.append(base + "".join(mark for mark in marks if mark not in _DROPPED_GREEK_MARKS))
    return "".join(kept)
