"""`polystilts plan STUDY`: jobs, what is shared, device hours and disk."""

from collections.abc import Sequence
from typing import Any

import pytest

from polystilts.commands.cli import main
from polystilts.commands.studies import load_study
from polystilts.planning.costs import Device, Plan, Stage, plan
from polystilts.planning.lengths import LENGTHS, lengths_of
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


def small(*, more: Sequence[str] = (), **study: Any) -> Graph:
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
    arms = "arms={english: {mlm_share: 0.0}, code-switched: {mlm_share: 0.0}}"
    options = ["--config", "mirror=/data", f"study={{{chosen}}}", f"encoders={{large: {encoder}}}"]
    options += [arms, *more]
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
    assert (intermediate.jobs, intermediate.plain_jobs) == (4 * 2, 4 * 2 * 2)
    assert (target.jobs, target.plain_jobs) == (5 * 2, 5 * 2)


def test_hours_are_operations_over_the_device() -> None:
    found = planned(small())
    epochs = {"mnli": 3, "squad": 3}  # of config.yaml
    tokens = sum(ROWS[name] * LENGTHS[name].tokens * epochs[name] for name in epochs)
    hours = 2 * 2 * 6 * 100 * tokens / 3600
    assert stage(found, "train_intermediate").hours == pytest.approx(hours)
    half = plan(small(), Device(2.0, 1.0), 1, rows_of, {})
    assert stage(half, "train_intermediate").hours == pytest.approx(hours / 2)
    assert not found.counts_attention  # nothing says how wide an encoder in a folder is


def test_plain_hours_pad_every_input_and_share_nothing() -> None:
    found = planned(small(targets="[xquad, mlqa]", intermediates="[mnli]"))
    # xquad and mlqa are served by one training on squad; config.yaml: 8 epochs, 128 tokens
    target = stage(found, "fine_tune")
    assert (target.jobs, target.plain_jobs) == (3 * 2, 3 * 2 * 2)
    inputs = 128 * LENGTHS["squad"].inputs * 8  # of the 128 examples that it takes
    assert target.plain_hours == pytest.approx(3 * 2 * 2 * 6 * 100 * inputs * 128 / 3600)
    # both targets would have their own intermediate training on 1,000 pairs, 3 epochs
    padded = 2 * 2 * 2 * 6 * 100 * 1000 * 3 * 128 / 3600
    assert stage(found, "train_intermediate").plain_hours == pytest.approx(padded)
    # a cell is predicted once in either
    assert stage(found, "predict").plain_jobs is None


def test_retrieval_is_not_padded() -> None:
    found = stage(planned(small(targets="[tatoeba]")), "predict")
    assert found.hours is not None
    assert found.plain_hours == pytest.approx(found.hours)


def test_attention_costs_the_square_of_lengths() -> None:
    known = "source: 'hub:FacebookAI/xlm-roberta-large', parameters: 1000"
    encoder = f"encoders={{large: {{{known}, embedding_parameters: 900}}}}"
    graph = small(intermediates="[mnli]", arms="[english]", seeds="[1]", more=[encoder])
    found = planned(graph)
    assert found.counts_attention
    inputs, mean = ROWS["mnli"] * 3, LENGTHS["mnli"]
    # twelve operations per layer, unit of the hidden size, token, and token attended to
    attention = 12 * 24 * 1024 * inputs * mean.tokens * mean.attended
    real = stage(found, "train_intermediate").hours or 0
    assert real * 3600 == pytest.approx(6 * 100 * inputs * mean.tokens + attention)
    padded = stage(found, "train_intermediate").plain_hours or 0
    work = 6 * 100 * inputs * 128 + 12 * 24 * 1024 * inputs * 128**2
    assert padded * 3600 == pytest.approx(2 * work)  # both targets


def test_masked_steps_are_counted() -> None:
    arms = "[english]"
    shared = "arms={english: {treatment: english, mlm_share: 0.5}}"
    options = {"intermediates": "[mnli]", "arms": arms, "seeds": "[1]"}
    alone = stage(planned(small(**options)), "train_intermediate").hours or 0
    mixed = stage(planned(small(**options, more=[shared])), "train_intermediate").hours or 0
    # as many steps of masked text as the 3 · ceil(1000 / 32) of mnli, of 1,024 tokens each; a fifth
    # of them is masked, and for these the 900 parameters of the vocabulary compute too
    tokens = 3 * 32 * 1024
    assert (mixed - alone) * 3600 == pytest.approx(6 * tokens * (100 + 0.2 * 900))


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
    assert set(LENGTHS) == set(TASKS)
    assert all(lengths_of(task) == LENGTHS[name] for name, task in TASKS.items())


def test_the_paper_study_is_planned(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "paper"])
    page = capsys.readouterr().out
    assert ended.value.code == 0
    rows = {line.split()[0]: line.split()[1:5] for line in page.splitlines() if line.split()}
    # without ccg: nine intermediates in three arms, and the baseline; three seeds
    assert rows["train_intermediate"][::2] == ["81", "729"]
    assert rows["fine_tune"][::2] == ["504", "588"]
    hours, plain_hours = (float(number) for number in rows["train_intermediate"][1::2])
    # nine targets would train each intermediate again, on inputs of 128 to 384 tokens
    assert plain_hours > 9 * 2 * hours
    assert "cells: 756" in page and "disk at its fullest" in page
    assert "989 TFLOP/s × 30%" in page and "attention included" in page


@pytest.mark.parametrize("wrong", [["--peak", "0"], ["--utilisation", "2"], ["--at-once", "0"]])
def test_wrong_usage(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "miniature", *wrong])
    assert ended.value.code == 2
