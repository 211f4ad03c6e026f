"""Studies by name, laid over config.yaml exactly as Snakemake does it."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from snakemake.utils import update_config

from polystilts.commands.studies import load_study
from polystilts.errors import ConfigError
from polystilts.study.layers import complete, default_study, merge, read, study_path

SCALARS = st.none() | st.integers(-3, 3) | st.sampled_from(["a", "b"])
VALUES = st.recursive(
    SCALARS | st.lists(SCALARS, max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)
CONFIGS = st.dictionaries(st.sampled_from("xyz"), VALUES, max_size=3)


@given(base=CONFIGS, over=CONFIGS)
def test_merging_is_snakemakes(base: dict[str, Any], over: dict[str, Any]) -> None:
    expected = copy.deepcopy(base)
    update_config(expected, over)
    untouched = copy.deepcopy(base)
    assert merge(base, over) == expected
    assert base == untouched


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "studies").mkdir()
    (tmp_path / "config.yaml").write_text("default: toy\nkeep: all\nx: {shared: 1, low: 1}\n")
    files = {
        "toy": "study: {name: toy, seeds: [1]}\nx: {low: 2, base: 2}\n",
        "effect": "base: toy\nstudy: {name: effect}\nx: {base: 3}\n",
        "one": "base: two\nstudy: {name: one}\n",
        "two": "base: one\nstudy: {name: two}\n",
    }
    for name, text in files.items():
        (tmp_path / "studies" / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def own_file(root: Path, config: dict[str, Any]) -> Path:
    (root / "mine.yaml").write_text(yaml.safe_dump(config))
    return root / "mine.yaml"


def test_without_a_name_the_default_study_is_changed(root: Path) -> None:
    changed = complete({"study": {"seeds": [3]}}, root)
    assert changed["study"] == {"name": "toy", "seeds": [3]}
    assert changed["x"] == {"shared": 1, "low": 2, "base": 2}
    assert complete({}, root)["study"] == {"name": "toy", "seeds": [1]}


def test_a_study_with_a_name_takes_nothing_from_the_default_one(root: Path) -> None:
    own = complete({"study": {"name": "mine"}}, root, [own_file(root, {})])
    assert own["study"] == {"name": "mine"}
    assert own["x"] == {"shared": 1, "low": 1}


def test_bases_lie_under_each_other_and_over_what_is_shared(root: Path) -> None:
    config = {"base": "effect", "study": {"name": "mine"}, "x": {"own": 4}}
    own = complete(config, root, [own_file(root, config)])
    assert own["study"] == {"name": "mine", "seeds": [1]}
    assert own["x"] == {"shared": 1, "low": 2, "base": 3, "own": 4}
    assert own["keep"] == "all"


def test_what_is_complete_stays_as_it_is(root: Path) -> None:
    once = complete({"base": "effect", "study": {"name": "mine"}}, root)
    assert complete(once, root) == once


@pytest.mark.parametrize("config", [{"study": {"seeds": [1]}}, {"base": "toy"}, {"keep": "none"}])
def test_a_file_without_a_name_is_refused(root: Path, config: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"`study\.name`: missing; results are written below"):
        complete(config, root, [own_file(root, config)])


def test_keys_are_compared_as_what_they_are(root: Path) -> None:
    path = root / "mine.yaml"
    path.write_text('a: &a {x: 1}\nb: &b {y: 2}\nc: {<<: *a, <<: *b, 1: z, "1": z}\n')
    assert read(path)["c"].keys() == {"x", "y", 1, "1"}
    path.write_text("c: {true: 1, yes: 2}\n")
    with pytest.raises(ConfigError, match="`yes` stands in line 1 already"):
        read(path)


def test_config_yaml_names_the_default_study(root: Path) -> None:
    assert default_study(root) == "toy"
    (root / "config.yaml").write_text("keep: all\n")
    with pytest.raises(ConfigError, match=r"config\.yaml: `default`: missing"):
        default_study(root)


def test_the_lock_of_config_yaml_lies_beside_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "config.yaml").write_text("default: toy\nsources: {lock: sources.lock.yaml}\n")
    assert complete({}, root)["sources"]["lock"] == "sources.lock.yaml"
    monkeypatch.chdir(root / "studies")
    assert complete({}, root)["sources"]["lock"] == str(root / "sources.lock.yaml")
    own = {"sources": {"lock": "mine.yaml"}}
    assert complete(own, root)["sources"]["lock"] == "mine.yaml"


def test_bases_in_a_circle_are_refused(root: Path) -> None:
    with pytest.raises(ConfigError, match="based on itself"):
        complete({"base": "one", "study": {"name": "mine"}}, root)


def test_an_unknown_base_is_named_with_the_nearest(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown study `efect`; the nearest is `effect`"):
        complete({"base": "efect", "study": {"name": "mine"}}, root)


def test_a_study_is_a_name_or_a_path(root: Path) -> None:
    own = root / "mine.yaml"
    own.write_text("study: {name: mine}\n")
    assert study_path("effect", root) == root / "studies/effect.yaml"
    assert study_path(str(own), root) == own


@pytest.mark.parametrize(
    ("text", "said"),
    [("study: [", "not readable YAML"), ("- study\n", "not a mapping"), ("", "not a mapp")],
)
def test_an_unreadable_study_names_its_file(root: Path, text: str, said: str) -> None:
    (root / "studies" / "broken.yaml").write_text(text)
    with pytest.raises(ConfigError, match=rf"studies/broken\.yaml: .*{said}") as caught:
        load_study("broken")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study: {name: a}\nkeep: all\nstudy: {seeds: [1]}\n", ":3: `study` stands in line 1"),
        ("study:\n  name: a\n  seeds: [1]\n  name: b\n", ":4: `name` stands in line 2"),
    ],
)
def test_a_key_that_stands_twice_is_refused(root: Path, text: str, said: str) -> None:
    (root / "studies" / "broken.yaml").write_text(text)
    with pytest.raises(ConfigError, match=f"broken.yaml{said} already"):
        load_study("broken")
    with pytest.raises(ConfigError, match=f"broken.yaml{said} already"):
        complete({"study": {"name": "a"}}, root, [root / "studies" / "broken.yaml"])
    with pytest.raises(ConfigError, match=f"broken.yaml{said} already"):
        complete({"study": {"name": "a"}, "base": "broken"}, root)


def test_a_mapping_that_is_merged_in_may_be_changed(root: Path) -> None:
    path = root / "mine.yaml"
    path.write_text("a: &a {x: 1, y: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: *b, y: 3}\n")
    assert read(path) == {"a": {"x": 1, "y": 1}, "b": {"x": 2, "y": 1}, "c": {"x": 2, "y": 3}}


def test_outside_a_repository_the_root_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="root of the repository"):
        study_path("miniature", tmp_path)
