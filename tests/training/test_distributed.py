"""Two processes on one training: the result of one, one set of files, and stops that meet."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from polystilts.training import fine_tune, intermediate, loop
from polystilts.training.batches import Batch
from polystilts.training.stopping import EXIT_STATUS, stoppable
from polystilts.training.streams import TaskStream
from training.killing import finish, start_together, until
from training.phases import (
    MASKING,
    ROWS,
    Place,
    World,
    family_record,
    fine_tune_record,
    intermediate_record,
    make_world,
    run_fine_tune,
    run_intermediate,
)
from training.tiny import NLI, tokenizer, write_corpus, write_rows

LENGTH = 8
# a step's four inputs are two micro-batches, for one process and for two
EVEN = {"micro_batch_tokens": 2 * LENGTH}
Run = Callable[[World, Place], None]


def even_rows(count: int, verb: str = "sees") -> pa.Table:
    """Rows of six words, which are six tokens."""
    subjects = ["cat", "dog", "bird"]
    return pa.table(
        {
            "id": [f"c{i}" for i in range(count)],
            "group": [f"g{i}" for i in range(count)],
            "text_a": [f"{subjects[i % 3]} {verb} the dog a bird" for i in range(count)],
            "text_b": pa.array([None] * count, pa.string()),
            "label": [NLI[i % 3] for i in range(count)],
        }
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Data of unequal lengths; without dropout, which differs with how a step is split."""
    return make_world(tmp_path_factory.mktemp("world"), dropout=0.0)


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Data of equal lengths, and dropout."""
    folder = tmp_path_factory.mktemp("even")
    made = make_world(folder)
    lines = even_rows(12)["text_a"].to_pylist()
    assert {len(tokenizer().encode(line).ids) for line in lines} == {LENGTH}
    return replace(
        made,
        files=classification(folder / "even", even_rows(24)),
        corpus=write_corpus(
            folder / "even-corpus.parquet", [even_rows(24, verb) for verb in ("is", "sees", "no")]
        ),
        texts=write_rows(folder / "even-text", {"en": pa.table({"text": lines})}),
    )


def classification(folder: Path, rows: pa.Table) -> dict[str, Path]:
    return {"classification": write_rows(folder, {"train": rows})["train"]}


def static(world: World, place: Place) -> None:
    run_intermediate(intermediate_record("classification"), world, place)


def copies_with_masked_text(world: World, place: Place) -> None:
    mlm = MASKING | {"share": 0.25, "batch_tokens": 4 * LENGTH}
    tasks = {"classification": family_record("classification", epochs=3)}
    record = intermediate_record("classification", tasks=tasks, mlm=mlm)
    run_intermediate(record, world, place, {"classification": world.corpus})


def masked_only(world: World, place: Place) -> None:
    run_intermediate(intermediate_record("classification", objective="masked-lm"), world, place)


def selected(world: World, place: Place) -> None:
    record = fine_tune_record(selections=["best-english-dev", "averaged"], evaluations=3)
    run_fine_tune(record, world, place)


def all_tasks(world: World, place: Place) -> None:
    """A task of every family and masked text, with steps that differ by little in rounding."""
    tasks = {name: family_record(name, dropout=0.0) for name in ROWS}
    record = intermediate_record(*ROWS, tasks=tasks, mlm=MASKING | {"share": 0.2})
    run_intermediate(record, world, place)


# Adam makes a full step of a gradient that is nothing but rounding, unless epsilon is above it.
ROUNDED = {"epsilon": 1e-3, "learning_rate": 1e-3}


def together(
    run: Run, world: World, place: Place, change: Callable[[int], object] = lambda rank: None
) -> list[int]:
    """Run one training in two processes, each changed before, and return their statuses."""

    def work(rank: int) -> Callable[[], None]:
        def of_rank() -> None:
            change(rank)
            with stoppable() as stopper:
                run(world, replace(place, stopper=stopper))

        return of_rank

    return finish(*start_together([work(0), work(1)], place.folder / "log"))


def messages(place: Place, rank: int) -> str:
    return (place.folder / f"log-{rank}.log").read_text("utf-8")


def assert_close(one: Place, other: Place, tolerance: float) -> None:
    first, second = (load_file(p.output / "model.safetensors") for p in (one, other))
    assert first.keys() == second.keys()
    for name in first:
        torch.testing.assert_close(first[name], second[name], atol=tolerance, rtol=0, msg=name)


@pytest.mark.parametrize("run", [static, copies_with_masked_text, selected])
def test_two_processes_give_the_bits_of_one(tmp_path: Path, even: World, run: Run) -> None:
    one, two = (Place(tmp_path / name, EVEN) for name in ("one", "two"))
    run(even, one)
    assert together(run, even, two) == [0, 0], messages(two, 0) + messages(two, 1)
    assert two.weights() == one.weights()
    assert facts(two) == facts(one)


def facts(place: Place) -> dict[str, Any]:
    """Return what a training states of itself, but for its time."""
    manifest = place.manifest()
    for varying in ("seconds", "losses"):
        del manifest["progress"][varying]
    return manifest


def test_unequal_shares_give_the_same_up_to_rounding(tmp_path: Path, world: World) -> None:
    one, two = (Place(tmp_path / name, ROUNDED) for name in ("one", "two"))
    all_tasks(world, one)
    batches = tmp_path / "batches"

    def change(rank: int) -> None:
        """Count the micro-batches of each process."""
        loss = TaskStream.loss

        def counted(self: TaskStream, batch: Batch) -> torch.Tensor:
            with batches.with_name(f"batches-{rank}").open("a") as file:
                file.write(f"{self.name}\n")
            return loss(self, batch)

        TaskStream.loss = counted  # type: ignore[method-assign]

    assert together(all_tasks, world, two, change) == [0, 0], messages(two, 0)
    counts = [len((tmp_path / f"batches-{rank}").read_text().splitlines()) for rank in (0, 1)]
    assert 0 < counts[1] < counts[0], "not all steps have as many micro-batches for both"
    assert_close(one, two, 1e-6)
    assert two.manifest()["english_dev"].keys() == set(ROWS)


def test_dropout_does_not_depend_on_who_computes(
    tmp_path: Path, even: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unequal lengths and dropout: the same micro-batches computed by one process."""
    files = classification(tmp_path / "unequal", ROWS["classification"][1])
    unequal = replace(even, files=files)
    one, two = (Place(tmp_path / name, ROUNDED) for name in ("one", "two"))
    assert together(static, unequal, two) == [0, 0], messages(two, 0)
    share_out = loop.share_out
    monkeypatch.setattr(loop, "share_out", lambda s, step, limit, _: share_out(s, step, limit, 2))
    static(unequal, one)
    assert_close(one, two, 1e-6)


