"""What a matrix should hold, so that averages can say what is missing from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

BASELINE = "none"


@dataclass(frozen=True)
class ExpectedMatrix:
    """The cells of a study: every arm × intermediate × target × seed, and the baseline.

    `arms` and `intermediates` leave `none` out; the baseline is expected besides.
    `languages` holds the languages of each target. `averaged` are the targets that the mean over
    targets is over, XTREME's; None: all of them.
    """

    arms: tuple[str, ...]
    intermediates: tuple[str, ...]
    targets: tuple[str, ...]
    seeds: tuple[int, ...]
    languages: Mapping[str, tuple[str, ...]]
    averaged: tuple[str, ...] | None = None

    @property
    def mean_targets(self) -> tuple[str, ...]:
        """The targets in the mean over targets; without any there is no such mean."""
        return self.targets if self.averaged is None else self.averaged

    @property
    def not_in_mean(self) -> tuple[str, ...]:
        """The targets that stand beside the mean over targets."""
        return tuple(name for name in self.targets if name not in self.mean_targets)

    def rows(self) -> list[tuple[str, str]]:
        """Return (arm, intermediate) of the baseline and of every treated row."""
        treated = [(arm, name) for arm in self.arms for name in self.intermediates]
        return [(BASELINE, BASELINE), *treated]


def expected_matrix(table: pa.Table, record: Mapping[str, Any]) -> ExpectedMatrix:
    """Return the expectation stated in `record`, completed by what the table holds.

    Args:
        table: score rows.
        record: any of `arms`, `intermediates`, `targets`, `averaged_targets`, `seeds` (lists) and
            `languages` (target → list). What is left out is taken from the table, so that only a
            record that states it can reveal something missing everywhere.
    """
    seen_languages: dict[str, set[str]] = {}
    pairs = table.group_by(["target", "language"]).aggregate([]).to_pylist()
    for pair in pairs:
        seen_languages.setdefault(pair["target"], set()).add(pair["language"])
    targets = _stated_or_seen(record, table, "targets", "target")
    averaged = record.get("averaged_targets")
    stated = record.get("languages") or {}
    return ExpectedMatrix(
        arms=_without_baseline(_stated_or_seen(record, table, "arms", "arm")),
        intermediates=_without_baseline(
            _stated_or_seen(record, table, "intermediates", "intermediate")
        ),
        targets=targets,
        seeds=_stated_or_seen(record, table, "seeds", "seed"),
        languages={
            target: tuple(stated.get(target) or sorted(seen_languages.get(target, ())))
            for target in targets
        },
        averaged=None if averaged is None else tuple(averaged),
    )


def _stated_or_seen(
    record: Mapping[str, Any], table: pa.Table, plural: str, column: str
) -> tuple[Any, ...]:
    if record.get(plural) is not None:
        return tuple(record[plural])
    return tuple(sorted(table.column(column).unique().to_pylist()))


def _without_baseline(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name != BASELINE)
