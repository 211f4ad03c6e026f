"""Words that the gate lets through as they are, told without asking its checks one by one.

Most of what dictionaries list is words in the letters of their language with single spaces between
them, which no repair touches and no check of a single side can refuse. Telling this by the set of
characters is several times as fast; whatever is in doubt here goes through all checks.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from polystilts.lexicon.repairs import repairs_of
from polystilts.lexicon.scripts import script_share

_ENGLISH = re.compile("[A-Za-z]+(?: [A-Za-z]+)*")
# These capitals begin text that was decoded twice (see `encoding`).
_SUSPICIOUS = frozenset("ÃРС")
# Accents of their own: whether one is a stress mark depends on the letter before it.
_ACCENTS = range(0x300, 0x370)


def is_plain_english(text: str) -> bool:
    """Say whether a source is words in ASCII letters."""
    return _ENGLISH.fullmatch(text) is not None


@dataclass
class PlainWords:
    """The plain words of one language; characters are judged once.

    Attributes:
        language: a code; where its script is not known, letters of all scripts are plain.
    """

    language: str
    _judged: set[str] = field(default_factory=set)
    _doubtful: set[str] = field(default_factory=set)
    _marks: set[str] = field(default_factory=set)

    def __contains__(self, text: str) -> bool:
        """Say whether a target is plain words, normalised in every form."""
        if not text:
            return False
        characters = set(text)
        for character in characters - self._judged:
            self._judge(character)
        return (
            self._doubtful.isdisjoint(characters)
            and text[0] not in self._marks
            and (" " not in characters or text.split(" ") == text.split())
            and (text.isascii() or unicodedata.is_normalized("NFKC", text))
        )

    def _judge(self, character: str) -> None:
        self._judged.add(character)
        if character == " ":
            return
        category = unicodedata.category(character)
        if category in ("Mn", "Mc"):
            self._marks.add(character)
            plain = ord(character) not in _ACCENTS
        else:
            plain = (
                category[0] == "L"
                and character not in _SUSPICIOUS
                and script_share(character, self.language) in (None, 1.0)
            )
        if not plain or any(
            repair.pattern.search(character) for repair in repairs_of(self.language)
        ):
            self._doubtful.add(character)
