"""Case and spelling: which translations are one, and in which form it is written.

`haus` of a dictionary that writes everything in lower case and `Haus` of one that keeps case are
one translation, written `Haus`. What a form proves depends on the habit of its dictionary.
"""

import unicodedata
from collections.abc import Sequence
from typing import Literal

# `kept`: capitals mean something. `lowered`: next to no translation has a capital. `titled`: nearly
# all begin with one, or are all capitals, whatever they are.
Habit = Literal["kept", "lowered", "titled"]

# A list shorter than this shows no other habit than the lack of any capital.
_ENOUGH = 20
_NEARLY_ALL = 0.9
_HARDLY_ANY = 0.01
DOTTED_I = frozenset({"tr", "az"})  # languages with both i and ı
LOWERED_DOTTED_I = "i\u0307"  # what str.lower makes of İ


def folded(text: str, language: str) -> str:
    """Return what spellings of one translation share: lower case, Unicode normal form KC.

    German ß and ss stay two: Maße are no Masse.
    """
    if text.isascii():
        return lowered(text, language)
    return lowered(unicodedata.normalize("NFKC", text), language)


def lowered(text: str, language: str) -> str:
    """Return a text in lower case by the rules of its language: Turkish has an ı and an i."""
    if language in DOTTED_I:
        return text.replace("I", "ı").replace("İ", "i").lower().replace(LOWERED_DOTTED_I, "i")
    return text.lower()


def case_habit(targets: Sequence[str]) -> Habit:
    """Say how a dictionary writes its translations, as its whole list shows."""
    cased = sum(target != target.lower() for target in targets)
    if cased <= _HARDLY_ANY * len(targets):
        return "lowered"
    titled = sum(target[:1] != target[:1].lower() for target in targets)
    return "titled" if len(targets) >= _ENOUGH and titled > _NEARLY_ALL * len(targets) else "kept"


def doubt(target: str, habit: Habit) -> int:
    """Return how little a form proves about a translation's case: 0 is evidence.

    0: a form with a capital, unless all of its dictionary have one; any form of a dictionary that
    keeps case. 1: lower case where everything is. 2: a capital that every translation gets. Of
    forms of equal doubt the first listed is written.
    """
    if habit == "titled":
        return 2 if target != target.lower() else 0
    return 1 if habit == "lowered" and target == target.lower() else 0
