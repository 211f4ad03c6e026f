"""Work done ahead: taken where it is exactly what its own job would make."""

import errno
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from polystilts.commands import training_job
from polystilts.commands.ahead import adopt, go_on, restore, work_ahead
from polystilts.commands.workflow import load
from polystilts.errors import PolystiltsError
from polystilts.provenance.manifest import read_manifest, verify, write_manifest
from polystilts.study.ahead import Ahead
from repository import REPOSITORY
from steps import read_config

KEY, DATA_KEY, OTHER = "00000000000000aa", "00000000000000bb", "00000000000000cc"
MODEL_FILES = {"model.safetensors", "config.json", "training.json"}

Calls = list[tuple[str, list[str]]]


def value(arguments: Sequence[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The steps that were run and their arguments; they write what they are told to make."""
    seen: Calls = []

    def imagined(step: str, option: str, names: Sequence[str]) -> None:
        def main(arguments: Sequence[str]) -> None:
            seen.append((step, list(arguments)))
            output = Path(value(arguments, option))
            files = [output.with_name(name) for name in names] or [output]
            output.parent.mkdir(parents=True, exist_ok=True)
            for file in files:
                file.write_text(f"{step} {file.name}")
            for error in (PolystiltsError("the rows are damaged."), IndexError("layer 9 of 6")):
                if type(error).__name__ in arguments:
                    raise error
            if "killed" in arguments:
                raise KeyboardInterrupt
            write_manifest(output.with_suffix(".json"), value(arguments, "--key"), files)

        module = ModuleType(f"polystilts.commands.{step}")
        module.main = main  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)

    imagined("predict", "--output", [])
    imagined("score", "--output", [])
    imagined("fine_tune", "--manifest", ["model.safetensors", "config.json"])
    return seen


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The manifest of a model that was just trained."""
    return written_model(tmp_path / "model")


def written_model(folder: Path, size: int = 1000) -> Path:
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(bytes(size))
    (folder / "config.json").write_text("{}")
    files = [folder / "model.safetensors", folder / "config.json"]
    write_manifest(folder / "training.json", OTHER, files)
    return folder / "training.json"


def data(folder: Path, train: int = 64, evaluated: int = 10, key: str = DATA_KEY) -> dict[str, Any]:
    manifest = folder / "data.json"
    rows = {"train": train, "dev.en": evaluated // 2, "test.es": evaluated - evaluated // 2}
    splits = {split: {"rows": number} for split, number in rows.items()}
    write_manifest(manifest, key, [], splits=splits)
    return {"data": str(manifest), "data_key": DATA_KEY}


def prediction(folder: Path, evaluated: int = 10, key: str = DATA_KEY) -> dict[str, Any]:
    return {
        "step": "predict",
        "name": "xnli",
        "key": KEY,
        "record": {"target": "xnli"},
        "partial": str(folder / "partial" / KEY),
        "output": "predictions/output.parquet",
        "options": {"--rows": "rows"},
        "ahead": [],
        **data(folder, train=1_000_000, evaluated=evaluated, key=key),
    }


def fine_tuning(
    folder: Path, train: int = 64, examples: int | None = None, ahead: Sequence[Any] = ()
) -> dict[str, Any]:
    return {
        "step": "fine_tune",
        "name": "xnli",
        "key": KEY,
        "record": {"name": "xnli", "task": {"examples": examples}},
        "partial": str(folder / "partial" / KEY),
        "output": "targets/training.json",
        "options": {"--english": "rows"},
        "ahead": list(ahead),
        **data(folder, train=train, evaluated=1_000_000),
    }


def left(folder: Path) -> list[str]:
    return [path.name for path in (folder / "partial").glob("*")]


def test_what_was_made_ahead_is_moved_to_its_place(
    tmp_path: Path, model: Path, calls: Calls
) -> None:
    work_ahead(model, [json.dumps(prediction(tmp_path))], ["--model", "m"])
    ((step, arguments),) = calls
    assert step == "predict"
    assert value(arguments, "--model") == "m"
    assert value(arguments, "--rows") == "rows"
    assert value(arguments, "--key") == KEY
    assert json.loads(value(arguments, "--record")) == {"target": "xnli"}
    partial, manifest = tmp_path / "partial" / KEY, tmp_path / "predictions" / "output.json"
    assert adopt(partial, manifest, KEY)
    assert manifest.with_suffix(".parquet").read_text() == "predict output.parquet"
    verify(manifest)
    assert left(tmp_path) == []
    assert not adopt(partial, manifest, KEY), "there is nothing left to take"
    verify(manifest)


def test_a_model_that_was_fine_tuned_ahead(tmp_path: Path, model: Path, calls: Calls) -> None:
    following = prediction(tmp_path)
    work_ahead(model, [json.dumps(fine_tuning(tmp_path, ahead=[following]))], ["--start", "s"])
    ((step, arguments),) = calls
    assert step == "fine_tune"
    assert value(arguments, "--english") == "rows"
    assert json.loads(value(arguments, "--ahead")) == following
    partial, manifest = tmp_path / "partial" / KEY, tmp_path / "targets" / "training.json"
    assert Path(value(arguments, "--partial")).parent == partial, "a killed one leaves its state"
    assert restore(partial, manifest, KEY)
    assert {path.name for path in manifest.parent.iterdir()} == MODEL_FILES
    assert manifest.with_name("config.json").read_text() == "fine_tune config.json"
    verify(manifest)


@pytest.mark.parametrize("kind", [prediction, fine_tuning])
def test_a_task_whose_data_is_another_is_left_to_its_job(
    tmp_path: Path, model: Path, calls: Calls, kind: Any
) -> None:
    stale = kind(tmp_path)
    write_manifest(Path(stale["data"]), OTHER, [], splits={})
    absent = stale | {"data": str(tmp_path / "none.json")}
    work_ahead(model, [json.dumps(stale), json.dumps(absent)], [])
    assert calls == []


def test_a_large_target_is_left_to_its_job(tmp_path: Path, model: Path, calls: Calls) -> None:
    work_ahead(model, [json.dumps(prediction(tmp_path, evaluated=10_001))], [])
    assert calls == []
    work_ahead(model, [json.dumps(prediction(tmp_path, evaluated=10_000))], [])
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("rows", "examples", "made"),
    [(2_000, None, 1), (2_001, None, 0), (9_000, 500, 1), (9_000, 2_001, 0), (60, 2_001, 1)],
)
def test_a_large_fine_tuning_is_left_to_its_job(
    tmp_path: Path, model: Path, calls: Calls, rows: int, examples: int | None, made: int
) -> None:
    work_ahead(model, [json.dumps(fine_tuning(tmp_path, rows, examples))], [])
    assert len(calls) == made


def test_a_large_model_is_fine_tuned_by_its_own_job(tmp_path: Path, calls: Calls) -> None:
    large = written_model(tmp_path / "large", 9 << 20)
    requests = [json.dumps(fine_tuning(tmp_path)), json.dumps(prediction(tmp_path))]
    work_ahead(large, requests, [])
    assert [step for step, _ in calls] == ["predict"]


@pytest.mark.parametrize("kind", [prediction, fine_tuning])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("PolystiltsError", "PolystiltsError('the rows are damaged.')"),
        ("IndexError", "IndexError('layer 9 of 6')"),
    ],
)
def test_a_failure_does_not_fail_the_training(
    tmp_path: Path,
    model: Path,
    calls: Calls,
    caplog: pytest.LogCaptureFixture,
    kind: Any,
    error: str,
    said: str,
) -> None:
    request = kind(tmp_path)
    with caplog.at_level(logging.WARNING):
        go_on(model, tmp_path / "partial" / "own", [json.dumps(request)], [error])
    what = f"{request['step']} xnli"
    assert f"{what}: not done ahead, its own job will do it: {said}" in caplog.text
    assert left(tmp_path) == []


