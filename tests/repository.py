"""Copies of this repository, and Snakemake and `polystilts` as a user runs them in one."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
POLYSTILTS = Path(sys.executable).with_name("polystilts")

_JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n?)+)", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """A job that Snakemake plans: its rule and its wildcards."""

    rule: str
    wildcards: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, rule: str, **wildcards: str) -> "Job":
        return cls(rule, frozenset(wildcards.items()))

    def __getitem__(self, wildcard: str) -> str | None:
        return dict(self.wildcards).get(wildcard)


@dataclass(frozen=True)
class Workspace:
    """A copy of the repository and the study that is run in it."""

    root: Path
    study: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Snakemake; `check` fails the test with what it printed."""
        return self.execute([str(SNAKEMAKE), *arguments, *self._configuration()], check)

    def polystilts(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.execute([str(POLYSTILTS), *arguments], check)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.execute([sys.executable, *arguments], check=True)

    def planned(self, *arguments: str) -> set[Job]:
        """Return the jobs of a dry run, `all` left out."""
        return parse_plan(self.snakemake("-n", *arguments).stdout)

    def file(self, relative: str) -> Path:
        return self.root / relative

    def result(self, relative: str) -> Path:
        return self.root / "results" / "tiny" / relative

    def edit(self, relative: str, old: str, new: str) -> None:
        """Replace a piece of a file that occurs in it."""
        path = self.root / relative
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{relative} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def copy(self, root: Path) -> "Workspace":
        """Copy everything, times included, so that what is up to date stays so."""
        shutil.copytree(self.root, root, symlinks=True, copy_function=shutil.copy2)
        return Workspace(root, self.study, self.environment)

    def variables(self) -> dict[str, str]:
        others = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        given = self.environment.get("PYTHONPATH")
        path = os.pathsep.join([str(self.root / "workflow"), *([given] if given else [])])
        return others | {"OMP_NUM_THREADS": "1"} | self.environment | {"PYTHONPATH": path}

    def execute(self, command: Sequence[str], check: bool) -> subprocess.CompletedProcess[str]:
        finished = subprocess.run(
            command, cwd=self.root, env=self.variables(), capture_output=True, text=True
        )
        if check:
            shown = f"{finished.stdout[-4000:]}\n{finished.stderr[-8000:]}"
            assert finished.returncode == 0, f"{command}: {finished.returncode}\n{shown}"
        return finished

    def _configuration(self) -> list[str]:
        return ["--configfile", self.study] if self.study else []


def copy_repository(root: Path) -> None:
    """Copy what git has or would add: no results, environments or other ignored files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout
    for name in listed.decode().split("\0"):
        source = REPOSITORY / name
        if name and source.is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, root / name)


def copy_configuration(root: Path) -> None:
    """Copy what a study is read from: shared settings, studies, origins of files."""
    for name in ("config.yaml", "sources.lock.yaml"):
        shutil.copy2(REPOSITORY / name, root / name)
    shutil.copytree(REPOSITORY / "studies", root / "studies")


def parse_plan(output: str) -> set[Job]:
    """Return the jobs that a dry run printed, `all` left out."""
    jobs = set()
    for rule, body in _JOB.findall(output):
        found = re.search(r"^    wildcards: (.*)$", body, re.MULTILINE)
        pairs = [item.split("=", 1) for item in found[1].split(", ")] if found else []
        jobs.add(Job(rule, frozenset((name, value) for name, value in pairs)))
    return jobs - {Job("all")}
