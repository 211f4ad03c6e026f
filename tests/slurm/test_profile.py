"""The cluster profile names the workflow's rules and gives what a scheduler needs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "slurm" / "config.yaml").read_text())
    return loaded


def test_every_sized_rule_exists(profile: dict[str, Any]) -> None:
    # Snakemake ignores a name it does not know, and the rule would get the small defaults.
    # `--list-rules` would not do, because a study has only the rules it needs.
    files = sorted((REPOSITORY / "workflow" / "rules").glob("*.smk"))
    rules = {
        name for file in files for name in re.findall(r"^ *rule (\w+):", file.read_text(), re.M)
    }
    assert rules
    assert set(profile["set-resources"]) - rules == set()


def test_one_line_turns_the_devices_off(profile: dict[str, Any]) -> None:
    text = (REPOSITORY / "slurm" / "config.yaml").read_text()
    without = yaml.safe_load(text.replace("gpu: &gpus 1", "gpu: &gpus 0"))
    devices = {
        rule: sizes["gpu"] for rule, sizes in without["set-resources"].items() if "gpu" in sizes
    }
    assert set(devices) == {"train_intermediate", "fine_tune", "predict", "predict_retrieval"}
    assert set(devices.values()) == {0}


def test_both_profiles_agree(profile: dict[str, Any]) -> None:
    default = yaml.safe_load((REPOSITORY / "profiles" / "default" / "config.yaml").read_text())
    assert set(default) == {"rerun-triggers", "keep-going", "rerun-incomplete"}
    assert {key: profile[key] for key in default} == default
