"""Runs that are killed at the worst moment, and runs that meet: always the same bits at the end."""

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from repository import POLYSTILTS, Workspace

FOLDER = "intermediate/miniature/english/mnli/seed-1"
LOG = "logs/train_intermediate/miniature/english/mnli/1.log"
RUN = ("run", "--study", "tests/workflow/tiny.yaml", "--", f"results/tiny/{FOLDER}/training.json")
CELL = "miniature/english/mnli/xquad/seed-1.parquet"
# long enough to be killed in the middle, with a checkpoint every few steps
LONGER = "  mnli: {intermediate: {epochs: 40, checkpoint_seconds: 0.1}}\n"
PATIENCE = 120


@pytest.fixture(scope="module")
def unfinished(built: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The tiny study with one longer training that is not done yet. Not to be changed."""
    workspace = built.copy(tmp_path_factory.mktemp("unfinished") / "repository")
    workspace.edit("tests/workflow/tiny.yaml", "tasks:\n", "tasks:\n" + LONGER)
    return workspace


@pytest.fixture(scope="module")
def uninterrupted(unfinished: Workspace, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the weights of a run that nothing disturbed but a second run beside it."""
    workspace = unfinished.copy(tmp_path_factory.mktemp("uninterrupted") / "repository")
    first = start(workspace)
    until(lambda: bool(checkpoints(workspace)))
    second = start(workspace, "second")
    messages = finish(second, workspace, "second")
    assert first.poll() == 0, "the second run did not wait for the first"
    assert messages.startswith("another run is alive here; waiting for it to end\n")
    assert "Nothing to be done" in messages
    assert facts(workspace)["progress"]["resumed_from"] == 0
    return weights(workspace)


@pytest.fixture
def killable(unfinished: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    workspace = unfinished.copy(tmp_path / "repository")
    yield workspace
    for process in processes(workspace):
        os.kill(process, signal.SIGKILL)


def start(
    workspace: Workspace, name: str = "run", command: Sequence[str] = RUN
) -> subprocess.Popen[bytes]:
    """Start a run as the leader of a process group; its messages go into a file."""
    # not into a pipe, which would stay open as long as any job lives
    with messages_of(workspace, name).open("w") as messages:
        return subprocess.Popen(
            [str(POLYSTILTS), *command],
            cwd=workspace.root,
            env=workspace.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=messages,
            start_new_session=True,
            # a shell that starts the tests in the background lets them ignore the key
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )


def messages_of(workspace: Workspace, name: str) -> Path:
    return workspace.root.with_name(f"{name}.log")


def finish(process: subprocess.Popen[bytes], workspace: Workspace, name: str = "run") -> str:
    """Wait for a run to end well and return its messages."""
    status = process.wait(timeout=PATIENCE)
    messages = messages_of(workspace, name).read_text("utf-8")
    assert status == 0, messages
    return messages


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def checkpoints(workspace: Workspace) -> list[Path]:
    """Return the manifests of checkpoints, which are written after the weights."""
    return list(workspace.result(".partial").glob("*/step-*.json"))


def processes(workspace: Workspace, part: str = "") -> list[int]:
    """Return the living processes that work in a workspace and have `part` in their command."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            here = (folder / "cwd").readlink() == workspace.root
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if here and part in command:
            found.append(int(folder.name))
    return found


def weights(workspace: Workspace) -> str:
    content = workspace.result(f"{FOLDER}/model.safetensors").read_bytes()
    return hashlib.sha256(content).hexdigest()


def facts(workspace: Workspace) -> dict[str, dict[str, int]]:
    loaded: dict[str, dict[str, int]] = json.loads(
        workspace.result(f"{FOLDER}/training.json").read_text("utf-8")
    )
    return loaded


def test_everything_killed(killable: Workspace, uninterrupted: str) -> None:
    before = weights(killable)
    run = start(killable)
    until(lambda: bool(checkpoints(killable)))
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    until(lambda: not processes(killable))
    finish(start(killable), killable)
    assert weights(killable) == uninterrupted != before
    assert facts(killable)["progress"]["resumed_from"] > 0
    assert checkpoints(killable) == []


def test_everything_killed_between_a_training_and_its_end(
    killable: Workspace, uninterrupted: str
) -> None:
    """What the training's job does ahead is neither lost nor repeated, and the model is kept."""
    command = [*RUN[:-1], f"results/tiny/scores/{CELL}"]
    before = killable.result(f"scores/{CELL}").read_bytes()
    run = start(killable, command=command)
    # the fine-tuning that follows has begun, or is done
    until(lambda: bool(list(killable.result(".partial").glob("*/state.lock"))))
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    until(lambda: not processes(killable))
    finish(start(killable, command=command), killable)
    assert "was finished under this key" in killable.result(LOG).read_text("utf-8")
    assert weights(killable) == uninterrupted
    assert facts(killable)["progress"]["resumed_from"] == 0
    log = killable.result("logs/fine_tune/miniature/english/mnli/squad/1.log")
    assert "was finished under this key" in log.read_text("utf-8")
    assert killable.result(f"scores/{CELL}").read_bytes() != before
    left = [path for path in killable.result(".partial").iterdir() if path.suffix != ".lock"]
    assert left == []


def test_a_training_that_outlived_its_run(killable: Workspace, uninterrupted: str) -> None:
    run = start(killable)
    until(lambda: bool(checkpoints(killable)))
    (orphan,) = processes(killable, "python -m polystilts.commands.train_intermediate")[-1:]
    os.kill(orphan, signal.SIGSTOP)
    for process in processes(killable):
        if process != orphan:
            os.kill(process, signal.SIGKILL)
    run.wait()
    again = start(killable)
    log = killable.result(LOG)
    until(lambda: log.is_file() and "waiting: another process holds" in log.read_text("utf-8"))
    assert again.poll() is None
    os.kill(orphan, signal.SIGCONT)
    finish(again, killable)
    until(lambda: not processes(killable))
    assert weights(killable) == uninterrupted
    assert killable.snakemake("-n", RUN[-1]).returncode == 0
    assert killable.planned(RUN[-1]) == set()


def test_interrupted_from_the_keyboard(killable: Workspace, uninterrupted: str) -> None:
    run = start(killable)
    until(lambda: bool(checkpoints(killable)))
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(timeout=PATIENCE) != 0
    messages = messages_of(killable, "run").read_text("utf-8")
    assert "interrupted; waiting for Snakemake to end its jobs" in messages
    assert "Traceback" not in messages
    until(lambda: not processes(killable))
    assert list(killable.file(".snakemake/locks").glob("*")) == []
    finish(start(killable), killable)
    assert weights(killable) == uninterrupted
