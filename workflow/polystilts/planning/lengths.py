"""Lengths of examples, for estimates made before any data is here.

Pieces of XLM-R's tokenizer, special tokens included, counted over published data. Where a task has
several languages these are means over them; languages differ by up to a quarter around them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from polystilts.study.study import Study
from polystilts.study.tasks import Family, Task


@dataclass(frozen=True)
class Lengths:
    """Of a task's examples.

    `tokens` are those of all inputs of an example: every choice, every window of a context read
    through windows of 384 tokens that begin 128 after each other. `inputs` is how many an example
    has. `spread` is the mean length that a token meets around itself over the mean length of an
    input: what attention costs more because lengths differ.
    """

    tokens: int
    inputs: float
    spread: float

    @property
    def attended(self) -> float:
        """How many tokens of its input, itself among them, a token attends to."""
        return self.tokens / self.inputs * self.spread


LENGTHS: Mapping[str, Lengths] = MappingProxyType(
    {
        "anli": Lengths(45, 1, 1.21),
        "mnli": Lengths(45, 1, 1.20),
        "qqp": Lengths(34, 1, 1.16),
        "squad": Lengths(239, 1.09, 1.13),
        "squad2": Lengths(235, 1.08, 1.13),
        "hellaswag": Lengths(216, 4, 1.23),
        "ccg": Lengths(30, 1, 1.12),
        "cosmosqa": Lengths(472, 4, 1.07),
        "commonsenseqa": Lengths(115, 5, 1.10),
        "xnli": Lengths(43, 1, 1.11),
        "pawsx": Lengths(65, 1, 1.09),
        "udpos": Lengths(25, 1, 1.54),
        "panx": Lengths(14, 1, 1.33),
        "xquad": Lengths(248, 1.09, 1.12),
        "mlqa": Lengths(311, 1.33, 1.26),
        "tydiqa": Lengths(161, 1.08, 1.43),
        "bucc": Lengths(28, 1, 1.2),
        "tatoeba": Lengths(12, 1, 1.2),
        "mlm": Lengths(64, 1, 1.2),
    }
)

# the task whose lengths one is taken to have that nobody has counted
_TYPICAL: Mapping[Family, str] = MappingProxyType(
    {
        "classification": "xnli",
        "multiple_choice": "hellaswag",
        "tagging": "udpos",
        "span_qa": "xquad",
        "retrieval": "bucc",
        "text": "mlm",
    }
)


def lengths_of(task: Task) -> Lengths:
    """Return a task's lengths, those of a task of its family where they are not known."""
    return LENGTHS.get(task.name, LENGTHS[_TYPICAL[task.family]])


def assumed_lengths(study: Study) -> Iterator[str]:
    """Yield a line for every task whose lengths are those of another one."""
    for name in study.tasks_used:
        if name not in LENGTHS:
            other = _TYPICAL[study.registry[name].family]
            yield f"{name}: its lengths are not known; they are taken to be those of {other}"
