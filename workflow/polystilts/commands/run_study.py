"""A study from start to end on this machine, safe to kill at any moment and to start again."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from polystilts.commands.step import FAILED, WRONG_USAGE
from polystilts.commands.studies import load_study, overlay_path
from polystilts.report.outputs import print_tables

_LOCK = Path("results/.run.lock")
_SNAKEMAKE_LOCKS = Path(".snakemake/locks")


def run_study(study: str, options: Sequence[str]) -> int:
    """Run Snakemake with all cores, then print the tables; return its exit status."""
    graph = load_study(study)
    overlay = overlay_path(study)
    chosen = ["--configfile", str(overlay)] if overlay else []
    snakemake = [sys.executable, "-m", "snakemake", *chosen]
    with _alone() as lock:
        if any(_SNAKEMAKE_LOCKS.glob("*")):
            # nobody else can be running: the run that left these was killed
            subprocess.run([*snakemake, "--unlock"], check=True, stdout=sys.stderr)
        quiet = ["--quiet", "rules", "host", "reason", "--show-failed-logs"]
        command = [*snakemake, "--cores", "all", *quiet, "--nocolor", *options]
        # the child inherits the lock, which so outlives this process if it is killed
        status = subprocess.run(command, pass_fds=[lock.fileno()], stdout=sys.stderr).returncode
        if status:
            print(
                f"Snakemake failed; what failed stands above and in {graph.paths.root}/logs/",
                file=sys.stderr,
            )
            # 2 is Snakemake's for wrong usage, and the Snakefile's for a wrong configuration
            return WRONG_USAGE if status == WRONG_USAGE else FAILED
        matrix = Path(graph.paths.matrix)
        print_tables(matrix, graph.keys.record("write_report", {}), sys.stdout)
        print(f"\nEvery number: {graph.paths.root}/report/", file=sys.stderr)
        return 0


@contextmanager
def _alone() -> Iterator[IO[str]]:
    """Wait until no other run is alive in this repository, and keep others out."""
    _LOCK.parent.mkdir(parents=True, exist_ok=True)
    with _LOCK.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is alive here; waiting for it to end", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
