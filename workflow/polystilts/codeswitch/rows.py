"""Rows of a table and the examples that they become."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.example import Example
from polystilts.codeswitch.outcome import Outcome

Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Examples, and for every row the places of its examples among them."""

    examples: list[Example]
    texts: list[tuple[int, ...]]

    @classmethod
    def one_each(cls, examples: list[Example]) -> "Rows":
        """Return rows of which each is one example."""
        return cls(examples, [(place,) for place in range(len(examples))])


def totals(rows: Rows, outcome: Outcome) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the switched words, and the words, of all texts of every row."""
    ends = np.append(0, np.cumsum(outcome.switched)), np.append(0, np.cumsum(outcome.words))
    first = outcome.first_text
    switched, words = (end[first[1:]] - end[first[:-1]] for end in ends)
    places = np.array(rows.texts, np.int64).reshape(len(rows.texts), -1)
    return switched[places].sum(axis=1), words[places].sum(axis=1)
