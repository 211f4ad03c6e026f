"""The script of a text, and languages and scripts without spaces between words."""

import unicodedata

from polystilts.lexicon.scripts import letter_script

# Chinese, Japanese, Thai, Burmese; beyond XTREME's, Khmer, Lao, Tibetan and Dzongkha. Korean and
# Vietnamese separate words (the latter syllables) by spaces.
_LANGUAGES = frozenset({"zh", "ja", "th", "my", "km", "lo", "bo", "dz"})
_SCRIPTS = (
    "CJK ",
    "HIRAGANA",
    "KATAKANA",
    "BOPOMOFO",
    "IDEOGRAPHIC",
    "THAI",
    "LAO",
    "MYANMAR",
    "KHMER",
    "TIBETAN",
)


def script_of(text: str) -> str:
    """Return the script of a text's first letter: the first word of its Unicode name, or ""."""
    return next((letter_script(character) for character in text if character.isalpha()), "")


def no_space(language: str) -> bool:
    """Say whether a language (a two-letter code) is written without spaces between words."""
    return language in _LANGUAGES


def is_no_space_script(text: str) -> bool:
    """Say whether a text has letters and all of them are of scripts written without spaces.

    Digits and punctuation do not count: `東京2020` is such a text, `Tシャツ` and `2020` are not.
    """
    letters = [character for character in text if unicodedata.category(character)[0] in "LM"]
    return bool(letters) and all(
        unicodedata.name(character, "").startswith(_SCRIPTS) for character in letters
    )
