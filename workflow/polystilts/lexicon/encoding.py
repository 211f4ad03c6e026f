"""Signs that a text went through the wrong code page, or was cut inside a character."""

import re
import unicodedata

# UTF-8 read as Latin-1 or code page 1252: the first byte of a character shows as a letter, those
# that follow as controls and signs. "Ã©" was é, "Ø§" a letter of Arabic, "â€™" an apostrophe.
_LATIN = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|â€|Ã[ŒœŠšŸŽžƒˆ˜\u2010-\u2122]"
)
# UTF-8 read as code page 1251: Cyrillic letters show as pairs that begin with Р or С.
_CYRILLIC = re.compile("[РС][\u0401-\u045f\u00a0-\u00bf\u2010-\u2122]")
_REPLACEMENT = "\ufffd"
_NO_TEXT = frozenset({"Cc", "Co", "Cn", "Cs"})  # controls, private use, unassigned, half a pair


def is_broken(text: str) -> bool:
    """Say whether a word or phrase shows such a sign.

    They are: the replacement character, controls (tabs and line ends are white space), characters
    of private use or of no meaning, a combining mark that nothing carries, and text decoded twice.
    """
    if text.isascii():
        return not text.isprintable()
    if _REPLACEMENT in text or _LATIN.search(text):
        return True
    categories = [unicodedata.category(character) for character in text]
    if categories[0][0] == "M" or not _NO_TEXT.isdisjoint(categories):
        return True
    return bool(_CYRILLIC.search(text)) and _decodes("cp1251", text)


def _decodes(page: str, text: str) -> bool:
    try:
        return text.encode(page).decode("utf-8") != text
    except UnicodeError:
        return False
