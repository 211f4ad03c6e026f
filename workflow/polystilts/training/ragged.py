"""Rows of unequal length as two arrays, so that they can be mapped from a file as they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Ragged(Sequence[Integers]):
    """Row i is `values[first[i] : first[i + 1]]`; `first` has one entry more than there are rows.

    `values` may have further dimensions, (values, …).
    """

    values: Integers
    first: Integers

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]], width: int | None = None) -> "Ragged":
        """Return rows of numbers, or of `width` numbers each, as int32."""
        listed = list(rows)
        first = np.zeros(len(listed) + 1, np.int64)
        np.cumsum([len(row) for row in listed], out=first[1:])
        flat = list(chain.from_iterable(listed))
        shape = (len(flat),) if width is None else (len(flat), width)
        return cls(np.array(flat, np.int32).reshape(shape), first)

    def __len__(self) -> int:
        return len(self.first) - 1

    def __getitem__(self, row: Any) -> Any:
        if row < 0 or row >= len(self):
            raise IndexError(row)
        return self.values[self.first[row] : self.first[row + 1]]

    def __iter__(self) -> Iterator[Integers]:
        return (self[row] for row in range(len(self)))

    def lengths(self) -> Integers:
        """Return the length of every row."""
        return np.diff(self.first)

    def gather(self, rows: Integers) -> Integers:
        """Return the values of some rows, one row after the other."""
        parts = [self.values[self.first[row] : self.first[row + 1]] for row in rows.tolist()]
        return np.concatenate(parts) if parts else self.values[:0]

    def tolist(self) -> list[list[Any]]:
        return [row.tolist() for row in self]
