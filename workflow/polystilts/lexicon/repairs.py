"""What is mended in the translations of a language, and under which name it is counted.

Each repair answers a habit or a fault seen in published dictionaries: stress marks of Cyrillic
learners' dictionaries, vowel marks that running text does without, letters of another code page,
ligatures, invisible characters.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Repair:
    """Every match of `pattern` is replaced: by what `letters` has for it, else by nothing."""

    name: str
    pattern: re.Pattern[str]
    letters: Mapping[str, str]

    def applied(self, text: str) -> tuple[str, bool]:
        """Return the text mended, and whether that changed it."""
        mend, changed = self.pattern.subn(lambda match: self.letters.get(match[0], ""), text)
        return mend, bool(changed)


def _removal(name: str, pattern: str) -> Repair:
    return Repair(name, re.compile(pattern), {})


def _exchange(name: str, letters: Mapping[str, str]) -> Repair:
    return Repair(name, re.compile(f"[{''.join(letters)}]"), letters)


# Soft hyphens, zero-width spaces, byte order marks and directions; joiners belong to the words of
# Persian and the Indic scripts and stay.
_INVISIBLE = _removal(
    "invisible characters removed",
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]",
)
# й and ё keep their marks, which are others; so does ѝ, a word of Bulgarian, where it is one letter
_STRESS = _removal("stress marks removed", "(?<=[аеёиоуъыэюяАЕЁИОУЪЫЭЮЯ])[\u0300\u0301]")

_OF_LANGUAGE: Mapping[str, tuple[Repair, ...]] = {
    "ar": (_removal("vowel marks removed", "[\u064b-\u0652\u0670\u0640]"),),
    "bg": (_STRESS,),
    "he": (_removal("vowel marks removed", "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"),),
    # ő and ű of code page 1250 shown in 1252; Hungarian has no letter ô, õ or û
    "hu": (_exchange("broken letters mended", dict(zip("ôõûÔÕÛ", "őőűŐŐŰ", strict=True))),),
    "nl": (_exchange("ligatures opened", {"ĳ": "ij", "Ĳ": "IJ"}),),
    "ru": (_STRESS,),
    # the same of code page 1254; Turkish has no ý, þ or ð
    "tr": (
        _exchange("broken letters mended", dict(zip("ýþðÝÞÐ", "ışğİŞĞ", strict=True))),
        # what programs that do not know Turkish make of İ
        _removal("dots above i removed", "(?<=i)\u0307"),
    ),
}


def repairs_of(language: str) -> tuple[Repair, ...]:
    """Return the repairs for a language, which all leave ASCII alone, in their order."""
    return (_INVISIBLE, *_OF_LANGUAGE.get(language, ()))


def mended(text: str, language: str, counts: Counter[str]) -> str:
    """Return a translation with its repairs, each counted once; white space becomes single."""
    if not text.isascii():
        for repair in repairs_of(language):
            text, changed = repair.applied(text)
            counts[repair.name] += changed
    single = " ".join(text.split())
    counts["white space mended"] += single != text
    return single
