"""XTREME's own way from a predicted span to an answer text.

XTREME uses the SQuAD code of 2018: the context is split at white space, a span is widened to whole
words, and its text is then projected back on those words. Where words are not separated by spaces
a "word" is a clause and the answer comes back too long; scores published with it are therefore
low for such languages. It is kept to reproduce them, beside the text cut by offsets.
"""

import re
import unicodedata

# what that code takes for white space; a no-break space (U+00A0) is a part of its word
_WORD_BREAKS = " \t\r\n\u202f"
_BREAK = re.compile(f"[{_WORD_BREAKS}]+")


def project(context: str, start: int, end: int) -> str:
    """Return the answer that XTREME's code would give for characters `start` to `end`.

    An empty span has an empty answer.
    """
    if start >= end:
        return ""
    left = start
    while left > 0 and context[left - 1] not in _WORD_BREAKS:
        left -= 1
    right = end
    while right < len(context) and context[right] not in _WORD_BREAKS:
        right += 1
    words = " ".join(_BREAK.split(context[left:right]))
    pieces = " ".join(unicodedata.normalize("NFKC", context[start:end]).split())
    return _project_back(words, pieces)


def _project_back(words: str, pieces: str) -> str:
    """Find `pieces` in `words` whose punctuation and CJK characters stand apart; else `words`."""
    apart = _separated(words)
    begin = apart.find(pieces)
    if begin < 0 or not pieces:
        return words
    original = [i for i, character in enumerate(words) if character != " "]
    spaced = [i for i, character in enumerate(apart) if character != " "]
    if len(original) != len(spaced):
        return words
    place = {position: number for number, position in enumerate(spaced)}
    first, last = place.get(begin), place.get(begin + len(pieces) - 1)
    if first is None or last is None:
        return words
    return words[original[first] : original[last] + 1]


def _separated(text: str) -> str:
    """Put spaces around punctuation and CJK characters, as BERT's basic tokeniser does."""
    shown = [f" {c} " if _stands_alone(c) else c for c in text if not _is_control(c)]
    return " ".join("".join(shown).split())


def _stands_alone(character: str) -> bool:
    code = ord(character)
    if 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126:
        return True
    return unicodedata.category(character).startswith("P") or _is_cjk(code)


def _is_cjk(code: int) -> bool:
    blocks = (
        (0x4E00, 0x9FFF),
        (0x3400, 0x4DBF),
        (0x20000, 0x2A6DF),
        (0x2A700, 0x2B73F),
        (0x2B740, 0x2B81F),
        (0x2B820, 0x2CEAF),
        (0xF900, 0xFAFF),
        (0x2F800, 0x2FA1F),
    )
    return any(first <= code <= last for first, last in blocks)


def _is_control(character: str) -> bool:
    if character in "\t\n\r":
        return False
    return unicodedata.category(character).startswith("C") or character == "\ufffd"
