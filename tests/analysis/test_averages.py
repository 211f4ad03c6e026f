"""Averages follow XTREME's formula and say what they are missing."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from polystilts.analysis.averages import averages
from polystilts.analysis.collapsed import CollapsedRuns
from polystilts.analysis.expected import ExpectedMatrix, expected_matrix
from polystilts.analysis.means import OVERALL, CellMean, cell_means

MakeRow = Callable[..., dict[str, Any]]
MakeTable = Callable[[list[dict[str, Any]]], pa.Table]


def by_average(table: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["average"]: row for row in table.to_pylist()}


def test_both_averages_by_hand(score_row: MakeRow, score_table: MakeTable) -> None:
    scores = {"en": 80.0, "ru": 60.0, "ar": 55.0}
    rows = [score_row(language=code, value=value) for code, value in scores.items()]
    rows.append(score_row(metric="accuracy", value=1.0))
    found = by_average(averages(score_table(rows)))
    assert found["xtreme"]["value"] == pytest.approx(65.0)
    assert found["transfer"]["value"] == pytest.approx(57.5)
    assert found["xtreme"]["missing"] == found["transfer"]["missing"] == []


def test_question_answering_equals_the_mean_of_the_two_means(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    exact, overlap = {"en": 70.0, "ru": 41.0, "zh": 50.0}, {"en": 82.5, "ru": 60.0, "zh": 55.0}
    rows = []
    for code in exact:
        both = {"exact_match": exact[code], "f1": overlap[code]}
        both["score"] = (exact[code] + overlap[code]) / 2
        rows += [
            score_row(target="xquad", language=code, metric=metric, value=value)
            for metric, value in both.items()
        ]
    xtreme = (sum(exact.values()) / 3 + sum(overlap.values()) / 3) / 2
    assert by_average(averages(score_table(rows)))["xtreme"]["value"] == pytest.approx(xtreme)


def test_a_missing_language_is_named_and_not_counted(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    rows = [
        score_row(language="en", value=80.0),
        score_row(language="ru", value=60.0),
        score_row(language="ar", value=50.0, arm="code-switched"),
    ]
    seen = averages(score_table(rows)).to_pylist()
    english = next(row for row in seen if row["arm"] == "english" and row["average"] == "xtreme")
    assert english["value"] == 70.0
    assert (english["languages"], english["expected_languages"]) == (2, 3)
    assert english["missing"] == ["ar"]
    stated = by_average(averages(score_table(rows[:2]), {"xnli": ["en", "ru", "sw"]}))
    assert stated["transfer"]["missing"] == ["sw"]


def test_a_study_of_english_alone_has_no_transfer(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    found = by_average(averages(score_table([score_row()])))
    assert found["xtreme"]["value"] == 50.0
    assert found["transfer"]["value"] is None


def test_semantics_and_splits_stay_apart(score_row: MakeRow, score_table: MakeTable) -> None:
    rows = [
        score_row(value=10.0),
        score_row(value=20.0, semantics="corrected"),
        score_row(value=30.0, split="dev"),
    ]
    found = {
        (row["split"], row["semantics"]): row["value"]
        for row in averages(score_table(rows)).to_pylist()
        if row["average"] == "xtreme"
    }
    assert found == {
        ("test", "xtreme"): 10.0,
        ("test", "corrected"): 20.0,
        ("dev", "xtreme"): 30.0,
    }


EXPECTED = ExpectedMatrix(
    arms=("english",),
    intermediates=("mnli",),
    targets=("xnli", "bucc"),
    seeds=(1, 2, 3),
    languages={"xnli": ("en", "ru"), "bucc": ("ru",)},
)


def means(table: pa.Table) -> dict[tuple[str, str, str], CellMean]:
    return cell_means(averages(table, EXPECTED.languages), EXPECTED, "xtreme")


def full_cell(score_row: MakeRow, target: str, values: list[float]) -> list[dict[str, Any]]:
    return [
        score_row(target=target, seed=seed, language=code, value=value)
        for seed, value in enumerate(values, start=1)
        for code in EXPECTED.languages[target]
    ]


def test_means_over_seeds_and_targets_by_hand(score_row: MakeRow, score_table: MakeTable) -> None:
    rows = full_cell(score_row, "xnli", [50.0, 52.0, 54.0])
    rows += full_cell(score_row, "bucc", [10.0, 20.0, 0.0])
    found = means(score_table(rows))
    assert found["english", "mnli", "xnli"] == CellMean(52.0, 2.0, (1, 2, 3), ())
    overall = found["english", "mnli", OVERALL]
    # Whole runs: (50+10)/2, (52+20)/2, (54+0)/2.
    assert overall.value == pytest.approx(31.0)
    assert overall.spread == pytest.approx(((1**2 + 5**2 + 4**2) / 2) ** 0.5)
    assert found["none", "none", "xnli"] == CellMean(None, None, (), ("no scores",))


def test_incomplete_cells_say_so(score_row: MakeRow, score_table: MakeTable) -> None:
    rows = full_cell(score_row, "xnli", [50.0, 52.0])
    rows = [row for row in rows if (row["language"], row["seed"]) != ("ru", 2)]
    found = means(score_table(rows))
    cell = found["english", "mnli", "xnli"]
    assert cell.seeds == (1, 2)
    assert cell.gaps == (
        "2 of 3 seeds, without 3",
        "seed 2: 1 of 2 languages, without ru",
    )
    overall = found["english", "mnli", OVERALL]
    assert overall.gaps == ("1 of 2 targets, without bucc", "incomplete: xnli")


def test_targets_without_a_common_seed_have_no_mean(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    rows = [score_row(seed=1), score_row(seed=2, target="bucc", language="ru")]
    overall = means(score_table(rows))["english", "mnli", OVERALL]
    assert overall.value is None
    assert "no seed has every target" in overall.gaps


def test_collapsed_trainings_count_and_are_named(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    rows = full_cell(score_row, "xnli", [50.0, 52.0]) + full_cell(score_row, "bucc", [10.0, 20.0])
    averaged = averages(score_table(rows), EXPECTED.languages)
    runs = CollapsedRuns(
        {("english", "mnli", "", 1): ("mnli",), ("english", "mnli", "xnli", 2): ("xnli",)},
        {"xnli": "xnli", "bucc": None},
    )
    with_them = cell_means(averaged, EXPECTED, "xtreme", collapsed=runs)
    without = cell_means(averaged, EXPECTED, "xtreme")
    assert {name: cell.value for name, cell in with_them.items()} == {
        name: cell.value for name, cell in without.items()
    }
    counts = {name: len(cell.collapsed) for name, cell in with_them.items()}
    assert counts["english", "mnli", "xnli"] == 2
    assert counts["english", "mnli", "bucc"] == 1
    # a training stands behind several targets, and counts once
    assert counts["english", "mnli", OVERALL] == 2
    assert counts["none", "none", "xnli"] == 0
    assert not any(cell.collapsed for cell in without.values())


def test_encoders_are_never_mixed(score_row: MakeRow, score_table: MakeTable) -> None:
    table = score_table([score_row(), score_row(encoder="other")])
    with pytest.raises(ValueError, match="one encoder at a time"):
        means(table)


def test_expectations_come_from_the_record_then_from_the_table(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    table = score_table([score_row(), score_row(arm="none", intermediate="none", language="ru")])
    seen = expected_matrix(table, {})
    assert (seen.arms, seen.intermediates, seen.seeds) == (("english",), ("mnli",), (1,))
    assert seen.languages == {"xnli": ("en", "ru")}
    stated = expected_matrix(table, {"targets": ["xnli", "bucc"], "seeds": [1, 2]})
    assert stated.targets == ("xnli", "bucc")
    assert stated.seeds == (1, 2)
    assert stated.rows() == [("none", "none"), ("english", "mnli")]
