"""What a task's writer is."""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import TypeVar

from polystilts.miniature.facts import stream
from polystilts.miniature.grammar import Voice
from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.settings import WorldSettings

# yields (path relative to the mirror, content) of each file
Files = Iterator[tuple[str, str]]
Writer = Callable[[Lexicon, WorldSettings], Files]
# the same of the training file alone, told in the language
Translator = Callable[[Lexicon, WorldSettings, str], Files]

ENGLISH = "en"
# the share of wrong labels in the dev data of tasks that a model would else get all right
MISTAKE_SHARE = 0.1
_Sizes = TypeVar("_Sizes")


def splits_in(language: str, splits: Mapping[str, _Sizes]) -> dict[str, _Sizes]:
    """Return the splits that are written in a language: all in English, else `train`."""
    return {name: what for name, what in splits.items() if language == ENGLISH or name == "train"}


def voice_for(
    lexicon: Lexicon, settings: WorldSettings, language: str, rng: Random, *purpose: str | int
) -> Voice:
    """Return the voice of an item whose facts are drawn from `rng`.

    English draws nothing; another language draws its loans from a stream of its own, so that its
    item has the facts of the English one.
    """
    if language != ENGLISH:
        rng = stream(settings.seed, *purpose, "voice", language)
    return Voice(lexicon, language, rng)


def annotated(
    settings: WorldSettings, label: int, choices: int, task: str, split: str, row: int
) -> int:
    """Return the label that the file gives: in dev a wrong one for one item in ten.

    So dev accuracy has room above the best model. Training labels are right: wrong ones would only
    take longer to learn from.
    """
    rng = stream(settings.seed, task, split, row, "annotation")
    if split == "train" or rng.random() >= MISTAKE_SHARE:
        return label
    return (label + rng.randrange(1, choices)) % choices
