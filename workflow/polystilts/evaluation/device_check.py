"""Does the search on a GPU find what the search on the CPU finds?"""

import faiss
import numpy as np

from polystilts.evaluation.search import (
    MakeIndex,
    Neighbours,
    Side,
    all_rows,
    cpu_index,
    gpu_index,
    has_gpu,
    nearest,
)
from polystilts.training.device_check import Check

_NAME = "faiss"
_QUERIES, _ROWS, _WIDTH, _K = 5_000, 20_000, 256, 4
# Blocks that do not divide the rows, so that the merging of blocks is checked as well.
_BLOCK_ROWS = 6_000
# Of a cosine. Sums of 256 products in another order differ by 1e-7.
_TOLERANCE = 1e-5


def check_search(make_gpu_index: MakeIndex | None = None) -> Check:
    """Compare the nearest neighbours from a flat index on all GPUs with those from one on the CPU.

    Neighbours of equal similarity may change places: what is compared is the similarity at every
    rank, and the cosine of every neighbour that was named with the similarity it was given.
    """
    make = make_gpu_index or (gpu_index if has_gpu() else None)
    if make is None:
        reason = (
            f"the installed faiss {faiss.__version__} searches on the CPU alone"
            if not hasattr(faiss, "StandardGpuResources")
            else f"faiss {faiss.__version__} sees no GPU"
        )
        hint = "bucc is slow with it; `envs/gpu.yaml` installs faiss-gpu"
        return Check(_NAME, "skipped", f"{reason}: {hint}")
    draw = np.random.default_rng(1)
    queries, index = (
        all_rows(draw.standard_normal((size, _WIDTH), dtype=np.float32))
        for size in (_QUERIES, _ROWS)
    )
    expected = nearest(queries, index, _K, _BLOCK_ROWS, cpu_index)
    found = nearest(queries, index, _K, _BLOCK_ROWS, make)
    difference = max(
        float(np.abs(found.similarity - expected.similarity).max()),
        float(np.abs(found.similarity - _cosines(queries, index, found)).max()),
    )
    swapped = int((found.rows != expected.rows).sum())
    compared = f"the {_K} nearest of {_ROWS} rows for {_QUERIES} queries: cosines from cpu and gpu"
    detail = f"{compared} differ by {difference:.1e} (at most {_TOLERANCE:.0e}); {swapped} of"
    detail += f" {expected.rows.size} neighbours are others"
    return Check(_NAME, "passed" if difference <= _TOLERANCE else "failed", detail)


def _cosines(queries: Side, index: Side, found: Neighbours) -> np.ndarray:
    """Return the cosine of every query with the rows that were found for it."""
    units = [
        side.vectors / np.linalg.norm(side.vectors, axis=1, keepdims=True)
        for side in (queries, index)
    ]
    cosines: np.ndarray = np.einsum("qw,qkw->qk", units[0], units[1][found.rows])
    return cosines
