"""The tiny study from start to end: its matrix, its report, and what Snakemake shows of it."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from polystilts.commands.workflow import load
from polystilts.provenance.code import closure
from polystilts.provenance.manifest import read_key, verify
from polystilts.provenance.tables import read_table, table_key
from repository import Workspace
from steps import Step, read_config, read_keys

CELLS = {
    (arm, intermediate, target)
    for arm, intermediate in [
        ("none", "none"),
        *((arm, name) for arm in ("english", "code-switched") for name in ("mnli", "squad")),
    ]
    for target in ("xquad", "tatoeba")
}
START = "{encoder}/{arm}/{intermediate}"
TABLES = ("scores", "table", "differences", "trainings", "selections")
COLUMNS = (
    "encoder arm intermediate target language seed split selection metric semantics value n"
    " signature key failed_checks"
).split()


@pytest.fixture(scope="module")
def keys(built: Workspace) -> dict[Step, str]:
    return read_keys(built.python("tests/steps.py", "tests/workflow/tiny.yaml").stdout)


def test_a_second_run_has_nothing_to_do(built: Workspace) -> None:
    assert "Nothing to be done" in built.snakemake("--cores", "2").stderr


def test_the_matrix_holds_every_cell(built: Workspace, keys: dict[Step, str]) -> None:
    table = read_table(built.result("matrix.parquet"))
    assert table.column_names == COLUMNS
    rows = table.to_pylist()
    assert {(row["arm"], row["intermediate"], row["target"]) for row in rows} == CELLS
    the_number = [
        row
        for row in rows
        if row["metric"] == "score" and row["semantics"] == "xtreme" and row["split"] == "test"
    ]
    expected = [
        (*cell, language)
        for cell in sorted(CELLS)
        for language in (["es"] if "tatoeba" in cell else ["en", "es"])
    ]
    found = [
        (row["arm"], row["intermediate"], row["target"], row["language"]) for row in the_number
    ]
    assert sorted(found) == sorted(expected)
    assert all(0 <= row["value"] <= 100 and row["n"] > 0 for row in rows)
    assert {row["encoder"] for row in rows} == {"miniature"}
    assert {row["seed"] for row in rows} == {1}
    for row in rows:
        names = ("encoder", "arm", "intermediate", "target", "seed")
        step = ("score", tuple(sorted((name, str(row[name])) for name in names)))
        assert row["key"] == keys[step]


def test_every_result_carries_its_key(built: Workspace, keys: dict[Step, str]) -> None:
    """What is on disk can be checked against a study without Snakemake's own records."""
    paths = {
        "build_lexicon": "lexicons/{language}.parquet",
        "prepare_task": "tasks/{task}/manifest.json",
        "code_switch": "corpora/{variant}/{task}/train.json",
        "corpus_page": "corpora/{variant}/{task}/train.html.manifest.json",
        "pretrain_encoder": "encoders/{encoder}/encoder.json",
        "train_intermediate": f"intermediate/{START}/seed-{{seed}}/training.json",
        "fine_tune": f"targets/{START}/{{fine_tune}}/seed-{{seed}}/training.json",
        "predict": f"predictions/{START}/{{target}}/seed-{{seed}}.parquet",
        "score": f"scores/{START}/{{target}}/seed-{{seed}}.parquet",
        "collect_matrix": "matrix.parquet",
        "write_report": "report/manifest.json",
    }
    checked = set()
    for (step, wildcards), key in keys.items():
        if step in paths:
            path = built.result(paths[step].format(**dict(wildcards)))
            found = read_key(path) if path.suffix == ".json" else table_key(path)
            assert found == key, path
            checked.add(step)
    assert checked == set(paths)


def test_nothing_resumable_or_half_written_is_left(built: Workspace) -> None:
    left = [path for path in built.result(".partial").iterdir() if path.suffix != ".lock"]
    assert left == []
    assert list(built.file("results").rglob("*.tmp")) == []


def test_manifests_vouch_for_what_is_kept(built: Workspace) -> None:
    trained = sorted(built.result("intermediate").rglob("training.json"))
    assert len(trained) == 4
    for manifest in trained:
        assert verify(manifest)["progress"]["steps"] > 0
    # weights of targets are temporary: `keep: intermediate`
    assert list(built.result("targets").rglob("model.safetensors")) == []
    assert len(list(built.result("targets").rglob("training.json"))) == 5


