"""Runs that find other things than they left: lost records, changed settings, others' locks."""

import os
import shutil

import pytest

from repository import Job, Workspace, parse_plan

STUDY = ("--study", "tests/workflow/tiny.yaml")
LEARNING_RATE = "  mnli: {intermediate: {learning_rate: 1.0e-3}}\n"


def planned(workspace: Workspace) -> set[Job]:
    dry = workspace.polystilts("run", *STUDY, "--", "-n", "--quiet", "progress")
    return parse_plan(dry.stderr)


def test_results_of_another_key_are_rebuilt_though_snakemake_lost_its_records(
    workspace: Workspace,
) -> None:
    shutil.rmtree(workspace.file(".snakemake"))
    assert planned(workspace) == set()
    workspace.edit("tests/workflow/tiny.yaml", "tasks:\n", "tasks:\n" + LEARNING_RATE)
    # Snakemake alone would call this up to date
    assert workspace.planned() == set()
    jobs = planned(workspace)
    assert {job["intermediate"] for job in jobs if job.rule == "train_intermediate"} == {"mnli"}
    assert {job["intermediate"] for job in jobs if job["intermediate"]} == {"mnli"}
    assert {"fine_tune", "predict", "predict_retrieval", "score", "collect_matrix"} <= {
        job.rule for job in jobs
    }


def test_tables_of_another_key_are_shown_as_such(workspace: Workspace) -> None:
    before = workspace.polystilts("show", *STUDY)
    workspace.edit("tests/workflow/tiny.yaml", "tasks:\n", "tasks:\n" + LEARNING_RATE)
    after = workspace.polystilts("show", *STUDY)
    assert after.stdout == before.stdout
    assert before.stderr == ""
    assert after.stderr.startswith("note: these numbers were computed under settings or code other")


@pytest.mark.parametrize("killed", [True, False])
def test_only_a_killed_run_of_its_own_is_unlocked(workspace: Workspace, killed: bool) -> None:
    locks = workspace.file(".snakemake/locks")
    locks.mkdir(exist_ok=True)
    lock = locks / "0.output.lock"
    lock.write_text("results/tiny/report/table.csv\n")
    workspace.file("results/.run.lock").write_text("4711\n" if killed else "")
    workspace.result("report/table.csv").unlink()
    finished = workspace.polystilts("run", *STUDY, check=False)
    assert finished.returncode == (0 if killed else 1)
    assert workspace.result("report/table.csv").exists() == killed
    assert lock.exists() != killed
    if not killed:
        assert "cannot be locked" in finished.stderr
    # a run that ended by itself, well or not, leaves no mark
    assert workspace.file("results/.run.lock").read_text() == ""


def test_a_run_that_fails_to_show_its_tables_leaves_no_mark(workspace: Workspace) -> None:
    matrix = workspace.result("matrix.parquet")
    before = matrix.stat()
    content = bytearray(matrix.read_bytes())
    content[60] ^= 0xFF
    matrix.write_bytes(content)
    os.utime(matrix, ns=(before.st_atime_ns, before.st_mtime_ns))
    finished = workspace.polystilts("run", *STUDY, check=False)
    assert finished.returncode == 1
    assert "matrix.parquet: its sha256 is not the one in matrix.json" in finished.stderr
    assert workspace.file("results/.run.lock").read_text() == ""
