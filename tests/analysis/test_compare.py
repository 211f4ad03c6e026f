"""Differences are paired, honest about their spread, and say what could not be paired."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from polystilts.analysis.bootstrap import interval
from polystilts.analysis.collapsed import CollapsedRuns
from polystilts.analysis.compare import (
    ONE_SEED,
    Difference,
    arm_pairs,
    compare,
    compare_all,
    language_scores,
)
from polystilts.analysis.expected import ExpectedMatrix
from polystilts.analysis.means import OVERALL

MakeRow = Callable[..., dict[str, Any]]
MakeTable = Callable[[list[dict[str, Any]]], pa.Table]
LANGUAGES = {"xnli": ("en", "ru", "ar"), "bucc": ("ru", "ar")}


def expected(seeds: tuple[int, ...], targets: tuple[str, ...] = ("xnli",)) -> ExpectedMatrix:
    return ExpectedMatrix(("english", "code-switched"), ("mnli",), targets, seeds, LANGUAGES)


def cell(
    score_row: MakeRow, arm: str, values: Mapping[tuple[str, int], float], target: str = "xnli"
) -> list[dict[str, Any]]:
    intermediate = "none" if arm == "none" else "mnli"
    return [
        score_row(
            arm=arm, intermediate=intermediate, target=target, language=code, seed=n, value=value
        )
        for (code, n), value in values.items()
    ]


def difference(
    table: pa.Table, seeds: tuple[int, ...], average: str = "xtreme", target: str = "xnli"
) -> Difference:
    rows = ("code-switched", "mnli"), ("english", "mnli")
    found = compare(language_scores(table), *rows, expected(seeds), average)
    return next(item for item in found if item.target == target)


def test_paired_difference_by_hand(score_row: MakeRow, score_table: MakeTable) -> None:
    base = {(code, n): 10.0 * n for code in LANGUAGES["xnli"] for n in (1, 2)}
    gain = {("en", 1): 0, ("ru", 1): 3, ("ar", 1): 6, ("en", 2): 0, ("ru", 2): 1, ("ar", 2): 2}
    better = {place: base[place] + gain[place] for place in base}
    table = score_table(cell(score_row, "english", base) + cell(score_row, "code-switched", better))
    found = difference(table, (1, 2))
    assert found.mean == pytest.approx(2.0)
    # Seed means are 3 and 1; the level of a seed, 10 or 20, cancels out.
    assert found.spread == pytest.approx(2**0.5)
    assert (found.seeds, found.languages, found.pairs, found.note) == (2, 3, 6, "")
    assert found.low is not None and found.high is not None
    assert found.low < 2.0 < found.high
    transfer = difference(table, (1, 2), "transfer")
    assert transfer.mean == pytest.approx(3.0)
    assert transfer.languages == 2


def test_one_seed_has_no_spread_and_says_so(score_row: MakeRow, score_table: MakeTable) -> None:
    base = {(code, 1): 40.0 for code in LANGUAGES["xnli"]}
    better = dict.fromkeys(base, 41.5)
    table = score_table(cell(score_row, "english", base) + cell(score_row, "code-switched", better))
    found = difference(table, (1,))
    assert found.mean == pytest.approx(1.5)
    assert (found.spread, found.low, found.high) == (None, None, None)
    assert found.note == ONE_SEED


def test_what_cannot_be_paired_is_left_out_and_named(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    base = {(code, n): 40.0 for code in LANGUAGES["xnli"] for n in (1, 2, 3)}
    better = {place: 42.0 for place in base if place[1] != 3}
    better["ar", 2] = 99.0
    del base["ar", 2]
    table = score_table(cell(score_row, "english", base) + cell(score_row, "code-switched", better))
    found = difference(table, (1, 2, 3))
    assert found.mean == pytest.approx(2.0)
    assert found.gaps == ("2 of 3 seeds, without 3", "2 of 3 languages, without ar")
    assert found.pairs == 4


def test_nothing_to_pair(score_row: MakeRow, score_table: MakeTable) -> None:
    table = score_table(cell(score_row, "english", {("en", 1): 40.0}))
    found = difference(table, (1,))
    assert found.mean is None
    assert found.note == "no paired scores"


def test_mean_over_targets_weighs_targets_alike_and_names_absent_ones(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    rows = []
    for arm, gain in (("none", 0.0), ("english", 1.0), ("code-switched", 4.0)):
        for target, factor in (("xnli", 1.0), ("bucc", 3.0)):
            values = {(code, n): 40.0 + gain * factor for code in LANGUAGES[target] for n in (1, 2)}
            rows += cell(score_row, arm, values, target)
    study = expected((1, 2), ("xnli", "bucc"))
    found = {
        (item.arm, item.reference_arm, item.target): item
        for item in compare_all(score_table(rows), study, "xtreme", arm_pairs(study.arms))
    }
    assert found["code-switched", "english", OVERALL].mean == pytest.approx((3 + 9) / 2)
    assert found["code-switched", "none", OVERALL].mean == pytest.approx((4 + 12) / 2)
    assert found["english", "none", OVERALL].gaps == ()

    without_bucc = [row for row in rows if row["target"] == "xnli"]
    half = compare_all(score_table(without_bucc), study, "xtreme", arm_pairs(study.arms))
    overall = [item for item in half if item.target == OVERALL]
    assert {item.gaps for item in overall} == {("1 of 2 targets, without bucc",)}


def test_collapsed_trainings_of_either_side_are_named(
    score_row: MakeRow, score_table: MakeTable
) -> None:
    base = {(code, n): 40.0 for code in LANGUAGES["xnli"] for n in (1, 2)}
    rows = cell(score_row, "english", base)
    rows += cell(
        score_row, "code-switched", {place: v for place, v in base.items() if place[1] < 2}
    )
    scores = language_scores(score_table(rows))
    runs = CollapsedRuns(
        {
            ("english", "mnli", "", 1): ("mnli",),
            ("code-switched", "mnli", "xnli", 1): ("xnli",),
            # seed 2 could not be paired
            ("english", "mnli", "", 2): ("mnli",),
        },
        {"xnli": "xnli"},
    )
    sides = ("code-switched", "mnli"), ("english", "mnli")
    for found in compare(scores, *sides, expected((1, 2)), "xtreme", runs):
        assert found.mean == 0.0
        assert found.collapsed == (
            "code-switched × mnli → xnli, seed 1",
            "english × mnli, seed 1",
        )


def test_intervals_repeat(score_row: MakeRow, score_table: MakeTable) -> None:
    generator = np.random.default_rng(5)
    places = [(code, n) for code in LANGUAGES["xnli"] for n in (1, 2, 3)]
    rows = [
        row
        for arm in ("english", "code-switched")
        for row in cell(score_row, arm, {place: generator.uniform(40, 60) for place in places})
    ]
    once = difference(score_table(rows), (1, 2, 3))
    again = difference(score_table(rows[::-1]), (1, 2, 3))
    assert once == again


def test_every_arm_is_compared_with_every_earlier_one() -> None:
    assert arm_pairs(["a", "b", "c"]) == [("b", "a"), ("c", "a"), ("c", "b")]


def test_intervals_cover_the_truth_about_as_often_as_they_claim() -> None:
    generator = np.random.default_rng(0)
    hits = 0
    runs = 300
    for run in range(runs):
        seeds = generator.normal(size=(10, 1))
        languages = generator.normal(size=(1, 12))
        low, high = interval([seeds + languages + generator.normal(size=(10, 12))], run, 400)
        hits += low <= 0 <= high
    assert 0.87 <= hits / runs <= 0.98


def test_seeds_are_resampled_and_not_only_languages() -> None:
    differences = np.array([[0.0] * 20, [10.0] * 20])
    low, high = interval([differences], seed=1)
    assert (low, high) == (0.0, 10.0)


def test_targets_share_their_seeds() -> None:
    # Opposite effects of the same seeds cancel in every draw.
    up = np.array([[1.0, 1.0], [-1.0, -1.0]])
    assert interval([up, -up], seed=1) == (0.0, 0.0)


def test_blocks_of_different_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        interval([np.zeros((2, 3)), np.zeros((3, 3))], seed=1)
