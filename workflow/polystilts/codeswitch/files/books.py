"""Switching of the examples of one block, with its books: counts, processor time, samples."""

import heapq
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from polystilts.codeswitch.example import Example
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.sheet.samples import choose_samples, sample
from polystilts.codeswitch.sheet.tally import Tally
from polystilts.codeswitch.switcher import Switcher
from polystilts.provenance.hashing import unit_hash

SAMPLES = 20


@dataclass(slots=True)
class Books:
    """Books over a block; those of several blocks are joined by `merge`.

    Attributes:
        tally: what was switched, and why the rest was not.
        number: number of the copy in the output.
        draw: the copy that decides; None leaves all texts as they are.
        sampled: whether samples are kept.
        samples: the samples, by a hash of their example's id.
        cpu_seconds: processor time of tokenising, deciding and rebuilding.
    """

    tally: Tally
    number: int = 0
    draw: int | None = 0
    sampled: bool = False
    samples: dict[int, dict[str, Any]] = field(default_factory=dict)
    cpu_seconds: float = 0.0

    @classmethod
    def of(cls, switcher: Switcher, number: int, draw: int | None, sampled: bool) -> "Books":
        """Return empty books for what a switcher will do."""
        return cls(Tally(switcher.languages), number, draw, sampled)

    def switch(self, switcher: Switcher, examples: Sequence[Example]) -> Outcome | None:
        """Return the outcome of the examples; None where the texts stay as they are."""
        if self.draw is None or not examples:
            return None
        with self.clock():
            (outcome,) = switcher.switch_examples(examples, (self.draw,))
        self.tally.add(outcome)
        if self.sampled:
            self._keep_samples(examples, outcome)
        return outcome

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Count the processor time of what is done inside."""
        start = time.process_time()
        try:
            yield
        finally:
            self.cpu_seconds += time.process_time() - start

    def merge(self, other: "Books") -> None:
        """Add the books of another block."""
        self.tally.merge(other.tally)
        self.cpu_seconds += other.cpu_seconds
        everything = {**other.samples, **self.samples}
        self.samples = {key: everything[key] for key in heapq.nsmallest(SAMPLES, everything)}

    def _keep_samples(self, examples: Sequence[Example], outcome: Outcome) -> None:
        identities = [example.identity for example in examples]
        for place in choose_samples(identities, SAMPLES):
            texts = range(outcome.first_text[place], outcome.first_text[place + 1])
            sources = [
                field.text if isinstance(field.text, str) else " ".join(field.text)
                for field in examples[place].fields
            ]
            switched = [outcome.switched_text(text) for text in texts]
            key = unit_hash("sample", identities[place])
            self.samples.setdefault(key, sample(identities[place], self.number, sources, switched))
