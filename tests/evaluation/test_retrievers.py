"""The rows that retrieval targets leave for scoring."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from polystilts.evaluation.retrievers import bucc, tatoeba

# texts name the direction of their vectors
DIRECTIONS = {"a": (1, 0, 0), "b": (0, 1, 0), "c": (0, 0, 1), "ab": (1, 1, 0), "abc": (1, 1, 1)}


def embed(texts: Sequence[str]) -> Any:
    return np.array([DIRECTIONS[text.strip("-")] for text in texts], dtype=np.float32)


def sentences(foreign: Sequence[str], english: Sequence[str]) -> pa.Table:
    rows = [("de", f"de-{i}", text) for i, text in enumerate(foreign)]
    rows += [("en", f"en-{i}", text) for i, text in enumerate(english)]
    return pa.table(
        {
            "language": [language for language, _, _ in rows],
            "id": [identifier for _, identifier, _ in rows],
            "group": [f"g-{identifier}" for _, identifier, _ in rows],
            "text": [text for _, _, text in rows],
        }
    )


def pairs(*rows: tuple[str, str]) -> pa.Table:
    return pa.table({"source_id": [s for s, _ in rows], "target_id": [t for _, t in rows]})


def rows_of(columns: dict[str, list[object]]) -> list[tuple[object, object, object]]:
    return list(zip(columns["id"], columns["prediction"], columns["gold"], strict=True))


def test_bucc_keeps_candidates_and_the_gold_they_miss() -> None:
    texts = sentences(["a", "b", "c"], ["a-", "b-", "abc"])
    gold = pairs(("de-0", "en-0"), ("de-1", "en-2"), ("de-2", "en-2"))
    columns = bucc.candidates(texts, gold, "de", embed)
    rows = rows_of(columns)
    assert set(rows) == {
        ("de-0", "en-0", "en-0"),
        ("de-1", "en-1", None),
        ("de-2", "en-2", "en-2"),
        ("de-1", None, "en-2"),
    }
    assert len(rows) == 4
    scored = [score is not None for score in columns["score"]]
    assert scored == [prediction is not None for _, prediction, _ in rows]
    margins = [score for score in columns["score"] if isinstance(score, float)]
    assert margins == sorted(margins, reverse=True)
    assert columns["group"] == columns["id"]


def test_a_repeated_sentence_is_never_a_candidate_but_its_gold_counts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    texts = sentences(["a", "a", "b"], ["a-", "b-", "c"])
    columns = bucc.candidates(texts, pairs(("de-0", "en-0"), ("de-2", "en-1")), "de", embed)
    rows = rows_of(columns)
    assert ("de-0", None, "en-0") in rows
    assert ("de-2", "en-1", "en-1") in rows
    assert not any(prediction == "en-0" for _, prediction, _ in rows)
    assert "2 foreign, 0 English" in caplog.text


def test_other_languages_are_not_searched() -> None:
    texts = pa.concat_tables(
        [
            sentences(["b"], ["a"]),
            pa.table({"language": ["fr"], "id": ["fr-0"], "group": ["g"], "text": ["a"]}),
        ]
    )
    columns = tatoeba.candidates(texts, pairs(("de-0", "en-0")), "de", embed)
    assert columns["prediction"] == ["de-0"]


def test_tatoeba_asks_from_english() -> None:
    texts = sentences(["a", "b", "abc"], ["ab", "b-", "a-"])
    gold = pairs(("de-2", "en-0"), ("de-1", "en-1"), ("de-0", "en-2"))
    columns = tatoeba.candidates(texts, gold, "de", embed)
    assert rows_of(columns) == [
        ("en-0", "de-2", "de-2"),
        ("en-1", "de-1", "de-1"),
        ("en-2", "de-0", "de-0"),
    ]
    assert columns["group"] == ["g-en-0", "g-en-1", "g-en-2"]
    np.testing.assert_allclose(columns["score"], [2 / np.sqrt(6), 1, 1], rtol=1e-6)
