"""A file that was damaged after it was written stops the next step that reads it, by name."""

import json
import os
from pathlib import Path

import pytest

from polystilts.provenance.tables import read_table
from repository import Workspace

CELL = "miniature/english/mnli/tatoeba/seed-1.parquet"


def flip(path: Path, position: int) -> None:
    """Flip a byte as a bad disk does: the time of the file stays."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[position] ^= 0xFF
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    ("damaged", "position", "rebuilt"),
    [
        (f"predictions/{CELL}", 60, f"scores/{CELL}"),
        # the Parquet footer: a column's name, for one
        (f"predictions/{CELL}", -1000, f"scores/{CELL}"),
        ("tasks/mnli/train.parquet", 60, "corpora/miniature/mnli/train.parquet"),
        (
            "corpora/miniature/mnli/train.parquet",
            60,
            "intermediate/miniature/code-switched/mnli/seed-1/training.json",
        ),
        (
            "corpora/miniature/mnli/train.parquet",
            -1000,
            "corpora/miniature/mnli/train.html",
        ),
        (
            "intermediate/miniature/english/mnli/seed-1/model.safetensors",
            -1,
            f"predictions/{CELL}",
        ),
        (f"scores/{CELL}", 60, "matrix.parquet"),
        (
            "tasks/squad/train.parquet",
            -1000,
            "targets/miniature/none/none/squad/seed-1/training.json",
        ),
        ("matrix.parquet", -1000, "report/manifest.json"),
        ("trainings.parquet", -1000, "report/manifest.json"),
    ],
)
def test_the_next_step_names_the_damaged_file(
    workspace: Workspace, damaged: str, position: int, rebuilt: str
) -> None:
    before = read_table(workspace.result("matrix.parquet"))
    flip(workspace.result(damaged), position)
    target = f"results/tiny/{rebuilt}"
    options = ("--cores", "1", "--show-failed-logs", "-R", target, "--until", target)
    finished = workspace.snakemake(*options, check=False)
    assert finished.returncode == 1
    errors = [line for line in finished.stderr.splitlines() if line.strip().startswith("error:")]
    assert len(errors) == 1, finished.stderr
    assert errors[0].strip().startswith(f"error: results/tiny/{damaged}: ")
    # the run stopped there: what was known before is still known
    if "matrix.parquet" not in (damaged, rebuilt):
        assert read_table(workspace.result("matrix.parquet")).equals(before)


def test_weights_of_another_run_are_not_built_upon(workspace: Workspace) -> None:
    """An earlier run's job that was still alive writes its weights after all others have ended."""
    manifest = workspace.result("intermediate/miniature/english/mnli/seed-1/training.json")
    before = manifest.stat()
    facts = json.loads(manifest.read_text("utf-8")) | {"key": "0123456789abcdef"}
    manifest.write_text(json.dumps(facts), "utf-8")
    os.utime(manifest, ns=(before.st_atime_ns, before.st_mtime_ns))
    target = f"results/tiny/predictions/{CELL}"
    options = ("--cores", "1", "--show-failed-logs", "-R", target, "--until", target)
    finished = workspace.snakemake(*options, check=False)
    assert finished.returncode == 1
    assert "training.json: written under the key 0123456789abcdef, not under" in finished.stderr
