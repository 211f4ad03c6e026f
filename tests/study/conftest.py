from collections.abc import Callable
from typing import Any

import pytest

from polystilts.commands.workflow import load
from polystilts.study.graph import Graph
from repository import REPOSITORY
from steps import read_config

Load = Callable[..., Graph]


@pytest.fixture
def load_study() -> Load:
    """A function that returns the study of `config.yaml` with overlays laid over it."""

    def load_with(*overlays: dict[str, Any]) -> Graph:
        return load(read_config(REPOSITORY, *overlays))

    return load_with
