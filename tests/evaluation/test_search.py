"""Exact search in blocks: the same neighbours for any block size, in bounded memory."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from polystilts.evaluation import search
from polystilts.evaluation.search import Side, all_rows, nearest, search_bytes
from repository import REPOSITORY

Floats = NDArray[np.float32]

GIB = 1 << 30


def vectors(seed: int, rows: int, width: int = 12) -> Floats:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def cosines(queries: Floats, index: Floats) -> NDArray[np.float64]:
    sides = [
        side / np.linalg.norm(side.astype(float), axis=1)[:, None] for side in (queries, index)
    ]
    return sides[0] @ sides[1].T


@pytest.mark.parametrize("block_rows", [1, 7, 43, 50, 1 << 16])
def test_blocks_change_nothing(block_rows: int) -> None:
    queries, index = vectors(8, 50), vectors(9, 43)
    found = nearest(all_rows(queries), all_rows(index), k=4, block_rows=block_rows)
    similarity = cosines(queries, index)
    exact = np.argsort(-similarity, axis=1)[:, :4]
    assert (found.rows == exact).all()
    np.testing.assert_allclose(
        found.similarity, np.take_along_axis(similarity, exact, axis=1), atol=1e-6
    )


def test_only_chosen_rows_are_searched_and_they_count_in_their_order() -> None:
    queries, index = vectors(10, 20), vectors(11, 30)
    asked, kept = np.array([7, 3, 19]), np.array([29, 4, 4, 17, 0])
    found = nearest(Side(queries, asked), Side(index, kept), k=2, block_rows=2)
    similarity = cosines(queries[asked], index[kept])
    best = np.sort(similarity, axis=1)[:, ::-1][:, :2]
    np.testing.assert_allclose(found.similarity, best, atol=1e-6)
    assert found.rows[:, 0].tolist() == similarity.argmax(axis=1).tolist()


@pytest.mark.parametrize("block_rows", [2, 3, 4])
def test_of_equal_rows_in_several_blocks_the_first_is_nearest(block_rows: int) -> None:
    index = np.tile(vectors(12, 4), (5, 1))
    found = nearest(all_rows(vectors(13, 6)), all_rows(index), k=1, block_rows=block_rows)
    assert (found.rows < 4).all()


def test_more_neighbours_than_sentences() -> None:
    found = nearest(all_rows(vectors(10, 3)), all_rows(vectors(11, 2)), k=4, block_rows=1)
    assert sorted(found.rows[0].tolist()) == [0, 1]
    assert found.rows.shape == found.similarity.shape == (3, 2)
    assert nearest(all_rows(vectors(10, 0)), all_rows(vectors(11, 2)), k=4).rows.shape == (0, 2)


def test_mismatched_widths_and_empty_indexes_are_named() -> None:
    with pytest.raises(ValueError, match="width 3, index rows 2"):
        nearest(all_rows(vectors(1, 2, 3)), all_rows(vectors(1, 2, 2)), k=1)
    with pytest.raises(ValueError, match="empty index"):
        nearest(all_rows(vectors(1, 2, 3)), all_rows(vectors(1, 0, 3)), k=1)


def test_a_gpu_is_used_where_faiss_offers_one(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []

    def to_gpus(index: Any) -> Any:
        moved.append(index.d)
        return index

    queries, index = all_rows(vectors(16, 5)), all_rows(vectors(17, 6))
    monkeypatch.setattr(faiss, "StandardGpuResources", object, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_all_gpus", to_gpus)
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 0)
    on_cpu = nearest(queries, index, k=2)
    assert moved == []
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 2)
    on_gpu = nearest(queries, index, k=2, block_rows=4)
    assert moved == [12]  # one index for all blocks: making one costs a GPU buffer of its own
    assert (on_gpu.rows == on_cpu.rows).all()


class Recorded:
    """An index that says how many rows it held at once."""

    def __init__(self, width: int) -> None:
        self.flat = search.cpu_index(width)
        self.most = self.longest_query = 0

    def reset(self) -> None:
        self.flat.reset()

    def add(self, rows: Floats) -> None:
        self.flat.add(rows)
        self.most = max(self.most, self.flat.ntotal)

    def search(self, queries: Floats, k: int) -> Any:
        self.longest_query = max(self.longest_query, len(queries))
        return self.flat.search(queries, k)

    @property
    def ntotal(self) -> int:
        return int(self.flat.ntotal)


def test_no_more_than_a_block_of_either_side_is_at_the_device() -> None:
    made: list[Recorded] = []

    def make(width: int) -> Recorded:
        made.append(Recorded(width))
        return made[0]

    nearest(all_rows(vectors(18, 33)), all_rows(vectors(19, 47)), 3, 10, make)
    assert [(index.most, index.longest_query) for index in made] == [(10, 10)]


def test_russian_bucc_fits_below_five_gib() -> None:
    """460,000 Russian and 558,000 English sentences under XLM-R Large, XTREME's longest search."""
    sentences, width, k, block = 460_000 + 558_000, 1024, 4, 65_536
    assert block == search.BLOCK_ROWS
    vectors_alone = 4 * width * sentences
    neighbours = 12 * k * sentences
    searching = 2 * 4 * width * block + 80 * k * block + 64 * 1024 * 1024
    total = search_bytes(460_000, 558_000, width, k, block)
    assert total == vectors_alone + neighbours + searching == 4_843_543_296
    assert total < 5 * GIB
    assert vectors_alone > 0.85 * total


def test_where_vectors_are_short_the_choice_of_pairs_takes_most() -> None:
    neighbours = (4 * 16 + 12 * 4) * 3_000_000
    assert (
        search_bytes(10**6, 2 * 10**6, 16, 4, 1000) == neighbours + 64 * 2 * 10**6 + 96 * 3 * 10**6
    )


MEASURE = """
import re, sys
from pathlib import Path

import numpy as np
from polystilts.evaluation.retrieval import mine
from polystilts.evaluation.search import all_rows

def resident(field):
    return int(re.search(field + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10

queries, rows, width, k, block = map(int, sys.argv[1:])
draw = np.random.default_rng(1)
small = [all_rows(draw.standard_normal((200, width), dtype=np.float32)) for _ in range(2)]
mine(*small, k)  # loads what the libraries load at their first use
before = resident("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
shapes = [(queries, width), (rows, width)]
sides = [all_rows(draw.standard_normal(shape, dtype=np.float32)) for shape in shapes]
found = mine(*sides, k, block)
print(resident("VmHWM") - before, len(found.margins))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").is_file(), reason="Linux tells the peak")
@pytest.mark.parametrize(
    "shape",
    [
        (1_000, 60_000, 512, 4, 4_096),
        (40_000, 300, 1024, 4, 1 << 16),
        (900, 90_000, 256, 4, 20_000),
    ],
)
def test_the_peak_is_what_the_formula_says(shape: tuple[int, int, int, int, int]) -> None:
    """Never above it; below by no more than its scratch and a tenth."""
    finished = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, shape)],
        env={"PYTHONPATH": str(REPOSITORY / "workflow"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    peak, mined = map(int, re.findall(r"\d+", finished.stdout))
    assert mined > 0.9 * min(shape[:2])
    limit = search_bytes(*shape)
    assert 0.9 * (limit - (64 << 20)) <= peak <= limit
