"""MLQA's language-specific normalisation of answers (Lewis et al. 2020, evaluation script v1).

Lower-case, delete every character that Unicode calls punctuation and the ASCII symbols of
`string.punctuation`, blank out the articles of the language, squeeze white space. In Chinese every
character from U+4E00 to U+9FA5 is a token of its own.
"""

import re
import string
import unicodedata
from functools import cache

# The Arabic article goes wherever the two letters stand, inside words too: that is how the
# published script behaves, and the published numbers with it.
_ARTICLES = {
    "en": re.compile(r"\b(a|an|the)\b"),
    "es": re.compile(r"\b(un|una|unos|unas|el|la|los|las)\b"),
    "de": re.compile(r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"),
    "vi": re.compile(r"\b(của|là|cái|chiếc|những)\b"),
    "ar": re.compile("ال"),
}
_CHINESE_CHARACTER = re.compile("([\u4e00-\u9fa5])")
_ASCII_PUNCTUATION = frozenset(string.punctuation)


def normalise(text: str, language: str) -> str:
    """Normalise an answer in `language`, a two-letter code.

    The published script knows en, es, de, ar, hi, vi and zh and stops at any other. Here another
    language is treated like Hindi: no articles, tokens between white space.
    """
    bare = "".join(character for character in text.lower() if not _is_punctuation(character))
    if language in _ARTICLES:
        bare = _ARTICLES[language].sub(" ", bare)
    if language == "zh":
        bare = _CHINESE_CHARACTER.sub(r" \1 ", bare)
    return " ".join(bare.split())


@cache
def _is_punctuation(character: str) -> bool:
    return character in _ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")
