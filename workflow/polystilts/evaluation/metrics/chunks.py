"""Chunk precision, recall and F1 by the rule of seqeval 0.0.12, the one behind XTREME's numbers.

XTREME scores part-of-speech tags with it as well, on tags without a prefix. The first letter of
such a tag then acts as the prefix: runs of one tag merge into a chunk, tags that begin with S
(SCONJ, SYM) are chunks of one token each, and a type is the whole tag. seqeval 0.0.16 and later
cut the first letter off, so that CCONJ and SCONJ become one type; results differ.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

Chunk = tuple[str, int, int]

_OUTSIDE = "O"


class ChunkScores(NamedTuple):
    """Micro-averaged scores in [0, 1] and the number of gold chunks."""

    precision: float
    recall: float
    f1: float
    gold_chunks: int


def find_chunks(sentences: Iterable[Sequence[str]]) -> set[Chunk]:
    """Return the chunks (type, first position, last position) of tagged sentences.

    Positions count through all sentences, which are joined with an O between them. The type is
    the text after the last hyphen, the whole tag where there is none.
    """
    found: set[Chunk] = set()
    first = position = 0
    previous, previous_type = _OUTSIDE, ""
    for sentence in sentences:
        for tag in (*sentence, _OUTSIDE):
            prefix, kind = tag[0], tag.rsplit("-", 1)[-1]
            changed = kind != previous_type
            if _ends(previous, prefix, changed):
                found.add((previous_type, first, position - 1))
            if _starts(previous, prefix, changed):
                first = position
            previous, previous_type = prefix, kind
            position += 1
    return found


def _ends(previous: str, prefix: str, type_changed: bool) -> bool:
    return (
        previous in "ES"
        or (previous in "BI" and prefix in "BSO")
        or (type_changed and previous not in "O.")
    )


def _starts(previous: str, prefix: str, type_changed: bool) -> bool:
    return (
        prefix in "BS"
        or (previous in "ESO" and prefix in "EI")
        or (type_changed and prefix not in "O.")
    )


def chunk_scores(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> ChunkScores:
    """Score predicted tags against gold tags, sentence by sentence; a ratio of 0/0 counts as 0.

    Raises:
        ValueError: a sentence has more or fewer predicted tags than gold tags.
    """
    for number, (expected, given) in enumerate(zip(gold, predicted, strict=True), start=1):
        if len(expected) != len(given):
            raise ValueError(
                f"sentence {number}: {len(expected)} gold tags, {len(given)} predicted tags"
            )
    wanted, proposed = find_chunks(gold), find_chunks(predicted)
    correct = len(wanted & proposed)
    precision = correct / len(proposed) if proposed else 0.0
    recall = correct / len(wanted) if wanted else 0.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return ChunkScores(precision, recall, f1, len(wanted))
