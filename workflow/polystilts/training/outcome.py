"""What a training leaves: the weights of its selections, and what stands in `training.json`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from polystilts.training.selection import (
    AVERAGED,
    BEST_ENGLISH_DEV,
    LAST,
    ORACLE,
    Candidate,
    best,
    mean_weights,
)

# selection → what `training.json` says of it: where its weights stand, and their origin
Selections = dict[str, dict[str, Any]]


def choose(
    selections: Sequence[str], candidates: Sequence[Candidate]
) -> tuple[Selections, dict[str, Mapping[str, Tensor]]]:
    """Return what every selection is, and the sets of weights that they need, by name.

    The first selection's weights have the name "", the others their own or that of their candidate,
    `step-<n>`; weights that are needed twice are there once. `oracle` names all candidates.
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

    for selection in selections:
        if selection == LAST:
            chosen[selection] = of_step(candidates[-1])
        elif selection == BEST_ENGLISH_DEV:
            chosen[selection] = of_step(best(candidates))
        elif selection == AVERAGED:
            steps = [candidate.step for candidate in candidates]
            identity = AVERAGED if len(steps) > 1 else f"step-{steps[0]}"
            chosen[selection] = {
                "steps": steps,
                "weights": place(identity, lambda: mean_weights(candidates)),
            }
        elif selection == ORACLE:
            chosen[selection] = {"candidates": [of_step(candidate) for candidate in candidates]}
        else:
            raise ValueError(f"there is no selection `{selection}`")
    return chosen, weights


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
