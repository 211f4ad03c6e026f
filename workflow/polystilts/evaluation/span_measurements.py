"""Measurements of extractive question answering, for any normalisation of answers.

XTREME widens a predicted span to the context's white-space words and then looks for its text in
them, which makes many answers too long where white space does not separate words (Chinese, Thai).
The corrected values score the text between the predicted character offsets.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from polystilts.errors import PolystiltsError
from polystilts.evaluation.metrics.span_qa import Normalise, mean_scores
from polystilts.evaluation.prediction_rows import gold_column, text_column
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement

_DECODINGS = (
    (XTREME, "prediction_xtreme", "whitespace-words"),
    (CORRECTED, "prediction", "offsets"),
)
_RULE_NAMES = {"exact_match": "exact-match", "f1": "token-f1", "score": "mean-of-em-and-f1"}


def span_measurements(
    splits: Mapping[str, pa.Table], normalise: Normalise, normalisation: str
) -> Iterator[Measurement]:
    """Yield exact_match, f1 and score for both decodings of stored predictions.

    `normalisation` names the rule in the signatures.
    """
    for split, rows in splits.items():
        names = rows.column("id").to_pylist()
        answers = [
            _answers(name, text) for name, text in zip(names, gold_column(rows), strict=True)
        ]
        for semantics, column, decoding in _DECODINGS:
            rule = f"{normalisation}+{decoding}"
            given = text_column(rows, column)
            yield from answer_measurements(split, semantics, given, answers, normalise, rule)


def answer_measurements(
    split: str,
    semantics: str,
    predictions: Sequence[str | None],
    answers: Sequence[Sequence[str]],
    normalise: Normalise,
    rule: str,
) -> Iterator[Measurement]:
    """Yield exact_match, f1 and score, the mean of the two; None is a question not answered."""
    scores = mean_scores(predictions, answers, normalise)
    values = {
        "exact_match": scores.exact_match,
        "f1": scores.f1,
        "score": (scores.exact_match + scores.f1) / 2,
    }
    for metric, value in values.items():
        name = f"{_RULE_NAMES[metric]}|{rule}"
        yield Measurement(split, metric, semantics, 100 * value, len(answers), name)


def _answers(name: str, text: str) -> list[str]:
    try:
        answers = json.loads(text)
    except json.JSONDecodeError as error:
        raise PolystiltsError(f"the gold of {name!r} is not JSON ({error}).") from None
    if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
        raise PolystiltsError(f"the gold of {name!r} is not a list of answer texts.")
    return answers
