"""F1 of mined pairs (BUCC 2018): the threshold is tuned on dev and applied to dev and test.

A row is a candidate; a gold pair that was not mined is a row without a prediction. XTREME
describes tuning on dev; its published script stops before it, so there is nothing else to correct.
"""

import math
from collections.abc import Collection, Iterator, Mapping

import pyarrow as pa

from polystilts.errors import PolystiltsError
from polystilts.evaluation.metrics.mining import Pair, above, best_threshold, pair_scores
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement

_RULE = "ratio-k4-max+dev-threshold"


def measure(language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield score, f1, precision and recall over pairs; `n` counts the gold pairs.

    Raises:
        PolystiltsError: there are no dev rows to tune the threshold on, no gold pairs, or a
            candidate that stands there twice or has no finite margin.
    """
    threshold = dev_threshold(language, splits)
    for split, rows in splits.items():
        candidates, gold = _candidates_and_gold(rows)
        if not gold:
            raise PolystiltsError(f"no gold pairs for {language} in {split}.")
        yield from pair_measurements(split, above(candidates, threshold), gold, _RULE)


def dev_threshold(language: str, splits: Mapping[str, pa.Table]) -> float:
    """Return the threshold with the best F1 on a language's dev candidates.

    Raises:
        PolystiltsError: as `measure`.
    """
    if "dev" not in splits:
        raise PolystiltsError(
            f"no dev candidates for {language}: the mining threshold is tuned on them."
        )
    return best_threshold(*_candidates_and_gold(splits["dev"]))


def mined_pairs(rows: pa.Table, threshold: float) -> list[Pair]:
    """Return the candidates of a split that reach a threshold, in the order of their rows.

    Raises:
        PolystiltsError: as `measure`.
    """
    candidates, _ = _candidates_and_gold(rows)
    kept = above(candidates, threshold)
    return [pair for pair in candidates if pair in kept]


def pair_measurements(
    split: str, mined: Collection[Pair], gold: Collection[Pair], rule: str
) -> Iterator[Measurement]:
    """Yield score, f1, precision and recall; XTREME's rule has no known defect here."""
    scores = pair_scores(mined, gold)
    values = {"score": scores.f1, **scores._asdict()}
    for semantics in (XTREME, CORRECTED):
        for metric, value in values.items():
            name = "f1" if metric == "score" else metric
            signed = f"mining-{name}|{rule}"
            yield Measurement(split, metric, semantics, 100 * value, len(gold), signed)


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
