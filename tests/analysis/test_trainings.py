"""Trainings are read from their manifests, compared arm by arm, and what is missing is named."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.training_files import (
    AGAINST_ENGLISH,
    fine_tune,
    intermediate,
    path_of,
    read_files,
    study_files,
)
from polystilts.analysis.collapsed import CollapsedRuns, collapsed_runs
from polystilts.analysis.equal_arms import equality
from polystilts.analysis.training_table import training_table
from polystilts.analysis.trainings import Place, read_training
from polystilts.errors import DamagedFileError, InputError

ENGLISH = Place("miniature", "english", "mnli", "", 1)
SWITCHED = Place("miniature", "code-switched", "mnli", "", 1)
TUNED = Place("miniature", "code-switched", "mnli", "xnli", 2)
Changes = dict[str, Any]


def rows(folder: Path, changes: dict[Place, Changes] | None = None) -> dict[Place, dict[str, Any]]:
    trainings = read_files(folder, study_files(changes))
    table = training_table(trainings, AGAINST_ENGLISH).to_pylist()
    return {item.place: row for item, row in zip(trainings, table, strict=True)}


def findings(folder: Path, changes: dict[Place, Changes]) -> tuple[tuple[str, ...], ...]:
    found = equality(read_files(folder, study_files(changes)), AGAINST_ENGLISH)
    return found.warnings, found.notes


def test_a_row_per_training_though_the_weights_are_gone(tmp_path: Path) -> None:
    found = rows(tmp_path)
    assert len(found) == 2 * (3 + 2)
    row = found[ENGLISH]
    assert (row["arm"], row["intermediate"], row["fine_tune"]) == ("english", "mnli", "")
    assert (row["steps"], dict(row["steps_per_stream"])) == (10, {"mnli": 10})
    assert (row["examples"], row["inputs"], row["windows"], row["truncated"]) == (40, 50, 10, 4)
    assert (row["real_tokens"], row["processed_tokens"], row["seconds"]) == (1000, 1200, 20.0)
    assert row["english_dev"] == [
        {"task": "mnli", "accuracy": 71.25, "n": 80, "chance": 35.0, "collapsed": False}
    ]
    assert found[TUNED]["fine_tune"] == "xnli"
    assert found[TUNED]["hyper_parameters"] != row["hyper_parameters"]


def test_costs_are_set_against_english_and_english_fine_tunes_against_the_baseline(
    tmp_path: Path,
) -> None:
    longer = {"examples": 40, "inputs": 80, "windows": 40, "tokens": 0, "truncated": 8}
    shorter = longer | {"inputs": 70, "windows": 30, "truncated": 4}
    changes: Changes = {
        "progress.real_tokens": 1250,
        "progress.seconds": 30.0,
        "tasks.mnli.copies": [longer, shorter],
    }
    found = rows(tmp_path, {SWITCHED: changes})
    row = found[SWITCHED]
    assert row["reference_arm"] == "english"
    assert row["inputs"] == 75  # the mean of the corpus's copies
    ratios = {name: row[f"{name}_ratio"] for name in ("real_tokens", "seconds", "inputs")}
    assert ratios == {"real_tokens": 1.25, "seconds": 1.5, "inputs": 1.5}
    assert row["windows_ratio"] == 3.5
    assert row["differs_in"] == ""
    references = {
        place.arm: (found[place]["reference_arm"], found[place]["reference_intermediate"])
        for place in found
        if place.fine_tune and place.seed == 2
    }
    assert references == {
        "none": ("none", "none"),
        "english": ("none", "none"),
        "code-switched": ("english", "mnli"),
    }
    assert found[ENGLISH]["real_tokens_ratio"] == 1


def test_a_cost_that_the_reference_has_not_has_no_ratio(tmp_path: Path) -> None:
    row = rows(tmp_path, {ENGLISH: {"tasks.mnli.copies.0.truncated": 0}})[SWITCHED]
    assert row["truncated_ratio"] is None


def test_the_pieces_of_a_control_are_set_against_its_true_switch(tmp_path: Path) -> None:
    # the arm `english` stands for a control here
    controls = {"english": "code-switched"}
    trainings = read_files(tmp_path, study_files({ENGLISH: {"progress.real_tokens": 1030}}))
    table = training_table(trainings, AGAINST_ENGLISH, controls).to_pylist()
    found = {
        item.place: row["real_tokens_over_true_switch"]
        for item, row in zip(trainings, table, strict=True)
    }
    assert {place: ratio for place, ratio in found.items() if ratio is not None} == {
        ENGLISH: 1.03,
        replace(ENGLISH, seed=2): 1.0,
    }
    (note,) = equality(trainings, AGAINST_ENGLISH, controls).notes
    assert note == (
        "arm english, intermediate mnli: read ×1.015 the pieces of code-switched, whose control it"
        " is (mean over seeds; wanted 1.00 ± .01)"
    )
    near = read_files(tmp_path, study_files({ENGLISH: {"progress.real_tokens": 1015}}))
    assert equality(near, AGAINST_ENGLISH, controls).notes == ()


def test_arms_that_differ_in_costs_alone_are_equal(tmp_path: Path) -> None:
    costs: Changes = {"progress.real_tokens": 9, "tasks.mnli.copies.0.truncated": 9}
    assert findings(tmp_path, {SWITCHED: costs}) == ((), ())


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"plan.digest": "plan-9"}, "plan (plan-9, there plan-1)"),
        ({"plan.steps_per_stream.mnli": 9}, "steps of mnli (9, there 10)"),
        ({"plan.steps": 9}, "steps (9, there 10)"),
        ({"record.training.learning_rate": 2e-5}, "learning_rate (2e-05, there 1e-05)"),
        ({"record.training.extra": 1}, "extra (1, there none)"),
        ({"record.tasks.mnli.epochs": 3}, "epochs of mnli (3, there 2)"),
        ({"record.tasks.mnli.batch_size": 4}, "batch_size of mnli (4, there 8)"),
        ({"record.tasks.mnli.settings.max_length": 9}, "max_length of mnli (9, there 64)"),
        ({"record.multi_task": {"size_cap": 7}}, "size_cap (7, there none)"),
        ({"record.selection": "averaged"}, "selection (averaged, there none)"),
        ({"record.freeze_embeddings": True}, "freeze_embeddings (True, there False)"),
        ({"tasks.mnli.copies.0.examples": 39}, "examples of mnli (39, there 40)"),
        # its masked-LM steps follow from the share, and are not named besides
        (
            {
                "record.mlm": {"share": 0.5, "probability": 0.15},
                "plan.steps": 20,
                "plan.steps_per_stream.mlm": 10,
            },
            "masked-LM share (0.5, there 0)",
        ),
    ],
)
def test_arms_that_are_not_equal_are_named_with_what_differs(
    tmp_path: Path, changes: Changes, what: str
) -> None:
    warnings, notes = findings(tmp_path, {SWITCHED: changes})
    assert warnings == (
        "arm code-switched, intermediate mnli, seed 1: differs from arm english, intermediate mnli,"
        f" seed 1 in {what}",
    )
    assert notes == ()
    found = rows(tmp_path, {SWITCHED: changes})
    assert {place: row["differs_in"] for place, row in found.items() if row["differs_in"]} == {
        SWITCHED: what
    }


def test_masked_steps_of_equal_shares_are_compared(tmp_path: Path) -> None:
    share: Changes = {"record.mlm": {"share": 0.5, "probability": 0.15}}
    english = {**share, "plan.steps_per_stream.mlm": 10}
    switched = {**share, "plan.steps_per_stream.mlm": 11, "record.mlm.probability": 0.2}
    ((warning,), _) = findings(tmp_path, {ENGLISH: english, SWITCHED: switched})
    assert "in steps of mlm (11, there 10); probability of mlm (0.2, there 0.15)" in warning


def test_fine_tunes_are_equal_over_arms_and_intermediates(tmp_path: Path) -> None:
    ((warning,), _) = findings(tmp_path, {TUNED: {"record.task.epochs": 3}})
    assert warning == (
        "arm code-switched, intermediate mnli, fine-tune xnli, seed 2: differs from arm english,"
        " intermediate mnli, fine-tune xnli, seed 2 in epochs of xnli (3, there 1)"
    )
    english = replace(TUNED, arm="english")
    warnings, _ = findings(tmp_path, {place: {"plan.steps": 9} for place in (TUNED, english)})
    assert warnings == (
        "arm english, intermediate mnli, fine-tune xnli, seed 2: differs from arm none,"
        " intermediate none, fine-tune xnli, seed 2 in steps (9, there 5)",
    )


def test_the_order_of_a_fine_tune_is_compared_within_its_intermediate(tmp_path: Path) -> None:
    baseline = Place("miniature", "none", "none", "xnli", 2)
    assert findings(tmp_path, {baseline: {"plan.digest": "plan-9"}}) == ((), ())
    ((warning,), _) = findings(tmp_path, {TUNED: {"plan.digest": "plan-9"}})
    assert warning.endswith("arm english, intermediate mnli, fine-tune xnli, seed 2 in plan"
                            " (plan-9, there plan-2)")  # fmt: skip


def test_a_level_that_was_never_reached_is_a_note(tmp_path: Path) -> None:
    level = {"step": 10, "weights": "", "level": 80.0, "reached": False}
    changes: Changes = {"selections": {"at-english-dev": level}}
    warnings, notes = findings(tmp_path, {SWITCHED: changes})
    assert warnings == ()
    assert notes == (
        "arm code-switched, intermediate mnli, seed 1: 80 % on English dev was never reached; the"
        " weights after its last step were handed on (71.2 %)",
    )
    row = rows(tmp_path, {SWITCHED: changes})[SWITCHED]
    names = ("selection", "selected_step", "english_dev_level", "level_reached")
    assert [row[name] for name in names] == ["at-english-dev", 10, 80.0, False]
    reached = {"selections": {"at-english-dev": level | {"step": 4, "reached": True}}}
    assert findings(tmp_path, {SWITCHED: reached}) == ((), ())


def test_an_arm_of_masked_text_alone_differs_by_design(tmp_path: Path) -> None:
    changes: Changes = {
        "record.objective": "masked-lm",
        "record.mlm": {"share": 0.0, "probability": 0.15},
        "english_dev": {},
    }
    warnings, notes = findings(tmp_path, {SWITCHED: changes})
    assert warnings == ()
    assert len(notes) == 1
    assert "code-switched" in notes[0] and "masked-lm" in notes[0] and "by design" in notes[0]
    # its plan and its steps have to be the others' all the same
    ((warning,), _) = findings(tmp_path, {SWITCHED: {**changes, "plan.digest": "plan-9"}})
    assert warning.endswith("in plan (plan-9, there plan-1)")
    ((warning,), _) = findings(tmp_path, {SWITCHED: {**changes, "plan.steps": 7}})
    assert "in steps (7, there " in warning


def test_without_an_english_arm_the_first_is_the_reference(tmp_path: Path) -> None:
    files = {place: manifest for place, manifest in study_files().items() if place.arm != "english"}
    table = training_table(read_files(tmp_path, files), AGAINST_ENGLISH)
    assert set(table["reference_arm"].to_pylist()) == {"code-switched", "none"}


@pytest.mark.parametrize("place", [ENGLISH, TUNED])
def test_a_missing_manifest_is_named(tmp_path: Path, place: Place) -> None:
    files = study_files()
    read_files(tmp_path, files)
    (tmp_path / path_of(place)).unlink()
    with pytest.raises(DamagedFileError, match=r"training\.json: the manifest is missing"):
        for other in files:
            read_training(tmp_path / path_of(other), other)


@pytest.mark.parametrize(
    ("place", "manifest", "field"),
    [
        (ENGLISH, intermediate(), "plan"),
        (ENGLISH, intermediate(), "english_dev"),
        (ENGLISH, intermediate(), "progress"),
        (TUNED, fine_tune(), "plan"),
        (TUNED, fine_tune(), "english_dev"),
        (ENGLISH, intermediate(english_dev={}), "mnli"),
    ],
)
def test_a_missing_field_is_named(
    tmp_path: Path, place: Place, manifest: dict[str, Any], field: str
) -> None:
    manifest.pop(field, None)
    with pytest.raises(InputError, match=rf"training\.json: the field `{field}` is missing"):
        read_files(tmp_path, {place: manifest})


def test_collapsed_trainings_are_behind_the_cells_they_feed(tmp_path: Path) -> None:
    changes: dict[Place, Changes] = {
        SWITCHED: {"english_dev.mnli.collapsed": True},
        TUNED: {"english_dev.xnli.collapsed": True},
    }
    table = training_table(read_files(tmp_path, study_files(changes)), AGAINST_ENGLISH)
    runs = collapsed_runs(table, {"xnli": "xnli", "tatoeba": None})
    row = ("code-switched", "mnli")
    first = "code-switched × mnli, seed 1"
    second = "code-switched × mnli → xnli, seed 2"
    assert runs.lines() == [first, second]
    assert runs.behind(*row, ["xnli"], [1, 2]) == (first, second)
    assert runs.behind(*row, ["tatoeba"], [1, 2]) == (first,)
    assert runs.behind(*row, ["xnli", "tatoeba"], [2]) == (second,)
    assert runs.behind("english", "mnli", ["xnli"], [1, 2]) == ()


def test_collapsed_tasks_of_a_mixture_are_named() -> None:
    runs = CollapsedRuns(
        {("english", "all", "", 1): ("mnli", "squad"), ("none", "none", "xnli", 1): ("xnli",)}
    )
    assert runs.lines() == ["english × all (mnli, squad), seed 1", "baseline → xnli, seed 1"]
