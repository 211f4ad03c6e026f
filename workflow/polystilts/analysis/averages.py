"""Averages over languages of every cell; each says which languages it is missing.

Two averages over languages circulate. `xtreme` is XTREME's own formula: the plain mean over all
languages of a target, English included. `transfer` leaves English out. For question answering
XTREME averages exact match and F1 over languages before it takes the mean of the two, which is the
mean over languages of the score of each, as long as all languages count for both.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.evaluation.score_rows import CELL_COLUMNS
from polystilts.evaluation.selections import ORACLE

AVERAGES = ("xtreme", "transfer")

_GROUP = (*CELL_COLUMNS, "split", "selection", "semantics")
AVERAGE_SCHEMA = pa.schema(
    [
        ("encoder", pa.string()),
        ("arm", pa.string()),
        ("intermediate", pa.string()),
        ("target", pa.string()),
        ("seed", pa.int64()),
        ("split", pa.string()),
        ("selection", pa.string()),
        ("semantics", pa.string()),
        ("average", pa.string()),
        ("value", pa.float64()),
        ("languages", pa.int64()),
        ("expected_languages", pa.int64()),
        ("missing", pa.list_(pa.string())),
    ]
)


def averaged_languages(languages: Sequence[str], average: str) -> tuple[str, ...]:
    """Return the languages an average is over, in the order given."""
    if average not in AVERAGES:
        raise ValueError(f"no average {average!r}; there are {', '.join(AVERAGES)}")
    return tuple(code for code in languages if average == "xtreme" or code != "en")


def refuse_oracle(table: pa.Table) -> None:
    """Refuse a table with scores of the oracle, which has seen the dev sets of target languages.

    Raises:
        ValueError: it holds such scores.
    """
    if pc.any(pc.equal(table["selection"], ORACLE)).as_py():
        raise ValueError(f"scores of the selection `{ORACLE}` are no zero-shot results")


def averages(table: pa.Table, languages: Mapping[str, Sequence[str]] | None = None) -> pa.Table:
    """Return both averages over languages of every cell, split, selection and semantics.

    Args:
        table: score rows; those with metric `score` count.
        languages: the languages each target should have; without it, those the table holds for
            the target in the same split, in any cell.

    Returns:
        One row per average with its `value`, null where no language is there; `languages`, the
        number it is over; `expected_languages`, the number it should be over; and `missing`, the
        names of the rest.

    Raises:
        ValueError: the table holds scores of the oracle, which must not be averaged.
    """
    refuse_oracle(table)
    rows = table.filter(pc.equal(table["metric"], "score")).to_pylist()
    seen: dict[tuple[str, str], set[str]] = {}
    values: dict[tuple[object, ...], dict[str, float]] = {}
    for row in rows:
        seen.setdefault((row["target"], row["split"]), set()).add(row["language"])
        cell = values.setdefault(tuple(row[name] for name in _GROUP), {})
        cell[row["language"]] = row["value"]
    result = []
    for group, found in sorted(values.items(), key=lambda item: tuple(map(str, item[0]))):
        names = dict(zip(_GROUP, group, strict=True))
        target, split = str(names["target"]), str(names["split"])
        stated = (languages or {}).get(target) or sorted(seen[target, split])
        for average in AVERAGES:
            wanted = averaged_languages(stated, average)
            present = [found[code] for code in wanted if code in found]
            result.append(
                {
                    **names,
                    "average": average,
                    "value": fmean(present) if present else None,
                    "languages": len(present),
                    "expected_languages": len(wanted),
                    "missing": [code for code in wanted if code not in found],
                }
            )
    return pa.Table.from_pylist(result, schema=AVERAGE_SCHEMA)
