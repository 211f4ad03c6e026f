"""Stored predictions become the score rows of a cell, with XTREME's number among them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from polystilts.errors import PolystiltsError
from polystilts.evaluation.score import score
from polystilts.evaluation.score_rows import SCORE_SCHEMA

Row = dict[str, Any]
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "group", "language", "split", "selection")),
        *((name, pa.string()) for name in ("gold", "prediction")),
        ("score", pa.float64()),
    ]
)


def row(name: str, gold: str | None, prediction: str | None, **more: Any) -> Row:
    """One prediction on the English test split, unless `more` says otherwise."""
    place = {"group": name, "language": "en", "split": "test", "selection": "last", "score": 1.0}
    return {"id": name, "gold": gold, "prediction": prediction, **place, **more}


def scored(rows: Sequence[Row], target: str, metric: str) -> pa.Table:
    schema = SCHEMA
    if any("prediction_xtreme" in one for one in rows):
        schema = SCHEMA.append(pa.field("prediction_xtreme", pa.string()))
    record = {
        "target": target,
        "family": "any",
        "metric": metric,
        "data_version": "v1",
        "cell": {
            "encoder": "miniature",
            "arm": "english",
            "intermediate": "mnli",
            "target": target,
            "seed": 3,
        },
    }
    return score(pa.Table.from_pylist(rows, schema=schema), record, key="abc")


def values(table: pa.Table, **where: str) -> dict[tuple[str, str], float]:
    """Values by (metric, semantics) of the rows that match."""
    return {
        (one["metric"], one["semantics"]): one["value"]
        for one in table.to_pylist()
        if all(one[name] == value for name, value in where.items())
    }


def test_rows_carry_their_cell_and_signature() -> None:
    table = scored([row("1", "a", "a"), row("2", "b", "a")], "xnli", "accuracy")
    assert table.schema == SCORE_SCHEMA
    [number] = [
        one for one in table.to_pylist() if (one["metric"], one["semantics"]) == ("score", "xtreme")
    ]
    assert number == {
        "encoder": "miniature",
        "arm": "english",
        "intermediate": "mnli",
        "target": "xnli",
        "language": "en",
        "seed": 3,
        "split": "test",
        "selection": "last",
        "metric": "score",
        "semantics": "xtreme",
        "value": 50.0,
        "n": 2,
        "signature": "xnli|accuracy|exact-match|xtreme|v1",
        "key": "abc",
    }


def test_languages_splits_and_selections_stay_apart() -> None:
    rows = [
        row("1", "a", "a"),
        row("1", "a", "b", language="ru"),
        row("1", "a", "b", split="dev"),
        row("1", "a", None, selection="best"),
    ]
    table = scored(rows, "xnli", "accuracy")
    found = {
        (one["language"], one["split"], one["selection"]): one["value"]
        for one in table.to_pylist()
        if one["metric"] == "accuracy" and one["semantics"] == "xtreme"
    }
    assert found == {
        ("en", "test", "last"): 100.0,
        ("ru", "test", "last"): 0.0,
        ("en", "dev", "last"): 0.0,
        ("en", "test", "best"): 0.0,
    }


def test_part_of_speech_score_is_chunk_f1_with_accuracy_beside_it() -> None:
    gold = "DET NOUN CCONJ NOUN NOUN VERB PUNCT"
    table = scored([row("1", gold, gold.replace("CCONJ", "SCONJ"))], "udpos", "chunk_f1")
    found = values(table)
    assert found["score", "xtreme"] == pytest.approx(83.333, abs=1e-3)
    assert found["f1", "xtreme"] == found["score", "xtreme"]
    assert found["accuracy", "corrected"] == pytest.approx(85.714, abs=1e-3)
    assert found["score", "corrected"] == found["accuracy", "corrected"]
    signatures = set(table.column("signature").to_pylist())
    assert "udpos|chunk-f1|seqeval-0.0.12|xtreme|v1" in signatures
    assert "udpos|chunk-f1|runs-of-equal-tags|corrected|v1" in signatures
    assert "udpos|accuracy|tokens|corrected|v1" in signatures


def test_corrected_chunks_of_bare_tags_are_runs() -> None:
    found = values(scored([row("1", "SYM SYM X", "SYM SYM SYM")], "udpos", "chunk_f1"))
    # XTREME takes the S for a prefix: two symbols are two chunks, and found; as a run they are not
    assert found["recall", "xtreme"] == pytest.approx(200 / 3)
    assert found["recall", "corrected"] == 0


def test_entity_score_is_chunk_f1_in_both_readings() -> None:
    rows = [row("1", "B-PER I-PER O O", "B-PER I-PER O B-LOC"), row("2", "O O", "O O")]
    found = values(scored(rows, "panx", "chunk_f1"))
    assert found["score", "xtreme"] == found["score", "corrected"] == pytest.approx(200 / 3)
    assert found["precision", "xtreme"] == 50 and found["recall", "xtreme"] == 100
    assert found["accuracy", "corrected"] == pytest.approx(500 / 6)


def answer(name: str, golds: list[str], prediction: str, xtreme: str, **more: Any) -> Row:
    return row(name, json.dumps(golds), prediction, prediction_xtreme=xtreme, **more)


def test_question_answering_scores_both_decodings() -> None:
    rows = [
        answer("1", ["house", "a red house"], "house", "house,"),
        answer("2", ["tree"], "tree", "tree-top"),
    ]
    table = scored(rows, "xquad", "squad")
    found = values(table)
    assert found["exact_match", "xtreme"] == 50 and found["f1", "xtreme"] == 50
    assert found["score", "corrected"] == 100
    assert set(table.column("n").to_pylist()) == {2}


def test_question_answering_score_is_the_mean_of_exact_match_and_f1() -> None:
    found = values(scored([answer("1", ["red house"], "house", "house")], "tydiqa", "squad"))
    assert found["exact_match", "xtreme"] == 0
    assert found["f1", "xtreme"] == pytest.approx(200 / 3)
    assert found["score", "xtreme"] == pytest.approx(100 / 3)


def test_mlqa_normalises_by_language() -> None:
    rows = [
        answer("1", ["Hund"], "der Hund", "der Hund", language="de"),
        answer("1", ["Hund"], "der Hund", "der Hund", language="en"),
        answer("1", ["北京"], "在北京市", "在北京市", language="zh"),
    ]
    table = scored(rows, "mlqa", "mlqa")
    assert values(table, language="de")["exact_match", "xtreme"] == 100
    assert values(table, language="en")["exact_match", "xtreme"] == 0
    assert values(table, language="zh")["f1", "xtreme"] == pytest.approx(200 / 3)


def candidate(
    source: str, gold: str | None, found: str | None, margin: float | None, split: str
) -> Row:
    return row(source, gold, found, score=margin, split=split, language="ru")


def test_mining_applies_the_dev_threshold_to_test() -> None:
    rows = [
        candidate("d1", "e1", "e1", 1.4, "dev"),
        candidate("d2", "e2", "e2", 1.2, "dev"),
        candidate("d3", None, "e9", 1.0, "dev"),
        # The threshold is 1.1: of these, one right and one wrong pair pass it.
        candidate("t1", "f1", "f1", 1.3, "test"),
        candidate("t2", "f2", "f7", 1.15, "test"),
        candidate("t3", "f3", "f3", 1.05, "test"),
        candidate("t4", "f4", None, None, "test"),
    ]
    table = scored(rows, "bucc", "mining_f1")
    assert values(table, split="dev")["score", "xtreme"] == 100
    found = values(table, split="test")
    assert found["precision", "xtreme"] == 50
    assert found["recall", "xtreme"] == 25
    assert found["score", "xtreme"] == found["f1", "xtreme"] == pytest.approx(100 / 3)
    assert {one["n"] for one in table.to_pylist() if one["split"] == "test"} == {4}


def test_mining_thresholds_are_each_languages_own() -> None:
    rows = [
        candidate("d1", "e1", "e1", 2.0, "dev"),
        candidate("d2", None, "e2", 1.8, "dev"),
        candidate("t1", "f1", "f1", 1.5, "test"),
    ]
    easier = [
        {**one, "language": "zh", "score": one["score"] - 1 if one["split"] == "dev" else 1.5}
        for one in rows
    ]
    table = scored([*rows, *easier], "bucc", "mining_f1")
    assert values(table, split="test", language="ru")["score", "xtreme"] == 0
    assert values(table, split="test", language="zh")["score", "xtreme"] == 100


def test_retrieval_accuracy() -> None:
    rows = [
        row(name, gold, found, language="hi")
        for name, gold, found in [("0", "0", "0"), ("1", "1", "0"), ("2", "2", "2")]
    ]
    found = values(scored(rows, "tatoeba", "retrieval_accuracy"))
    assert found["score", "xtreme"] == pytest.approx(200 / 3)


def without(rows: Sequence[Row], name: str) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA).drop_columns([name])


@pytest.mark.parametrize(
    ("rows", "metric", "message"),
    [
        ([], "accuracy", "no predictions for"),
        ([row("7", None, "a")], "accuracy", "language en: prediction '7' has no gold"),
        ([row("7", "a", "a"), row("7", "b", "b")], "accuracy", "2 predictions have the id '7'"),
        ([row("7", "X X", "X")], "chunk_f1", "'7' has 1 tags for 2 tokens"),
        ([row("7", '["a"]', "a")], "squad", "no column `prediction_xtreme`"),
        ([answer("7", [], "a", "a") | {"gold": "a"}], "mlqa", "gold of '7' is not JSON"),
        ([candidate("7", "a", "a", 1.0, "test")], "mining_f1", "no dev candidates for ru"),
        ([candidate("7", None, "a", 1.0, "dev")], "mining_f1", "no gold pairs for ru in dev"),
        ([candidate("7", "a", "a", None, "dev")], "mining_f1", "'7' – 'a' has no margin"),
        ([row("7", "a", "a")], "bleu", "no scorer for the metric 'bleu'"),
        ([row("7", "a", "a", split=None)], "accuracy", "empty language, selection or split"),
    ],
)
def test_unusable_predictions_are_named(rows: list[Row], metric: str, message: str) -> None:
    with pytest.raises(PolystiltsError, match=message):
        scored(rows, "any", metric)


def test_a_missing_column_is_named() -> None:
    record: Mapping[str, Any] = {"target": "xnli", "metric": "accuracy"}
    with pytest.raises(PolystiltsError, match="lack the columns gold"):
        score(without([row("1", "a", "a")], "gold"), record)
