"""Which weights of one training are used: the last, the best in English, or a mean of several.

At a few evenly spread steps, the last one among them, a training leaves its weights aside as a
candidate, with its accuracy on English dev. From these come

- `last`: the last candidate;
- `best-english-dev`: the one with the highest accuracy, the later of equals;
- `at-english-dev`: the first one whose accuracy reaches a level, the last where none does;
- `averaged`: the mean of all candidates' weights (Schmidt, Vulić & Glavaš 2023, Free Lunch: Robust
  Cross-Lingual Transfer via Model Checkpoint Averaging);
- `oracle`: all of them, for a language's own dev set to choose from. It looks at data that
  zero-shot transfer does not have, and is an upper bound alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from polystilts.errors import DamagedFileError, PolystiltsError
from polystilts.provenance.manifest import verify
from polystilts.training.checkpoint import save_tensors, trainable

LAST = "last"
BEST_ENGLISH_DEV = "best-english-dev"
AT_ENGLISH_DEV = "at-english-dev"
AVERAGED = "averaged"
ORACLE = "oracle"

# what a training was examined on: by task, accuracy in percent among other facts
Examined = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Candidate:
    """The weights after a step, in `path`, and how well they do on English dev."""

    step: int
    path: Path
    examined: Examined

    @property
    def score(self) -> float:
        """Mean accuracy over the tasks of the training, in percent."""
        accuracies = [float(facts["accuracy"]) for facts in self.examined.values()]
        return sum(accuracies) / len(accuracies) if accuracies else 0.0

    def weights(self) -> dict[str, Tensor]:
        return load_file(self.path)


@dataclass(frozen=True)
class Candidates:
    """The candidates of a training, in the folder of its resumable state.

    `steps` are those after which one is left; `examine` says how well the model does by then.
    """

    folder: Path
    steps: Sequence[int]
    examine: Callable[[], Examined]

    def after_step(self, step: int, model: nn.Module) -> None:
        """Leave the weights aside, if this is one of the steps.

        Raises:
            PolystiltsError: the disk refuses.
        """
        if step in self.steps:
            examined = self.examine()
            model.train()
            weights = {name: weight.detach() for name, weight in trainable(model)}
            try:
                save_tensors(self._path(step), weights, step=step, examined=examined)
            except (OSError, SafetensorError) as error:
                raise PolystiltsError(
                    f"the weights after step {step}, which a selection needs, could not be left in "
                    f"{self.folder} ({error}). Free some space there and run again: the training "
                    "goes on from its last checkpoint."
                ) from error

    def complete_until(self, step: int) -> bool:
        """Tell whether every candidate up to a step is there and intact."""
        return all(self._read(due) is not None for due in self.steps if due <= step)

    def found(self) -> list[Candidate]:
        """Return the candidates in the order of their steps."""
        read = [self._read(step) for step in self.steps]
        return [candidate for candidate in read if candidate is not None]

    def _path(self, step: int) -> Path:
        return self.folder / f"candidate-{step:08d}.safetensors"

    def _read(self, step: int) -> Candidate | None:
        path = self._path(step)
        try:
            manifest = verify(path.with_suffix(".json"))
            return Candidate(int(manifest["step"]), path, manifest["examined"])
        except (DamagedFileError, SafetensorError, OSError, KeyError, ValueError):
            return None


def evaluation_steps(steps: int, evaluations: int) -> list[int]:
    """Return the steps after which a training is evaluated: evenly spread, the last one included.

    Fewer than `evaluations` where there are fewer steps.
    """
    return sorted({max(1, round(steps * number / evaluations)) for number in _upto(evaluations)})


def _upto(number: int) -> range:
    return range(1, number + 1)


def needs_candidates(selections: Sequence[str]) -> bool:
    """Tell whether any weights but the last are asked for."""
    return any(selection != LAST for selection in selections)


def best(candidates: Sequence[Candidate]) -> Candidate:
    """Return the candidate that does best on English dev, the later of equals."""
    return max(candidates, key=lambda candidate: (candidate.score, candidate.step))


def first_at(candidates: Sequence[Candidate], level: float) -> Candidate | None:
    """Return the first candidate that reaches a score on English dev, or None."""
    # one without an examined head has no score
    reached = (one for one in candidates if one.examined and one.score >= level)
    return next(reached, None)


def mean_weights(candidates: Sequence[Candidate]) -> dict[str, Tensor]:
    """Return the mean of the candidates' weights, summed up in double precision."""
    total: dict[str, Tensor] = {}
    kinds: dict[str, torch.dtype] = {}
    for candidate in candidates:
        for name, weight in candidate.weights().items():
            kinds[name] = weight.dtype
            added = weight.double()
            total[name] = total[name] + added if name in total else added
    return {name: (sum_ / len(candidates)).to(kinds[name]) for name, sum_ in total.items()}


def load_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put weights that were left aside back into their model."""
    with torch.no_grad():
        for name, parameter in trainable(model):
            parameter.copy_(weights[name])
