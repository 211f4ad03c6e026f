"""The ways in which a study's arms make corpora."""

from dataclasses import dataclass

from polystilts.policies import Treatment
from polystilts.study.config import Arm


@dataclass(frozen=True)
class Variant:
    """One way to make corpora: a recipe and the treatment that follows it."""

    recipe: str
    treatment: Treatment

    @property
    def name(self) -> str:
        """The folder name: the recipe's, with the treatment where that is not code-switching."""
        is_plain = self.treatment == Treatment.CODE_SWITCHED
        return self.recipe + ("" if is_plain else f"+{self.treatment}")


def variant_of(arm: Arm) -> Variant | None:
    """Return how an arm's corpora are made, or None where it trains on English.

    Arms that differ in what they train on the same text share their corpora.
    """
    if arm.recipe is None:
        return None
    return Variant(arm.recipe, arm.treatment.corpus)
