"""A wrong configuration ends the real commands with 2 and one line, before any job."""

from pathlib import Path

import pytest
import yaml

from repository import Workspace, copy_repository


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("fresh") / "repository"
    copy_repository(root)
    return Workspace(root)


def results(workspace: Workspace) -> list[Path]:
    return [path for path in workspace.file("results").iterdir() if path.suffix == ""]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("study={encodr: miniature}", "`study.encodr`: unknown key; the nearest is `encoder`"),
        ("study={seeds: [one]}", "`study.seeds.0`: input should be a valid integer"),
        ("study={targets: [xnlu]}", "unknown target task `xnlu`; the nearest is `xnli`"),
        ("study={languages: [en, rus]}", "unknown language `rus`; the nearest is `ru`"),
    ],
)
def test_snakemake_refuses_it(fresh: Workspace, setting: str, said: str) -> None:
    finished = fresh.snakemake("-n", "--config", setting, check=False)
    assert finished.returncode == 2
    errors = [line for line in finished.stderr.splitlines() if "error" in line.lower()]
    assert len(errors) == 1, finished.stderr
    assert errors[0].startswith("error: config: ")
    assert said in errors[0]
    assert "Traceback" not in finished.stderr
    assert results(fresh) == []


def test_run_passes_it_on(fresh: Workspace) -> None:
    finished = fresh.polystilts("run", "--", "--config", "study={arms: [englisch]}", check=False)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "unknown arm `englisch`; the nearest is `english`" in finished.stderr
    assert results(fresh) == []


def test_the_command_line_changes_the_default_study(fresh: Workspace) -> None:
    jobs = fresh.planned("--config", "study={seeds: [3], arms: [english], intermediates: [mnli]}")
    seeds = {job["seed"] for job in jobs if job.rule == "train_intermediate"}
    assert seeds == {"3"}
    assert {job["target"] for job in jobs if job.rule == "score"} >= {"xnli", "bucc"}


def test_a_file_without_a_name_is_refused(fresh: Workspace) -> None:
    fresh.file("mine.yaml").write_text("study: {encoder: xlmr-base}\n")
    finished = fresh.snakemake("-n", "--configfile", "mine.yaml", check=False)
    assert finished.returncode == 2
    assert "error: config: `study.name`: missing" in finished.stderr


def test_another_workflow_uses_this_one_as_a_module(fresh: Workspace, tmp_path: Path) -> None:
    study = "{name: mine, arms: [english], intermediates: [mnli], targets: [xnli], seeds: [7]}"
    (tmp_path / "Snakefile").write_text(
        "module polystilts:\n"
        f"    snakefile: {str(fresh.file('Snakefile'))!r}\n"
        f"    config: {{'base': 'miniature', 'study': {yaml.safe_load(study)!r}}}\n"
        "use rule * from polystilts\n"
    )
    jobs = Workspace(tmp_path).planned()
    assert {job["seed"] for job in jobs if job.rule == "score"} == {"7"}
    assert any(job.rule == "train_intermediate" for job in jobs)


def test_a_run_says_what_the_study_does_not_get(fresh: Workspace) -> None:
    fresh.file("mine.yaml").write_text(
        "study: {name: mine, encoder: xlmr-base, arms: [english], intermediates: [mnli],"
        " targets: [xquad], languages: [en, de, sw], seeds: [1]}\n"
    )
    finished = fresh.polystilts("run", "--study", "mine.yaml", "--", "-n")
    assert "not available: xquad in sw: not in XQuAD\n" in finished.stderr
    for command in ("doctor", "plan"):
        assert "not available: xquad in sw" in fresh.polystilts(command, "mine.yaml").stdout
