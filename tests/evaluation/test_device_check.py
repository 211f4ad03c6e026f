"""The search on a GPU is compared with that on the CPU, neighbour by neighbour."""

from typing import Any

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from polystilts.evaluation import device_check
from polystilts.evaluation.device_check import check_search
from polystilts.evaluation.search import cpu_index


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_QUERIES", 50), ("_ROWS", 300), ("_BLOCK_ROWS", 70)):
        monkeypatch.setattr(device_check, name, value)


class Faulty:
    """A flat index whose results go wrong on the way."""

    def __init__(self, width: int, fault: Any) -> None:
        self.flat = cpu_index(width)
        self.fault = fault

    def reset(self) -> None:
        self.flat.reset()

    def add(self, rows: NDArray[np.float32]) -> None:
        self.flat.add(rows)

    def search(self, queries: NDArray[np.float32], k: int) -> Any:
        similarity, rows = self.flat.search(queries, k)
        self.fault(similarity, rows)
        return similarity, rows

    @property
    def ntotal(self) -> int:
        return int(self.flat.ntotal)


def next_row(similarity: NDArray[np.float32], rows: NDArray[np.int64]) -> None:
    rows[3, 0] = (rows[3, 0] + 1) % 60


def a_little_less(similarity: NDArray[np.float32], rows: NDArray[np.int64]) -> None:
    similarity[:, 0] -= 1e-3


def no_number(similarity: NDArray[np.float32], rows: NDArray[np.int64]) -> None:
    similarity[:] = np.nan


def half_precision(similarity: NDArray[np.float32], rows: NDArray[np.int64]) -> None:
    similarity[:] = similarity.astype(np.float16)


def test_the_same_search_passes() -> None:
    found = check_search(cpu_index)
    assert found.outcome == "passed"
    assert "0 of 200 neighbours are others" in found.detail


@pytest.mark.parametrize("fault", [next_row, a_little_less, no_number, half_precision])
def test_other_neighbours_or_similarities_fail(fault: Any) -> None:
    assert check_search(lambda width: Faulty(width, fault)).outcome == "failed"


def test_a_faiss_without_gpus_skips_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(faiss, "StandardGpuResources", raising=False)
    found = check_search()
    assert found.outcome == "skipped"
    assert f"faiss {faiss.__version__} searches on the CPU alone" in found.detail
    monkeypatch.setattr(faiss, "StandardGpuResources", object, raising=False)
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 0)
    assert "sees no GPU" in check_search().detail


def test_a_faiss_with_gpus_is_checked_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def to_gpus(index: Any) -> Any:
        made.append(index.d)
        return index

    monkeypatch.setattr(faiss, "StandardGpuResources", object, raising=False)
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1)
    monkeypatch.setattr(faiss, "index_cpu_to_all_gpus", to_gpus, raising=False)
    assert check_search().outcome == "passed"
    assert made == [256]
