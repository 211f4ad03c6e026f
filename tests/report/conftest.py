"""A small fabricated study with two arms."""

from collections.abc import Callable, Collection
from typing import Any

import pyarrow as pa
import pytest

from polystilts.analysis.matrix import MATRIX_SCHEMA

LANGUAGES = {"xnli": ["en", "ru"], "udpos": ["en", "ru"], "tatoeba": ["ru"]}
RECORD = {
    "study": "tiny",
    "world": "miniature",
    "arms": ["english", "code-switched"],
    "intermediates": ["mnli", "squad", "all"],
    "targets": list(LANGUAGES),
    "seeds": [1],
    "languages": LANGUAGES,
}
GAINS = {"none": 0.0, "english": -1.4, "code-switched": 2.3}
LEVELS = {"xnli": 50.0, "udpos": 60.0, "tatoeba": 30.0}

MakeMatrix = Callable[..., pa.Table]


@pytest.fixture(scope="session")
def record() -> dict[str, Any]:
    """What the report is told about the study."""
    return dict(RECORD)


@pytest.fixture(scope="session")
def make_matrix() -> MakeMatrix:
    """Return a function that fabricates the matrix, without the cells in `absent`.

    Every score is the target's level plus the arm's gain plus a tenth per intermediate, so that
    what the tables should show is known. English lies ten points above Russian.
    """

    def make(seeds: Collection[int] = (1,), absent: Collection[tuple[str, ...]] = ()) -> pa.Table:
        treated = [(arm, name) for arm in RECORD["arms"] for name in RECORD["intermediates"]]
        rows = [
            {
                "encoder": "miniature",
                "arm": arm,
                "intermediate": name,
                "target": target,
                "language": language,
                "seed": seed,
                "split": "test",
                "selection": "last",
                "metric": "score",
                "semantics": semantics,
                "value": LEVELS[target]
                + GAINS[arm]
                + (0.1 * RECORD["intermediates"].index(name) if arm != "none" else 0.0)
                + (5.0 if language == "en" else -5.0 if target != "tatoeba" else 0.0)
                + (0.5 * (seed - 1) if arm == "code-switched" else 0.0),
                "n": 10,
                "signature": "s",
                "key": "k",
                "failed_checks": "",
            }
            for arm, name in [("none", "none"), *treated]
            for target, languages in LANGUAGES.items()
            for language in languages
            for seed in seeds
            for semantics in ("xtreme", "corrected")
            if not {(arm, name, target), (arm, name, target, language)} & set(absent)
        ]
        return pa.Table.from_pylist(rows, schema=MATRIX_SCHEMA)

    return make
