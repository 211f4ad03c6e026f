"""A two-cell study through a real, private, single-node SLURM (see cluster.py)."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
CLUSTER = Path(__file__).with_name("cluster.py")
STUDY = Path("tests/slurm/two_cells.yaml")
STUDY_SECONDS = 230
SNAKEMAKE = Path(sys.executable).with_name("snakemake")


def load_cluster() -> ModuleType:
    specification = importlib.util.spec_from_file_location("slurm_cluster", CLUSTER)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def cluster_command(logs: Path, time_limit: int, *command: str) -> list[str]:
    # pdeathsig: killing pytest, even with -9, takes the cluster down with it.
    return [
        *("setpriv", "--pdeathsig", "KILL", sys.executable, str(CLUSTER)),
        *("--logs", str(logs), "--time-limit", str(time_limit), "--", *command),
    ]


@pytest.fixture(scope="module")
def can_run_cluster() -> None:
    reason = load_cluster().obstacle()
    if reason is not None:
        message = f"NO SLURM TEST: the cluster profile was not tried, because {reason}"
        # A skip's reason is not shown by default; a warning is, in the summary of every run.
        warnings.warn(message, stacklevel=2)
        pytest.skip(message)


@pytest.fixture
def fresh_clone(tmp_path: Path) -> Path:
    """A copy of what git has or would add: no results, environments or other ignored files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout
    clone = tmp_path / "clone"
    for name in listed.decode().split("\0"):
        source = REPOSITORY / name
        if name and source.is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, clone / name)
    return clone


def read_jobs(dump: Path) -> list[dict[str, str]]:
    """The fields of `scontrol show jobs --oneliner`, one mapping a job."""
    pattern = re.compile(r"(\w+)=(\S+)")
    return [dict(pattern.findall(line)) for line in dump.read_text().splitlines() if line.strip()]


@pytest.mark.usefixtures("can_run_cluster")
def test_two_cell_study_runs_on_slurm(fresh_clone: Path, tmp_path: Path) -> None:
    logs, jobs_dump, log = tmp_path / "logs", tmp_path / "jobs.txt", tmp_path / "run.log"
    script = (
        f'"{SNAKEMAKE}" --cores all --profile slurm --configfile "{STUDY}"; status=$?; '
        f'scontrol show jobs --oneliner > "{jobs_dump}"; exit $status'
    )
    with log.open("w") as output:
        status = subprocess.run(
            cluster_command(logs, STUDY_SECONDS, "bash", "-c", script),
            cwd=fresh_clone,
            stdout=output,
            stderr=subprocess.STDOUT,
        ).returncode
    assert status == 0, f"status {status}\n{log.read_text()[-8000:]}"

    # Two score files, one for each cell of the study.
    study = yaml.safe_load((REPOSITORY / STUDY).read_text())["study"]
    scores = sorted((fresh_clone / "results" / study["name"] / "scores").rglob("*.parquet"))
    assert len(scores) == 2, scores

    # They are the work of sbatch, on the node, not of a local executor.
    jobs = read_jobs(jobs_dump)
    assert jobs, "slurmctld saw no job"
    assert {job["JobState"] for job in jobs} == {"COMPLETED"}
    assert {job["NodeList"] for job in jobs} == {"node0"}
    assert all(job["BatchFlag"] == "1" for job in jobs)
    controller = (logs / "slurmctld.log").read_text()
    assert all(f"JobId={job['JobId']} " in controller for job in jobs)
    submitted = re.findall(r"SLURM jobid (\d+)", log.read_text())
    assert sorted(submitted) == sorted(job["JobId"] for job in jobs)

    # What the profile asks for reached SLURM: a device for trainings and predictions only.
    with_device: set[str] = set()
    without_device: set[str] = set()
    for job in jobs:
        rule = job["Comment"].removeprefix("rule_").split("_wildcards_")[0]
        (with_device if "gres:gpu:1" in job.get("TresPerJob", "") else without_device).add(rule)
    assert with_device == {"train_intermediate", "fine_tune", "predict"}
    assert without_device >= {"code_switch", "build_lexicon"}


@pytest.mark.usefixtures("can_run_cluster")
def test_jobs_see_the_devices_they_asked_for(tmp_path: Path) -> None:
    script = (
        f'cd "{tmp_path}"; for gpus in 0 1 2; do '
        'sbatch --parsable --gpus=$gpus --output=$gpus.txt --wrap "echo =\\$CUDA_VISIBLE_DEVICES"; '
        "done; for attempt in $(seq 100); do sleep 0.2; "
        "[ $(squeue -h -t COMPLETED | wc -l) = 3 ] && exit 0; done; squeue -t all; exit 1"
    )
    finished = subprocess.run(
        cluster_command(tmp_path / "logs", 60, "bash", "-c", script),
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    seen = {gpus: (tmp_path / f"{gpus}.txt").read_text().strip() for gpus in range(3)}
    assert seen[0] == "="
    assert seen[1] in ("=0", "=1")
    assert seen[2] == "=0,1"


def processes_with(marker: str) -> list[int]:
    """Living processes of this machine that have the marker in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[str]:
    name = f"POLYSTILTS_CLUSTER_TEST={tmp_path}"
    yield name
    for process in processes_with(name):
        os.kill(process, signal.SIGKILL)


@pytest.mark.usefixtures("can_run_cluster")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_survives_a_killed_cluster(
    tmp_path: Path, marker: str, number: signal.Signals
) -> None:
    started = tmp_path / "started"
    script = f'sbatch -o /dev/null --wrap "touch {started}; sleep 300"; sleep 300'
    name, value = marker.split("=", 1)
    running = subprocess.Popen(
        cluster_command(tmp_path / "logs", 60, "bash", "-c", script),
        env={**os.environ, name: value},
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 40
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert started.exists(), "the job never started"
    assert len(processes_with(marker)) >= 4  # this script's, the daemons', and the job's processes

    running.send_signal(number)
    running.wait(timeout=10)
    deadline = time.monotonic() + 10
    while processes_with(marker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_with(marker) == []


@pytest.mark.usefixtures("can_run_cluster")
def test_command_status_is_passed_on_and_the_host_is_left_alone(tmp_path: Path) -> None:
    before = sorted(Path("/etc/slurm").iterdir())
    script = "hostname; ls /etc/slurm/slurm.conf; exit 7"
    finished = subprocess.run(
        cluster_command(tmp_path / "logs", 60, "bash", "-c", script), capture_output=True, text=True
    )
    assert finished.returncode == 7, finished.stderr
    assert finished.stdout.split() == ["polystilts-node", "/etc/slurm/slurm.conf"]
    assert os.uname().nodename != "polystilts-node"
    assert sorted(Path("/etc/slurm").iterdir()) == before


def test_refuses_where_slurm_is_configured(tmp_path: Path) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("the check comes after those for Linux and root")
    finished = subprocess.run(
        [sys.executable, str(CLUSTER), "--logs", str(tmp_path), "--", "true"],
        env={**os.environ, "SLURM_CONF": "/somewhere/slurm.conf"},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 2
    assert "already uses SLURM: SLURM_CONF=/somewhere/slurm.conf" in finished.stderr
