"""Weights that a training leaves aside: when, which, and what is made of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import Tensor, nn

from polystilts.provenance.manifest import verify
from polystilts.training.checkpoint import save_tensors
from polystilts.training.encoder import load_encoder
from polystilts.training.fine_tune import fine_tune
from polystilts.training.intermediate import train_intermediate
from polystilts.training.selection import (
    Candidate,
    Candidates,
    best,
    evaluation_steps,
    load_weights,
    mean_weights,
    needs_candidates,
)
from polystilts.training.stopping import Stopper
from training.by_hand import weights_after
from training.phases import Place, at_level, intermediate_record, make_world, run_intermediate
from training.tiny import (
    NLI,
    TRAINING,
    classification_rows,
    published_xlmr,
    read_json,
    task_record,
    write_rows,
)

ALL = ["last", "best-english-dev", "averaged", "oracle"]
EMBEDDINGS = "encoder.embeddings.word_embeddings.weight"


@given(st.integers(1, 400), st.integers(1, 20))
def test_evaluations_are_evenly_spread_and_end_with_the_last_step(
    steps: int, evaluations: int
) -> None:
    found = evaluation_steps(steps, evaluations)
    assert found[-1] == steps
    assert found == sorted(set(found))
    assert found[0] >= 1
    assert len(found) == min(steps, evaluations)
    if steps >= evaluations:
        for number, step in enumerate(found, start=1):
            assert abs(step - number * steps / evaluations) <= 0.5


def test_evaluations_of_a_known_training() -> None:
    assert evaluation_steps(100, 5) == [20, 40, 60, 80, 100]
    assert evaluation_steps(10, 4) == [2, 5, 8, 10]
    assert evaluation_steps(3, 5) == [1, 2, 3]
    assert evaluation_steps(7, 1) == [7]


def test_the_last_weights_alone_need_no_candidates() -> None:
    assert not needs_candidates(["last"])
    for name in ALL[1:]:
        assert needs_candidates(["last", name])


def candidate(step: int, *accuracies: float, path: Path = Path()) -> Candidate:
    examined = {f"task-{i}": {"accuracy": value} for i, value in enumerate(accuracies)}
    return Candidate(step, path, examined)


def test_the_best_of_equals_is_the_later_one() -> None:
    equal = [candidate(10, 70.0), candidate(20, 80.0), candidate(30, 80.0), candidate(40, 79.0)]
    assert best(equal).step == 30
    assert best(equal[::-1]).step == 30
    assert best([candidate(10, 70.0), candidate(20, 60.0)]).step == 10
    assert best([candidate(10), candidate(20)]).step == 20, "without dev data it is the last"


def test_tasks_count_equally() -> None:
    assert candidate(1, 50.0, 100.0, 90.0).score == pytest.approx(80.0)
    assert best([candidate(1, 90.0, 10.0), candidate(2, 60.0, 50.0)]).step == 2


def stored(folder: Path, rows: Sequence[dict[str, Tensor]]) -> list[Candidate]:
    found = []
    for step, tensors in enumerate(rows, start=1):
        path = folder / f"candidate-{step}.safetensors"
        save_tensors(path, tensors, step=step)
        found.append(candidate(step, path=path))
    return found


def test_the_mean_is_computed_in_double_precision(tmp_path: Path) -> None:
    """In single precision 2²⁷ + 1 is 2²⁷, and 0.1 + 0.2 + … loses its last digits."""
    large = float(2**27)
    rows = [{"w": torch.tensor([value, 0.1 * i])} for i, value in enumerate([large, 1, 1, -large])]
    found = mean_weights(stored(tmp_path, rows))["w"]
    assert found.dtype == torch.float32
    assert found.tolist() == pytest.approx([0.5, 0.15], rel=1e-7)
    halves = [{"w": row["w"].to(torch.float16)} for row in ({"w": torch.tensor([1.0, 3.0])},) * 3]
    assert mean_weights(stored(tmp_path, halves))["w"].dtype == torch.float16


class Toy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.free = nn.Parameter(torch.zeros(2))
        self.fixed = nn.Parameter(torch.ones(2), requires_grad=False)


def train_toy(folder: Path, steps: Sequence[int]) -> Candidates:
    """Leave candidates of a model whose weight is the number of the step."""
    model = Toy()
    accuracies = iter([60.0, 50.0, 55.0])

    def examine() -> dict[str, dict[str, float]]:
        model.eval()
        return {"task": {"accuracy": next(accuracies)}}

    candidates = Candidates(folder, steps, examine)
    for step in range(1, 11):
        model.free.data.fill_(step)
        candidates.after_step(step, model.train())
        assert model.training, "an examination does not end the training"
    return candidates


def test_weights_are_left_at_the_steps_that_are_due(tmp_path: Path) -> None:
    found = train_toy(tmp_path, (3, 7, 10)).found()
    assert [(c.step, c.score) for c in found] == [(3, 60.0), (7, 50.0), (10, 55.0)]
    assert [c.weights()["free"].tolist() for c in found] == [[3, 3], [7, 7], [10, 10]]
    assert all(c.weights().keys() == {"free"} for c in found), "what is not trained is not kept"
    model = Toy()
    load_weights(model, found[1].weights())
    assert model.free.tolist() == [7, 7]
    assert model.fixed.tolist() == [1, 1]


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
@pytest.mark.parametrize("content", [b"", b"{}", None])
def test_a_damaged_candidate_is_missed(tmp_path: Path, suffix: str, content: bytes | None) -> None:
    candidates = train_toy(tmp_path, (3, 7, 10))
    assert all(candidates.complete_until(step) for step in range(11))
    path = tmp_path / f"candidate-00000007{suffix}"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert [candidates.complete_until(step) for step in (2, 3, 6, 7, 8, 10)] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert [c.step for c in candidates.found()] == [3, 10]


class Training:
    """A fine-tuning of 18 steps, with its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.encoder = folder / "encoder"
        published_xlmr(self.encoder)
        rows = {"train": classification_rows(36), "dev": classification_rows(15)}
        self.rows = write_rows(folder / "xnli", rows)

    def record(self, **changes: Any) -> dict[str, Any]:
        record = {
            "seed": 1,
            "intermediate": "mnli",
            "name": "xnli",
            "task": task_record("classification", NLI),
            "training": TRAINING,
            "selections": ALL,
            "evaluations": 4,
            "freeze_embeddings": False,
        }
        return record | changes

    def run(
        self, name: str, partial: Path | None = None, stopper: Stopper | None = None, **changes: Any
    ) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Train; return the manifest and the weights."""
        output = self.folder / name
        partial = partial or self.folder / f"partial-{name}"
        fine_tune(
            self.record(**changes), self.encoder, self.encoder / "tokenizer.json",
            self.rows["train"], self.rows["dev"], output, partial, "k", stopper=stopper,
        )  # fmt: skip
        return verify(output / "training.json"), load_file(output / "model.safetensors")


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    return Training(tmp_path_factory.mktemp("training"))


STEPS = [4, 9, 14, 18]


def of(weights: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return one set of a model file's weights."""
    lead = f"{name}/" if name else ""
    return {
        key.removeprefix(lead): tensor
        for key, tensor in weights.items()
        if key.startswith(lead) and ("/" in key) == bool(name)
    }


