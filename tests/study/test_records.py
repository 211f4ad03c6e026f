"""Records hold all that a step may depend on, and nothing that another step depends on."""

import json
from typing import Any

import pytest
import yaml

from polystilts.errors import ConfigError
from polystilts.study.config import Training
from polystilts.study.inventory import results
from repository import REPOSITORY
from steps import step_keys, steps
from study.conftest import Load

OVERLAYS: list[dict[str, Any]] = [
    {},
    {"study": {"arms": ["english", "shuffled-dictionary"], "seeds": [0, 1]}},
    *(yaml.safe_load(path.read_text("utf-8")) for path in (REPOSITORY / "studies").glob("*.yaml")),
]
# one value per hyper-parameter that differs from config.yaml's
OTHER_VALUES: dict[str, Any] = {
    "examples": 17,
    "epochs": 17,
    "batch_size": 17,
    "learning_rate": 0.17,
    "head_factor": 1.7,
    "warmup": 0.17,
    "weight_decay": 0.17,
    "clip": 1.7,
    "betas": [0.17, 0.7],
    "epsilon": 1.7e-8,
    "dropout": 0.17,
    "max_length": 117,
    "max_question_length": 17,
    "doc_stride": 17,
    "precision": "bf16",
    "micro_batch_tokens": 1717,
    "checkpoint_seconds": 17,
}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_records_and_keys_are_plain_json(load_study: Load, overlay: dict[str, Any]) -> None:
    is_real = "sources" in overlay and "miniature" not in overlay
    graph = load_study(overlay, {"mirror": "/data"}) if is_real else load_study(overlay)
    keys = step_keys(graph)
    assert len(keys) > 10
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in keys.values())
    for step, wildcards in steps(graph):
        record = graph.keys.record(step, wildcards)
        assert json.loads(json.dumps(record)) == record, step


def test_a_control_is_set_against_the_true_switch_of_its_recipe(load_study: Load) -> None:
    arms = ["english", "code-switched", "shuffled-dictionary", "other", "more"]
    control = {"treatment": "shuffled-dictionary", "mlm_share": 0.0}
    true = {"treatment": "code-switched", "recipe": "miniature", "mlm_share": 0.0}
    declared = {
        "code-switched": true,
        "shuffled-dictionary": {**control, "recipe": "miniature"},
        "other": {**control, "recipe": "default"},
        "more": {**control, "recipe": "miniature", "mlm_share": 0.5},
    }
    graph = load_study({"arms": declared, "study": {"arms": arms}})
    controls = graph.keys.record("collect_matrix", {})["controls"]
    assert controls == {"shuffled-dictionary": "code-switched"}


def test_trainings_do_not_share_their_resumable_state(load_study: Load) -> None:
    keys = step_keys(load_study({"study": {"seeds": [1, 2]}}))
    trainings = [key for (step, _), key in keys.items() if step.startswith(("train_", "fine_"))]
    assert len(set(trainings)) == len(trainings) == 2 * (20 + 21 * 6)


def test_every_hyper_parameter_is_tried() -> None:
    assert set(Training.model_fields) == set(OTHER_VALUES) | {
        "evaluations",
        "selection",
        "english_dev_level",
    }


def test_what_is_chosen_reaches_the_trainings_that_choose(load_study: Load) -> None:
    def records(**changes: Any) -> tuple[Any, Any]:
        keys = load_study(changes).keys
        model = {"encoder": "miniature", "arm": "english", "intermediate": "mnli", "seed": "1"}
        target = model | {"fine_tune": "xnli"}
        return keys.record("train_intermediate", model), keys.record("fine_tune", target)

    often = {phase: {"evaluations": 7} for phase in ("intermediate", "fine_tune")}
    assert records() == records(training=often), "nothing is chosen, so nothing may be stale"
    chosen = {"intermediate": often["intermediate"] | {"selection": "averaged"}}
    intermediate, fine_tune = records(training=chosen)
    assert (intermediate["selection"], intermediate["evaluations"]) == ("averaged", 7)
    assert fine_tune == records()[1]
    selections = {"selections": ["best-english-dev", "last"]}
    intermediate, fine_tune = records(training=often, study=selections)
    assert intermediate == records()[0]
    assert fine_tune["selections"] == ["best-english-dev", "last"]
    assert fine_tune["evaluations"] == 7


