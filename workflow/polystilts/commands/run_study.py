"""A study from start to end on this machine, safe to kill at any moment and to start again."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from polystilts.commands.step import FAILED, WRONG_USAGE
from polystilts.commands.studies import ROOT, load_study
from polystilts.planning.needs import lacking, needed_files, read_lock
from polystilts.provenance.manifest import read_key
from polystilts.report.outputs import print_tables
from polystilts.study.graph import Graph
from polystilts.study.inventory import results
from polystilts.study.layers import study_path
from polystilts.study.paths import RESULTS

_LOCK = Path(RESULTS, ".run.lock")
_SNAKEMAKE_LOCKS = Path(".snakemake/locks")
_GPU = Path("/dev/nvidia0")


def run_study(study: str, options: Sequence[str]) -> int:
    """Run Snakemake with all cores, then print the tables; return its exit status."""
    graph = load_study(study, options)
    for line in lacking(graph, needed_files(graph, read_lock(graph))):
        print(line, file=sys.stderr)
    snakemake = [sys.executable, "-m", "snakemake", "--configfile", str(study_path(study, ROOT))]
    with _alone() as (lock, left_behind):
        if left_behind and any(_SNAKEMAKE_LOCKS.glob("*")):
            # nobody else can be running: the run that left these was killed
            subprocess.run([*snakemake, "--unlock"], check=True, stdout=sys.stderr)
        quiet = ["--quiet", "rules", "host", "reason", "--show-failed-logs"]
        # what may be followed by many values comes first
        command = [*snakemake, *_rebuilt(graph, options), *_one_gpu(options)]
        status = _execute([*command, "--cores", "all", *quiet, "--nocolor", *options], lock)
        if status:
            print(
                f"Snakemake failed; what failed stands above and in {graph.paths.root}/logs/",
                file=sys.stderr,
            )
            # 2 is Snakemake's for wrong usage, and the Snakefile's for a wrong configuration
            return WRONG_USAGE if status == WRONG_USAGE else FAILED
        # a run of single cells may end before there is a matrix
        if Path(graph.paths.matrix).is_file():
            show_study(graph)
            print(f"\nEvery number: {graph.paths.root}/report/", file=sys.stderr)
        return 0


def show_study(graph: Graph) -> None:
    """Print a study's tables; say on stderr if the study has changed since they were computed."""
    if read_key(Path(graph.paths.matrix_manifest)) != graph.keys.key("collect_matrix", {}):
        print(
            "note: these numbers were computed under settings or code other than the study's are "
            "now; run it again for new ones",
            file=sys.stderr,
        )
    matrix, trainings = Path(graph.paths.matrix), Path(graph.paths.trainings)
    print_tables(matrix, trainings, graph.keys.record("write_report", {}), sys.stdout)


def _rebuilt(graph: Graph, options: Sequence[str]) -> list[str]:
    """Return the option that rebuilds results which were written under another key.

    Snakemake finds most of them by itself, but not those whose records it lost: with `.snakemake/`,
    or because its own process was killed before the job ended. Not so where single files are asked
    for, as Snakemake computes whatever it is told to rebuild; nor under another configuration.
    """
    if any(option.startswith((f"{RESULTS}/", "--configfile")) for option in options):
        return []
    stale = [
        result.manifest
        for result in results(graph)
        if Path(result.manifest).is_file()
        and read_key(Path(result.manifest)) != graph.keys.key(result.step, dict(result.wildcards))
    ]
    return ["--forcerun", *stale] if stale else []


def _one_gpu(options: Sequence[str]) -> list[str]:
    """Return the option that lets one job at a time use this machine's GPU, if it has one."""
    elsewhere = any(name in options for name in ("--profile", "--executor", "-e"))
    return ["--resources", "gpu=1"] if _GPU.exists() and not elsewhere else []


def _execute(command: Sequence[str], lock: IO[str]) -> int:
    """Run a command to its end and return its status.

    The child inherits the lock, which so outlives this process if it is killed. On Ctrl-C the child
    is interrupted as well, and given the time it needs to end its jobs.
    """
    with subprocess.Popen(command, pass_fds=[lock.fileno()], stdout=sys.stderr) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                print("interrupted; waiting for Snakemake to end its jobs", file=sys.stderr)


@contextmanager
def _alone() -> Iterator[tuple[IO[str], bool]]:
    """Wait until no other run is alive in this repository, and keep others out.

    Yields the lock, and whether the last run was killed: its mark is still in the lock's file.
    """
    _LOCK.parent.mkdir(parents=True, exist_ok=True)
    with _LOCK.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is alive here; waiting for it to end", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        left_behind = bool(handle.read())
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        try:
            yield handle, left_behind
        finally:
            handle.truncate(0)
