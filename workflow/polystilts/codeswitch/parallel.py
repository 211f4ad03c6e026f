"""One function over many blocks, in several processes, with the results in order."""

import gc
import multiprocessing
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

Block = TypeVar("Block")
Result = TypeVar("Result")

# Blocks that wait for a worker: enough that none is idle, few enough that memory stays bounded.
_WAITING = 2
_function: Callable[[Any], Any] | None = None


def ordered_map(
    function: Callable[[Block], Result], blocks: Iterable[Block], workers: int
) -> Iterator[Result]:
    """Yield `function(block)` for every block, in order.

    With one worker all is done in this process. Otherwise the function (with all it holds) reaches
    each worker once, by forking where that is safe, else pickled; blocks and results are pickled.
    """
    if workers <= 1:
        yield from map(function, blocks)
        return
    waiting: deque[Future[Result]] = deque()
    pool = ProcessPoolExecutor(
        workers, mp_context=_context(), initializer=_start, initargs=(function,)
    )
    with pool:
        try:
            for block in blocks:
                waiting.append(pool.submit(_call, block))
                if len(waiting) >= workers * (1 + _WAITING):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _context() -> BaseContext:
    """Return how workers start: forked processes share the tables of this one without copying.

    A process with other threads must not be forked, since their locks would stay locked.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def _start(function: Callable[[Any], Any]) -> None:
    global _function
    _function = function
    # what came with the fork stays: looking through it for garbage would copy its pages
    gc.freeze()


def _call(block: Any) -> Any:
    assert _function is not None
    return _function(block)
