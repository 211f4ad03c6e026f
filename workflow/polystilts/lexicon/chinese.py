"""Chinese in simplified and in traditional characters, converted by OpenCC.

OpenCC (Apache-2.0, https://github.com/BYVoid/OpenCC) is imported where a Chinese lexicon is built
and nowhere else. From traditional to simplified is next to a function of characters. The way back
is not: 发 is 發 (send out) and 髮 (hair), which only the word around it decides.
"""

from collections.abc import Callable
from functools import cache

from polystilts.policies import ChineseScript

CHINESE = "zh"


def converted(text: str, script: ChineseScript) -> tuple[str, int]:
    """Return a word in a script, and a doubt: 0 as listed, 1 converted, 2 left although it differs.

    Nothing that has a traditional character is converted to traditional ones, and no word of a
    single character.
    """
    if script == "keep" or (script == "traditional" and is_traditional(text)):
        return text, 0
    other = _converter("t2s" if script == "simplified" else "s2t")(text)
    if other == text:
        return text, 0
    if script == "traditional" and len(text) == 1:
        return text, 2
    return other, 1


def simplified(text: str) -> str:
    """Return a text in simplified characters."""
    return _converter("t2s")(text)


def is_traditional(text: str) -> bool:
    """Say whether a Chinese text has a character that Taiwan's standard has and China's lacks."""
    return any(_in(character, "big5") and not _in(character, "gb2312") for character in text)


@cache
def _converter(configuration: str) -> Callable[[str], str]:
    from opencc import OpenCC  # for Chinese alone

    convert: Callable[[str], str] = OpenCC(configuration).convert
    return convert


def _in(character: str, page: str) -> bool:
    try:
        character.encode(page)
    except UnicodeEncodeError:
        return False
    return True