@pytest.mark.parametrize("adopted", [False, True])
def test_what_is_there_is_not_made_again(
    tmp_path: Path, model: Path, calls: Calls, adopted: bool
) -> None:
    manifest = tmp_path / "predictions" / "output.json"
    asked = prediction(tmp_path) | {"output": str(manifest.with_suffix(".parquet"))}
    work_ahead(model, [json.dumps(asked)], [])
    if adopted:
        assert adopt(Path(asked["partial"]), manifest, KEY)
    work_ahead(model, [json.dumps(asked)], [])
    assert len(calls) == 1


def test_nothing_is_done_on_a_gpu(
    tmp_path: Path, model: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    work_ahead(model, [json.dumps(prediction(tmp_path)), json.dumps(fine_tuning(tmp_path))], [])
    assert calls == []


DAMAGES = ["key", "content", "missing", "unfinished"]


def damage(partial: Path, name: str, how: str) -> str:
    """Damage what was made ahead; return the key under which it is asked for."""
    if how == "content":
        path = partial / name
        path.write_text(path.read_text().replace(" ", "_"))
    if how == "missing":
        (partial / name).unlink()
    if how == "unfinished":
        next(path for path in partial.glob("*.json") if path.name != "config.json").unlink()
    return OTHER if how == "key" else KEY


@pytest.mark.parametrize("how", DAMAGES)
def test_no_doubtful_predictions_are_taken(
    tmp_path: Path, model: Path, calls: Calls, how: str
) -> None:
    work_ahead(model, [json.dumps(prediction(tmp_path))], [])
    partial, manifest = tmp_path / "partial" / KEY, tmp_path / "place" / "output.json"
    assert not adopt(partial, manifest, damage(partial, "output.parquet", how))
    assert not manifest.parent.exists()
    assert left(tmp_path) == []


@pytest.mark.parametrize("how", DAMAGES)
def test_no_doubtful_model_is_taken(tmp_path: Path, model: Path, calls: Calls, how: str) -> None:
    work_ahead(model, [json.dumps(fine_tuning(tmp_path))], [])
    partial, manifest = tmp_path / "partial" / KEY, tmp_path / "place" / "training.json"
    (partial / "step-00000007.safetensors").write_text("where the job's own training stood")
    assert not restore(partial, manifest, damage(partial, "model.safetensors", how))
    assert not manifest.parent.exists()
    assert (partial / "step-00000007.safetensors").exists()


def test_a_job_that_is_killed_while_it_takes_a_model_takes_it_the_next_time(
    tmp_path: Path, model: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_ahead(model, [json.dumps(fine_tuning(tmp_path))], [])
    partial, manifest = tmp_path / "partial" / KEY, tmp_path / "place" / "training.json"

    def killed(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("os.utime", killed)
        restore(partial, manifest, KEY)
    assert len(list(manifest.parent.iterdir())) == 1, "only the first file is in its place"
    assert restore(partial, manifest, KEY)
    verify(manifest)
    # as Snakemake does with what a killed job has written
    shutil.rmtree(manifest.parent)
    assert restore(partial, manifest, KEY)
    verify(manifest)


def test_a_file_system_without_hard_links(
    tmp_path: Path, model: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr("os.link", no_links)
    go_on(model, tmp_path / "partial" / "own", [json.dumps(fine_tuning(tmp_path))], [])
    partial, manifest = tmp_path / "partial" / KEY, tmp_path / "place" / "training.json"
    assert restore(partial, manifest, KEY)
    verify(manifest)
    verify(model)


def test_what_is_taken_is_newer_than_what_it_was_made_from(
    tmp_path: Path, model: Path, calls: Calls
) -> None:
    """Or Snakemake would make it again, if its input was itself made again in between."""
    work_ahead(model, [json.dumps(fine_tuning(tmp_path))], [])
    partial, manifest = tmp_path / "partial" / KEY, tmp_path / "place" / "training.json"
    for path in partial.iterdir():
        os.utime(path, (1, 1))
    assert restore(partial, manifest, KEY)
    for name in MODEL_FILES:
        assert manifest.with_name(name).stat().st_mtime >= model.stat().st_mtime


def test_a_training_that_is_killed_on_the_way_is_not_repeated(
    tmp_path: Path, model: Path, calls: Calls
) -> None:
    own, before = tmp_path / "partial" / "own", model.with_name("config.json").read_text()
    with pytest.raises(KeyboardInterrupt):
        go_on(model, own, [json.dumps(fine_tuning(tmp_path))], ["killed"])
    names = set(read_manifest(model)["files"]) | {model.name}
    shutil.rmtree(model.parent)
    assert restore(own, model, OTHER)
    assert {path.name for path in model.parent.iterdir()} == names
    assert model.with_name("config.json").read_text() == before
    verify(model)
    go_on(model, own, [json.dumps(fine_tuning(tmp_path))], [])
    assert restore(tmp_path / "partial" / KEY, tmp_path / "place" / "training.json", KEY)
    assert left(tmp_path) == [KEY]
    verify(model)


def test_a_fine_tuning_that_was_made_is_asked_for_its_missing_predictions(
    tmp_path: Path, model: Path, calls: Calls
) -> None:
    """The step itself sees that the model is there."""
    request = json.dumps(fine_tuning(tmp_path, ahead=[prediction(tmp_path)]))
    work_ahead(model, [request], [])
    work_ahead(model, [request], [])
    assert [step for step, _ in calls] == ["fine_tune", "fine_tune"]


def test_predictions_are_scored_without_further_data(
    tmp_path: Path, model: Path, calls: Calls
) -> None:
    nothing = {"data": None, "data_key": None, "options": {}, "step": "score"}
    request = prediction(tmp_path) | nothing | {"output": "scores/output.parquet"}
    work_ahead(model, [json.dumps(request)], ["--predictions", "p"])
    ((step, arguments),) = calls
    assert (step, value(arguments, "--predictions")) == ("score", "p")
    assert adopt(tmp_path / "partial" / KEY, tmp_path / "scores" / "output.json", KEY)


RULES = "".join(path.read_text("utf-8") for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
PRETRAINING = "--texts en=t --manifest e/encoder.json --partial p"
TRAINING = "--encoder e/encoder.json --english a=b --corpora a=b --dev a=b --manifest m --partial p"
FINE_TUNING = "--start s --tokenizer t --english e --dev d --manifest m --partial p"
CELL = {"encoder": "miniature", "arm": "english", "intermediate": "mnli", "seed": "1"}


@pytest.mark.parametrize(
    ("command", "arguments", "step", "wildcards"),
    [
        ("pretrain_encoder", PRETRAINING, "pretrain_encoder", {"encoder": "miniature"}),
        ("train_intermediate", TRAINING, "train_intermediate", CELL),
        ("fine_tune", FINE_TUNING, "fine_tune", CELL | {"fine_tune": "squad"}),
    ],
)
def test_steps_are_run_ahead_with_the_options_that_their_own_jobs_have(
    monkeypatch: pytest.MonkeyPatch, command: str, arguments: str, step: str, wildcards: Any
) -> None:
    shared: list[str] = []
    module = import_module(f"polystilts.commands.{command}")
    monkeypatch.setattr(training_job, "restore", lambda *_: True)
    monkeypatch.setattr(training_job, "go_on", lambda *given: shared.extend(given[-1]))
    module.main([*arguments.split(), "--tokens", "t", "--key", KEY, "--record", "{}"])
    graph = load(read_config(REPOSITORY))
    requests = list(Ahead(graph.keys, ()).after(step, wildcards))
    assert requests
    for request in requests:
        given = {*options_of(shared), *request["options"]}
        output = "--manifest" if request["step"] == "fine_tune" else "--output"
        needed = options_of_rule(request["step"])
        # sentences of retrieval are read once: their tokens are not kept
        assert given | {"--key", "--record", output} == needed | {"--tokens"}, request
        # and the scores of predictions
        for following in request["ahead"] if request["step"] != "fine_tune" else ():
            assert options_of_rule("score") - {"--key", "--record", "--output"} == {"--predictions"}
            assert following["step"] == "score" and following["options"] == {}


def options_of(words: Sequence[str]) -> set[str]:
    return {word for word in words if word.startswith("--")}


def options_of_rule(step: str) -> set[str]:
    """Return the options in a rule's command, without those that only its job has."""
    (command,) = re.findall(rf"-m polystilts\.commands\.{step} (.*?)2>", RULES, re.DOTALL)
    return options_of(command.split()) - {"--partial", "--ahead", "--processes"}
