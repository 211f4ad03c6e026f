"""Which examples of a task are used when fewer than all are asked for."""

from collections.abc import Sequence
from typing import Literal

from polystilts.provenance.hashing import unit_hash


def choose(
    ids: Sequence[str], count: int | None, end: Literal["front", "back"], salt: str
) -> list[int]:
    """Return the indices of `count` ids (None: all), in ascending order.

    Ids are ranked by a hash of (salt, id) and taken from the front or the back of that ranking.
    With one salt the two ends share no index as long as both counts fit into the ids, so that an
    intermediate training (front) and a fine-tuning on the same file (back) see other examples.

    Raises:
        ValueError: a negative count.
    """
    if count is not None and count < 0:
        raise ValueError(f"count must not be negative, got {count}")
    if count is None or count >= len(ids):
        return list(range(len(ids)))
    ranking = sorted(range(len(ids)), key=lambda index: (unit_hash(salt, ids[index]), index))
    if end == "back":
        ranking.reverse()
    return sorted(ranking[:count])
