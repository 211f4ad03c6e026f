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
from collections.abc import Sequence
from enum import IntEnum

from polystilts.codeswitch.english.protection import abbreviations, contracted

_SINGLE_LETTERS = frozenset({"a", "A", "I"})
_INNER = frozenset({"Cf", "Pd"})  # joiners and hyphens
_POSSESSIVES = ("'s", "’s", "'S", "’S")
_SENTENCE_ENDS = frozenset(".!?:…。！？\n")
_QUOTES = frozenset("\"'`“”‘’«»„‹›")
_SKIPPED = frozenset(" \t\u00a0()[]{}<>*•–—-") | _QUOTES
# In treebanks (Penn Treebank bracketing guidelines) brackets are tokens of their own names.
_BRACKET_TOKENS = frozenset({"-LRB-", "-RRB-", "-LCB-", "-RCB-", "-LSB-", "-RSB-"})


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
# What a text has that may hold something only the full pattern sees.
OPAQUE = "@#[<&\\"
OPAQUE_BEGINNINGS = ("://", "www.")
_PLAIN = re.compile(r"(\w+(?:[.'-]\w+)*)", re.ASCII)
_FULL = re.compile(
    r"([a-zA-Z][a-zA-Z0-9+.-]*://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[@#]\w+"
    r"|\[\w+\][^\[\]]*\[/\w+\]|\[/?\w+\]|</?\w+[^<>]*>|&#?\w+;|\\\w+"
    rf"|{_CHUNK})"
)


def chunked(text: str) -> list[str]:
    """Return a text as [between, chunk, between, chunk, …, between]; joined it is the text.

    A chunk is a word, or something else with letters or digits that stands in one piece.
    """
    return (_PLAIN if is_plain(text) else _FULL).split(text)


def is_plain(text: str) -> bool:
    """Say whether a text has only chunks that the pattern of plain ones finds."""
    return text.isascii() and not any(mark in text for mark in (*OPAQUE, *OPAQUE_BEGINNINGS))


def word_of(chunk: str) -> str | None:
    """Return the word at the beginning of a chunk (without a possessive 's), or None."""
    if len(chunk) > 1 and chunk.isascii() and chunk.isalpha():
        return chunk
    host = chunk
    if chunk[-2:] in _POSSESSIVES and len(chunk) > 2:
        host = chunk[:-2]
        if host.lower() in contracted():
            return None
    if len(host) == 1 and host not in _SINGLE_LETTERS:
        return None
    if "\u02bc" in host or not host[:1].isalpha():
        return None
    categories = map(unicodedata.category, host)
    return (
        host if all(category[0] in "LM" or category in _INNER for category in categories) else None
    )


class Before(IntEnum):
    """What the text before a word says about whether a sentence begins there."""

    INSIDE = 0
    BEGINS = 1
    AFTER_STOP = 2  # a full stop right behind the chunk before: an abbreviation's, or the end
    NOTHING = 3  # blanks, quotes, brackets only: as it was after the chunk before


def read_before(between: str) -> Before:
    """Say what stands between a word and the chunk before it.

    A sentence begins after a line break or `. ! ? : …`, whatever quotes, brackets and dashes stand
    between, and after a comma and an opening quote.
    """
    quoted = False
    for position in range(len(between) - 1, -1, -1):
        character = between[position]
        if character in _SKIPPED:
            quoted = quoted or character in _QUOTES
        elif character == "." and position == 0:
            return Before.AFTER_STOP
        else:
            begins = character in _SENTENCE_ENDS or (quoted and character == ",")
            return Before.BEGINS if begins else Before.INSIDE
    return Before.NOTHING


def ends_abbreviation(chunk: str) -> bool:
    """Say whether a full stop behind a chunk may be that of `Mr.`, `J.` or `U.S.`."""
    begin = 0 if chunk.isalpha() else len(chunk)
    while begin > 0 and chunk[begin - 1].isalpha():
        begin -= 1
    word = chunk[begin:]
    return (len(word) == 1 and word.isupper()) or word.lower() in abbreviations()


def is_mark_up(chunk: str) -> bool:
    """Say whether a chunk is mark-up after which a sentence begins, such as `[title]`."""
    return chunk[:1] == "[" and "[/" not in chunk


def token_begins_sentence(tokens: Sequence[str], place: int) -> bool:
    """Say whether the token at `place` begins a sentence in a tokenised text."""
    quoted = False
    for token in reversed(tokens[:place]):
        if token in _BRACKET_TOKENS or all(character in _SKIPPED for character in token):
            quoted = quoted or any(character in _QUOTES for character in token)
            continue
        if any(map(str.isalnum, token)):
            return False  # `Mr.` is one token, with its full stop
        return token[-1] in _SENTENCE_ENDS or (quoted and token == ",")
    return True
