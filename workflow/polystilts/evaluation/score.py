"""Scores of one cell from its stored predictions."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.errors import PolystiltsError
from polystilts.evaluation.score_rows import SCORE_SCHEMA
from polystilts.evaluation.scorer import load_scorer

_NEEDED = ("id", "language", "split", "selection", "gold", "prediction", "score")


def score(predictions: pa.Table, record: Mapping[str, Any], key: str = "") -> pa.Table:
    """Return the score rows of one cell: every language, split, metric and semantics.

    The row with metric `score` and semantics `xtreme` is XTREME's number for the language.

    Args:
        predictions: all languages of the cell, dev and test where the target has both.
        record: `target`, `metric` (one of accuracy, chunk_f1, squad, mlqa, mining_f1,
            retrieval_accuracy), `data_version`, and `cell` with `encoder`, `arm`,
            `intermediate`, `target` and `seed`.
        key: content key that is written into every row.

    Raises:
        PolystiltsError: the predictions are empty, lack a column, or cannot be scored.
    """
    scorer = load_scorer(record["metric"])
    missing = [column for column in _NEEDED if column not in predictions.column_names]
    if missing:
        raise PolystiltsError(f"the predictions lack the columns {', '.join(missing)}.")
    if not predictions.num_rows:
        raise PolystiltsError(f"there are no predictions for {record['target']}.")
    rows: list[dict[str, Any]] = []
    for (language, selection), splits in _parts(predictions).items():
        try:
            measurements = list(scorer.measure(language, splits))
        except PolystiltsError as error:
            raise PolystiltsError(f"{record['target']}, language {language}: {error}") from None
        for item in measurements:
            signature = (record["target"], item.rule, item.semantics, record["data_version"])
            rows.append(
                {
                    **{name: record["cell"][name] for name in ("encoder", "arm", "intermediate")},
                    "target": record["target"],
                    "language": language,
                    "seed": record["cell"]["seed"],
                    "split": item.split,
                    "selection": selection,
                    "metric": item.metric,
                    "semantics": item.semantics,
                    "value": item.value,
                    "n": item.n,
                    "signature": "|".join(signature),
                    "key": key,
                }
            )
    return pa.Table.from_pylist(rows, schema=SCORE_SCHEMA)


def _parts(predictions: pa.Table) -> dict[tuple[str, str], dict[str, pa.Table]]:
    """Return the rows by (language, selection) and split, each level in alphabetical order."""
    columns = ["language", "selection", "split"]
    found = predictions.group_by(columns).aggregate([]).to_pylist()
    parts: dict[tuple[str, str], dict[str, pa.Table]] = {}
    for names in sorted(found, key=lambda row: [str(row[column]) for column in columns]):
        if None in names.values():
            raise PolystiltsError(
                f"predictions with an empty language, selection or split: {names}."
            )
        mask = pc.and_kleene(
            pc.and_kleene(
                pc.equal(predictions["language"], names["language"]),
                pc.equal(predictions["selection"], names["selection"]),
            ),
            pc.equal(predictions["split"], names["split"]),
        )
        languages = parts.setdefault((names["language"], names["selection"]), {})
        languages[names["split"]] = predictions.filter(mask)
    return parts
