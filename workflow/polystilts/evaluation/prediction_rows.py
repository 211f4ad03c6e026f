"""Columns of prediction tables, checked on the way out."""

from collections import Counter

import pyarrow as pa

from polystilts.errors import PolystiltsError


def gold_column(rows: pa.Table) -> list[str]:
    """Return the gold column of one language and split, one row per example.

    Raises:
        PolystiltsError: an example has no gold, or its id stands there twice.
    """
    ids: list[str] = rows.column("id").to_pylist()
    golds: list[str] = rows.column("gold").to_pylist()
    for name, gold in zip(ids, golds, strict=True):
        if gold is None:
            raise PolystiltsError(f"prediction {name!r} has no gold to be scored against.")
    name, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise PolystiltsError(
            f"{times} predictions have the id {name!r} in one language and split; "
            "each example is to be predicted once."
        )
    return golds


def text_column(rows: pa.Table, column: str) -> list[str]:
    """Return a column of texts, an empty one for null.

    Raises:
        PolystiltsError: there is no such column.
    """
    if column not in rows.column_names:
        raise PolystiltsError(
            f"the predictions have no column `{column}`; they have {', '.join(rows.column_names)}."
        )
    return [text or "" for text in rows.column(column).to_pylist()]
