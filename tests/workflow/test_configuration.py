"""A wrong configuration ends the real commands with 2 and one line, before any job."""

from pathlib import Path

import pytest

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
