"""Wall and CPU time and memory of the study `real-small`, split by step.

    python benchmarks/real_small.py MIRROR [option of Snakemake ...]

Runs `polystilts run --study real-small` in this repository and prints Markdown. There must be no
results of the study yet, or the times of older jobs would be counted. A step's times are the sums
over its jobs as Snakemake's benchmarks recorded them; what other programs took of the machine
meanwhile is shown, because wall time depends on it.
"""

import csv
import os
import resource
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results" / "real-small"
STEPS = {
    "fetch_source": "fetch sources",
    "fetch_encoder": "fetch encoder",
    "prepare": "prepare tasks",
    "build_lexicon": "lexicons",
    "code_switch": "code-switching",
    "corpus_page": "code-switching",
    "prepare_encoder": "cut and trim encoder",
    "train_intermediate": "intermediate training",
    "fine_tune": "fine-tuning",
    "predict xnli": "predict xnli",
    "predict tatoeba": "predict tatoeba",
    "score": "score",
    "collect_matrix": "matrix and report",
    "write_report": "matrix and report",
}
MIB = 1 << 20
SECONDS_BETWEEN_LOOKS = 2.0


def main() -> None:
    if len(sys.argv) < 2 or RESULTS.exists():
        sys.exit(f"{__doc__}\n{RESULTS} exists: move it away" if RESULTS.exists() else __doc__)
    mirror, *options = sys.argv[1:]
    command = [sys.executable, "-m", "polystilts.commands.cli", "run", "--study", "real-small"]
    command += ["--", "--config", f"mirror={mirror}", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    busy, own, start = _busy_seconds(), _own_seconds(), time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    memory = 0
    while process.poll() is None:
        memory = max(memory, _memory(process.pid))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    wall = time.monotonic() - start
    cpu = _own_seconds() - own
    others = _busy_seconds() - busy - cpu
    if process.returncode:
        sys.exit(process.returncode)
    print(_table(step_times(RESULTS / "benchmarks"), cpu))
    print(f"\nwall {wall / 60:.1f} min, CPU {cpu / 60:.1f} min on {os.cpu_count()} cores;")
    print(f"other programs took {others / 60:.1f} CPU min meanwhile;")
    print(f"most memory of all processes together: {memory / MIB:.0f} MiB")


def _busy_seconds() -> float:
    """Return the seconds that this machine's cores have not been idle."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _own_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _memory(pid: int) -> int:
    """Return the resident bytes of a process and all below it; shared pages count each time."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # a job ended while it was looked at; the next look is two seconds away
    return total


def step_times(benchmarks: Path) -> dict[str, list[tuple[float, float, float]]]:
    """Return per step and job: wall seconds, CPU seconds, largest resident memory in MiB."""
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for path in benchmarks.rglob("*.tsv"):
        name = path.relative_to(benchmarks).parts[0].removesuffix(".tsv")
        if name == "predict":
            name = f"predict {path.parent.name}"
        elif name.startswith("prepare_") and name != "prepare_encoder":
            name = "prepare"
        with path.open(newline="") as file:
            row = next(csv.DictReader(file, delimiter="\t"))
        values = (_number(row[column]) for column in ("s", "cpu_time", "max_rss"))
        found[STEPS[name]].append(tuple(values))  # type: ignore[arg-type]
    return found


def _number(text: str) -> float:
    return float(text) if text not in ("-", "NA", "") else 0.0


def _table(steps: dict[str, list[tuple[float, float, float]]], cpu: float) -> str:
    lines = [
        "| step | jobs | wall s, summed | CPU s | peak MiB of a job |",
        "|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(STEPS.values()):
        if jobs := steps.get(name):
            walls, cpus, memories = zip(*jobs, strict=True)
            lines.append(
                f"| {name} | {len(jobs)} | {sum(walls):.0f} | {sum(cpus):.0f} |"
                f" {max(memories):.0f} |"
            )
    counted = sum(seconds for jobs in steps.values() for _, seconds, _ in jobs)
    rest = "Snakemake, and what its benchmarks miss"
    lines.append(f"| {rest} | | | {cpu - counted:.0f} | |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
