"""Exact nearest-neighbour search in blocks, on the GPU where faiss was built for one and sees one.

Similarity is the cosine: rows are brought to unit length and searched by inner product in a flat
faiss index. Vectors stay where they are and as they are; what is normalised is a copy of one block.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from polystilts.errors import PolystiltsError

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
# width -> an empty index with `add`, `search`, `reset` and `ntotal`, as faiss has them
MakeIndex = Callable[[int], Any]

# 256 MiB of vectors of XLM-R Large: fits any GPU, and its search takes far longer than its copy
BLOCK_ROWS = 1 << 16

# per sentence and neighbour: a similarity and a row number, kept for both sides
_RESULT_BYTES = 4 + 8
# per sentence and neighbour of one side: margins, what they are divided by, and two steps to it
_MARGIN_BYTES = 4 * 4
# per sentence: its best pair, the pool of both sides, its order, and what is taken from it
_POOL_BYTES = 96
# per query of a block and neighbour: old and new results side by side, their order, the best
_MERGE_BYTES = 80
# faiss multiplies 4,096 queries by 1,024 rows at a time, and its BLAS packs what it multiplies
_SCRATCH_BYTES = 64 << 20


class Side(NamedTuple):
    """Sentence vectors (n, d), and which of their rows take part, in this order."""

    vectors: Floats
    rows: Rows

    def unit_block(self, first: int, size: int) -> Floats:
        """Return a copy of some of the rows at length one; a row of zeros stays as it is."""
        chosen = self.vectors[self.rows[first : first + size]]
        block: Floats = np.ascontiguousarray(chosen, dtype=np.float32)
        faiss.normalize_L2(block)
        return block


class Neighbours(NamedTuple):
    """The k nearest index rows of each query, nearest first: two arrays (n, k).

    Rows are positions in the index side's `rows`.
    """

    similarity: Floats
    rows: Rows


def all_rows(vectors: Floats) -> Side:
    """Return a side in which every row takes part."""
    return Side(vectors, np.arange(len(vectors)))


def require_finite(vectors: Floats) -> None:
    """Refuse vectors without a length.

    Raises:
        PolystiltsError: not all numbers of a row are finite, or they overflow when squared.
    """
    # Squared lengths take no memory beside the vectors, and find what overflows as well.
    with np.errstate(over="ignore", invalid="ignore"):
        endless = int((~np.isfinite(np.einsum("ij,ij->i", vectors, vectors))).sum())
    if endless:
        raise PolystiltsError(
            f"{endless} of {len(vectors)} sentence vectors are not finite: the model has probably"
            " diverged. Look at the loss of its training, and lower the learning rate."
        )


def cpu_index(width: int) -> Any:
    """Return an empty flat index in main memory."""
    return faiss.IndexFlatIP(width)


def gpu_index(width: int) -> Any:
    """Return an empty flat index on all visible GPUs; each holds a block and a part of queries."""
    return faiss.index_cpu_to_all_gpus(cpu_index(width))


def has_gpu() -> bool:
    """Tell whether faiss was built for GPUs and sees one."""
    return hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0


def flat_index(width: int) -> Any:
    """Return an empty flat index, on the GPU where there is one."""
    return gpu_index(width) if has_gpu() else cpu_index(width)


def nearest(
    queries: Side,
    index: Side,
    k: int,
    block_rows: int = BLOCK_ROWS,
    make_index: MakeIndex = flat_index,
) -> Neighbours:
    """Return the k index rows with the highest cosine for each query.

    Both sides are walked in blocks of `block_rows`: beside the vectors there are one block in the
    index, one on its way there or to the search, and k results per query (`search_bytes`). Of
    equal similarities in two blocks the earlier row comes first. k is lowered to the number of
    index rows.

    Raises:
        ValueError: there are no index rows, or the two sides differ in width.
    """
    width = queries.vectors.shape[1]
    if not len(index.rows):
        raise ValueError("cannot search an empty index")
    if index.vectors.shape[1] != width:
        raise ValueError(f"queries have width {width}, index rows {index.vectors.shape[1]}")
    shape = len(queries.rows), min(k, len(index.rows))
    best = Neighbours(np.full(shape, -np.inf, dtype=np.float32), np.full(shape, -1, dtype=np.int64))
    flat = make_index(width)
    for first in range(0, len(index.rows), block_rows):
        flat.reset()
        flat.add(index.unit_block(first, block_rows))
        for start in range(0, len(queries.rows), block_rows):
            block = queries.unit_block(start, block_rows)
            similarity, rows = flat.search(block, min(shape[1], flat.ntotal))
            del block
            part = slice(start, start + block_rows)
            _merge(Neighbours(best.similarity[part], best.rows[part]), similarity, rows + first)
    return best


def _merge(best: Neighbours, similarity: Floats, rows: Rows) -> None:
    """Take better neighbours into `best`, in place."""
    pooled = np.concatenate((best.similarity, similarity), axis=1)
    order = np.argsort(-pooled, axis=1, kind="stable")[:, : best.rows.shape[1]]
    best.similarity[:] = np.take_along_axis(pooled, order, axis=1)
    best.rows[:] = np.take_along_axis(np.concatenate((best.rows, rows), axis=1), order, axis=1)


def search_bytes(queries: int, rows: int, width: int, k: int, block_rows: int) -> int:
    """Return the bytes that mining two sides of so many sentences takes at most.

    The vectors of both sides once, the neighbours of all sentences, and the larger of what a
    search and the choice of pairs after it need; with n = queries + rows, m the longer side and
    b = min(block_rows, m):

        4·width·n               vectors, float32
        + 12·k·n                neighbours of both sides
        + max(2·4·width·b       a block in the index and one on its way there or to the search
              + 80·k·b          new neighbours beside those so far
              + 64 MiB,         buffers of faiss and its BLAS
              16·k·m + 96·n)    margins of one side, the pool of pairs

    Texts and ids are not in it. On a GPU the block in the index lies there instead.
    """
    longer = max(queries, rows)
    block = min(block_rows, longer)
    sentences = queries + rows
    searching = 2 * 4 * width * block + _MERGE_BYTES * k * block + _SCRATCH_BYTES
    choosing = _MARGIN_BYTES * k * longer + _POOL_BYTES * sentences
    return (4 * width + _RESULT_BYTES * k) * sentences + max(searching, choosing)
