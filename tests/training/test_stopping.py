"""SIGTERM and SIGUSR1: the state of that very step is written, and nothing takes them for less."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from polystilts.training import checkpoint, loop
from polystilts.training.families import classification
from polystilts.training.selection import Candidates
from polystilts.training.stopping import (
    EXIT_STATUS,
    SIGNALS,
    StoppedBySignal,
    Stopper,
    stoppable,
)
from training.killing import done, finish, start
from training.phases import PHASES, Place, World


@pytest.fixture(scope="module")
def expected(world: World, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Place]:
    """Return a phase's training that nothing disturbed."""
    places: dict[str, Place] = {}

    def undisturbed(name: str) -> Place:
        if name not in places:
            places[name] = Place(tmp_path_factory.mktemp(name))
            done(lambda: PHASES[name](world, places[name]), places[name].folder / "log")
        return places[name]

    return undisturbed


def signal_in_step(wanted: int, number: int) -> None:
    """Let this process send itself a signal while it computes a step."""
    share_out, steps = loop.share_out, iter(range(1, 1000))

    def counted(*arguments: Any) -> Any:
        if next(steps) == wanted:
            os.kill(os.getpid(), number)
        return share_out(*arguments)

    loop.share_out = counted


def run_stoppable(
    name: str, world: World, place: Place, change: Callable[[], object] = lambda: None
) -> int:
    """Run a phase in a child, changed before, and return its exit status."""

    def work() -> None:
        change()
        with stoppable() as stopper:
            PHASES[name](world, replace(place, stopper=stopper))

    return finish(start(work, place.folder / "log"))[0]


def said(place: Place) -> str:
    return (place.folder / "log").read_text("utf-8")


@pytest.mark.parametrize("name", PHASES)
def test_the_step_of_the_signal_is_the_last(
    tmp_path: Path, world: World, expected: Callable[[str], Place], name: str
) -> None:
    place = Place(tmp_path)
    number = SIGNALS[len(name) % 2]
    steps = expected(name).manifest()["progress"]["steps"]
    for step in (4, 7):
        # steps are counted anew by every process
        more = step - (place.checkpoints() or [0])[-1]
        status = run_stoppable(name, world, place, lambda: signal_in_step(more, number))  # noqa: B023
        assert status == EXIT_STATUS, said(place)
        assert place.checkpoints()[-1] == step
        lines = said(place).splitlines()
        assert f"stopped after step {step} of {steps}: its state is written" in lines
        assert lines[-1] == f"stopped by {signal.Signals(number).name}; run again to go on"
        assert not place.output.exists()
    assert place.checkpoints() == [4, 7], "nothing else was written"
    assert run_stoppable(name, world, place) == 0, said(place)
    assert f"resumed after step 7 of {steps}" in said(place)
    assert place.weights() == expected(name).weights()
    assert place.manifest()["progress"]["resumed_from"] == 7


def test_a_signal_in_the_last_step(
    tmp_path: Path, world: World, expected: Callable[[str], Place]
) -> None:
    place = Place(tmp_path)
    change = lambda: signal_in_step(12, signal.SIGTERM)  # noqa: E731
    assert run_stoppable("static", world, place, change) == EXIT_STATUS
    assert place.checkpoints() == [12]
    assert run_stoppable("static", world, place) == 0
    assert place.weights() == expected("static").weights()


def test_while_it_tokenises_it_stops_at_once(
    tmp_path: Path, world: World, expected: Callable[[str], Place]
) -> None:
    place = Place(tmp_path)

    def change() -> None:
        encode = classification.encode

        def signalled(*arguments: Any) -> Any:
            os.kill(os.getpid(), signal.SIGUSR1)
            return encode(*arguments)

        classification.encode = signalled

    assert run_stoppable("selections", world, place, change) == EXIT_STATUS
    assert said(place) == "stopped by SIGUSR1; run again to go on\n"
    assert not place.partial.exists()
    assert not place.output.exists()
    assert run_stoppable("selections", world, place) == 0
    assert place.weights() == expected("selections").weights()


def test_after_its_steps_it_stops_at_once(
    tmp_path: Path, world: World, expected: Callable[[str], Place]
) -> None:
    """The examination and what is written at the end may take long."""
    place = Place(tmp_path, {"checkpoint_seconds": 0.0})

    def change() -> None:
        found = Candidates.found

        def signalled(self: Candidates) -> Any:
            os.kill(os.getpid(), signal.SIGTERM)
            return found(self)

        Candidates.found = signalled  # type: ignore[method-assign]

    assert run_stoppable("selections", world, place, change) == EXIT_STATUS
    assert said(place).endswith("stopped by SIGTERM; run again to go on\n")
    assert not place.output.exists()
    assert run_stoppable("selections", world, place) == 0
    assert place.manifest()["progress"]["resumed_from"] == 12
    assert place.weights() == expected("selections").weights()


def test_a_second_signal_does_not_disturb_the_writing(
    tmp_path: Path, world: World, expected: Callable[[str], Place]
) -> None:
    """SLURM sends SIGUSR1 two minutes before the end, and SIGTERM when it comes."""
    place = Place(tmp_path)

    def change() -> None:
        signal_in_step(5, signal.SIGUSR1)
        save = checkpoint.save_file

        def signalled(*arguments: Any, **options: Any) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            save(*arguments, **options)

        checkpoint.save_file = signalled

    assert run_stoppable("static", world, place, change) == EXIT_STATUS
    assert place.checkpoints() == [5]
    assert run_stoppable("static", world, place) == 0
    assert place.manifest()["progress"]["resumed_from"] == 5
    assert place.weights() == expected("static").weights()


def test_a_signal_while_candidates_are_examined_waits_for_the_step(
    tmp_path: Path, world: World, expected: Callable[[str], Place]
) -> None:
    place = Place(tmp_path)

    def change() -> None:
        after_step = Candidates.after_step

        def signalled(self: Candidates, step: int, model: Any) -> None:
            if step == 6:
                os.kill(os.getpid(), signal.SIGTERM)
            after_step(self, step, model)

        Candidates.after_step = signalled  # type: ignore[method-assign]

    assert run_stoppable("selections", world, place, change) == EXIT_STATUS
    assert (place.checkpoints(), place.candidates()) == ([6], [3, 6])
    assert run_stoppable("selections", world, place) == 0
    assert place.weights() == expected("selections").weights()


def test_a_signal_after_the_last_look_is_not_forgotten() -> None:
    with stoppable() as stopper, pytest.raises(StoppedBySignal, match="SIGUSR1"):
        with stopper.between_steps():
            os.kill(os.getpid(), signal.SIGUSR1)
            assert stopper.asked_by == "SIGUSR1"
        raise AssertionError("it went on")


def test_what_ends_the_steps_is_told_whatever_the_signal() -> None:
    """An error is not hidden behind a signal that came with it."""
    stopper = Stopper()
    with pytest.raises(ValueError, match="the error"), stopper.between_steps():
        stopper.receive(signal.SIGTERM, None)
        raise ValueError("the error")


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stoppable():
        assert before != [signal.getsignal(number) for number in SIGNALS]
    assert before == [signal.getsignal(number) for number in SIGNALS]


def test_no_error_handling_takes_it_for_an_error() -> None:
    assert not issubclass(StoppedBySignal, Exception)
    assert EXIT_STATUS == os.EX_TEMPFAIL