def test_a_corpus_comes_with_a_sheet_and_a_page(built: Workspace) -> None:
    for task in ("mnli", "squad"):
        folder = built.result(f"corpora/miniature/{task}")
        sheet = verify(folder / "train.json")
        assert set(sheet["files"]) == {"train.parquet"}
        assert set(verify(folder / "train.html.manifest.json")["files"]) == {"train.html"}
        page = (folder / "train.html").read_text("utf-8")
        assert page.lower().startswith("<!doctype html>")


def test_arms_take_the_same_steps(built: Workspace) -> None:
    for name in ("mnli", "squad"):
        arms = [
            json.loads(
                built.result(
                    f"intermediate/miniature/{arm}/{name}/seed-1/training.json"
                ).read_text()
            )
            for arm in ("english", "code-switched")
        ]
        assert arms[0]["plan"] == arms[1]["plan"]
        assert arms[0]["record"] == arms[1]["record"]
        assert arms[0]["files"]["model.safetensors"] != arms[1]["files"]["model.safetensors"]


def test_the_report_can_be_read(built: Workspace) -> None:
    folder = built.result("report")
    verify(folder / "manifest.json")
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="") as file:
            tables[path.name] = list(csv.DictReader(file))
        assert tables[path.name], path
        assert all("synthetic" in row["world"].lower() for row in tables[path.name])
    assert set(tables) == {f"{name}.csv" for name in TABLES}
    matrix = read_table(built.result("matrix.parquet"))
    assert len(tables["scores.csv"]) == matrix.num_rows
    assert (folder / "heatmap.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder / "heatmap.svg").read_text()


def test_every_failed_leak_check_is_named_with_the_numbers(built: Workspace) -> None:
    sheets = {task: f"corpora/miniature/{task}/train.json" for task in ("mnli", "squad")}
    failed = {
        (task, check)
        for task, path in sheets.items()
        for check, sheet in json.loads(built.result(path).read_text("utf-8"))["leaks"].items()
        if sheet["passed"] is False
    }
    facts = json.loads(built.result("matrix.json").read_text("utf-8"))
    named = {(item["task"], item["check"]) for item in facts["failed_checks"]}
    assert named == failed
    marked = {
        row["intermediate"]
        for row in read_table(built.result("matrix.parquet")).to_pylist()
        if row["failed_checks"]
    }
    assert marked == {task for task, _ in failed}
    text = built.result("report/table.txt").read_text("utf-8")
    assert ("failed leak checks" in text) == ("‡" in text) == bool(failed)


def test_show_prints_the_tables_and_nothing_else(built: Workspace) -> None:
    shown = built.polystilts("show", "--study", "tests/workflow/tiny.yaml")
    assert shown.stderr == ""
    for word in ("xquad", "tatoeba", "mnli", "squad", "english", "code-switched"):
        assert word in shown.stdout
    assert "synthetic" in shown.stdout.lower()


def test_jobs_load_no_code_that_their_key_does_not_cover(
    loaded: Path, built: Workspace, keys: dict[Step, str]
) -> None:
    """The key's static view of a step, against what each job of the run really loaded."""
    overlay = yaml.safe_load(built.file("tests/workflow/tiny.yaml").read_text("utf-8"))
    graph = load(read_config(built.root, overlay))
    package = built.file("workflow/polystilts")
    step_of = {key: step for step, key in keys.items()}
    seen = set()
    for note in loaded.glob("*.json"):
        content = json.loads(note.read_text("utf-8"))
        arguments = content["arguments"]
        if "--key" in arguments:
            own = step_of[arguments[arguments.index("--key") + 1]]
            # what a job does ahead stands under the keys of what it makes
            done = [own, *(step_of[request["key"]] for request in _requests(arguments))]
            modules = {name for step, at in done for name in graph.keys.modules(step, dict(at))}
            covered = {file for module in modules for file in closure(module, package)}
            files = {_file_of(module, package) for module in content["modules"]}
            assert files <= covered, own
            seen.add(own)
    assert seen == set(keys)


def _requests(arguments: list[str]) -> list[dict[str, Any]]:
    if "--ahead" not in arguments:
        return []
    first = arguments.index("--ahead") + 1
    last = next(i for i in range(first, len(arguments)) if arguments[i].startswith("--"))
    return _with_following([json.loads(text) for text in arguments[first:last]])


def _with_following(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    following = [_with_following(request["ahead"]) for request in requests]
    return requests + [request for some in following for request in some]


@pytest.mark.parametrize(("step", "jobs"), [("fine_tune", 5), ("predict", 10), ("score", 10)])
def test_what_follows_a_training_is_done_ahead(built: Workspace, step: str, jobs: int) -> None:
    """Each job finds its result made; the baselines' too, if their data was there in time."""
    folder = built.result(f"logs/{step}")
    logs = {path.relative_to(folder): path.read_text("utf-8") for path in folder.rglob("*.log")}
    assert len(logs) == jobs
    for path, messages in logs.items():
        if "none" not in path.parts:
            assert "was finished under this key" in messages, path


def test_jobs_whose_results_were_made_import_nothing_to_make_them(
    loaded: Path, built: Workspace, keys: dict[Step, str]
) -> None:
    steps = {key: step for step, key in keys.items()}
    # the first imports torch and transformers, the second pyarrow
    heavy = {"polystilts.training.encoder", "polystilts.provenance.tables"}
    seen = []
    for note in loaded.glob("*.json"):
        content = json.loads(note.read_text("utf-8"))
        arguments = content["arguments"]
        if "--key" not in arguments:
            continue
        step, wildcards = steps[arguments[arguments.index("--key") + 1]]
        if step in ("fine_tune", "predict", "score") and ("intermediate", "none") not in wildcards:
            seen.append(step)
            assert heavy.isdisjoint(content["modules"]), arguments
    assert sorted(set(seen)) == ["fine_tune", "predict", "score"]


def test_predictions_made_ahead_are_those_of_their_own_job(workspace: Workspace) -> None:
    path = "predictions/miniature/code-switched/mnli/tatoeba/seed-1.parquet"
    ahead = workspace.result(path).read_bytes()
    workspace.snakemake("--cores", "2", "--force", f"results/tiny/{path}")
    log = workspace.result("logs/predict/miniature/code-switched/mnli/tatoeba/1.log")
    assert "finished under this key" not in log.read_text("utf-8")
    assert workspace.result(path).read_bytes() == ahead


def test_a_model_fine_tuned_ahead_is_that_of_its_own_job(workspace: Workspace) -> None:
    cell = "miniature/code-switched/mnli"
    path = f"targets/{cell}/squad/seed-1/training.json"
    ahead = json.loads(workspace.result(path).read_text("utf-8"))
    workspace.snakemake("--cores", "2", "--force", f"results/tiny/{path}")
    log = workspace.result(f"logs/fine_tune/{cell}/squad/1.log").read_text("utf-8")
    assert "finished under this key" not in log
    alone = json.loads(workspace.result(path).read_text("utf-8"))
    assert alone["files"] == ahead["files"]
    assert alone["key"] == ahead["key"]


def test_a_single_cell_is_computed_alone(workspace: Workspace) -> None:
    """Its training goes on with this cell and with no other."""
    cell = "miniature/english/mnli"
    scores = workspace.result(f"scores/{cell}/xquad/seed-1.parquet")
    before = scores.read_bytes()
    for folder in ("intermediate", "targets", "predictions", "scores"):
        shutil.rmtree(workspace.result(f"{folder}/{cell}"))
    workspace.snakemake("--cores", "2", f"results/tiny/scores/{cell}/xquad/seed-1.parquet")
    assert scores.read_bytes() == before
    log = workspace.result(f"logs/train_intermediate/{cell}/1.log").read_text("utf-8")
    assert "fine_tune squad: done ahead" in log
    assert "tatoeba" not in log
    assert not workspace.result(f"predictions/{cell}/tatoeba").exists()
    test_nothing_resumable_or_half_written_is_left(workspace)


def _file_of(module: str, package: Path) -> Path:
    path = package.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_snakemakes_own_report(workspace: Workspace) -> None:
    workspace.snakemake("--report", "report.html")
    page = workspace.file("report.html").read_text()
    assert "heatmap.png" in page
    assert len(page) > 1_000_000


def test_graphs_are_clean_dot(built: Workspace) -> None:
    rules = built.snakemake("--rulegraph", "dot").stdout
    assert rules.startswith("digraph")
    for rule in ("code_switch", "train_intermediate", "fine_tune", "predict", "score"):
        assert f'label = "{rule}"' in rules
    cell = "results/tiny/scores/miniature/english/mnli/xquad/seed-1.parquet"
    jobs = built.snakemake("--dag", "dot", cell).stdout
    assert jobs.startswith("digraph")
    assert jobs.count("train_intermediate") == 1
    assert "tatoeba" not in jobs
