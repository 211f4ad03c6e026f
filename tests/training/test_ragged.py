"""Rows of unequal length as two arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.training.ragged import Ragged

ROWS = st.lists(st.lists(st.integers(-5, 300_000), max_size=6), max_size=8)


@given(ROWS)
def test_rows_come_back_as_they_were(rows: list[list[int]]) -> None:
    ragged = Ragged.of(rows)
    assert ragged.tolist() == rows
    assert len(ragged) == len(rows)
    assert ragged.lengths().tolist() == [len(row) for row in rows]
    assert [ragged[i].tolist() for i in range(len(rows))] == rows
    assert [row.tolist() for row in ragged] == rows
    assert ragged.values.dtype == np.int32


@given(ROWS.filter(bool), st.lists(st.integers(0, 100), max_size=9))
def test_gathered_rows_follow_one_another(rows: list[list[int]], picks: list[int]) -> None:
    chosen = [pick % len(rows) for pick in picks]
    found = Ragged.of(rows).gather(np.array(chosen, np.int64))
    assert found.tolist() == [value for i in chosen for value in rows[i]]


def test_values_may_be_pairs() -> None:
    rows = [[(0, 3), (3, 7)], [], [(1, 2)]]
    ragged = Ragged.of(rows, width=2)
    assert ragged.values.shape == (3, 2)
    assert ragged.tolist() == [[[0, 3], [3, 7]], [], [[1, 2]]]
    assert ragged.gather(np.array([2, 0])).tolist() == [[1, 2], [0, 3], [3, 7]]
    assert Ragged.of([[]], width=2).values.shape == (0, 2)


@pytest.mark.parametrize("row", [-1, 2])
def test_a_row_that_is_not_there_is_an_error(row: int) -> None:
    with pytest.raises(IndexError):
        Ragged.of([[1], [2]])[row]


def test_rows_are_views() -> None:
    ragged = Ragged.of([[1, 2], [3]])
    assert np.shares_memory(ragged[0], ragged.values)
