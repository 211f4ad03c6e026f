"""`polystilts plan STUDY`: jobs, what is shared, device hours and disk."""

from typing import Any

import pytest

from polystilts.commands.cli import main
from polystilts.commands.studies import load_study
from polystilts.planning.costs import Device, Plan, Stage, plan
from polystilts.planning.lengths import MEAN_TOKENS
from polystilts.study.graph import Graph
from polystilts.tasks.registry import TASKS
from repository import REPOSITORY

# one floating-point operation a second
SLOW = Device(1.0, 1.0)
ROWS = {"mnli": 1000, "squad": 500, "xnli": 300, "tatoeba": 40}


def rows_of(task: str, split: str, language: str | None) -> int | None:
    return ROWS.get(task)


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


def small(**study: Any) -> Graph:
    settings = {
        "name": "planned",
        "encoder": "large",
        "arms": "[english, code-switched]",
        "intermediates": "[mnli, squad]",
        "targets": "[xnli, tatoeba]",
        "languages": "[en, es]",
        "seeds": "[1, 2]",
    } | study
    chosen = ", ".join(f"{name}: {value}" for name, value in settings.items())
    encoder = "{source: /nowhere, parameters: 1000, embedding_parameters: 900}"
    options = ["--config", "mirror=/data", f"study={{{chosen}}}", f"encoders={{large: {encoder}}}"]
    return load_study("miniature", options)


def stage(found: Plan, step: str) -> Stage:
    return next(item for item in found.stages if item.step == step)


def planned(graph: Graph, at_once: int = 1) -> Plan:
    return plan(graph, SLOW, at_once, rows_of, {("a", "b"): 100, ("a", "c"): None})


def test_jobs_and_what_cells_share() -> None:
    found = planned(small())
    # baseline and two arms × two intermediates, two targets, two seeds
    assert found.cells == 5 * 2 * 2
    intermediate, target = stage(found, "train_intermediate"), stage(found, "fine_tune")
    assert (intermediate.jobs, intermediate.unshared) == (4 * 2, 4 * 2 * 2)
    assert (target.jobs, target.unshared) == (5 * 2, 5 * 2)


def test_hours_are_operations_over_the_device() -> None:
    found = planned(small())
    epochs = {"mnli": 3, "squad": 3}  # of config.yaml
    tokens = sum(ROWS[name] * MEAN_TOKENS[name] * epochs[name] for name in epochs)
    hours = 2 * 2 * 6 * 100 * tokens / 3600
    assert stage(found, "train_intermediate").hours == pytest.approx(hours)
    half = plan(small(), Device(2.0, 1.0), 1, rows_of, {})
    assert stage(half, "train_intermediate").hours == pytest.approx(hours / 2)


def test_what_is_unknown_is_named() -> None:
    found = plan(small(), SLOW, 1, lambda *_: None, {})
    # squad's are at most those that the configuration takes
    assert stage(found, "train_intermediate").unknown == ("rows of mnli",)
    assert stage(found, "fine_tune").hours is None
    assert stage(found, "fine_tune").unknown == ("rows of xnli",)
    assert stage(found, "predict").unknown == ("rows of xnli", "rows of tatoeba")


def test_the_mixture_is_capped() -> None:
    alone = planned(small(intermediates="[mnli]"))
    mixed = planned(small(intermediates="[mnli, all]"))
    # 1,000 rows of mnli are below the cap of 1,500, and `all` is mnli alone
    hours = [stage(found, "train_intermediate").hours for found in (alone, mixed)]
    assert hours[1] == pytest.approx(2 * (hours[0] or 0))


def test_disk_counts_what_stays_and_what_passes() -> None:
    disk = planned(small(), at_once=3).disk
    weights = 1000 * 4
    assert (disk.sources, disk.unknown_sources) == (100, 1)
    assert disk.kept_weights == 4 * 2 * weights
    assert disk.passing_weights == 3 * 7 * weights


def test_every_task_has_a_length() -> None:
    assert set(MEAN_TOKENS) == set(TASKS)


def test_the_paper_study_is_planned(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "paper"])
    page = capsys.readouterr().out
    assert ended.value.code == 0
    jobs = {line.split()[0]: line.split()[1:3] for line in page.splitlines() if line.split()[1:3]}
    # without ccg: nine intermediates in three arms, and the baseline; three seeds
    assert jobs["train_intermediate"] == ["81", "729"]
    assert jobs["fine_tune"] == ["504", "588"]
    assert "cells: 756" in page and "GPU-hours" in page and "disk at its fullest" in page


@pytest.mark.parametrize("wrong", [["--peak", "0"], ["--utilisation", "2"], ["--at-once", "0"]])
def test_wrong_usage(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "miniature", *wrong])
    assert ended.value.code == 2
