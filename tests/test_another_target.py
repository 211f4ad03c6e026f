"""A target that is not XTREME's takes one record, and leaves XTREME's numbers as they are."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest

from evaluation.mock_submission import write_submission
from polystilts.analysis.matrix import collect
from polystilts.analysis.means import OVERALL
from polystilts.commands import score as score_step
from polystilts.commands import workflow
from polystilts.commands.cli import main
from polystilts.commands.studies import load_study
from polystilts.evaluation.score_rows import SCORE_SCHEMA
from polystilts.provenance.tables import write_table
from polystilts.report.content import ReportContent, report_content
from polystilts.report.csv_files import table_csv
from polystilts.report.figures import heatmap
from polystilts.report.tables import print_report
from polystilts.study.graph import Graph
from polystilts.study.tasks import Split, Task
from polystilts.tasks.prepare import prepare
from polystilts.tasks.registry import TASKS
from repository import REPOSITORY
from steps import changed, step_keys

# all that a new target with a known format takes
RECORD = """
from types import MappingProxyType
from polystilts.study.tasks import Split, Task
NAMES = MappingProxyType({"label_names": {"0": "travel", "1": "health"}})
SIB = Task(
    name="sib",
    title="Topics",
    family="classification",
    intermediate=False,
    target=True,
    languages=("en", "es", "ru"),
    metric="accuracy",
    labels=("travel", "health"),
    splits=(
        Split("train", "pawsx", ("sib/en/train.tsv",), options=NAMES),
        Split("dev", "pawsx", ("sib/{lang}/dev.tsv",), per_language=True, options=NAMES),
        Split("test", "pawsx", ("sib/{lang}/test.tsv",), per_language=True, options=NAMES),
    ),
    fine_tune="sib",
    citation="",
    licence="CC BY-SA 4.0",
    version="1",
)
"""
# a process whose registry has it
PROGRAM = f"""{RECORD}
from polystilts.tasks import targets
targets.TARGETS = (*targets.TARGETS, SIB)
from polystilts.commands.cli import main
main()
"""


def own_copy(folder: Path) -> dict[str, Any]:
    """Write the target's files; return the configuration of a study that reads them."""
    files = [f"{language}/{split}" for language in ("en", "es") for split in ("dev", "test")]
    for file in ("en/train", *files):
        path = folder / "sib" / f"{file}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [f"{n}\tdogs run\tthey run {n}\t{n % 2}" for n in range(8)]
        path.write_text("\n".join(["id\tsentence1\tsentence2\tlabel", *rows, ""]), "utf-8")
    return {
        "base": "miniature",
        "study": {
            "name": "another",
            "arms": ["english"],
            "intermediates": ["mnli"],
            "targets": ["xnli", "sib", "pawsx"],
            "languages": ["en", "es"],
            "seeds": [1],
        },
        "tasks": {"sib": {"path": str(folder)}},
    }


def sib() -> Task:
    found: dict[str, Any] = {}
    exec(RECORD, found)
    task: Task = found["SIB"]
    return task


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Graph:
    """A study with the target between two of XTREME's, in a registry that has it."""
    registry = MappingProxyType({**TASKS, "sib": sib()})
    monkeypatch.setattr(workflow, "TASKS", registry)
    monkeypatch.chdir(REPOSITORY)
    overlay = tmp_path / "study.yaml"
    overlay.write_text(json.dumps(own_copy(tmp_path / "own")), "utf-8")
    return load_study(str(overlay), [])


def content(graph: Graph, targets: list[str]) -> ReportContent:
    """Return the report of scores that are 60, 90, 40 … by target, for the first arm 6 more."""
    record = graph.keys.record("write_report", {}) | {"targets": targets}
    levels = {"xnli": 60.0, "sib": 90.0, "pawsx": 40.0}
    rows = [
        {
            "encoder": "miniature",
            "arm": arm,
            "intermediate": intermediate,
            "target": target,
            "language": language,
            "seed": 1,
            "split": "test",
            "selection": "last",
            "metric": "score",
            "semantics": "xtreme",
            "value": levels[target] + gain * (2 if target == "sib" else 1),
            "n": 8,
            "signature": "s",
            "key": "k",
        }
        for arm, intermediate, gain in (("none", "none", 0.0), ("english", "mnli", 3.0))
        for target in targets
        for language in ("en", "es")
    ]
    record["averaged_targets"] = [name for name in record["averaged_targets"] if name in targets]
    return report_content(pa.Table.from_pylist(rows, schema=SCORE_SCHEMA), record)


def printed(report: ReportContent) -> str:
    out = io.StringIO()
    print_report(report, out)
    return out.getvalue()


def score_with(program: list[str], folder: Path) -> tuple[dict[str, Any], str]:
    sides = ["--predictions", str(folder / "predictions"), "--labels", str(folder / "labels")]
    command = [sys.executable, *program, "score", *sides]
    environment = {"PYTHONPATH": str(REPOSITORY / "workflow")}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout), finished.stderr


def test_a_complete_submission_stays_complete_with_the_same_numbers(tmp_path: Path) -> None:
    write_submission(tmp_path)
    before = score_with(["-m", "polystilts.commands.cli"], tmp_path)
    after = score_with(["-c", PROGRAM], tmp_path)
    assert after == before
    assert after[0]["complete"] and after[0]["missing"] == [] and after[1] == ""


