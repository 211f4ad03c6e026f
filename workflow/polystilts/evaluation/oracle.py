"""The best of a training's candidates for each language, by that language's own dev set.

Zero-shot transfer has no such set: what this gives is an upper bound of what choosing a checkpoint
can give (Keung et al. 2020, Don't Use English Dev), and never a result.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from polystilts.evaluation.development import development_scores
from polystilts.evaluation.predict import Predictor
from polystilts.evaluation.selections import ORACLE
from polystilts.evaluation.splits import EvaluationSplit


def tables(
    predictor: Predictor,
    splits: Sequence[EvaluationSplit],
    candidates: Sequence[Mapping[str, Any]],
) -> list[pa.Table]:
    """Return the rows of the best candidate of every language that has a dev set of its own.

    Of equals the later candidate is taken. Languages without a dev set have no rows.
    """
    dev = [split for split in splits if split.split == "dev"]
    best: dict[str, tuple[float, int, str]] = {}
    for candidate in candidates:
        weights = candidate["weights"]
        predicted = pa.concat_tables([predictor.table(s, weights, ORACLE) for s in dev])
        for language, score in development_scores(predicted, predictor.record).items():
            found = (score, int(candidate["step"]), weights)
            best[language] = max(best.get(language, found), found)
    return [
        predictor.table(split, best[split.language][2], ORACLE)
        for split in splits
        if split.language in best
    ]
