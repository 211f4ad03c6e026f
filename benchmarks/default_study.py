"""CPU and wall time of the default study, split by stage.

    python benchmarks/default_study.py

Runs `polystilts run` in a fresh copy of the repository's files and prints a Markdown table. CPU
time of a stage is the sum over its jobs, to their very end, as the shells noted it that ran them;
what Snakemake itself takes is the rest. Memory is what Snakemake's benchmarks recorded. What a
training's job does ahead of other jobs counts as that training's. The machine should be idle: wall
time is measured. Further arguments go to `polystilts run`.
"""

import re
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
    "pretrain_encoder": "pretraining, and what follows from the encoder",
    "train_intermediate": "intermediate training, and what follows from it",
    "fine_tune": "fine-tuning",
    "predict": "prediction",
    "score": "scoring",
    "collect_matrix": "matrix and report",
    "write_report": "matrix and report",
}
# read by every shell that runs a job: at its end it notes the job's command and CPU times
NOTING = 'trap \'{ printf "%s\\n" "$BASH_EXECUTION_STRING"; times; } > "$NOTES/$$"\' EXIT\n'


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "polystilts"
        _copy_files(copy)
        environment = {
            "OMP_NUM_THREADS": "1",
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "BASH_ENV": f"{folder}/noting.sh",
            "NOTES": f"{folder}/notes",
        }
        Path(folder, "notes").mkdir()
        Path(folder, "noting.sh").write_text(NOTING)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        command = [sys.executable, "-m", "polystilts.commands.cli", "run", *sys.argv[1:]]
        environment["PYTHONPATH"] = str(copy / "workflow")
        subprocess.run(command, cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL)
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        (results,) = (path for path in (copy / "results").iterdir() if (path / "scores").is_dir())
        print(_table(job_times(Path(folder, "notes")), peak_memory(results), cpu, wall))


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


def job_times(notes: Path) -> dict[str, list[float]]:
    """Return per stage the CPU seconds, user and system, of each of its jobs."""
    stages: dict[str, list[float]] = defaultdict(list)
    for path in notes.iterdir():
        text = path.read_text("utf-8")
        step = re.search(r"-m polystilts\.commands\.(\w+)", text)
        if step is not None:
            # two lines, the shell's own and its children's, user and system each
            times = re.findall(r"(\d+)m([\d.]+)s", "\n".join(text.splitlines()[-2:]))
            seconds = sum(60 * int(minutes) + float(rest) for minutes, rest in times)
            stages[_stage(step[1])].append(seconds)
    return stages


def peak_memory(results: Path) -> dict[str, float]:
    """Return per stage the largest resident memory of a job in MiB."""
    peaks: dict[str, float] = defaultdict(float)
    for path in (results / "benchmarks").rglob("*.tsv"):
        step = path.relative_to(results / "benchmarks").parts[0].removesuffix(".tsv")
        header, values = (line.split("\t") for line in path.read_text().splitlines()[:2])
        memory = dict(zip(header, values, strict=True))["max_rss"]
        if memory not in ("-", "NA", ""):
            peaks[_stage(step)] = max(peaks[_stage(step)], float(memory))
    return peaks


def _stage(step: str) -> str:
    return STAGES.get("predict" if step == "predict_retrieval" else step, "data")


def _table(jobs: dict[str, list[float]], memory: dict[str, float], cpu: float, wall: float) -> str:
    lines = ["| stage | jobs | CPU s | peak MiB of a job |", "|---|---|---|---|"]
    for name in dict.fromkeys(STAGES.values()):
        if name in jobs:
            row = (name, str(len(jobs[name])), f"{sum(jobs[name]):.0f}", f"{memory[name]:.0f}")
            lines.append(f"| {' | '.join(row)} |")
    rest = cpu - sum(map(sum, jobs.values()))
    total = sum(map(len, jobs.values()))
    lines.append(f"| Snakemake | | {rest:.0f} | |")
    lines.append(f"| all | {total} | {cpu:.0f} ({cpu / 60:.1f} min) | |")
    return "\n".join([*lines, "", f"wall {wall / 60:.1f} min"])


if __name__ == "__main__":
    main()
