"""Which files a target is evaluated on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from polystilts.provenance.manifest import verify


class EvaluationSplit(NamedTuple):
    """A split of one language and its canonical rows."""

    split: str
    language: str
    path: Path


def evaluation_splits(record: Mapping[str, Any], manifest: Path) -> list[EvaluationSplit]:
    """Return the dev and test files beside a target's manifest, which is verified.

    A split without a language (XQuAD's dev, which is SQuAD's) is English.
    """
    verify(manifest)
    splits = []
    for entry in record["splits"]:
        split, language = entry["split"], entry["language"]
        name = f"{split}.{language}.parquet" if language else f"{split}.parquet"
        splits.append(EvaluationSplit(split, language or "en", manifest.parent / name))
    return splits
