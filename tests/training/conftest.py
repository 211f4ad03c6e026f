"""The world and the undisturbed trainings that several modules disturb."""

import pytest

from training.killing import done
from training.phases import PHASES, Place, World, make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def undisturbed(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The digests of trainings that nobody disturbed, by phase."""
    found = {}
    for name in ("static", "selections"):
        place = Place(tmp_path_factory.mktemp(name))
        done(lambda: PHASES[name](world, place), place.folder / "log")  # noqa: B023
        found[name] = place.weights()
    return found
