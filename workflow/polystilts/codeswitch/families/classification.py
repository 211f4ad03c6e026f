"""Switching of texts and pairs of texts: `text_a`, `text_b` (or null), `label`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.leaks.labels import LabelLeak
from polystilts.codeswitch.leaks.overlap import OverlapLeak, type_overlap
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.rows import Columns, Rows, totals

SINGLE_WORDS = False
COLUMNS = ("text_a", "text_b")
ALSO_READ = ("label",)


def examples(columns: Columns) -> Rows:
    """Return one example a row: its text or both of its texts, which are decided on together."""
    columns_read = (columns[name] for name in ("id", *COLUMNS))
    return Rows.one_each(
        [
            Example(identity, tuple(Field(text) for text in texts if text is not None))
            for identity, *texts in zip(*columns_read, strict=True)
        ]
    )


def new_columns(columns: Columns, rows: Rows, outcome: Outcome) -> Columns:
    """Return the switched texts."""
    texts, first = outcome.texts, outcome.first_text.tolist()
    second = columns["text_b"]
    return {
        "text_a": [texts[place] for place in first[:-1]],
        "text_b": [
            None if old is None else texts[place + 1]
            for old, place in zip(second, first, strict=False)
        ],
    }


def checks(languages: Sequence[str]) -> dict[str, Any]:
    """Return empty checks: label against switched words, what the two texts have in common."""
    return {"label": LabelLeak(), "overlap": OverlapLeak()}


def check(found: Mapping[str, Any], columns: Columns, rows: Rows, outcome: Outcome) -> None:
    """Add one copy of some rows to the checks."""
    switched, words = totals(rows, outcome)
    found["label"].add([str(label) for label in columns["label"]], switched, words)
    place = np.full(len(outcome.batch.fields), -1)
    is_pair = np.diff(outcome.first_text) == 2
    pairs = int(is_pair.sum())
    place[outcome.first_text[:-1][is_pair]] = 0
    place[outcome.first_text[:-1][is_pair] + 1] = 1
    pair_of = np.cumsum(is_pair) - 1
    items = outcome.items
    side, pair = place[items.text], pair_of[items.example]
    before, after = outcome.written_units()
    overlaps = [
        type_overlap(pairs, *((pair[side == n], unit[side == n]) for n in (0, 1)))
        for unit in (before, after)
    ]
    found["overlap"].add(*overlaps)
