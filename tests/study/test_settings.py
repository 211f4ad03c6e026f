"""A study of ten lines trains with published settings, and gets what it sets itself."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from polystilts.errors import ConfigError
from polystilts.study.graph import Graph
from repository import REPOSITORY
from steps import steps
from study.conftest import Load

TEN_LINES = sorted(Path(__file__).with_name("ten_lines").glob("*.yaml"))
PHASES = {"train_intermediate": "intermediate", "fine_tune": "fine_tune"}
# one value per hyper-parameter that no level of the shipped configuration has
OTHER: dict[str, Any] = {
    "examples": 77,
    "epochs": 7,
    "batch_size": 7,
    "learning_rate": 7.0e-5,
    "head_factor": 7.0,
    "warmup": 0.7,
    "weight_decay": 0.7,
    "clip": 7.0,
    "betas": [0.7, 0.77],
    "epsilon": 7.0e-7,
    "dropout": 0.7,
    "max_length": 377,
    "max_question_length": 77,
    "doc_stride": 77,
    "precision": "fp32",
    "micro_batch_tokens": 777,
    "checkpoint_seconds": 77.0,
}


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def documented() -> dict[str, Any]:
    """Return the tables of docs/settings.md: configuration key → value."""
    found: dict[str, Any] = {}
    for line in (REPOSITORY / "docs" / "settings.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = re.fullmatch(r"`([\w.+-]+)`", cells[0])
        if name is None:
            continue
        assert cells[-1], f"no source: {line}"
        if name[1].startswith(("defaults.", "encoders.")):
            values = {name[1]: cells[1]}
        else:
            phases = zip(PHASES.values(), cells[1:3], strict=True)
            values = {f"defaults.training.{phase}.{name[1]}": value for phase, value in phases}
        for key, value in values.items():
            assert key not in found, f"{key} stands twice"
            if value != "–":
                found[key] = yaml.safe_load(value)
    return found


def leaves(config: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(config, dict):
        for name, value in config.items():
            yield from leaves(value, f"{key}.{name}")
    else:
        yield key, config


def effective(graph: Graph) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (task, phase, settings) of every task that a training of a study trains on."""
    for step, wildcards in steps(graph):
        if step in PHASES:
            record = graph.keys.record(step, wildcards)
            tasks = record.get("tasks") or {record.get("name"): record.get("task")}
            for task, told in tasks.items():
                settings = {**record["training"], **told["settings"]}
                settings |= {name: told[name] for name in ("epochs", "batch_size", "examples")}
                del settings["pool"]
                yield task, PHASES[step], settings


def test_the_table_is_what_is_shipped() -> None:
    config = read(REPOSITORY / "config.yaml")
    shipped = dict(leaves(config["defaults"], "defaults"))
    for name, encoder in config["encoders"].items():
        shipped |= dict(leaves(encoder.get("training", {}), f"encoders.{name}.training"))
    assert documented() == shipped


def test_masked_text_and_the_mixture_are_the_tables(load_study: Load) -> None:
    (path,) = (path for path in TEN_LINES if path.stem == "mixture")
    model = {"encoder": "mmbert-base", "arm": "english+mlm", "intermediate": "all", "seed": "1"}
    record = load_study(read(path)).keys.record("train_intermediate", model)
    places = {"mlm": dict(record["mlm"]), "multi_task": record["multi_task"]}
    assert places["mlm"].pop("share") == 0.2
    told = {f"defaults.training.{p}.{name}": v for p, s in places.items() for name, v in s.items()}
    table = documented()
    assert told == {key: table[key] for key in table if key.split(".")[2] in places}


def test_there_are_enough_studies_of_ten_lines() -> None:
    configs = [read(path) for path in TEN_LINES]
    assert len(TEN_LINES) >= 6
    assert all(len(path.read_text().splitlines()) <= 11 for path in TEN_LINES)
    assert len({config["study"]["encoder"] for config in configs}) == len(TEN_LINES)
    assert any("mirror" in config.get("sources", {}) for config in configs)
    template = (REPOSITORY / "studies" / "template.yaml").read_text().splitlines()
    assert len(template) <= 15


@pytest.mark.parametrize("path", TEN_LINES, ids=lambda path: path.stem)
def test_every_effective_setting_is_the_tables(load_study: Load, path: Path) -> None:
    graph = load_study(read(path))
    table, encoder, seen = documented(), graph.selection.encoder, 0
    for task, phase, settings in effective(graph):
        for name, value in settings.items():
            places = (
                f"encoders.{encoder}.training.{phase}.{name}",
                f"defaults.tasks.{task}.{phase}.{name}",
                f"defaults.training.{phase}.{name}",
            )
            wanted = next((table[place] for place in places if place in table), None)
            assert value == wanted, (task, phase, name)
            seen += 1
    assert seen >= 19 * 3


@pytest.mark.parametrize("phase", PHASES.values())
@pytest.mark.parametrize("setting", list(OTHER))
def test_a_studys_own_setting_beats_every_neutral_one(
    load_study: Load, setting: str, phase: str
) -> None:
    own = {"training": {phase: {setting: OTHER[setting]}}}
    for path in TEN_LINES:
        for _, trained, settings in effective(load_study(read(path), own)):
            assert (settings[setting] == OTHER[setting]) == (trained == phase), path.stem


def test_a_studys_task_beats_its_training(load_study: Load) -> None:
    own = {
        "training": {"fine_tune": {"epochs": 7}},
        "tasks": {"squad": {"fine_tune": {"epochs": 8}}},
    }
    graph = load_study(read(TEN_LINES[0]), {"study": {"targets": ["xquad", "xnli"]}}, own)
    epochs = {
        task: settings["epochs"]
        for task, phase, settings in effective(graph)
        if phase != "intermediate"
    }
    assert epochs == {"squad": 8, "xnli": 7}