@pytest.mark.parametrize("frozen", [False, True])
def test_every_set_of_weights_is_stored_once(training: Training, frozen: bool) -> None:
    manifest, weights = training.run(f"all-{frozen}", freeze_embeddings=frozen)
    chosen = manifest["selections"]
    assert chosen.keys() == set(ALL)
    assert chosen["last"]["step"] == 18
    assert chosen["averaged"]["steps"] == STEPS
    assert [item["step"] for item in chosen["oracle"]["candidates"]] == STEPS
    assert chosen["last"]["weights"] == ""
    names = {item["step"]: item["weights"] for item in chosen["oracle"]["candidates"]}
    assert names == {4: "step-4", 9: "step-9", 14: "step-14", 18: ""}
    assert chosen["best-english-dev"]["weights"] == names[chosen["best-english-dev"]["step"]]
    prefixes = {key.split("/")[0] for key in weights if "/" in key}
    assert prefixes == {"averaged", "step-4", "step-9", "step-14"}
    plain = of(weights, "")
    initial = {f"encoder.{n}": t for n, t in load_encoder(training.encoder).state_dict().items()}
    assert plain.keys() == initial.keys() | {key for key in plain if key.startswith("head.")}
    for prefix in prefixes:
        changed = of(weights, prefix)
        assert changed.keys() == plain.keys() - ({EMBEDDINGS} if frozen else set())
        assert not torch.equal(changed["head.out.weight"], plain["head.out.weight"])
    assert torch.equal(plain[EMBEDDINGS], initial[EMBEDDINGS]) == frozen


def test_candidates_are_the_weights_of_their_step(training: Training, tmp_path: Path) -> None:
    _, weights = training.run("all-False")
    sets = {4: "step-4", 9: "step-9", 14: "step-14", 18: ""}
    means: dict[str, Tensor] = {}
    for step, name in sets.items():
        expected = weights_after(
            step,
            lambda partial, stopper: training.run("never", partial, stopper),  # type: ignore[arg-type]
            tmp_path / str(step),
        )
        found = of(weights, name)
        for key, tensor in expected.items():
            stored_as = key.replace("heads.xnli.", "head.")
            assert torch.equal(found[stored_as], tensor), f"{key} after step {step}"
            means[stored_as] = means.get(stored_as, torch.zeros(())) + tensor.double() / 4
    averaged = of(weights, "averaged")
    assert averaged.keys() == means.keys()
    for key, tensor in means.items():
        torch.testing.assert_close(averaged[key], tensor.float(), rtol=1e-6, atol=1e-9)


def test_selections_do_not_change_the_training(training: Training) -> None:
    """What is left aside, and examined, on the way has no influence on what follows."""
    alone, weights = training.run("last", selections=["last"])
    manifest, with_others = training.run("all-False")
    for key, tensor in weights.items():
        assert torch.equal(with_others[key], tensor), key
    assert alone["english_dev"] == manifest["english_dev"]
    assert alone["english_dev"] == manifest["selections"]["last"]["english_dev"]


