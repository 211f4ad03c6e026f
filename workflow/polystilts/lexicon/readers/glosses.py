"""English glosses of a foreign dictionary, turned round: the gloss becomes the source.

A gloss is a translation only where it is a word or a phrase itself. Remarks in brackets are
dropped, and so is `to ` before verbs; glosses that speak about the entry (a classifier, a variant,
a reference to another one) are left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from polystilts.lexicon.entries import Entry

# As CC-CEDICT, EDICT and JMdict word them.
_ABOUT = re.compile(
    r"CL:|(?:\w+ ){0,2}variants? of |(?:see|see also|same as|used in) [^\x00-\x7f]"
    r"|abbr\. (?:for|of) |also (?:written|pr\b|called|known)|surname [A-Z]"
    r"|(?:Kangxi )?radical (?:in|\d)"
)
_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_DEEPEST_REMARK = 4


@dataclass(frozen=True, slots=True)
class Gloss:
    """An English gloss of a foreign word.

    `rank` orders the glosses of one English word, the least first: how common the entry is, then
    how early the gloss stands in it.
    """

    text: str
    word: str
    rank: tuple[int, ...]
    line: int
    pos: str | None = None


def invert(glosses: Iterable[Gloss], counts: Counter[str]) -> Iterator[Entry]:
    """Yield glosses as entries from English, by rank, then as listed."""
    for gloss in sorted(glosses, key=lambda gloss: gloss.rank):
        for source in sources_in(gloss.text, counts):
            yield Entry(source, gloss.word, gloss.line, gloss.pos)


def sources_in(gloss: str, counts: Counter[str]) -> Iterator[str]:
    """Yield the English words and phrases that a gloss offers; alternatives stand after `;`."""
    text = gloss
    for _ in range(_DEEPEST_REMARK):
        text, removed = _REMARK.subn(" ", text)
        if not removed:
            break
        counts["remarks in brackets removed"] += removed
    for part in text.split(";"):
        source = " ".join(part.split()).rstrip(".!?,")
        if not source:
            counts["glosses that are remarks only"] += 1
        elif _ABOUT.match(source):
            counts["glosses about an entry"] += 1
        elif source.startswith("to ") and source[3:].strip():
            counts["verbs without their `to`"] += 1
            yield source[3:].strip()
        else:
            yield source
