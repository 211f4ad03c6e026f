"""The cells of a study's matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from polystilts.study.config import Selection
from polystilts.study.names import NONE


@dataclass(frozen=True)
class Cell:
    """One entry of the matrix."""

    encoder: str
    arm: str
    intermediate: str
    target: str
    seed: int

    def wildcards(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}


def matrix_of(
    selection: Selection, intermediates: Sequence[str], left_out: Mapping[str, Mapping[str, str]]
) -> list[Cell]:
    """Return the baseline's cells once, then those of every arm × intermediate, × target × seed.

    Args:
        left_out: by arm the intermediates that have no cells there.
    """
    pairs = [(NONE, NONE)] + [
        (arm, name)
        for arm in selection.arms
        for name in intermediates
        if name != NONE and name not in left_out.get(arm, {})
    ]
    return [
        Cell(selection.encoder, arm, intermediate, target, seed)
        for arm, intermediate in pairs
        for target in selection.targets
        for seed in selection.seeds
    ]
