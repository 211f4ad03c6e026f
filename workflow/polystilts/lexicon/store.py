"""Lexicons as look-up tables."""

from collections.abc import Iterable
from pathlib import Path

from polystilts.provenance.tables import read_table

Lexicon = dict[str, list[str]]


def load(paths: Iterable[Path]) -> dict[str, Lexicon]:
    """Return language -> source -> targets in rank order, from files that `build` wrote."""
    lexicons: dict[str, Lexicon] = {}
    for path in paths:
        table = read_table(path, ["source", "language", "target", "rank"]).sort_by("rank")
        columns = (table[name].to_pylist() for name in ("source", "language", "target"))
        for source, language, target in zip(*columns, strict=True):
            lexicons.setdefault(language, {}).setdefault(source, []).append(target)
    return lexicons
