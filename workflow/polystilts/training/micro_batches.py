"""Micro-batches that fit: a step that runs out of memory is repeated with half the tokens."""

import gc
from collections.abc import Callable
from typing import Protocol, TypeVar

import torch

from polystilts.errors import PolystiltsError
from polystilts.training.batches import Batch
from polystilts.training.distributed import Processes
from polystilts.training.plan import Step
from polystilts.training.progress import say

Result = TypeVar("Result")

# Libraries under torch report with errors of their own what they could not allocate.
_ALSO_OUT_OF_MEMORY = ("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")


class _Stream(Protocol):
    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]: ...


def step_tokens(stream: _Stream, step: Step) -> tuple[int, int]:
    """Return the padded tokens of a step's largest micro-batch, and of its largest example."""
    whole = stream.micro_batches(step, None)
    single = stream.micro_batches(step, 1)
    return (
        max(batch.processed_tokens for batch in whole),
        max(batch.processed_tokens for batch in single),
    )


def halving(
    attempt: Callable[[int | None], Result],
    limit: int | None,
    sizes: Callable[[], tuple[int, int]],
    processes: Processes,
) -> tuple[Result, int | None]:
    """Call `attempt(limit)`, and again with half the tokens each time that memory ran out.

    What an attempt left behind is its own to discard, its gradients above all; memory that only the
    attempt held is given back in between. If it ran out in one process, all of them try again.

    Args:
        attempt: computes a step in micro-batches of at most so many padded tokens, None for no
            limit.
        limit: what to begin with.
        sizes: returns the padded tokens of the step's largest micro-batch when there is no limit,
            and of its largest example, which is a micro-batch by itself at the lowest limit.

    Returns:
        What `attempt` returned, and the limit it fitted at, which is the one to go on with.

    Raises:
        PolystiltsError: memory does not suffice for a single example.
    """
    while True:
        result: list[Result] = []
        try:
            result.append(attempt(limit))
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
        if not processes.any(not result):
            return result[0], limit
        # Only here is the error gone, and with it the frames that held the attempt's tensors.
        gc.collect()
        torch.cuda.empty_cache()
        largest, least = sizes()
        tokens = largest if limit is None else min(limit, largest)
        if tokens <= least:
            raise PolystiltsError(
                f"memory ran out on a micro-batch of {tokens} tokens, which is a single example:"
                " lower `max_length`, take `precision: bf16`, or a GPU with more memory."
            )
        limit = max(least, tokens // 2)
        message = f"memory ran out on {tokens} tokens at once: again with {limit}"
        say(f"WARNING: {message}")


def is_out_of_memory(error: RuntimeError) -> bool:
    """Tell whether an error says that the device's memory does not suffice."""
    reported = any(message in str(error) for message in _ALSO_OUT_OF_MEMORY)
    return reported or isinstance(error, torch.OutOfMemoryError)
