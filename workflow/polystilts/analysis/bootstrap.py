"""A hierarchical bootstrap over crossed seeds and languages."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Differences = NDArray[np.float64]

DRAWS = 2000
LEVEL = 0.95


def interval(
    blocks: Sequence[Differences], seed: int, draws: int = DRAWS, level: float = LEVEL
) -> tuple[float, float]:
    """Return the percentile interval of the mean over blocks of the mean paired difference.

    A block is one target: an array (seeds, languages) of paired differences. Each draw resamples
    the seeds once, for all blocks, since a run is shared by its targets, and the languages of
    every block on their own: both are taken as samples of larger populations. It is the
    multi-bootstrap of Sellam et al. (2022) with languages in the place of examples.

    With few seeds the interval is too narrow, and it resamples no test items: it is not a test
    (docs/methods.md, "Differences").

    Args:
        blocks: one or more arrays with the same number of rows and no missing value.
        seed: of the random draws; equal seeds give equal intervals.
        draws: number of resamples.
        level: share of the resampled means that the interval holds.

    Raises:
        ValueError: there is no block, or the blocks differ in their number of seeds.
    """
    if len({len(block) for block in blocks}) != 1:
        raise ValueError("blocks need the same seeds, and there has to be one")
    generator = np.random.default_rng(seed)
    seeds = len(blocks[0])
    seed_rows = generator.integers(seeds, size=(draws, seeds))
    means = np.zeros(draws)
    for block in blocks:
        by_language = block[seed_rows].mean(axis=1)
        languages = generator.integers(block.shape[1], size=(draws, block.shape[1]))
        means += np.take_along_axis(by_language, languages, axis=1).mean(axis=1)
    tail = (1 - level) / 2
    low, high = np.quantile(means / len(blocks), (tail, 1 - tail))
    return float(low), float(high)
