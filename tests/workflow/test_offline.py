"""A study is computed without the network, and without a look at the labels of its test sets."""

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from polystilts.provenance.manifest import read_manifest, write_manifest
from polystilts.provenance.tables import read_table, table_key, write_table
from repository import Workspace

BASELINE = "miniature/none/none"


@pytest.mark.parametrize(
    "program",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://localhost:9/')",
        "import socket; socket.socket().bind(('127.0.0.1', 0))",
    ],
)
def test_the_tiny_study_ran_where_sockets_are_refused(watch: Path, program: str) -> None:
    """The fixture `built` computes the study like this: each of its Pythons ran with the hook."""
    environment = {"PYTHONPATH": str(watch)}
    finished = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert finished.returncode == 1
    assert "nothing here may use the network" in finished.stderr


def test_the_tiny_study_ran_where_pickles_are_refused(watch: Path) -> None:
    program = "import pickle; pickle.loads(pickle.dumps(print))"
    command = [sys.executable, "-c", program, "polystilts.commands"]
    environment = {"PYTHONPATH": str(watch)}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 1
    assert "a pickle can run any program" in finished.stderr


def test_test_labels_change_nothing_before_scoring(workspace: Workspace) -> None:
    models = [f"targets/{BASELINE}/squad/seed-1/training.json"]
    predictions = [f"predictions/{BASELINE}/{name}/seed-1.parquet" for name in ("xquad", "tatoeba")]
    before = {name: workspace.result(name).with_suffix(".before") for name in predictions}
    for name, copy in before.items():
        shutil.copy2(workspace.result(name), copy)
    weights = read_manifest(workspace.result(models[0]))["files"]["model.safetensors"]

    for language in ("en", "es"):
        answers = read_table(workspace.result(f"tasks/xquad/test.{language}.parquet"))
        wrong = [[{"start": 0, "text": context[:1]}] for context in answers["context"].to_pylist()]
        replace(workspace, "xquad", f"test.{language}", answers, "answers", wrong)
    pairs = read_table(workspace.result("tasks/tatoeba/test-pairs.es.parquet"))
    partners = pairs["target_id"].to_pylist()
    replace(workspace, "tatoeba", "test-pairs.es", pairs, "target_id", partners[1:] + partners[:1])

    targets = [f"results/tiny/{name}" for name in (*models, *predictions)]
    workspace.snakemake("--cores", "2", *targets, "-R", *targets)

    again = read_manifest(workspace.result(models[0]))["files"]["model.safetensors"]
    assert again == weights
    for name, copy in before.items():
        old, new = pq.read_table(copy), read_table(workspace.result(name))
        assert old.drop_columns("gold").equals(new.drop_columns("gold")), name
        assert not old["gold"].equals(new["gold"]), f"{name}: the labels were not replaced"


def replace(
    workspace: Workspace, task: str, stem: str, table: pa.Table, column: str, values: list[object]
) -> None:
    """Write a task's table with other labels, as if they had been published like this."""
    path = workspace.result(f"tasks/{task}/{stem}.parquet")
    key = str(table_key(path))
    place = table.schema.get_field_index(column)
    other = table.set_column(
        place, table.schema.field(column), pa.array(values, table.schema.field(column).type)
    )
    write_table(path, other, key)
    manifest = path.with_name("manifest.json")
    facts = read_manifest(manifest)
    files = [manifest.with_name(name) for name in facts.pop("files")]
    write_manifest(manifest, facts.pop("key"), files, **facts)
