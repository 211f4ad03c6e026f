"""The study on real files says everything itself: the miniature's settings do not reach it."""

from typing import Any

import yaml

from repository import REPOSITORY
from steps import step_keys
from study.conftest import Load

MIRROR = {"mirror": "/data"}


def overlay() -> dict[str, Any]:
    text = (REPOSITORY / "studies" / "real-small.yaml").read_text("utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def altered(setting: Any) -> Any:
    """Return a configuration with every number in it changed."""
    if isinstance(setting, dict):
        return {name: altered(value) for name, value in setting.items()}
    if isinstance(setting, bool) or not isinstance(setting, int | float):
        return setting
    return setting + 1 if isinstance(setting, int) else setting / 2


def test_no_number_of_the_miniature_reaches_it(load_study: Load) -> None:
    base = yaml.safe_load((REPOSITORY / "config.yaml").read_text("utf-8"))
    other = altered(base) | {"sources": {"dictionaries": {"de": [], "hi": [{"files": ["hi.txt"]}]}}}
    assert step_keys(load_study(other)) != step_keys(load_study())
    assert step_keys(load_study(other, overlay(), MIRROR)) == step_keys(
        load_study(overlay(), MIRROR)
    )


def test_an_encoder_without_masked_words_does_not_depend_on_masking(load_study: Load) -> None:
    masking = {"training": {"mlm": {"probability": 0.31, "max_length": 31}}}
    assert step_keys(load_study(overlay(), MIRROR, masking)) == step_keys(
        load_study(overlay(), MIRROR)
    )
