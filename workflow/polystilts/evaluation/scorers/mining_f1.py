"""F1 of mined pairs (BUCC 2018): the threshold is tuned on dev and applied to dev and test.

A row is a candidate; a gold pair that was not mined is a row without a prediction. XTREME
describes tuning on dev; its published script stops before it, so there is nothing else to correct.
"""

import math
from collections.abc import Iterator, Mapping

import pyarrow as pa

from polystilts.errors import PolystiltsError
from polystilts.evaluation.metrics.mining import Pair, above, best_threshold, pair_scores
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement

_RULE = "mining-{metric}|ratio-k4-max+dev-threshold"


def measure(language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield score, f1, precision and recall over pairs; `n` counts the gold pairs.

    Raises:
        PolystiltsError: there are no dev rows to tune the threshold on, no gold pairs, or a
            candidate that stands there twice or has no finite margin.
    """
    if "dev" not in splits:
        raise PolystiltsError(
            f"no dev candidates for {language}: the mining threshold is tuned on them."
        )
    threshold = best_threshold(*_candidates_and_gold(splits["dev"]))
    for split, rows in splits.items():
        candidates, gold = _candidates_and_gold(rows)
        if not gold:
            raise PolystiltsError(f"no gold pairs for {language} in {split}.")
        scores = pair_scores(above(candidates, threshold), gold)
        for semantics in (XTREME, CORRECTED):
            yield Measurement(
                split, "score", semantics, 100 * scores.f1, len(gold), _RULE.format(metric="f1")
            )
            for metric in ("f1", "precision", "recall"):
                value = 100 * getattr(scores, metric)
                rule = _RULE.format(metric=metric)
                yield Measurement(split, metric, semantics, value, len(gold), rule)


def _candidates_and_gold(rows: pa.Table) -> tuple[dict[Pair, float], set[Pair]]:
    sources = rows.column("id").to_pylist()
    proposed = rows.column("prediction").to_pylist()
    wanted = rows.column("gold").to_pylist()
    margins = rows.column("score").to_pylist()
    candidates: dict[Pair, float] = {}
    for source, target, margin in zip(sources, proposed, margins, strict=True):
        if target is None:
            continue
        if margin is None or (source, target) in candidates:
            problem = "has no margin" if margin is None else "stands there twice"
            raise PolystiltsError(f"candidate {source!r} – {target!r} {problem}.")
        if not math.isfinite(margin):
            raise PolystiltsError(
                f"candidate {source!r} – {target!r} has the margin {margin}: the model has"
                " probably diverged. Look at the loss of its training, and lower the learning rate."
            )
        candidates[source, target] = margin
    gold = {pair for pair in zip(sources, wanted, strict=True) if pair[1] is not None}
    return candidates, gold
