"""The command `polystilts`: results on stdout, messages on stderr, 0 done, 1 failed, 2 misused."""

from pathlib import Path

import pytest

from polystilts.commands.cli import main
from polystilts.commands.reference import configuration_page, tasks_page
from repository import REPOSITORY, Workspace, copy_configuration


@pytest.mark.parametrize(
    ("page", "text"), [("configuration", configuration_page), ("tasks", tasks_page)]
)
def test_reference_pages_are_current(page: str, text: object) -> None:
    assert callable(text)
    path = REPOSITORY / "docs" / f"{page}.md"
    cure = f"the code changed; run: polystilts reference {page} > docs/{page}.md"
    assert path.read_text("utf-8") == text(), cure


@pytest.mark.parametrize("arguments", [[], ["runn"], ["run", "--stud", "x", "--y"], ["reference"]])
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["run", "show"])
def test_an_unknown_study(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    with pytest.raises(SystemExit) as end:
        main([command, "--study", "efect"])
    assert end.value.code == 2
    assert capsys.readouterr().err == "error: unknown study `efect`; the nearest is `effect`\n"


def test_a_study_that_was_not_run_has_no_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_configuration(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["show"])
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith("error: results/miniature/matrix.parquet is not")


def test_a_wrong_configuration_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    copy_configuration(tmp_path)
    (tmp_path / "mine.yaml").write_text("study: {name: mine, target: [xnli]}\n")
    here = Workspace(tmp_path, environment={"PYTHONPATH": str(REPOSITORY / "workflow")})
    finished = here.polystilts("run", "--study", "mine.yaml", check=False)
    assert finished.returncode == 2
    assert finished.stdout == ""
    expected = "error: config: `study.target`: unknown key; the nearest is `targets`\n"
    assert finished.stderr == expected
    names = ["config.yaml", "mine.yaml", "sources.lock.yaml", "studies"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
