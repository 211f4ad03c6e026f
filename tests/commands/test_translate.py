"""The step `translate`, run as the workflow runs it on a small synthetic world."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.commands import prepare_task, translate, write_miniature
from polystilts.commands.workflow import load
from polystilts.errors import DamagedFileError
from polystilts.provenance.manifest import read_manifest
from polystilts.provenance.tables import read_table
from polystilts.study.graph import Graph
from repository import REPOSITORY
from steps import read_config

OVERLAY: dict[str, Any] = {
    "study": {"arms": ["translated"], "intermediates": ["squad", "ccg"], "targets": ["tatoeba"]},
    "recipes": {"miniature": {"copies": 2, "clean_copy": "replace", "examples": 0.8}},
    "sources": {"translations": "translations/{lang}"},
    "tasks": {"squad": {"intermediate": {"examples": 60}}},
    "miniature": {
        "translations": True,
        "documents": 10,
        "train": {"default": 72},
        "few_shot": {"default": 12},
        "dev": 12,
        "test": 12,
        "retrieval": 8,
    },
}


class Wildcards:
    def __init__(self, **values: str) -> None:
        self.__dict__.update(values)

    def items(self) -> Any:
        return self.__dict__.items()


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """The study, its world and English rows written to the folder that the test runs in."""
    study = load(read_config(REPOSITORY, OVERLAY))
    monkeypatch.chdir(tmp_path)
    world = study.paths.world_manifest(study.study.world)
    write_miniature.main(["--manifest", world, *settings(study, "write_miniature")])
    for task in ("squad", "ccg"):
        folder = ["--sources", study.source_folder, "--manifests", world]
        manifest = ["--manifest", study.paths.task_manifest(task)]
        prepare_task.main([*folder, *manifest, *settings(study, "prepare_task", task=task)])
    return study


def settings(graph: Graph, step: str, **wildcards: str) -> list[str]:
    record = json.dumps(graph.keys.record(step, wildcards))
    return ["--key", graph.keys.key(step, wildcards), "--record", record]


def run(graph: Graph, task: str) -> tuple[Path, Path]:
    named = {"variant": "miniature+translated", "task": task}
    wildcards = Wildcards(**named)
    corpus = Path(graph.paths.corpus.format(**named))
    sheet = Path(graph.paths.corpus_sheet.format(**named))
    translate.main(
        [
            "--rows",
            graph.paths.task(task, "train"),
            "--translations",
            *graph.translations.rows(wildcards),
            "--manifests",
            *graph.translations.manifests(wildcards),
            "--corpus",
            str(corpus),
            "--sheet",
            str(sheet),
            *settings(graph, "translate", **named),
        ]
    )
    return corpus, sheet


@pytest.mark.parametrize("task", ["squad", "ccg"])
def test_every_copy_holds_every_example_once(graph: Graph, task: str) -> None:
    corpus, sheet = run(graph, task)
    table, facts = read_table(corpus), read_manifest(sheet)
    english = read_table(Path(graph.paths.task(task, "train")))
    examples = 60 if task == "squad" else 72
    assert facts["examples"] == examples
    assert facts["key"] == graph.keys.key(
        "translate", {"variant": "miniature+translated", "task": task}
    )
    assert table.schema.names == [*english.schema.names, "copy", "language"]
    for copy in (0, 1):
        rows = [row for row in table.to_pylist() if row["copy"] == copy]
        assert len({row["id"] for row in rows}) == len(rows) == examples
        told = Counter(row["language"] for row in rows)
        counted = facts["copies"][copy]
        assert told["en"] == examples - counted["translated"] > 0
        assert {code: told[code] for code in ("es", "ru", "hi")} == counted["languages"]
    assert {name: found["own"] for name, found in facts["translations"].items()} == {
        "es": True,
        "ru": True,
        "hi": True,
    }
    assert facts["treatment"] == "translated"


def test_an_edited_translation_is_noticed(graph: Graph) -> None:
    file = Path(graph.source_folder) / "translations" / "ru" / "ccg" / "ccg.train"
    file.write_text(file.read_text("utf-8") + "один\tN\n", "utf-8")
    with pytest.raises(DamagedFileError, match=r"ccg\.train"):
        run(graph, "ccg")