def test_memory_that_runs_out_in_one_process(tmp_path: Path, world: World) -> None:
    one, two = (Place(tmp_path / name, ROUNDED) for name in ("one", "two"))
    all_tasks(world, one)

    def change(rank: int) -> None:
        loss = TaskStream.loss

        def limited(self: TaskStream, batch: Batch) -> torch.Tensor:
            if rank == 1 and batch.processed_tokens > 40:
                raise torch.OutOfMemoryError("simulated: there is no more memory")
            return loss(self, batch)

        TaskStream.loss = limited  # type: ignore[method-assign]

    assert together(all_tasks, world, two, change) == [0, 0], messages(two, 1)
    warned = [
        [line for line in messages(two, rank).splitlines() if "memory ran out" in line]
        for rank in (0, 1)
    ]
    assert warned[0] == warned[1] != []
    assert two.manifest()["progress"]["micro_batch_tokens"] <= 40
    assert_close(one, two, 1e-6)


def test_a_signal_to_one_stops_both_at_the_same_step(tmp_path: Path, even: World) -> None:
    one, two = (Place(tmp_path / name, EVEN) for name in ("one", "two"))
    copies_with_masked_text(even, one)

    def signalled(rank: int) -> None:
        share_out, steps = loop.share_out, iter(range(1, 1000))

        def counted(*arguments: Any) -> list[Batch]:
            if next(steps) == 7 and rank == 1:
                os.kill(os.getpid(), signal.SIGTERM)
            return share_out(*arguments)

        loop.share_out = counted

    statuses = together(copies_with_masked_text, even, two, signalled)
    assert statuses == [EXIT_STATUS, EXIT_STATUS], messages(two, 0) + messages(two, 1)
    assert two.checkpoints() == [7]
    assert "stopped after step 7 of 24: its state is written" in messages(two, 0)
    assert "after step" not in messages(two, 1)
    assert together(copies_with_masked_text, even, two) == [0, 0]
    assert two.weights() == one.weights()
    assert two.manifest()["progress"]["resumed_from"] == 7


@pytest.mark.parametrize("killed", [[0, 1], [1]])
def test_killed_processes_go_on_together(tmp_path: Path, even: World, killed: list[int]) -> None:
    one, two = (Place(tmp_path / n, EVEN | {"checkpoint_seconds": 0.0}) for n in ("one", "two"))
    selected(even, one)
    children = start_together([lambda: selected(even, two)] * 2, two.folder / "log")
    until(lambda: len(two.checkpoints()) == 2, *children)
    for rank in killed:
        children[rank].kill()
    # a process that is left alone ends by itself
    statuses = finish(*children)
    assert [statuses[rank] for rank in killed] == [-signal.SIGKILL] * len(killed)
    assert 0 not in statuses
    assert not two.output.exists()
    assert together(selected, even, two) == [0, 0], messages(two, 0)
    assert two.weights() == one.weights()
    assert two.manifest()["progress"]["resumed_from"] > 0


def test_only_the_first_process_writes_and_talks(tmp_path: Path, even: World) -> None:
    place = Place(tmp_path, EVEN | {"checkpoint_seconds": 0.0})

    def change(rank: int) -> None:
        def refuse(*arguments: Any, **options: Any) -> None:
            raise AssertionError("the second process wrote something")

        if rank == 1:
            for module in (fine_tune, intermediate):
                for name in ("save_weights", "save_config", "write_manifest"):
                    setattr(module, name, refuse)
            loop.save_checkpoint = loop.clear_leftovers = refuse

    assert together(selected, even, place, change) == [0, 0], messages(place, 1)
    assert "step 12/12" in messages(place, 0)
    assert messages(place, 1) == ""
    place.manifest()


def test_a_training_that_is_done_is_done_for_both(tmp_path: Path, even: World) -> None:
    place = Place(tmp_path, EVEN)
    static(even, place)
    before = (place.output / "model.safetensors").stat().st_mtime_ns
    assert together(static, even, place) == [0, 0]
    assert (place.output / "model.safetensors").stat().st_mtime_ns == before
