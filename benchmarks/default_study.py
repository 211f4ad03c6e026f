"""CPU and wall time of the default study, split by stage.

    python benchmarks/default_study.py

Runs `polystilts run` in a fresh copy of the repository's files and prints a Markdown table. CPU
time of a stage is the sum over its jobs as Snakemake's benchmarks recorded it; what Snakemake
itself takes is the rest. The machine should be idle: wall time is measured.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STAGES = {
    "write_miniature": "data",
    "build_lexicon": "data",
    "code_switch": "code-switching",
    "corpus_page": "code-switching",
    "pretrain_encoder": "pretraining",
    "train_intermediate": "intermediate training",
    "fine_tune": "fine-tuning",
    "predict": "prediction",
    "score": "scoring",
    "collect_matrix": "matrix and report",
    "write_report": "matrix and report",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "polystilts"
        _copy_files(copy)
        environment = {
            "OMP_NUM_THREADS": "1",
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        command = [sys.executable, "-m", "polystilts.commands.cli", "run", *sys.argv[1:]]
        environment["PYTHONPATH"] = str(copy / "workflow")
        subprocess.run(command, cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL)
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        (results,) = (path for path in (copy / "results").iterdir() if (path / "scores").is_dir())
        print(_table(stage_times(results), cpu, wall))


def _copy_files(copy: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)


def stage_times(results: Path) -> dict[str, tuple[int, float, float]]:
    """Return per stage its jobs, their CPU seconds, and the largest resident memory in MiB."""
    stages: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for path in (results / "benchmarks").rglob("*.tsv"):
        step = path.relative_to(results / "benchmarks").parts[0].removesuffix(".tsv")
        header, values = (line.split("\t") for line in path.read_text().splitlines()[:2])
        row = dict(zip(header, values, strict=True))
        stage = STAGES.get(step, "data")
        stages[stage].append((_number(row["cpu_time"]), _number(row["max_rss"])))
    return {
        stage: (len(jobs), sum(cpu for cpu, _ in jobs), max(memory for _, memory in jobs))
        for stage, jobs in stages.items()
    }


def _number(text: str) -> float:
    return float(text) if text not in ("-", "NA", "") else 0.0


def _table(stages: dict[str, tuple[int, float, float]], cpu: float, wall: float) -> str:
    lines = ["| stage | jobs | CPU s | peak MiB of a job |", "|---|---|---|---|"]
    for name in dict.fromkeys(STAGES.values()):
        if name in stages:
            jobs, seconds, memory = stages[name]
            lines.append(f"| {name} | {jobs} | {seconds:.0f} | {memory:.0f} |")
    rest = cpu - sum(seconds for _, seconds, _ in stages.values())
    lines.append(f"| Snakemake and what its benchmarks miss | | {rest:.0f} | |")
    total = sum(jobs for jobs, _, _ in stages.values())
    lines.append(f"| all | {total} | {cpu:.0f} ({cpu / 60:.1f} min) | |")
    return "\n".join([*lines, "", f"wall {wall / 60:.1f} min"])


if __name__ == "__main__":
    main()
