"""Which draw each copy of a corpus is, the English one included."""

from collections.abc import Mapping

from polystilts.policies import CleanCopy

# how many English copies stand before the drawn ones
CLEAN_COPIES: Mapping[CleanCopy, int] = {"replace": 0, "append": 1}


def copy_draws(copies: int, clean_copy: CleanCopy) -> tuple[int | None, ...]:
    """Return the number of the draw of every copy, None for an English one.

    Args:
        copies: how many are drawn.
        clean_copy: `replace` the English text, or `append` the drawn copies to an English copy 0.
    """
    return (*[None] * CLEAN_COPIES[clean_copy], *range(copies))
