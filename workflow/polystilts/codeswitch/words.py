"""Which stretches of an English text are words, and what their capitals mean.

A word is a run of letters (with combining marks and joiners), inner hyphens included: `mother-in-
law` is looked up whole and never in parts. Punctuation stays outside, and so does a possessive 's.
Never words: contractions, anything with a digit, an underscore or an inner full stop, URLs, e-mail
addresses, hash tags and mentions, mark-up in brackets (`[title]`, `<br>`, `[math]…[/math]`), and
single letters other than `a` and `I`.
"""

import re
import sys
import unicodedata

from polystilts.codeswitch.protection import abbreviations, contracted

_SINGLE_LETTERS = frozenset({"a", "A", "I"})
_INNER = frozenset({"Cf", "Pd"})  # joiners and hyphens
_SENTENCE_ENDS = frozenset(".!?:…。！？\n")
_QUOTES = frozenset("\"'`“”‘’«»„‹›")
_SKIPPED = frozenset(" \t\u00a0()[]{}<>*•–—-") | _QUOTES


def _mark_ranges() -> str:
    """Return the combining marks below U+20000 as ranges for a character class."""
    ranges: list[list[int]] = []
    for code in range(0x300, min(0x20000, sys.maxunicode)):
        if unicodedata.category(chr(code))[0] == "M":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


# \w lacks the combining marks of category M, without which a decomposed é would be cut in two.
_LETTER = rf"[\w{_mark_ranges()}\u00ad\u200c\u200d]"
_CHUNK = rf"{_LETTER}+(?:[.'’‐‑-]{_LETTER}+)*"
_PLAIN = re.compile(r"\w+(?:[.'-]\w+)*")
_FULL = re.compile(
    r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[@#]\w+"
    r"|\[(\w+)\][^\[\]]*\[/\1\]|\[/?\w+\]|</?\w+[^<>]*>|&#?\w+;|\\\w+"
    rf"|(?P<word>{_CHUNK})"
)


def chunks(text: str) -> list[tuple[int, str]]:
    """Return (start, surface) of everything that may hold a word, from left to right."""
    if text.isascii() and not _has_opaque(text):
        return [(match.start(), match.group()) for match in _PLAIN.finditer(text)]
    return [
        (match.start(), match.group())
        for match in _FULL.finditer(text)
        if match.lastgroup == "word"
    ]


def _has_opaque(text: str) -> bool:
    return (
        "://" in text
        or "www." in text
        or "@" in text
        or "#" in text
        or "[" in text
        or "<" in text
        or "&" in text
        or "\\" in text
    )


def word_of(chunk: str) -> str | None:
    """Return the word at the beginning of a chunk (without a possessive 's), or None."""
    host = chunk
    if chunk[-2:] in ("'s", "’s", "'S", "’S") and len(chunk) > 2:
        host = chunk[:-2]
        if host.lower() in contracted():
            return None
    if len(host) == 1 and host not in _SINGLE_LETTERS:
        return None
    if "\u02bc" in host or not host[0].isalpha():
        return None
    categories = map(unicodedata.category, host)
    return (
        host if all(category[0] in "LM" or category in _INNER for category in categories) else None
    )


def starts_sentence(text: str, start: int) -> bool:
    """Say whether the word at `start` begins a sentence, so that its capital means nothing.

    It does after the beginning of the text, a line break, or `. ! ? : …`, whatever quotes, brackets
    and dashes stand between, and after a comma and an opening quote. A full stop after a single
    capital or a known abbreviation (`J. Smith`, `Mr. Smith`) does not end a sentence.
    """
    position = start - 1
    quoted = False
    while position >= 0 and text[position] in _SKIPPED:
        quoted = quoted or text[position] in _QUOTES
        position -= 1
    if position < 0:
        return True
    before = text[position]
    if before == ".":
        return not _ends_abbreviation(text, position)
    return before in _SENTENCE_ENDS or (quoted and before == ",")


def _ends_abbreviation(text: str, stop: int) -> bool:
    begin = stop
    while begin > 0 and text[begin - 1].isalpha():
        begin -= 1
    word = text[begin:stop]
    return (len(word) == 1 and word.isupper()) or word.lower() in abbreviations()
