"""Chunk F1 of tagging (UDPOS, PAN-X), with token accuracy beside it.

XTREME scores part-of-speech tags as if they were chunks, which makes runs of one tag one unit and
costs about four points against token accuracy, and takes their first letters for chunk prefixes.
For tags without a prefix the corrected score is therefore token accuracy, and corrected chunks are
the runs of each tag, whatever its first letter; for IOB2 tags chunk F1 is right and stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import pyarrow as pa

from polystilts.errors import PolystiltsError
from polystilts.evaluation.metrics.accuracy import accuracy
from polystilts.evaluation.metrics.chunks import ChunkScores, as_runs, chunk_scores
from polystilts.evaluation.prediction_rows import gold_column, text_column
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement

_CHUNK_RULE = "seqeval-0.0.12"
_RUN_RULE = "runs-of-equal-tags"
_TOKEN_RULE = "accuracy|tokens"

Tags = Sequence[Sequence[str]]


def measure(_language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield the measurements of stored predictions; see `tag_measurements`."""
    for split, rows in splits.items():
        gold = [tags.split() for tags in gold_column(rows)]
        predicted = [tags.split() for tags in text_column(rows, "prediction")]
        _check_lengths(rows, gold, predicted)
        yield from tag_measurements(split, gold, predicted)


def tag_measurements(split: str, gold: Tags, predicted: Tags) -> Iterator[Measurement]:
    """Yield score, f1, precision and recall over chunks and accuracy over tokens.

    `n` counts sentences, for the measurements over tokens tokens. The sentences must agree in
    their numbers of tags.
    """
    n = len(gold)
    chunks = chunk_scores(gold, predicted)
    yield Measurement(split, "score", XTREME, 100 * chunks.f1, n, f"chunk-f1|{_CHUNK_RULE}")
    yield from _of_chunks(split, XTREME, chunks, n, _CHUNK_RULE)

    tokens = list(chain.from_iterable(gold))
    value = 100 * accuracy(tokens, list(chain.from_iterable(predicted)))
    yield Measurement(split, "accuracy", CORRECTED, value, len(tokens), _TOKEN_RULE)
    if _have_no_prefix(tokens):
        yield Measurement(split, "score", CORRECTED, value, len(tokens), _TOKEN_RULE)
        runs = chunk_scores(gold, predicted, as_runs)
        yield from _of_chunks(split, CORRECTED, runs, n, _RUN_RULE)
    else:
        yield Measurement(split, "score", CORRECTED, 100 * chunks.f1, n, f"chunk-f1|{_CHUNK_RULE}")
        yield from _of_chunks(split, CORRECTED, chunks, n, _CHUNK_RULE)


def _of_chunks(
    split: str, semantics: str, scores: ChunkScores, n: int, rule: str
) -> Iterator[Measurement]:
    for metric in ("f1", "precision", "recall"):
        value = 100 * getattr(scores, metric)
        yield Measurement(split, metric, semantics, value, n, f"chunk-{metric}|{rule}")


def _have_no_prefix(tags: Sequence[str]) -> bool:
    return any(tag != "O" and "-" not in tag for tag in set(tags))


def _check_lengths(rows: pa.Table, gold: Tags, predicted: Tags) -> None:
    names = rows.column("id").to_pylist()
    for name, expected, given in zip(names, gold, predicted, strict=True):
        if len(expected) != len(given):
            raise PolystiltsError(
                f"prediction {name!r} has {len(given)} tags for {len(expected)} tokens; "
                "every token needs one."
            )
