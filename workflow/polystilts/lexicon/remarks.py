"""What is worth knowing about pairs that are let through."""

import unicodedata
from collections.abc import Iterator

from polystilts.lexicon.chinese import CHINESE, is_traditional

_ARABIC_ARTICLE = "ال"


def remarks(source: str, target: str, language: str) -> Iterator[str]:
    """Yield the names of what applies to a pair."""
    if " " in source:
        yield "multi-word sources"
    if " " in target:
        yield "multi-word targets"
    if source.casefold() == target.casefold():
        yield "self-pairs kept"
    if source != source.lower():
        # found where the text has the same capitals only
        yield "sources with capitals"
    if not unicodedata.is_normalized("NFKC", target):
        yield "targets NFKC changes"
    if language == "ar" and target.startswith(_ARABIC_ARTICLE) and len(target) > 4:
        yield "targets with the article"
    if language == CHINESE and is_traditional(target):
        yield "targets in traditional characters"
