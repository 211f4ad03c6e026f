"""What a training leaves: which weights under which name, and what is said of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from polystilts.training.checkpoint import save_tensors
from polystilts.training.outcome import choose, warn_of_collapse, warn_of_level
from polystilts.training.selection import Candidate


@pytest.fixture
def candidates(tmp_path: Path) -> list[Candidate]:
    """Candidates whose weight is their step; the second one is best in English."""
    found = []
    for step, accuracy in ((10, 60.0), (20, 80.0), (30, 70.0)):
        path = tmp_path / f"candidate-{step}.safetensors"
        save_tensors(path, {"w": torch.full((2,), float(step))}, step=step)
        found.append(Candidate(step, path, {"xnli": {"accuracy": accuracy}}))
    return found


def values(selections: Sequence[str], found: Sequence[Candidate]) -> tuple[Any, dict[str, float]]:
    chosen, weights = choose(selections, found)
    return chosen, {name: float(tensors["w"][0]) for name, tensors in weights.items()}


@pytest.mark.parametrize(
    ("selection", "weight", "facts"),
    [
        ("last", 30.0, {"step": 30, "english_dev": {"xnli": {"accuracy": 70.0}}}),
        ("best-english-dev", 20.0, {"step": 20, "english_dev": {"xnli": {"accuracy": 80.0}}}),
        ("averaged", 20.0, {"steps": [10, 20, 30]}),
    ],
)
def test_a_selection_alone_is_the_model(
    candidates: list[Candidate], selection: str, weight: float, facts: dict[str, Any]
) -> None:
    chosen, weights = values([selection], candidates)
    assert weights == {"": weight}
    assert chosen == {selection: {"weights": "", **facts}}


@pytest.mark.parametrize(
    ("level", "weight", "reached"),
    [(60.0, 10.0, True), (60.1, 20.0, True), (80.0, 20.0, True), (80.1, 30.0, False)],
)
def test_the_first_candidate_at_a_level_goes_on_or_the_last(
    candidates: list[Candidate], level: float, weight: float, reached: bool
) -> None:
    chosen, weights = choose(["at-english-dev"], candidates, level)
    assert float(weights[""]["w"][0]) == weight
    facts = chosen["at-english-dev"]
    assert (facts["step"], facts["level"], facts["reached"]) == (weight, level, reached)
    assert facts["english_dev"] == {c.step: c.examined for c in candidates}[int(weight)]


def test_a_mixtures_level_is_about_the_mean_of_its_tasks(candidates: list[Candidate]) -> None:
    accuracies = ((10, 90.0, 10.0), (20, 70.0, 50.0), (30, 90.0, 90.0))
    mixed = [
        replace(one, examined={"mnli": {"accuracy": mnli}, "squad": {"accuracy": squad}})
        for one, (_, mnli, squad) in zip(candidates, accuracies, strict=True)
    ]
    assert choose(["at-english-dev"], mixed, 60.0)[0]["at-english-dev"]["step"] == 20


def test_a_training_without_a_head_reaches_no_level(
    candidates: list[Candidate], capsys: pytest.CaptureFixture[str]
) -> None:
    chosen, _ = choose(["at-english-dev"], [replace(c, examined={}) for c in candidates], 0.1)
    assert (chosen["at-english-dev"]["step"], chosen["at-english-dev"]["reached"]) == (30, False)
    warn_of_level(chosen)
    assert "there is no head to examine" in capsys.readouterr().err


def test_a_level_that_was_not_reached_is_said(
    candidates: list[Candidate], capsys: pytest.CaptureFixture[str]
) -> None:
    warn_of_level(choose(["at-english-dev"], candidates, 80.5)[0])
    assert capsys.readouterr().err == (
        "WARNING: 80.5 % on English dev was not reached at any evaluation (at the last one: xnli "
        "70.0 %); the weights after the last step, 30, are handed on\n"
    )
    warn_of_level(choose(["at-english-dev"], candidates, 80.0)[0])
    assert capsys.readouterr().err == ""


def test_all_candidates_are_kept_for_the_oracle(candidates: list[Candidate]) -> None:
    chosen, weights = values(["last", "oracle"], candidates)
    assert weights == {"": 30.0, "step-10": 10.0, "step-20": 20.0}
    items = chosen["oracle"]["candidates"]
    assert [(item["step"], item["weights"]) for item in items] == [
        (10, "step-10"), (20, "step-20"), (30, ""),
    ]  # fmt: skip


def test_weights_that_are_needed_twice_are_there_once(candidates: list[Candidate]) -> None:
    names = ["averaged", "best-english-dev", "oracle", "last"]
    chosen, weights = values(names, candidates)
    assert list(chosen) == names
    assert weights == {"": 20.0, "step-20": 20.0, "step-10": 10.0, "step-30": 30.0}
    assert chosen["best-english-dev"]["weights"] == "step-20"
    assert chosen["last"]["weights"] == "step-30"
    only = candidates[:1]
    chosen, weights = values(["best-english-dev", "last"], only)
    assert weights == {"": 10.0}
    assert chosen["last"] == chosen["best-english-dev"]


def test_an_unknown_selection_is_an_error(candidates: list[Candidate]) -> None:
    with pytest.raises(ValueError, match="no selection `newest`"):
        choose(["newest"], candidates)


def test_collapsed_tasks_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    fine = {"accuracy": 71.0, "chance": 33.3, "n": 300, "collapsed": False}
    lost = {"accuracy": 34.06, "chance": 33.34, "n": 300, "collapsed": True}
    warn_of_collapse({"mnli": fine, "qqp": lost})
    assert capsys.readouterr().err == (
        "WARNING: qqp was not learned: 34.1 % on English dev, where the most frequent answer "
        "alone gets 33.3 %\n"
    )
    warn_of_collapse({"mnli": fine})
    assert capsys.readouterr().err == ""