def test_a_setting_that_is_nowhere_is_named(load_study: Load) -> None:
    without = {"defaults": {"training": {"fine_tune": {"warmup": None}}}}
    graph = load_study(read(TEN_LINES[0]))
    assert graph.study.training("xnli", "fine_tune").warmup == 0.1
    with pytest.raises(ConfigError, match=r"`defaults\.training\.fine_tune\.warmup`: missing"):
        load_study(read(TEN_LINES[0]), without).study.training("xnli", "fine_tune")


def test_no_language_is_left_out_in_silence(load_study: Load) -> None:
    path = next(path for path in TEN_LINES if path.stem == "nli-and-questions")
    study = load_study(read(path)).study
    assert study.languages("xquad") == ["en", "de"]
    assert study.unavailable == {"pawsx": ["sw"], "xquad": ["sw"]}
    assert study.mirror == "published"
    assert all(study.arm(arm).mlm_share == 0 for arm in study.config.study.arms)


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "studies").glob("*.yaml")), ids=lambda p: p.stem
)
def test_an_arm_with_masked_text_says_so(load_study: Load, path: Path) -> None:
    study = load_study(read(path)).study
    for name, arm in study.config.arms.items():
        assert (arm.mlm_share > 0) == name.endswith("+mlm"), name


@pytest.mark.parametrize(
    ("task", "phase", "setting", "said"),
    [
        ("xquad", "fine_tune", "epochs", "`xquad` is fine-tuned on squad; set `tasks.squad."),
        ("tatoeba", "fine_tune", "epochs", "`tatoeba` is not fine-tuned"),
        ("mnli", "fine_tune", "epochs", "no target is fine-tuned on `mnli`"),
        ("xnli", "intermediate", "epochs", "`xnli` is no intermediate task"),
        ("mlm", "intermediate", "epochs", "`mlm` is no intermediate task"),
        ("all", "intermediate", "epochs", "`all` takes those of its tasks"),
        ("all", "intermediate", "max_length", "`all` takes those of its tasks"),
    ],
)
def test_a_setting_that_no_training_reads_is_refused(
    load_study: Load, task: str, phase: str, setting: str, said: str
) -> None:
    tasks: dict[str, Any] = {"tasks": {task: {phase: {setting: 2}}}}
    for overlay in (tasks, {"defaults": tasks}):
        with pytest.raises(ConfigError, match=rf"tasks\.{task}\.{phase}.*: {said}"):
            load_study(overlay)


def test_an_encoder_is_pretrained_alike_whatever_the_study_trains_with(load_study: Load) -> None:
    own = {"training": {"intermediate": {"weight_decay": 0.5, "clip": 9, "precision": "bf16"}}}
    encoder = {"encoder": "miniature"}
    keys = [load_study(*over).keys.key("pretrain_encoder", encoder) for over in ((), (own,))]
    assert keys[0] == keys[1]
    epochs = {"encoders": {"miniature": {"pretraining": {"training": {"epochs": 2}}}}}
    with pytest.raises(ConfigError, match=r"pretraining\.training\.epochs`: pretraining has no"):
        load_study(epochs)


def test_neutral_settings_of_a_target_choose_no_checkpoint(load_study: Load) -> None:
    neutral = {"defaults": {"tasks": {"xnli": {"fine_tune": {"selection": "averaged"}}}}}
    with pytest.raises(ConfigError, match=r"defaults\.tasks\.xnli\.fine_tune\.selection`: only an"):
        load_study(neutral)


def test_corpora_of_two_arms_have_two_names(load_study: Load) -> None:
    overlay = {
        "recipes": {"miniature+identity": {"rate": 0.1}},
        "arms": {"same": {"treatment": "code-switched", "recipe": "miniature+identity"}},
        "study": {"arms": ["identity", "same"]},
    }
    with pytest.raises(
        ConfigError, match=r"`arms\.same\.recipe`.*`miniature\+identity` of another"
    ):
        load_study(overlay)


def test_the_settings_of_a_mixture_reach_it(load_study: Load) -> None:
    tasks = {"all": {"intermediate": {"learning_rate": 0.5, "selection": "averaged"}}}
    model = {"encoder": "miniature", "arm": "english", "intermediate": "all", "seed": "1"}
    record = load_study({"tasks": tasks}).keys.record("train_intermediate", model)
    assert (record["training"]["learning_rate"], record["selection"]) == (0.5, "averaged")


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        (
            {"training": {"fine_tune": {"max_length": 1024}}},
            "`training.fine_tune.max_length`: `xlmr-base` reads at most 512 tokens, not 1024",
        ),
        (
            {
                "study": {"encoder": "multilingual-e5-small", "arms": ["code-switched+mlm"]},
                "tasks": {"mlm": {"form": "hub"}},
            },
            "`arms.code-switched+mlm`: encoder `multilingual-e5-small` comes without the masked-LM",
        ),
        (
            {
                "study": {"arms": ["english+mlm"]},
                "training": {"mlm": {"max_length": 1024}},
                "tasks": {"mlm": {"form": "hub"}},
            },
            "`training.mlm.max_length`: `xlmr-base` reads at most 512 tokens, not 1024",
        ),
        (
            {"tasks": {"xquad": {"form": "hub", "languages": ["en", "sw"]}}},
            "`tasks.xquad.languages`: XQuAD has no `sw`",
        ),
    ],
)
def test_what_an_encoder_or_a_task_does_not_have_is_refused_at_once(
    load_study: Load, overlay: dict[str, Any], said: str
) -> None:
    path = next(path for path in TEN_LINES if path.stem == "nli-and-questions")
    with pytest.raises(ConfigError) as caught:
        load_study(read(path), overlay)
    assert said in str(caught.value)