def test_a_target_has_no_selection_of_its_own(load_study: Load) -> None:
    tasks = {"xnli": {"fine_tune": {"selection": "averaged"}}}
    with pytest.raises(ConfigError, match=r"tasks\.xnli\.fine_tune\.selection.*study\.selections"):
        load_study({"tasks": tasks})


@pytest.mark.parametrize("setting", list(OTHER_VALUES))
def test_every_hyper_parameter_reaches_its_training(load_study: Load, setting: str) -> None:
    value = {setting: OTHER_VALUES[setting]}
    tasks = {"mnli": {"intermediate": value}, "xnli": {"fine_tune": value}}
    before, after = load_study().keys, load_study({"tasks": tasks}).keys
    model = {"encoder": "miniature", "arm": "english", "intermediate": "mnli", "seed": "1"}
    changes = [
        ("train_intermediate", model, True),
        ("train_intermediate", model | {"intermediate": "squad"}, False),
        ("fine_tune", model | {"fine_tune": "xnli"}, True),
        ("fine_tune", model | {"fine_tune": "udpos"}, False),
    ]
    for step, wildcards, expected in changes:
        differ = before.record(step, wildcards) != after.record(step, wildcards)
        assert differ == expected, (step, wildcards)


def test_a_task_overrides_its_phase_and_the_rest_stays(load_study: Load) -> None:
    keys = load_study({"tasks": {"mnli": {"intermediate": {"learning_rate": 0.25}}}}).keys
    model = {"encoder": "miniature", "arm": "english", "intermediate": "mnli", "seed": "1"}
    plain = load_study().keys.record("train_intermediate", model)["training"]
    training = keys.record("train_intermediate", model)["training"]
    assert training == plain | {"learning_rate": 0.25}


def test_the_matrix_reads_every_training_that_its_cells_rest_on(load_study: Load) -> None:
    graph = load_study({"study": {"seeds": [1, 2], "targets": ["xquad", "mlqa", "tatoeba"]}})
    wanted = {
        result.manifest
        for result in results(graph)
        if result.step in ("train_intermediate", "fine_tune")
    }
    assert set(graph.trainings) == wanted
    assert len(graph.trainings) == len(wanted)


def test_selections_reach_predictions_that_have_something_to_choose_from(load_study: Load) -> None:
    names = ["averaged", "last", "oracle"]
    keys = load_study({"study": {"selections": names}}).keys
    cell = {"encoder": "miniature", "arm": "english", "intermediate": "mnli", "seed": "1"}
    assert keys.record("predict", {**cell, "target": "xnli"})["selections"] == names
    # for retrieval nothing is trained: it depends on the primary's name alone
    assert keys.record("predict", {**cell, "target": "tatoeba"})["selections"] == ["averaged"]
    assert keys.record("write_report", {})["selections"] == names


def test_a_metric_is_code_of_predictions_that_an_oracle_chooses_by_it(load_study: Load) -> None:
    cell = {"encoder": "miniature", "arm": "english", "intermediate": "mnli", "seed": "1"}
    for selections, known in ((["last"], False), (["last", "oracle"], True)):
        keys = load_study({"study": {"selections": selections}}).keys
        modules = keys.modules("predict", {**cell, "target": "xquad"})
        assert ("polystilts.evaluation.scorers.squad" in modules) == known
        assert ("polystilts.evaluation.oracle" in modules) == known


def test_arms_train_with_the_same_settings(load_study: Load) -> None:
    keys = load_study({"study": {"arms": ["english", "code-switched", "shuffled-dictionary"]}}).keys
    model = {"encoder": "miniature", "intermediate": "all", "seed": "1"}
    records = [
        keys.record("train_intermediate", model | {"arm": arm})
        for arm in ("english", "code-switched", "shuffled-dictionary")
    ]
    assert records[0] == records[1] == records[2]
