"""Exact nearest-neighbour search and sentence-pair mining over embeddings.

Vectors are float32 arrays (n, d). Similarity is the cosine: rows are brought to unit length and
searched by inner product in a flat faiss index, on the GPU where faiss was built for one and one
is there.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from polystilts.errors import PolystiltsError

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

BLOCK_ROWS = 1 << 17
NEIGHBOURS = 4


class Neighbours(NamedTuple):
    """The k nearest index rows of each query, nearest first: two arrays (n, k)."""

    similarity: Floats
    rows: Rows


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


def unit_rows(vectors: Floats) -> Floats:
    """Return a copy with every row at length one; a row of zeros stays as it is.

    Raises:
        PolystiltsError: a row has no length, since not all of its numbers are finite.
    """
    unit = np.array(vectors, dtype=np.float32, order="C")
    # Squared lengths take no memory beside the vectors, and find what overflows as well.
    with np.errstate(over="ignore", invalid="ignore"):
        endless = int((~np.isfinite(np.einsum("ij,ij->i", unit, unit))).sum())
    if endless:
        raise PolystiltsError(
            f"{endless} of {len(unit)} sentence vectors are not finite: the model has probably"
            " diverged. Look at the loss of its training, and lower the learning rate."
        )
    faiss.normalize_L2(unit)
    return unit


def nearest(queries: Floats, index: Floats, k: int, block_rows: int = BLOCK_ROWS) -> Neighbours:
    """Return the k index rows with the highest inner product for each query.

    Both sides are walked in blocks of `block_rows`, so that one block of each and k results per
    query are what the device holds. k is lowered to the number of index rows.

    Raises:
        ValueError: there are no index rows, or the two sides differ in width.
    """
    if not len(index):
        raise ValueError("cannot search an empty index")
    if queries.shape[1] != index.shape[1]:
        raise ValueError(f"queries have width {queries.shape[1]}, index rows {index.shape[1]}")
    k = min(k, len(index))
    similarity = np.empty((len(queries), 0), dtype=np.float32)
    rows = np.empty((len(queries), 0), dtype=np.int64)
    for first in range(0, len(index), block_rows):
        block = index[first : first + block_rows]
        found_similarity, found_rows = _search(queries, block, min(k, len(block)), block_rows)
        similarity = np.hstack((similarity, found_similarity))
        rows = np.hstack((rows, found_rows + first))
        best = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        similarity = np.take_along_axis(similarity, best, axis=1)
        rows = np.take_along_axis(rows, best, axis=1)
    return Neighbours(similarity, rows)


def _search(queries: Floats, block: Floats, k: int, block_rows: int) -> tuple[Floats, Rows]:
    index = _flat_index(block.shape[1])
    index.add(np.ascontiguousarray(block))
    parts = [
        index.search(np.ascontiguousarray(queries[first : first + block_rows]), k)
        for first in range(0, len(queries), block_rows)
    ]
    if not parts:
        return np.empty((0, k), dtype=np.float32), np.empty((0, k), dtype=np.int64)
    return np.vstack([part[0] for part in parts]), np.vstack([part[1] for part in parts])


def _flat_index(width: int) -> Any:
    flat = faiss.IndexFlatIP(width)
    if hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0:
        return faiss.index_cpu_to_all_gpus(flat)
    return flat


def retrieve(queries: Floats, index: Floats) -> Neighbours:
    """Return the one nearest index row of each query by cosine: two arrays (n, 1).

    Tatoeba as XTREME runs it: English sentences are the queries, foreign ones the index; no
    margin, one direction.
    """
    return nearest(unit_rows(queries), unit_rows(index), k=1)


def mine(source: Floats, target: Floats, neighbours: int = NEIGHBOURS) -> Candidates:
    """Return candidate pairs by the ratio margin (Artetxe & Schwenk 2019), as LASER mines them.

    The margin of (x, y) is cos(x, y) over the mean of two means: that of x's similarities to its
    nearest targets and that of y's to its nearest sources. The best pair of every source and of
    every target are pooled and taken greedily, best margin first, as long as neither side was
    used before ("max" retrieval). Pairs with a margin of zero or less are dropped.
    """
    if not len(source) or not len(target):
        empty = np.empty(0, dtype=np.int64)
        return Candidates(empty, empty, np.empty(0, dtype=np.float32))
    source, target = unit_rows(source), unit_rows(target)
    forward = nearest(source, target, neighbours)
    backward = nearest(target, source, neighbours)
    source_mean = forward.similarity.mean(axis=1)
    target_mean = backward.similarity.mean(axis=1)
    best_target, forward_margins = _best_by_margin(forward, source_mean, target_mean)
    best_source, backward_margins = _best_by_margin(backward, target_mean, source_mean)

    source_rows = np.concatenate((np.arange(len(source)), best_source))
    target_rows = np.concatenate((best_target, np.arange(len(target))))
    margins = np.concatenate((forward_margins, backward_margins))
    used_source = np.zeros(len(source), dtype=bool)
    used_target = np.zeros(len(target), dtype=bool)
    kept = []
    for pair in np.argsort(-margins, kind="stable"):
        if margins[pair] <= 0:
            break
        if used_source[source_rows[pair]] or used_target[target_rows[pair]]:
            continue
        used_source[source_rows[pair]] = used_target[target_rows[pair]] = True
        kept.append(pair)
    order = np.array(kept, dtype=np.int64)
    return Candidates(source_rows[order], target_rows[order], margins[order])


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
    sides = (
        _distinct(source, source_ids, source_texts),
        _distinct(target, target_ids, target_texts),
    )
    candidates = mine(sides[0].vectors, sides[1].vectors, neighbours)
    pairs = [
        (source_id, target_id, float(margin))
        for source_row, target_row, margin in zip(*candidates, strict=True)
        if (source_id := sides[0].ids[source_row]) is not None
        and (target_id := sides[1].ids[target_row]) is not None
    ]
    return Mined(pairs, sides[0].repeated, sides[1].repeated)


class _Side(NamedTuple):
    vectors: Floats
    ids: list[str | None]
    repeated: int


def _distinct(vectors: Floats, ids: Sequence[str], texts: Sequence[str]) -> _Side:
    """Return one row per distinct text; its id is None where the text has copies."""
    if not len(vectors) == len(ids) == len(texts):
        raise ValueError(f"{len(vectors)} vectors, {len(ids)} ids, {len(texts)} texts")
    last_row = {text: row for row, text in enumerate(texts)}
    copies = Counter(texts)
    rows = np.fromiter(last_row.values(), dtype=np.int64, count=len(last_row))
    own_ids = [ids[row] if copies[text] == 1 else None for text, row in last_row.items()]
    return _Side(vectors[rows], own_ids, sum(n for n in copies.values() if n > 1))
