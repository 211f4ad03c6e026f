"""One small world, written once for all tests of this room."""

from pathlib import Path

import pytest

from polystilts.miniature.mirror import write_mirror

WORLD: dict[str, object] = {
    "seed": 3,
    "documents": 60,
    "train": {"default": 150},
    "few_shot": {"default": 30},
    "dev": 30,
    "test": 36,
    "retrieval": 20,
}


@pytest.fixture(scope="session")
def world() -> dict[str, object]:
    return WORLD


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mirror")
    write_mirror(folder, WORLD)
    return folder
