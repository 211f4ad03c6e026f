"""Retrieval and sentence-pair mining over embeddings, by the procedures of XTREME.

Vectors are float32 arrays (n, d); they are left as they are. Search is by cosine, exact, in blocks.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from polystilts.evaluation.search import (
    BLOCK_ROWS,
    Floats,
    Neighbours,
    Rows,
    Side,
    all_rows,
    nearest,
    require_finite,
)

NEIGHBOURS = 4


class Candidates(NamedTuple):
    """Candidate pairs, best first: three arrays (m,)."""

    source_rows: Rows
    target_rows: Rows
    margins: Floats


class Mined(NamedTuple):
    """Candidate pairs by id, best first, and how many sentences of each side were set aside.

    The counts are lines, every copy included, whose text occurs more than once on its side.
    """

    pairs: list[tuple[str, str, float]]
    repeated_source: int
    repeated_target: int


def retrieve(queries: Floats, index: Floats) -> Neighbours:
    """Return the one nearest index row of each query by cosine: two arrays (n, 1).

    Tatoeba as XTREME runs it: English sentences are the queries, foreign ones the index; no
    margin, one direction.
    """
    for vectors in (queries, index):
        require_finite(vectors)
    return nearest(all_rows(queries), all_rows(index), k=1)


def mine(
    source: Side, target: Side, neighbours: int = NEIGHBOURS, block_rows: int = BLOCK_ROWS
) -> Candidates:
    """Return candidate pairs by the ratio margin (Artetxe & Schwenk 2019), as LASER mines them.

    The margin of (x, y) is cos(x, y) over the mean of two means: that of x's similarities to its
    nearest targets and that of y's to its nearest sources. The best pair of every source and of
    every target are pooled and taken greedily, best margin first, as long as neither side was
    used before ("max" retrieval). Pairs with a margin of zero or less are dropped. Memory is that
    of `search_bytes`.
    """
    if not len(source.rows) or not len(target.rows):
        empty = np.empty(0, dtype=np.int64)
        return Candidates(empty, empty, np.empty(0, dtype=np.float32))
    for side in (source, target):
        require_finite(side.vectors)
    forward = nearest(source, target, neighbours, block_rows)
    backward = nearest(target, source, neighbours, block_rows)
    source_mean = forward.similarity.mean(axis=1)
    target_mean = backward.similarity.mean(axis=1)
    best_target, forward_margins = _best_by_margin(forward, source_mean, target_mean)
    best_source, backward_margins = _best_by_margin(backward, target_mean, source_mean)
    pool = Candidates(
        np.concatenate((np.arange(len(best_target)), best_source)),
        np.concatenate((best_target, np.arange(len(best_source)))),
        np.concatenate((forward_margins, backward_margins)),
    )
    return _each_sentence_once(pool, len(best_target), len(best_source))


def _best_by_margin(found: Neighbours, own: Floats, other: Floats) -> tuple[Rows, Floats]:
    scale = (own[:, None] + other[found.rows]) / 2
    margins = np.full_like(found.similarity, -np.inf)
    # A mean similarity of zero leaves the ratio undefined; such a pair is never the best one.
    np.divide(found.similarity, scale, out=margins, where=scale != 0)
    best = margins.argmax(axis=1)[:, None]
    return (
        np.take_along_axis(found.rows, best, axis=1)[:, 0],
        np.take_along_axis(margins, best, axis=1)[:, 0],
    )


def _each_sentence_once(pool: Candidates, sources: int, targets: int) -> Candidates:
    """Take pairs greedily, best margin first, whose two sentences are still free."""
    used_source = np.zeros(sources, dtype=bool)
    used_target = np.zeros(targets, dtype=bool)
    kept = []
    for pair in np.argsort(-pool.margins, kind="stable"):
        if pool.margins[pair] <= 0:
            break
        source, target = pool.source_rows[pair], pool.target_rows[pair]
        if not used_source[source] and not used_target[target]:
            used_source[source] = used_target[target] = True
            kept.append(pair)
    order = np.array(kept, dtype=np.int64)
    return Candidates(pool.source_rows[order], pool.target_rows[order], pool.margins[order])


def mine_sentences(
    source: Floats,
    source_ids: Sequence[str],
    source_texts: Sequence[str],
    target: Floats,
    target_ids: Sequence[str],
    target_texts: Sequence[str],
    neighbours: int = NEIGHBOURS,
) -> Mined:
    """Mine pairs between two files as XTREME does for BUCC.

    Equal texts of one side are one entry of the search, with the vector of the last copy. A pair
    that contains a text occurring more than once is thrown out afterwards, since it has no id of
    its own; the lines concerned are counted.

    Raises:
        ValueError: vectors, ids and texts of a side differ in number.
    """
    sources = _distinct(source, source_ids, source_texts)
    targets = _distinct(target, target_ids, target_texts)
    candidates = mine(sources.side, targets.side, neighbours)
    pairs = [
        (source_id, target_id, float(margin))
        for source_row, target_row, margin in zip(*candidates, strict=True)
        if (source_id := sources.ids[source_row]) is not None
        and (target_id := targets.ids[target_row]) is not None
    ]
    return Mined(pairs, sources.repeated, targets.repeated)


class _Distinct(NamedTuple):
    side: Side
    ids: list[str | None]
    repeated: int


def _distinct(vectors: Floats, ids: Sequence[str], texts: Sequence[str]) -> _Distinct:
    """Return one row per distinct text; its id is None where the text has copies."""
    if not len(vectors) == len(ids) == len(texts):
        raise ValueError(f"{len(vectors)} vectors, {len(ids)} ids, {len(texts)} texts")
    last_row = {text: row for row, text in enumerate(texts)}
    copies = Counter(texts)
    rows = np.fromiter(last_row.values(), dtype=np.int64, count=len(last_row))
    own_ids = [ids[row] if copies[text] == 1 else None for text, row in last_row.items()]
    return _Distinct(Side(vectors, rows), own_ids, sum(n for n in copies.values() if n > 1))
