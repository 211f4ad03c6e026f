"""Examples of a corpus that are shown to people: always the same, whoever makes it."""

import heapq
from collections.abc import Sequence
from typing import Any

from polystilts.codeswitch.outcome import SwitchedText
from polystilts.provenance.hashing import unit_hash

SAMPLES = 50


def choose_samples(identities: Sequence[str], count: int = SAMPLES) -> list[int]:
    """Return the places of the `count` examples with the smallest hashes, the smallest first.

    The hash is of the identity alone: which examples are shown depends neither on their order nor
    on how a corpus is split. The choice of the whole is the choice among the choices of its parts.
    Of equal identities the first is taken before the others.
    """
    hashes = ((unit_hash("sample", identity), place) for place, identity in enumerate(identities))
    return [place for _, place in heapq.nsmallest(count, hashes)]


def sample(
    identity: str, copy: int, sources: Sequence[str], switched: Sequence[SwitchedText]
) -> dict[str, Any]:
    """Return one example as the data sheet keeps it.

    Args:
        identity: its id.
        copy: which copy of the corpus the texts belong to.
        sources: the English texts.
        switched: what became of each.

    Returns:
        `id`, `copy`, and `texts` with `source`, `text` and `events`, each of which is [start, end]
        in the source, [start, end] in the new text, the dictionary's word, its language.
    """
    return {
        "id": identity,
        "copy": copy,
        "texts": [
            {
                "source": source,
                "text": part.text,
                "events": [
                    [
                        event.start,
                        event.end,
                        event.target_start,
                        event.target_end,
                        event.source,
                        event.language,
                    ]
                    for event in part.events
                ],
            }
            for source, part in zip(sources, switched, strict=True)
        ],
    }
