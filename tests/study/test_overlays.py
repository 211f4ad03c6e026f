"""Studies by name, laid over config.yaml exactly as Snakemake does it."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakemake.utils import update_config

from polystilts.commands.studies import load_study, merge, overlay_path
from polystilts.errors import ConfigError

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
    (tmp_path / "config.yaml").write_text("study: {}\n")
    (tmp_path / "studies" / "effect.yaml").write_text("study: {name: effect}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_study_is_a_name_or_a_path(root: Path) -> None:
    own = root / "mine.yaml"
    own.write_text("study: {name: mine}\n")
    assert overlay_path("miniature") is None
    assert overlay_path("effect") == Path("studies/effect.yaml")
    assert overlay_path(str(own)) == own


@pytest.mark.usefixtures("root")
def test_an_unknown_study_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown study `efect`; the nearest is `effect`"):
        overlay_path("efect")


@pytest.mark.parametrize(
    ("text", "said"), [("study: [", "not readable YAML"), ("- study\n", "a mapping"), ("", "mapp")]
)
def test_an_unreadable_study_names_its_file(root: Path, text: str, said: str) -> None:
    (root / "studies" / "broken.yaml").write_text(text)
    with pytest.raises(ConfigError, match=rf"studies/broken\.yaml: .*{said}") as caught:
        load_study("broken")
    assert "\n" not in str(caught.value)


def test_outside_a_repository_the_root_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="root of the repository"):
        overlay_path("miniature")
