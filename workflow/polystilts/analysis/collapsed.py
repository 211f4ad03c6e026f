"""Collapsed trainings: their head is not above chance on English dev. Their scores stay in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from polystilts.analysis.expected import BASELINE

Run = tuple[str, str, str, int]


@dataclass(frozen=True)
class CollapsedRuns:
    """The collapsed trainings of a study.

    Attributes:
        trainings: (arm, intermediate, fine-tune, seed) → the tasks not above chance; the
            fine-tune is empty for an intermediate training.
        fine_tunes: which fine-tune each target rests on; none for retrieval.
    """

    trainings: Mapping[Run, tuple[str, ...]] = field(default_factory=dict)
    fine_tunes: Mapping[str, str | None] = field(default_factory=dict)

    def behind(
        self, arm: str, intermediate: str, targets: Iterable[str], seeds: Iterable[int]
    ) -> tuple[str, ...]:
        """Return the collapsed trainings behind some scores, in words, each once."""
        fine_tunes = dict.fromkeys(["", *(self.fine_tunes.get(name) or "" for name in targets)])
        return tuple(
            _in_words((arm, intermediate, fine_tune, seed), tasks)
            for seed in seeds
            for fine_tune in fine_tunes
            if (tasks := self.trainings.get((arm, intermediate, fine_tune, seed)))
        )

    def lines(self) -> list[str]:
        """Return every collapsed training in words."""
        return [_in_words(run, tasks) for run, tasks in self.trainings.items()]


NONE_COLLAPSED = CollapsedRuns()


def collapsed_runs(table: pa.Table, fine_tunes: Mapping[str, str | None]) -> CollapsedRuns:
    """Return the collapsed trainings in a table of trainings."""
    found = {}
    for row in table.to_pylist():
        tasks = tuple(item["task"] for item in row["english_dev"] if item["collapsed"])
        if tasks:
            found[row["arm"], row["intermediate"], row["fine_tune"], row["seed"]] = tasks
    return CollapsedRuns(found, fine_tunes)


def _in_words(run: Run, tasks: tuple[str, ...]) -> str:
    """Return e.g. `english × mnli → xnli, seed 1` for a fine-tune after mnli."""
    arm, intermediate, fine_tune, seed = run
    row = "baseline" if arm == BASELINE else f"{arm} × {intermediate}"
    head = fine_tune or intermediate
    own = "" if tasks == (head,) else f" ({', '.join(tasks)})"
    return f"{row}{f' → {fine_tune}' if fine_tune else ''}{own}, seed {seed}"
