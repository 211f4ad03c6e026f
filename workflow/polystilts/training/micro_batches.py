"""Micro-batches that fit: a step that runs out of memory is repeated with half the tokens."""

import gc
import sys
from collections.abc import Callable
from typing import TypeVar

import torch

from polystilts.errors import PolystiltsError
from polystilts.training.loop import Stream
from polystilts.training.plan import Step

Result = TypeVar("Result")

# Libraries under torch report with errors of their own what they could not allocate.
_ALSO_OUT_OF_MEMORY = ("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")


def step_tokens(stream: Stream, step: Step) -> tuple[int, int]:
    """Return the padded tokens of a step as one batch, and of its largest example by itself."""
    whole = stream.micro_batches(step, None)
    single = stream.micro_batches(step, 1)
    return (
        sum(batch["attention_mask"].numel() for batch in whole),
        max(batch["attention_mask"].numel() for batch in single),
    )


def halving(step: Callable[[int], Result], tokens: int, least: int = 1) -> tuple[Result, int]:
    """Call `step(tokens)`, and again with half the tokens each time that memory ran out.

    What an attempt left behind is `step`'s own to discard, its gradients above all; memory that
    only the attempt held is given back in between.

    Args:
        step: computes a step in micro-batches of at most so many padded tokens.
        tokens: the limit to begin with.
        least: the padded tokens of the step's largest example. At this limit that example is a
            micro-batch by itself, and a lower one would change nothing.

    Returns:
        What `step` returned, and the limit it fitted at, which is the one to go on with.

    Raises:
        PolystiltsError: memory does not suffice for a single example.
    """
    while True:
        try:
            return step(tokens), tokens
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
        # Only here is the error gone, and with it the frames that held the attempt's tensors.
        gc.collect()
        torch.cuda.empty_cache()
        if tokens <= least:
            raise PolystiltsError(
                f"memory ran out on a micro-batch of {tokens} tokens, which is a single example:"
                " lower `max_length`, take `precision: bf16`, or a GPU with more memory."
            )
        halved = max(least, tokens // 2)
        message = f"memory ran out on {tokens} tokens at once: again with {halved}"
        print(f"WARNING: {message}", file=sys.stderr, flush=True)
        tokens = halved


def is_out_of_memory(error: RuntimeError) -> bool:
    """Tell whether an error says that the device's memory does not suffice."""
    reported = any(message in str(error) for message in _ALSO_OUT_OF_MEMORY)
    return reported or isinstance(error, torch.OutOfMemoryError)
