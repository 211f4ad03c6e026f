"""What no job could compute is refused before the first one."""

from typing import Any

import pytest

from polystilts.commands.workflow import load
from polystilts.errors import ConfigError
from repository import REPOSITORY
from steps import read_config


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        (
            {"encoders": {"miniature": {"retrieval_layer": 3}}},
            "`encoders.miniature.retrieval_layer`: layer 3 of an encoder that has 2",
        ),
        (
            {"training": {"fine_tune": {"max_length": 129}}},
            "`training.fine_tune.max_length`: the encoder is pretrained on at most 128 tokens",
        ),
        (
            {"tasks": {"squad": {"intermediate": {"max_length": 384}}}},
            "`tasks.squad.intermediate.max_length`: the encoder is pretrained on at most 128",
        ),
        ({"study": {"intermediates": ["all"]}}, "`study.intermediates`: `all` mixes the other"),
        ({"study": {"languages": ["en"]}}, "is in none of the study's languages"),
    ],
)
def test_it_is_named(overlay: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(read_config(REPOSITORY, overlay))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_fits_exactly_is_computed() -> None:
    load(read_config(REPOSITORY, {"training": {"fine_tune": {"max_length": 128}}}))
    load(read_config(REPOSITORY, {"encoders": {"miniature": {"retrieval_layer": 2}}}))
