"""The tiny study, computed once by the real Snakemake in a copy of this repository."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from repository import Workspace, copy_repository

STUDY = "tests/workflow/tiny.yaml"
# run by every Python of a run when it starts: no connection leaves the machine, no job of ours
# reads a pickle, and at its end it notes which of our modules were loaded
SITECUSTOMIZE = """
import atexit, json, os, sys

def offline(event, arguments):
    if event == "socket.getaddrinfo" or (
        event in ("socket.connect", "socket.sendto", "socket.bind")
        and isinstance(arguments[1], tuple)
    ):
        raise RuntimeError(f"{event} {arguments[1:]}: nothing here may use the network")
    if event == "pickle.find_class" and "polystilts.commands" in " ".join(sys.orig_argv):
        raise RuntimeError(f"{event} {arguments}: a pickle can run any program when it is read")

def note():
    modules = [name for name in sys.modules if name.split(".")[0] == "polystilts"]
    path = os.path.join(os.environ["POLYSTILTS_LOADED"], f"{os.getpid()}.json")
    with open(path, "w") as file:
        json.dump({"arguments": sys.argv, "modules": modules}, file)

sys.addaudithook(offline)
if "POLYSTILTS_LOADED" in os.environ:
    atexit.register(note)
"""


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every job of the tiny study's run noted the modules it had loaded."""
    return tmp_path_factory.mktemp("loaded")


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that makes every Python with it on its path keep to the machine, and take notes."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "sitecustomize.py").write_text(SITECUSTOMIZE)
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, loaded: Path, watch: Path) -> Workspace:
    """A copy of the repository in which the tiny study is computed. Not to be changed."""
    root = tmp_path_factory.mktemp("built") / "repository"
    copy_repository(root)
    noting = {"PYTHONPATH": str(watch), "POLYSTILTS_LOADED": str(loaded)}
    finished = Workspace(root, STUDY, noting).snakemake("--cores", "2")
    assert "(100%) done" in finished.stderr
    return Workspace(root, STUDY)


@pytest.fixture
def workspace(built: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the finished tiny study to change and to damage."""
    yield built.copy(tmp_path / "repository")
