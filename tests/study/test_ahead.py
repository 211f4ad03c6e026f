"""What trainings may do ahead: all that follows from them, or what a run was asked for."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from polystilts.study.ahead import Ahead, Request
from polystilts.study.graph import Graph
from study.conftest import Load

ROOT = "results/miniature"
START = {"encoder": "miniature", "arm": "english", "intermediate": "mnli", "seed": "1"}
CELL = "miniature/english/mnli"


@pytest.fixture
def graph(load_study: Load) -> Graph:
    return load_study()


def asked(graph: Graph, *targets: str, step: str = "train_intermediate") -> set[str]:
    """Return the outputs of what a step does ahead."""
    return {request["output"] for request in _all(Ahead(graph.keys, targets).after(step, START))}


def _all(requests: Iterable[Request]) -> Iterator[Request]:
    for request in requests:
        yield request
        yield from _all(request["ahead"])


def model(fine_tune: str) -> str:
    return f"{ROOT}/targets/{CELL}/{fine_tune}/seed-1/training.json"


def predictions(target: str) -> str:
    return f"{ROOT}/predictions/{CELL}/{target}/seed-1.parquet"


def scores(target: str) -> str:
    return f"{ROOT}/scores/{CELL}/{target}/seed-1.parquet"


def test_everything_follows_where_everything_is_asked_for(graph: Graph) -> None:
    targets = graph.selection.targets
    fine_tunes = ("xnli", "pawsx", "udpos", "panx", "squad", "tydiqa")
    everything = {path(target) for target in targets for path in (predictions, scores)}
    everything |= {model(name) for name in fine_tunes}
    assert asked(graph) == everything
    for target in ("all", f"{ROOT}/matrix.parquet", f"{ROOT}/report/scores.csv"):
        assert asked(graph, target, scores("xnli")) == everything


@pytest.mark.parametrize("suffix", ["parquet", "json"])
def test_a_single_cell(graph: Graph, suffix: str) -> None:
    target = scores("mlqa").replace("parquet", suffix)
    assert asked(graph, target) == {model("squad"), predictions("mlqa"), scores("mlqa")}
    assert asked(graph, predictions("mlqa")) == {model("squad"), predictions("mlqa")}
    assert asked(graph, scores("bucc")) == {predictions("bucc"), scores("bucc")}


def test_a_single_model(graph: Graph) -> None:
    weights = model("squad").replace("training.json", "model.safetensors")
    assert asked(graph, weights) == {model("squad")}


def test_a_training_alone_and_the_cell_of_another(graph: Graph) -> None:
    assert asked(graph, f"{ROOT}/intermediate/{CELL}/seed-1/training.json") == set()
    assert asked(graph, scores("mlqa").replace("/mnli/", "/squad/")) == set()


def test_one_seeds_baselines_follow_from_the_pretraining(load_study: Load) -> None:
    """The trainings wait for the encoder: they shall not wait for all seeds' baselines."""
    overlay: dict[str, Any] = {"study": {"seeds": [1, 2], "targets": ["xquad", "tatoeba"]}}
    graph = load_study(overlay)
    requests = list(Ahead(graph.keys, ()).after("pretrain_encoder", {"encoder": "miniature"}))
    baseline = "miniature/none/none"
    assert [request["output"] for request in requests] == [
        f"{ROOT}/predictions/{baseline}/tatoeba/seed-1.parquet",
        f"{ROOT}/targets/{baseline}/squad/seed-1/training.json",
    ]


def test_requests_are_those_of_the_jobs(graph: Graph) -> None:
    for request in _all(Ahead(graph.keys, ()).after("train_intermediate", START)):
        command = request["step"]
        wildcards = START | {"fine_tune" if command == "fine_tune" else "target": request["name"]}
        step = "predict" if command == "predict_retrieval" else command
        assert request["key"] == graph.keys.key(step, wildcards)
        assert request["record"] == graph.keys.record(step, wildcards)
        assert request["partial"] == f"{ROOT}/.partial/{request['key']}"