def test_its_folder_in_a_submission_is_none_of_xtremes(tmp_path: Path) -> None:
    write_submission(tmp_path, tasks=["xnli"])
    for side in ("predictions", "labels"):
        (tmp_path / side / "sib").mkdir()
        (tmp_path / side / "sib" / "test-en.tsv").write_text("travel\n", "utf-8")
    result, messages = score_with(["-c", PROGRAM], tmp_path)
    assert list(result["tasks"]) == ["xnli"] and "sib" not in result["missing"]
    assert messages.count("sib: not XTREME's, skipped") == 2


def test_the_nine_targets_are_xtremes_and_nothing_else_is() -> None:
    assert {name for name, task in TASKS.items() if task.benchmark} == {
        *("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba")
    }
    assert all(TASKS[name].target for name, task in TASKS.items() if task.benchmark)


def test_a_study_with_it_has_its_steps_beside_those_of_the_others(
    graph: Graph, tmp_path: Path
) -> None:
    steps = step_keys(graph)
    own = {step for step in steps if "sib" in dict(step[1]).values()}
    assert {name for name, _ in own} == {"prepare_task", "fine_tune", "predict", "score"}
    less = own_copy(tmp_path / "own")
    less["study"]["targets"].remove("sib")
    (tmp_path / "less.yaml").write_text(json.dumps(less), "utf-8")
    without = step_keys(load_study(str(tmp_path / "less.yaml"), []))
    fetched = {step for step in steps if step[0] == "fetch_source"}
    assert steps.keys() - without.keys() == own | fetched
    assert {name for name, _ in changed(without, steps)} == {"collect_matrix", "write_report"}


def test_a_study_with_it_is_planned_and_says_what_is_assumed(
    graph: Graph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", str(tmp_path / "study.yaml")])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert "sib: its lengths are not known; they are taken to be those of xnli" in out


def test_it_is_prepared_scored_and_stands_in_the_matrix(graph: Graph, tmp_path: Path) -> None:
    task = {"task": "sib"}
    record = graph.keys.record("prepare_task", task)
    prepare(
        record, tmp_path / "own", tmp_path / "tasks", graph.keys.key("prepare_task", task), None
    )
    assert (tmp_path / "tasks" / "test.es.parquet").is_file()
    cell = next(cell for cell in graph.study.cells if cell.target == "sib").wildcards()
    columns = {
        "id": ["1", "2"],
        "group": ["1", "2"],
        "language": ["es", "es"],
        "split": ["test", "test"],
        "selection": ["last", "last"],
        "gold": ["travel", "health"],
        "prediction": ["travel", "travel"],
        "score": [1.0, 1.0],
    }
    predictions = tmp_path / "predictions.parquet"
    write_table(predictions, pa.table(columns), "p")
    output = tmp_path / "scores.parquet"
    told = ["--key", "k", "--record", json.dumps(graph.keys.record("score", cell))]
    score_step.main([*told, "--predictions", str(predictions), "--output", str(output)])
    rows: list[Mapping[str, Any]] = collect([output]).to_pylist()
    number = [row for row in rows if row["metric"] == "score" and row["semantics"] == "xtreme"]
    assert [(row["target"], row["language"], row["value"]) for row in number] == [
        ("sib", "es", 50.0)
    ]


def test_its_column_stands_beside_xtremes_mean(graph: Graph) -> None:
    report = content(graph, ["xnli", "sib", "pawsx"])
    means = report.means["xtreme", "xtreme"]
    assert means["english", "mnli", "sib"].value == pytest.approx(96.0)
    assert means["english", "mnli", OVERALL].value == pytest.approx((63 + 43) / 2)
    contrast = ("xtreme", ("english", "mnli"), ("none", "none"))
    assert report.differences[*contrast, "sib"].mean == pytest.approx(6.0)
    assert report.differences[*contrast, OVERALL].mean == pytest.approx(3.0)
    assert not report.differences[*contrast, OVERALL].gaps
    text = printed(report)
    assert text.count("mean: over XTREME's targets alone; not in it: sib") == 1
    assert "96.0" in text
    assert "not_in_average" in table_csv(report).splitlines()[0]
    assert heatmap(report).texts[-1].get_text().count("not in it: sib") == 1


def test_without_targets_of_xtremes_there_is_no_mean(graph: Graph) -> None:
    report = content(graph, ["sib"])
    text = printed(report)
    assert "no mean over targets: sib not of XTREME" in text
    header = next(line for line in text.splitlines() if line.startswith("intermediate"))
    assert header.split() == ["intermediate", "sib"]
    assert "average" not in table_csv(report).splitlines()[0].split(",")
    assert heatmap(report).axes


def test_xtremes_own_studies_say_nothing_of_it(graph: Graph) -> None:
    report = content(graph, ["xnli", "pawsx"])
    assert report.mean_note == "" and "mean: over" not in printed(report)


def test_it_is_not_exported_as_xtremes(
    graph: Graph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["export", str(tmp_path / "study.yaml"), "--output", str(tmp_path / "out")])
    assert "left out: sib is not one of XTREME's targets" in capsys.readouterr().err
    assert not list(tmp_path.glob("out/**/sib"))


def test_a_target_says_how_it_is_predicted() -> None:
    with pytest.raises(ValueError, match="task new: either `fine_tune` or `retriever`"):
        Task(
            name="new",
            title="",
            family="retrieval",
            intermediate=False,
            target=True,
            languages=("es",),
            metric="retrieval_accuracy",
            labels=None,
            splits=(Split("test", "tatoeba", ("new.{lang}", "new.en"), per_language=True),),
            fine_tune=None,
            citation="",
            licence="",
        )
