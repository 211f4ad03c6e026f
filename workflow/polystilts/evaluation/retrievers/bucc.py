"""BUCC 2018: mining sentence pairs from two comparable corpora."""

import logging
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.evaluation.retrieval import mine_sentences
from polystilts.evaluation.search import Floats

_log = logging.getLogger(__name__)


def candidates(
    sentences: pa.Table, pairs: pa.Table, language: str, embed: Callable[[Sequence[str]], Floats]
) -> dict[str, list[object]]:
    """Return all candidates with their margins, and the gold pairs that are not among them.

    A gold pair without a candidate is a row without a prediction, so that recall can be computed
    from the rows alone.
    """
    foreign = sentences.filter(pc.equal(sentences["language"], language))
    english = sentences.filter(pc.equal(sentences["language"], "en"))
    foreign_texts, english_texts = foreign["text"].to_pylist(), english["text"].to_pylist()
    mined = mine_sentences(
        embed(foreign_texts),
        foreign["id"].to_pylist(),
        foreign_texts,
        embed(english_texts),
        english["id"].to_pylist(),
        english_texts,
    )
    if mined.repeated_source or mined.repeated_target:
        _log.info(
            "bucc %s: lines whose text occurs more than once, set aside: %d foreign, %d English",
            language,
            mined.repeated_source,
            mined.repeated_target,
        )
    gold = list(zip(pairs["source_id"].to_pylist(), pairs["target_id"].to_pylist(), strict=True))
    wanted = set(gold)
    rows: list[tuple[str, str | None, str | None, float | None]] = [
        (source, target if (source, target) in wanted else None, target, margin)
        for source, target, margin in mined.pairs
    ]
    proposed = {(source, target) for source, target, _ in mined.pairs}
    rows += [
        (source, target, None, None) for source, target in gold if (source, target) not in proposed
    ]
    return {
        "id": [row[0] for row in rows],
        "group": [row[0] for row in rows],
        "gold": [row[1] for row in rows],
        "prediction": [row[2] for row in rows],
        "score": [row[3] for row in rows],
    }
