"""Ways to choose a checkpoint: which rows tables are made of, and how the ways compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.analysis.averages import AVERAGES, averaged_languages
from polystilts.evaluation.score_rows import XTREME
from polystilts.evaluation.selections import LAST, ORACLE

UPPER_BOUND = "upper bound: chosen by each target language's own dev score, not a zero-shot result"


@dataclass(frozen=True)
class SelectionMean:
    """What a selection brings to a target: percent and points.

    Attributes:
        average: over which languages, `xtreme` or `transfer`.
        mean: over all cells and languages of the target that the selection has.
        scores: how many those are.
        difference: mean paired difference to `last`; None where nothing could be paired.
        pairs: how many scores were paired.
        note: what has to be known about the selection; empty if nothing.
    """

    target: str
    selection: str
    average: str
    mean: float
    scores: int
    difference: float | None
    pairs: int
    note: str


def primary_selection(record: Mapping[str, Any]) -> str:
    """Return the selection that averages, differences and figures are made of.

    Raises:
        ValueError: it is the oracle, which has seen target languages.
    """
    primary = str(next(iter(record.get("selections") or [LAST])))
    if primary == ORACLE:
        raise ValueError(f"`{ORACLE}` cannot be the primary selection: {UPPER_BOUND}")
    return primary


def of_selection(table: pa.Table, selection: str) -> pa.Table:
    """Return the score rows of a selection."""
    return table.filter(pc.equal(table["selection"], selection))


def without_oracle(table: pa.Table) -> pa.Table:
    """Return the score rows of all selections that are zero-shot results."""
    return table.filter(pc.not_equal(table["selection"], ORACLE))


def compare_selections(
    table: pa.Table, selections: Sequence[str], languages: Mapping[str, Sequence[str]]
) -> list[SelectionMean]:
    """Return the mean test score by target, selection and average, and how it differs from `last`.

    A difference pairs equal (encoder, arm, intermediate, seed, language). The oracle is among
    them; nothing else in a report shows it.

    Args:
        table: score rows of all selections.
        selections: in the order to list them.
        languages: the languages of each target, in whose order targets are listed.
    """
    wanted = pc.and_(
        pc.and_(pc.equal(table["metric"], "score"), pc.equal(table["semantics"], XTREME)),
        pc.equal(table["split"], "test"),
    )
    found: dict[tuple[str, str], dict[tuple[object, ...], float]] = {}
    for row in table.filter(wanted).to_pylist():
        place = tuple(row[name] for name in ("language", "encoder", "arm", "intermediate", "seed"))
        found.setdefault((row["target"], row["selection"]), {})[place] = row["value"]
    return [
        mean
        for target in languages
        for selection in selections
        for mean in _means(found, target, selection, languages[target])
    ]


def _means(
    found: Mapping[tuple[str, str], Mapping[tuple[object, ...], float]],
    target: str,
    selection: str,
    languages: Sequence[str],
) -> Iterator[SelectionMean]:
    scores, last = found.get((target, selection), {}), found.get((target, LAST), {})
    for average in AVERAGES:
        wanted = set(averaged_languages(languages, average))
        own = {place: value for place, value in scores.items() if place[0] in wanted}
        if not own:
            continue
        paired = [value - last[place] for place, value in own.items() if place in last]
        yield SelectionMean(
            target=target,
            selection=selection,
            average=average,
            mean=fmean(own.values()),
            scores=len(own),
            difference=fmean(paired) if paired else None,
            pairs=len(paired),
            note=UPPER_BOUND if selection == ORACLE else "",
        )
