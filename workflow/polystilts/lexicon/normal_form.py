"""A lexicon as a table: one row a pair, for all dictionaries of a language."""

from collections.abc import Mapping

import pyarrow as pa

from polystilts.lexicon.gate import Gate
from polystilts.lexicon.schema import SCHEMA


def table_of(gate: Gate) -> pa.Table:
    """Return what a gate let through, in the columns of `SCHEMA`.

    The translations of a source stand together and by rank, sources as they were first listed.
    `agreement` is the number of dictionaries that list a pair, `dictionary` the first of them;
    `pos` has the parts of speech that any of them states (UPOS names with spaces between them).
    """
    pairs = [pair for targets in gate.accepted.values() for pair in targets.values()]
    columns = {
        "source": [pair.source for pair in pairs],
        "language": [gate.language] * len(pairs),
        "target": [pair.target for pair in pairs],
        "rank": [pair.rank for pair in pairs],
        "agreement": [pair.agreement for pair in pairs],
        "pos": [pair.pos for pair in pairs],
        # single spaces are all that the gate leaves between words
        "source_words": [pair.source.count(" ") + 1 for pair in pairs],
        "target_words": [pair.target.count(" ") + 1 for pair in pairs],
        "dictionary": [pair.dictionary for pair in pairs],
    }
    return pa.Table.from_pydict(columns, schema=SCHEMA)


def coverage(gate: Gate) -> Mapping[str, int]:
    """Return how much of a lexicon can be looked up word by word, and what is known of it."""
    pairs = [pair for targets in gate.accepted.values() for pair in targets.values()]
    single = [pair for pair in pairs if " " not in pair.source]
    return {
        "pairs": len(pairs),
        "sources": len(gate.accepted),
        "single_word_sources": len({pair.source for pair in single}),
        "single_word_pairs": sum(" " not in pair.target for pair in single),
        "multi_word_pairs": sum(" " in pair.source or " " in pair.target for pair in pairs),
        "pairs_with_part_of_speech": sum(pair.pos is not None for pair in pairs),
        "pairs_of_several_dictionaries": sum(pair.agreement > 1 for pair in pairs),
    }
