"""The tiny study, computed once by the real Snakemake in a copy of this repository."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository import Workspace, copy_repository

STUDY = "tests/workflow/tiny.yaml"
# run by every Python of a job when it starts: at its end it notes which of our modules were loaded
SITECUSTOMIZE = """
import atexit, json, os, sys

def note():
    modules = [name for name in sys.modules if name.split(".")[0] == "polystilts"]
    path = os.path.join(os.environ["POLYSTILTS_LOADED"], f"{os.getpid()}.json")
    with open(path, "w") as file:
        json.dump({"arguments": sys.argv, "modules": modules}, file)

if "POLYSTILTS_LOADED" in os.environ:
    atexit.register(note)
"""


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every job of the tiny study's run noted the modules it had loaded."""
    return tmp_path_factory.mktemp("loaded")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, loaded: Path) -> Workspace:
    """A copy of the repository in which the tiny study is computed. Not to be changed."""
    root = tmp_path_factory.mktemp("built") / "repository"
    copy_repository(root)
    watch = tmp_path_factory.mktemp("watch")
    (watch / "sitecustomize.py").write_text(SITECUSTOMIZE)
    noting = {"PYTHONPATH": str(watch), "POLYSTILTS_LOADED": str(loaded)}
    finished = Workspace(root, STUDY, noting).snakemake("--cores", "2")
    assert "(100%) done" in finished.stderr
    return Workspace(root, STUDY)


@pytest.fixture
def workspace(built: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the finished tiny study to change and to damage."""
    yield built.copy(tmp_path / "repository")
