"""Mining sentence pairs against brute force: the same candidates, time, peak memory.

    python benchmarks/mining.py [SENTENCES] [WIDTH]

Two sides of random vectors (50,000 of 384 numbers unless told otherwise; seed fixed). Four fifths
of the sentences have a partner on the other side, the same vector under noise of any strength up to
one that hides it; the rest have none. polystilts mines them with faiss in blocks, in single
precision. Brute force multiplies blocks of double precision in numpy, picks the four nearest of
every row and column, and reads off margins and pairs in plain Python. Prints a table (peaks are
beside the vectors), and fails unless both give the same list of candidates, margins within 1e-5,
and polystilts stays within the memory it documents.
"""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from polystilts.evaluation.retrieval import mine
from polystilts.evaluation.search import BLOCK_ROWS, all_rows, search_bytes

Floats = NDArray[np.float32]
Candidate = tuple[int, int, float]

DEFAULTS = ["50000", "384"]
NEIGHBOURS = 4
PAIRED = 0.8
NOISE = 3.0
TOLERANCE = 1e-5
ROWS_AT_ONCE = 1000
MIB = 1 << 20


class Measured(NamedTuple):
    value: Any
    wall: float
    cpu: float
    peak: float


def main() -> None:
    sentences, width = (int(n) for n in (sys.argv[1:] + DEFAULTS[len(sys.argv) - 1 :]))
    mine(*map(all_rows, _sides(500, width)))  # what libraries load at first use is not measured
    _reset_peak()
    before = _resident("VmRSS")
    source, target = _sides(sentences, width)
    held = _resident("VmRSS") - before
    ours = _measured(lambda: mine(all_rows(source), all_rows(target), NEIGHBOURS))
    theirs = _measured(lambda: _brute_force(source, target))
    size = f"{sentences:,} × {sentences:,} × {width}, k = {NEIGHBOURS}"
    print(f"{size}, {faiss.omp_get_max_threads()} threads; vectors {held / MIB:.0f} MiB\n")
    print("| | wall s | CPU s | peak MiB | candidates |")
    print("|---|---|---|---|---|")
    for name, measured in (("polystilts, faiss", ours), ("brute force, numpy", theirs)):
        cells = f"{measured.wall:.1f} | {measured.cpu:.1f} | {measured.peak / MIB:.0f}"
        print(f"| {name} | {cells} | {_size(measured.value):,} |")
    ratios = f"{theirs.wall / ours.wall:.1f} | {theirs.cpu / ours.cpu:.1f}"
    print(f"| ratio | {ratios} | {theirs.peak / ours.peak:.1f} | |\n")
    limit = search_bytes(sentences, sentences, width, NEIGHBOURS, BLOCK_ROWS)
    total = held + ours.peak
    print(f"with the vectors {total / MIB:.0f} MiB, by the formula at most {limit / MIB:.0f} MiB")
    found = list(zip(*(column.tolist() for column in ours.value), strict=True))
    furthest = _compare(found, theirs.value)
    print(f"the same {len(found):,} candidates; margins differ by at most {furthest:.1e}")
    assert total <= limit, (total, limit)


def _sides(sentences: int, width: int) -> tuple[Floats, Floats]:
    draw = np.random.default_rng(1)
    source = draw.standard_normal((sentences, width), dtype=np.float32)
    target = draw.standard_normal((sentences, width), dtype=np.float32)
    paired = int(PAIRED * sentences)
    order = draw.permutation(sentences)[:paired]
    noise = draw.uniform(0, NOISE, (paired, 1)).astype(np.float32)
    for first in range(0, paired, ROWS_AT_ONCE):
        part = slice(first, min(first + ROWS_AT_ONCE, paired))
        target[order[part]] = source[part] + noise[part] * target[order[part]]
    return source, target


def _brute_force(source: Floats, target: Floats) -> list[Candidate]:
    """Write the published procedure out: cosines, means of the nearest, margins, greedy choice."""
    x, y = (
        side / np.linalg.norm(side.astype(np.float64), axis=1)[:, None] for side in (source, target)
    )
    near_x, near_y = _nearest(x, y), _nearest(y, x)
    mean_x = [sum(cosine for cosine, _ in near) / len(near) for near in near_x]
    mean_y = [sum(cosine for cosine, _ in near) / len(near) for near in near_y]
    pool: list[tuple[float, int, int]] = []
    for i, near in enumerate(near_x):
        pool.append(max((2 * cosine / (mean_x[i] + mean_y[j]), i, j) for cosine, j in near))
    for j, near in enumerate(near_y):
        pool.append(max((2 * cosine / (mean_x[i] + mean_y[j]), i, j) for cosine, i in near))
    taken_x: set[int] = set()
    taken_y: set[int] = set()
    pairs: list[Candidate] = []
    for margin, i, j in sorted(pool, key=lambda pair: -pair[0]):
        if margin > 0 and i not in taken_x and j not in taken_y:
            taken_x.add(i)
            taken_y.add(j)
            pairs.append((i, j, margin))
    return pairs


def _nearest(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[list[tuple[float, int]]]:
    """Return for each row of x the cosines and numbers of its nearest rows of y."""
    near: list[list[tuple[float, int]]] = []
    for first in range(0, len(x), ROWS_AT_ONCE):
        cosines = x[first : first + ROWS_AT_ONCE] @ y.T
        places = np.argpartition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
        values = np.take_along_axis(cosines, places, axis=1)
        rows = zip(values.tolist(), places.tolist(), strict=True)
        near += [list(zip(*row, strict=True)) for row in rows]
    return near


def _compare(found: list[Candidate], expected: list[Candidate]) -> float:
    """Return the largest difference of margins; fail if the pairs or their order differ.

    Neighbours in the lists whose margins differ by less than the tolerance may change places.
    """
    ours = {(i, j): margin for i, j, margin in found}
    theirs = {(i, j): margin for i, j, margin in expected}
    assert ours.keys() == theirs.keys(), sorted(ours.keys() ^ theirs.keys())[:10]
    assert len(ours) == len(found)
    for (i, j, _), (_, _, margin) in zip(found, expected, strict=True):
        assert abs(theirs[i, j] - margin) <= TOLERANCE, (i, j)
    furthest = max(abs(ours[pair] - theirs[pair]) for pair in ours)
    assert furthest <= TOLERANCE, furthest
    return furthest


def _measured(function: Callable[[], Any]) -> Measured:
    """Run once; the peak is what the process holds at most beside what it held before."""
    _reset_peak()
    held = _resident("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    value = function()
    seconds = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(value, *seconds, _resident("VmHWM") - held)


def _size(candidates: Any) -> int:
    return len(candidates[0]) if isinstance(candidates, tuple) else len(candidates)


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _resident(field: str) -> int:
    match = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match
    return int(match[1]) << 10


if __name__ == "__main__":
    main()
