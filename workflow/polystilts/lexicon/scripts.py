"""Which scripts the languages are written in, and which script a letter belongs to."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

# First word of the Unicode names of a script's letters. Japanese mixes three; Chinese
# dictionaries keep Latin letters in loans only, which the share of letters tolerates.
_LATIN = frozenset({"LATIN"})
_CYRILLIC = frozenset({"CYRILLIC"})
_ARABIC = frozenset({"ARABIC"})
_DEVANAGARI = frozenset({"DEVANAGARI"})
_HAN = frozenset({"CJK", "IDEOGRAPHIC"})

_ASCII_LETTER = re.compile("[A-Za-z]")

SCRIPTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys("af de en es et eu fi fr hu id it jv ms nl pt sw tl tr vi yo".split(), _LATIN),
    **dict.fromkeys(("bg", "kk", "ru"), _CYRILLIC),
    **dict.fromkeys(("ar", "fa", "ur"), _ARABIC),
    **dict.fromkeys(("hi", "mr"), _DEVANAGARI),
    "bn": frozenset({"BENGALI"}),
    "el": frozenset({"GREEK"}),
    "he": frozenset({"HEBREW"}),
    "ja": _HAN | {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HALFWIDTH"},
    "ka": frozenset({"GEORGIAN"}),
    "ko": _HAN | {"HANGUL"},
    "ml": frozenset({"MALAYALAM"}),
    "my": frozenset({"MYANMAR"}),
    "ta": frozenset({"TAMIL"}),
    "te": frozenset({"TELUGU"}),
    "th": frozenset({"THAI"}),
    "zh": _HAN,
}


def script_share(text: str, language: str) -> float | None:
    """Return the share of a text's letters that are in the language's scripts.

    Only letters count (general category L); None where there are none, or where the language has
    no entry.
    """
    scripts = SCRIPTS.get(language)
    if scripts is not None and text.isascii():
        return float("LATIN" in scripts) if _ASCII_LETTER.search(text) else None
    letters = [character for character in text if unicodedata.category(character)[0] == "L"]
    if scripts is None or not letters:
        return None
    return sum(letter_script(letter) in scripts for letter in letters) / len(letters)


def is_latin(text: str) -> bool:
    """Say whether all letters are Latin, as English words are written; modifiers do not count."""
    return text.isascii() or all(
        letter_script(letter) == "LATIN"
        for letter in text
        if unicodedata.category(letter) in ("Ll", "Lo", "Lt", "Lu")
    )


@cache
def letter_script(letter: str) -> str:
    """Return the script of a letter: the first word of its Unicode name, "" where it has none."""
    return unicodedata.name(letter, "").partition(" ")[0]
