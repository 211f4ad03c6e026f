"""The study on real files and an encoder without a masked-LM head."""

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


def test_an_encoder_without_masked_words_does_not_depend_on_masking(load_study: Load) -> None:
    masking = {"training": {"mlm": {"probability": 0.31, "max_length": 31}}}
    assert step_keys(load_study(overlay(), MIRROR, masking)) == step_keys(
        load_study(overlay(), MIRROR)
    )
