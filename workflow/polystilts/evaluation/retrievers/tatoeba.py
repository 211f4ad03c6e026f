"""Tatoeba: for each English sentence the nearest foreign one."""

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.evaluation.retrieval import retrieve
from polystilts.evaluation.search import Floats


def candidates(
    sentences: pa.Table, pairs: pa.Table, language: str, embed: Callable[[Sequence[str]], Floats]
) -> dict[str, list[object]]:
    """Return per English query the nearest foreign id, the aligned one, and their cosine."""
    foreign = sentences.filter(pc.equal(sentences["language"], language))
    english = sentences.filter(pc.equal(sentences["language"], "en"))
    found = retrieve(embed(english["text"].to_pylist()), embed(foreign["text"].to_pylist()))
    aligned = dict(zip(pairs["target_id"].to_pylist(), pairs["source_id"].to_pylist(), strict=True))
    foreign_ids = foreign["id"].to_pylist()
    queries = english["id"].to_pylist()
    return {
        "id": queries,
        "group": english["group"].to_pylist(),
        "gold": [aligned[query] for query in queries],
        "prediction": [foreign_ids[row] for row in found.rows[:, 0]],
        "score": [float(value) for value in found.similarity[:, 0]],
    }
