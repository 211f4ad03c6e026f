"""A candidate's dev scores are those that the matrix would hold for it."""

from typing import Any

import pyarrow as pa
import pytest

from polystilts.errors import PolystiltsError
from polystilts.evaluation.development import development_scores
from polystilts.evaluation.score import score
from polystilts.evaluation.scorer import load_scorer

CELL = {"encoder": "e", "arm": "a", "intermediate": "i", "target": "t", "seed": 1}


def row(name: str, gold: str, prediction: str, **more: Any) -> dict[str, Any]:
    place = {"group": name, "language": "en", "split": "dev", "selection": "last", "score": 1.0}
    return {"id": name, "gold": gold, "prediction": prediction, **place, **more}


def test_the_targets_own_number_by_language() -> None:
    rows = [
        row("1", "a", "a"),
        row("2", "b", "a"),
        row("1", "a", "a", language="ru"),
        # test rows are not looked at, and a language without dev has no score
        row("1", "a", "b", language="ru", split="test"),
        row("1", "a", "a", language="sw", split="test"),
    ]
    scores = development_scores(
        pa.Table.from_pylist(rows), {"target": "xnli", "metric": "accuracy"}
    )
    assert scores == {"en": 50.0, "ru": 100.0}


@pytest.mark.parametrize(
    ("metric", "rows"),
    [
        ("chunk_f1", [row("1", "NOUN VERB NOUN", "NOUN NOUN NOUN"), row("2", "X", "X")]),
        (
            "squad",
            [
                row("1", '["the house"]', "house", prediction_xtreme="in a house"),
                row("2", '["x", "y"]', "y", prediction_xtreme="y"),
            ],
        ),
        (
            "mlqa",
            [
                row("1", '["ein Haus"]', "Haus", language="de", prediction_xtreme="Haus"),
                row("2", '["ja"]', "ja", language="de", prediction_xtreme="nein"),
            ],
        ),
    ],
)
def test_it_is_the_number_of_the_score_rows(metric: str, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows)
    record = {"target": "t", "metric": metric, "data_version": "v", "cell": CELL}
    wanted = {
        one["language"]: one["value"]
        for one in score(table, record).to_pylist()
        if (one["metric"], one["semantics"], one["split"]) == ("score", "xtreme", "dev")
    }
    assert development_scores(table, record) == wanted
    assert all(0 < value < 100 for value in wanted.values())


def test_without_dev_predictions_there_are_no_scores() -> None:
    table = pa.Table.from_pylist([row("1", "a", "a", split="test")])
    assert development_scores(table, {"target": "xnli", "metric": "accuracy"}) == {}


def test_what_cannot_be_scored_is_named() -> None:
    record = {"target": "xnli", "metric": "accuracy"}
    twice = pa.Table.from_pylist([row("1", "a", "a"), row("1", "a", "b")])
    with pytest.raises(PolystiltsError, match="xnli, language en, dev: 2 predictions have the id"):
        development_scores(twice, record)
    mixed = pa.Table.from_pylist([row("1", "a", "a"), row("1", "a", "a", selection="averaged")])
    with pytest.raises(PolystiltsError, match=r"several selections \(averaged, last\)"):
        development_scores(mixed, record)
    with pytest.raises(PolystiltsError, match="no scorer for the metric 'f2'"):
        load_scorer("f2")
