"""Fabricated score rows."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from polystilts.evaluation.score_rows import SCORE_SCHEMA

ScoreRow = Callable[..., dict[str, Any]]


@pytest.fixture
def score_row() -> ScoreRow:
    """Return a function that makes one row; arguments override its fields."""

    def make(**fields: Any) -> dict[str, Any]:
        defaults = {
            "encoder": "miniature",
            "arm": "english",
            "intermediate": "mnli",
            "target": "xnli",
            "language": "en",
            "seed": 1,
            "split": "test",
            "selection": "last",
            "metric": "score",
            "semantics": "xtreme",
            "value": 50.0,
            "n": 100,
            "signature": "xnli|accuracy|exact-match|xtreme|v1",
            "key": "abc",
        }
        return {**defaults, **fields}

    return make


@pytest.fixture
def score_table() -> Callable[[list[dict[str, Any]]], pa.Table]:
    """Return a function that makes a table of score rows."""
    return lambda rows: pa.Table.from_pylist(rows, schema=SCORE_SCHEMA)
