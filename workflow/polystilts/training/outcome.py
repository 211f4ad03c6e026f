"""What a training leaves: the weights of its selections, and what stands in `training.json`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from polystilts.training.selection import (
    AT_ENGLISH_DEV,
    AVERAGED,
    BEST_ENGLISH_DEV,
    LAST,
    ORACLE,
    Candidate,
    best,
    first_at,
    mean_weights,
)

# selection → what `training.json` says of it: where its weights stand, and their origin
Selections = dict[str, dict[str, Any]]


def choose(
    selections: Sequence[str], candidates: Sequence[Candidate], level: float | None = None
) -> tuple[Selections, dict[str, Mapping[str, Tensor]]]:
    """Return what every selection is, and the sets of weights that they need, by name.

    The first selection's weights have the name "", the others their own or that of their candidate,
    `step-<n>`; weights that are needed twice are there once. `oracle` names all candidates.
    `at-english-dev` takes the first candidate that reaches `level`, the last where none does, and
    tells in `reached` which it was.
    """
    chosen: Selections = {}
    weights: dict[str, Mapping[str, Tensor]] = {}
    names: dict[str, str] = {}

    def place(identity: str, read: Callable[[], Mapping[str, Tensor]]) -> str:
        if identity not in names:
            names[identity] = identity if weights else ""
            weights[names[identity]] = read()
        return names[identity]

    def of_step(candidate: Candidate) -> dict[str, Any]:
        return {
            "step": candidate.step,
            "weights": place(f"step-{candidate.step}", candidate.weights),
            "english_dev": candidate.examined,
        }

    def at_level() -> dict[str, Any]:
        if level is None:
            raise ValueError(f"`{AT_ENGLISH_DEV}` needs a level")
        found = first_at(candidates, level)
        reached = {"level": level, "reached": found is not None}
        return of_step(found or candidates[-1]) | reached

    def averaged() -> dict[str, Any]:
        steps = [candidate.step for candidate in candidates]
        identity = AVERAGED if len(steps) > 1 else f"step-{steps[0]}"
        return {"steps": steps, "weights": place(identity, lambda: mean_weights(candidates))}

    made: Mapping[str, Callable[[], dict[str, Any]]] = {
        LAST: lambda: of_step(candidates[-1]),
        BEST_ENGLISH_DEV: lambda: of_step(best(candidates)),
        AT_ENGLISH_DEV: at_level,
        AVERAGED: averaged,
        ORACLE: lambda: {"candidates": [of_step(candidate) for candidate in candidates]},
    }
    for selection in selections:
        if selection not in made:
            raise ValueError(f"there is no selection `{selection}`")
        chosen[selection] = made[selection]()
    return chosen, weights


def warn_of_level(selections: Selections) -> None:
    """Say that a training never reached its level on English dev. Its last weights go on."""
    facts = selections.get(AT_ENGLISH_DEV)
    if facts is None or facts["reached"]:
        return
    shown = ", ".join(f"{n} {item['accuracy']:.1f} %" for n, item in facts["english_dev"].items())
    print(
        f"WARNING: {facts['level']:g} % on English dev was not reached at any evaluation (at the "
        f"last one: {shown or 'there is no head to examine'}); the weights after the last step, "
        f"{facts['step']}, are handed on",
        file=sys.stderr,
        flush=True,
    )


def warn_of_collapse(english_dev: Mapping[str, Mapping[str, Any]]) -> None:
    """Say which tasks a training has not learned. It stays a result, and is marked as such."""
    for name, facts in english_dev.items():
        if facts["collapsed"]:
            print(
                f"WARNING: {name} was not learned: {facts['accuracy']:.1f} % on English dev, where "
                f"the most frequent answer alone gets {facts['chance']:.1f} %",
                file=sys.stderr,
                flush=True,
            )
