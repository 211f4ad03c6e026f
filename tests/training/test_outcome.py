"""What a training leaves: which weights under which name, and what is said of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from polystilts.training.checkpoint import save_tensors
from polystilts.training.outcome import choose, warn_of_collapse
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
