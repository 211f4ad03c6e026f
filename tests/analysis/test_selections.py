"""Selections of checkpoints are compared in pairs; the oracle is shown there and nowhere else."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from polystilts.analysis.averages import averages
from polystilts.analysis.compare import language_scores
from polystilts.analysis.selections import (
    UPPER_BOUND,
    compare_selections,
    of_selection,
    primary_selection,
    without_oracle,
)

MakeRow = Callable[..., dict[str, Any]]
MakeTable = Callable[[list[dict[str, Any]]], pa.Table]
LANGUAGES = {"xnli": ("en", "ru"), "tatoeba": ("ru",)}
SELECTIONS = ["last", "averaged", "oracle"]
VALUES = {
    ("last", "en"): 60.0,
    ("last", "ru"): 40.0,
    ("averaged", "en"): 61.0,
    ("averaged", "ru"): 44.0,
    ("oracle", "ru"): 49.0,
}


@pytest.fixture
def table(score_row: MakeRow, score_table: MakeTable) -> pa.Table:
    """Two seeds of xnli in three selections, the oracle without English, and a retrieval target."""
    rows = [
        score_row(selection=selection, language=code, seed=seed, value=value + seed)
        for (selection, code), value in VALUES.items()
        for seed in (0, 1)
    ]
    rows += [score_row(split="dev", value=99.0), score_row(metric="accuracy", value=99.0)]
    rows += [score_row(semantics="corrected", selection="averaged", value=99.0)]
    rows.append(score_row(target="tatoeba", language="ru", value=30.0))
    return score_table(rows)


def test_means_and_paired_differences_by_hand(table: pa.Table) -> None:
    found = {
        (item.target, item.selection, item.average): item
        for item in compare_selections(table, SELECTIONS, LANGUAGES)
    }
    last, averaged = found["xnli", "last", "xtreme"], found["xnli", "averaged", "xtreme"]
    assert (last.mean, last.scores, last.difference) == (50.5, 4, 0.0)
    assert (averaged.mean, averaged.difference, averaged.pairs) == (53.0, 2.5, 4)
    assert found["xnli", "averaged", "transfer"].difference == 4.0
    # no language is compared that one side lacks: the mean is higher by 9, not by -1
    oracle = found["xnli", "oracle", "xtreme"]
    assert (oracle.mean, oracle.difference, oracle.pairs) == (49.5, 9.0, 2)
    assert oracle.note == UPPER_BOUND and "not a zero-shot result" in UPPER_BOUND
    assert {item.note for key, item in found.items() if key[1] != "oracle"} == {""}
    # nothing is chosen for retrieval
    assert [key[1] for key in found if key[0] == "tatoeba"] == ["last", "last"]


def test_without_last_there_is_no_difference(table: pa.Table) -> None:
    table = table.filter(pc.not_equal(table["selection"], "last"))
    found = compare_selections(table, ["averaged", "oracle"], LANGUAGES)
    assert found
    assert {item.difference for item in found} == {None}


def test_the_oracle_enters_no_average_and_no_difference(table: pa.Table) -> None:
    oracle = of_selection(table, "oracle")
    for rows in (table, oracle):
        with pytest.raises(ValueError, match="oracle"):
            averages(rows)
        with pytest.raises(ValueError, match="oracle"):
            language_scores(rows)
    rest = without_oracle(table)
    assert set(rest["selection"].to_pylist()) == {"last", "averaged"}
    assert averages(rest).num_rows


def test_several_selections_are_not_mixed(table: pa.Table) -> None:
    with pytest.raises(ValueError, match="one selection at a time"):
        language_scores(without_oracle(table))


def test_the_first_selection_is_the_primary_one_but_never_the_oracle() -> None:
    assert primary_selection({}) == "last"
    assert primary_selection({"selections": ["averaged", "oracle"]}) == "averaged"
    with pytest.raises(ValueError, match="upper bound"):
        primary_selection({"selections": ["oracle", "last"]})
