"""Chunk F1 of tagging (UDPOS, PAN-X), with token accuracy beside it.

XTREME scores part-of-speech tags as if they were chunks, which makes runs of one tag one unit and
costs about four points against token accuracy. For tags without a chunk prefix the corrected score
is therefore token accuracy; for IOB2 tags chunk F1 is right and stays.
"""

from collections.abc import Iterator, Mapping
from itertools import chain

import pyarrow as pa

from polystilts.errors import PolystiltsError
from polystilts.evaluation.metrics.accuracy import accuracy
from polystilts.evaluation.metrics.chunks import chunk_scores
from polystilts.evaluation.prediction_rows import gold_column, text_column
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement

_CHUNK_RULE = "chunk-{metric}|seqeval-0.0.12"
_TOKEN_RULE = "accuracy|tokens"


def measure(_language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield score, f1, precision and recall over chunks and accuracy over tokens."""
    for split, rows in splits.items():
        gold = [tags.split() for tags in gold_column(rows)]
        predicted = [tags.split() for tags in text_column(rows, "prediction")]
        _check_lengths(rows, gold, predicted)
        chunks = chunk_scores(gold, predicted)
        tokens = list(chain.from_iterable(gold))
        token_accuracy = 100 * accuracy(tokens, list(chain.from_iterable(predicted)))
        f1_rule = _CHUNK_RULE.format(metric="f1")
        n = len(gold)

        yield Measurement(split, "score", XTREME, 100 * chunks.f1, n, f1_rule)
        for metric in ("f1", "precision", "recall"):
            value = 100 * getattr(chunks, metric)
            yield Measurement(split, metric, XTREME, value, n, _CHUNK_RULE.format(metric=metric))
        yield Measurement(split, "accuracy", CORRECTED, token_accuracy, len(tokens), _TOKEN_RULE)
        if _have_no_prefix(tokens):
            yield Measurement(split, "score", CORRECTED, token_accuracy, len(tokens), _TOKEN_RULE)
        else:
            yield Measurement(split, "score", CORRECTED, 100 * chunks.f1, n, f1_rule)


def _have_no_prefix(tags: list[str]) -> bool:
    return any(tag != "O" and "-" not in tag for tag in tags)


def _check_lengths(rows: pa.Table, gold: list[list[str]], predicted: list[list[str]]) -> None:
    names = rows.column("id").to_pylist()
    for name, expected, given in zip(names, gold, predicted, strict=True):
        if len(expected) != len(given):
            raise PolystiltsError(
                f"prediction {name!r} has {len(given)} tags for {len(expected)} tokens; "
                "every token needs one."
            )