@pytest.mark.parametrize("first", ["averaged", "best-english-dev"])
def test_the_first_selection_is_the_model(training: Training, first: str) -> None:
    manifest, weights = training.run(first, selections=[first, "last"])
    _, others = training.run("all-False")
    chosen = training.run("all-False")[0]["selections"][first]
    assert manifest["selections"][first]["weights"] == ""
    for key, tensor in of(others, chosen["weights"]).items():
        assert torch.equal(of(weights, "")[key], tensor), key
    if first == "best-english-dev":
        assert manifest["english_dev"] == manifest["selections"][first]["english_dev"]


@pytest.mark.parametrize("selection", ["last", "best-english-dev", "averaged"])
def test_an_intermediate_training_goes_on_with_one_selection(
    training: Training, tmp_path: Path, selection: str
) -> None:
    record = {
        "seed": 1,
        "tasks": {"mnli": task_record("classification", NLI)},
        "training": TRAINING,
        "multi_task": None,
        "mlm": {"share": 0.0},
        "objective": "task",
        "selection": selection,
        "english_dev_level": None,
        "evaluations": 4,
        "freeze_embeddings": False,
    }
    rows, dev = {"mnli": training.rows["train"]}, {"mnli": training.rows["dev"]}
    partial = tmp_path / "partial"
    train_intermediate(record, training.encoder, rows, rows, dev, {}, tmp_path / "o", partial, "k")
    manifest = verify(tmp_path / "o" / "training.json")
    weights = load_file(tmp_path / "o" / "model.safetensors")
    assert weights.keys() == load_encoder(training.encoder).state_dict().keys()
    assert list(manifest["selections"]) == [selection]
    paths = {step: partial / f"candidate-{step:08d}.safetensors" for step in STEPS}
    if selection == "last":
        assert not any(path.exists() for path in paths.values())
        assert manifest["selections"]["last"] == {"step": 18, "weights": ""}
        return
    left = {step: load_file(path) for step, path in paths.items()}
    chosen = manifest["selections"][selection]
    for key, tensor in weights.items():
        own = {step: tensors[f"encoder.{key}"] for step, tensors in left.items()}
        if selection == "averaged":
            expected = torch.stack([t.double() for t in own.values()]).mean(0).float()
            torch.testing.assert_close(tensor, expected, rtol=1e-6, atol=1e-9)
        else:
            assert torch.equal(tensor, own[chosen["step"]])
    if selection == "best-english-dev":
        assert manifest["english_dev"] == chosen["english_dev"]


def accuracies(place: Place) -> dict[int, list[float]]:
    """Return what the candidates of a training got on English dev, by step, one per task."""
    found = {}
    for path in sorted(place.partial.glob("candidate-*.json")):
        facts = read_json(path)
        found[facts["step"]] = [item["accuracy"] for item in facts["examined"].values()]
    return found


def test_an_intermediate_training_hands_on_what_first_reached_a_level(tmp_path: Path) -> None:
    """It goes on to its last step all the same: arms differ in nothing but what is handed on."""
    place = Place(tmp_path)
    at_level(make_world(tmp_path / "world"), place)
    manifest = place.manifest()
    chosen = manifest["selections"]["at-english-dev"]
    reached = [step for step, (found,) in accuracies(place).items() if found >= chosen["level"]]
    assert (chosen["step"], chosen["reached"]) == (reached[0], True)
    assert 10 < chosen["step"] < manifest["progress"]["steps"] == 60
    assert manifest["english_dev"] == chosen["english_dev"]
    left = load_file(place.partial / f"candidate-{chosen['step']:08d}.safetensors")
    for name, tensor in load_file(place.output / "model.safetensors").items():
        assert torch.equal(tensor, left[f"encoder.{name}"]), name


def test_a_mixture_reaches_its_level_in_the_mean_over_its_tasks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world(tmp_path / "world")

    def train(name: str, level: float) -> Place:
        chosen = {"selection": "at-english-dev", "english_dev_level": level, "evaluations": 3}
        place = Place(tmp_path / name)
        run_intermediate(intermediate_record("classification", "tagging", **chosen), world, place)
        return place

    never = train("never", 100.0)
    found = {step: (sum(items) / 2, max(items)) for step, items in accuracies(never).items()}
    facts = never.manifest()["selections"]["at-english-dev"]
    assert (facts["step"], facts["reached"]) == (max(found), False)
    assert "WARNING: 100 % on English dev was not reached" in capsys.readouterr().err
    best_step = max(found, key=lambda step: found[step])
    facts = train("mean", found[best_step][0]).manifest()["selections"]["at-english-dev"]
    assert (facts["step"], facts["reached"]) == (best_step, True)
    above = max(item for _, item in found.values())
    assert above > max(mean for mean, _ in found.values()), "one task alone is above the level"
    facts = train("one", above).manifest()["selections"]["at-english-dev"]
    assert (facts["step"], facts["reached"]) == (max(found), False)
