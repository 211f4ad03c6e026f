"""SQuAD's and MLQA's rules for answers, written down anew from their published descriptions.

Character by character and without regular expressions, so that a mistake is not made twice.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

ASCII_PUNCTUATION = [chr(code) for code in range(33, 127) if not chr(code).isalnum()]
ALL_PUNCTUATION = {
    chr(code) for code in range(sys.maxunicode) if unicodedata.category(chr(code))[0] == "P"
} | set(ASCII_PUNCTUATION)

ARTICLES = {
    "en": ["a", "an", "the"],
    "es": ["un", "una", "unos", "unas", "el", "la", "los", "las"],
    "de": [
        *("ein", "eine", "einen", "einem", "eines", "einer"),
        *("der", "die", "das", "den", "dem", "des"),
    ],
    "vi": ["của", "là", "cái", "chiếc", "những"],
}

Normalise = Callable[[str], str]


def squad(text: str) -> str:
    """Lower case, no ASCII punctuation, no English articles, single spaces."""
    kept = "".join(c for c in text.lower() if c not in ASCII_PUNCTUATION)
    return " ".join(without_words(kept, ARTICLES["en"]).split())


def mlqa(language: str) -> Normalise:
    """Lower case, no punctuation of any script, no articles, tokens of the language."""

    def normalise(text: str) -> str:
        kept = "".join(c for c in text.lower() if c not in ALL_PUNCTUATION)
        if language == "ar":
            kept = " ".join(kept.split("ال"))
        kept = without_words(kept, ARTICLES.get(language, []))
        return " ".join(segments(kept) if language == "zh" else kept.split())

    return normalise


def without_words(text: str, words: Iterable[str]) -> str:
    """Blank out words: the longest runs of letters, digits and underscores."""
    runs = groupby(text, key=lambda c: c.isalnum() or c == "_")
    texts = [(inside, "".join(run)) for inside, run in runs]
    return "".join(" " if inside and run in words else run for inside, run in texts)


def segments(text: str) -> list[str]:
    """Split at white space, and around each character of the block that MLQA names."""
    found, current = [], ""
    for character in text:
        alone = 0x4E00 <= ord(character) <= 0x9FA5
        if alone or character.isspace():
            found += [current] if current else []
            current = ""
            found += [character] if alone else []
        else:
            current += character
    return [*found, current] if current else found


def exact_match(prediction: str, answers: Sequence[str], normalise: Normalise) -> float:
    return 100.0 * any(normalise(prediction) == normalise(answer) for answer in answers)


def f1(prediction: str, answers: Sequence[str], normalise: Normalise) -> float:
    """Harmonic mean of token precision and recall, the best over the answers."""
    best = 0.0
    for answer in answers:
        given, wanted = normalise(prediction).split(), normalise(answer).split()
        rest = list(wanted)
        for token in given:
            if token in rest:
                rest.remove(token)
        common = len(wanted) - len(rest)
        if common:
            precision, recall = common / len(given), common / len(wanted)
            best = max(best, 2 * precision * recall / (precision + recall))
    return 100.0 * best
