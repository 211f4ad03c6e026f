"""What a target's dev predictions are worth, language by language."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.errors import PolystiltsError
from polystilts.evaluation.score_rows import XTREME
from polystilts.evaluation.scorer import load_scorer

_DEV = "dev"


def development_scores(table: pa.Table, record: Mapping[str, Any]) -> dict[str, float]:
    """Return the target's own number, in percent, of every language that has a dev set.

    It is the number that a score row with metric `score` and semantics `xtreme` holds on the dev
    split: the same scorers compute it. Languages without dev predictions are left out.

    Args:
        table: predictions of one candidate. Rows of other splits are not looked at.
        record: `target` and `metric`, as for `score`.

    Raises:
        PolystiltsError: the dev predictions are of several selections, or cannot be scored.
    """
    scorer = load_scorer(record["metric"])
    rows = table.filter(pc.equal(table["split"], _DEV))
    selections = sorted(map(str, pc.unique(rows["selection"]).to_pylist()))
    if len(selections) > 1:
        reason = f"dev predictions of several selections ({', '.join(selections)})"
        raise PolystiltsError(f"{record['target']}: {reason}; one candidate has one.")
    scores = {}
    for language in sorted(pc.unique(rows["language"]).to_pylist()):
        splits = {_DEV: rows.filter(pc.equal(rows["language"], language))}
        try:
            measured = list(scorer.measure(language, splits))
        except PolystiltsError as error:
            reason = f"{record['target']}, language {language}, dev: {error}"
            raise PolystiltsError(reason) from None
        (scores[language],) = (
            item.value for item in measured if (item.metric, item.semantics) == ("score", XTREME)
        )
    return scores
