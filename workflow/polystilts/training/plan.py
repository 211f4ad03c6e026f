"""The batch plan: which examples a training sees in which step.

It is computed from the English text alone, so that every arm of a study takes the same examples
in the same steps, and from hashes, so that it is the same in every process.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from polystilts.errors import PolystiltsError
from polystilts.provenance.hashing import digest, unit_hash

MLM = "mlm"
_BATCHES_PER_POOL = 50


@dataclass(frozen=True)
class Step:
    """One optimiser step: a stream's name, its epoch, and the examples of that stream.

    The epoch says which copy of its text is read.
    """

    stream: str
    epoch: int
    examples: tuple[int, ...]


def plan_epochs(
    stream: str, lengths: Sequence[int], epochs: int, batch_size: int, seed: int
) -> list[Step]:
    """Return the steps of `epochs` passes over examples of the given lengths in tokens.

    Examples are shuffled, then sorted by length within pools of 50 batches, so that a batch holds
    examples of like length; the order of the batches is shuffled again.
    """
    steps: list[Step] = []
    for epoch in range(epochs):
        generator = np.random.default_rng(unit_hash("plan", stream, seed, epoch))
        order = generator.permutation(len(lengths))
        batches: list[tuple[int, ...]] = []
        pool = batch_size * _BATCHES_PER_POOL
        for start in range(0, len(order), pool):
            part = sorted(order[start : start + pool].tolist(), key=lambda i: lengths[i])
            batches += [tuple(part[i : i + batch_size]) for i in range(0, len(part), batch_size)]
        steps += [Step(stream, epoch, batches[i]) for i in generator.permutation(len(batches))]
    return steps


def multi_task_steps(
    sizes: Mapping[str, int],
    epochs: Mapping[str, int],
    batch_sizes: Mapping[str, int],
    size_cap: int,
) -> dict[str, int]:
    """Return how many steps of a multi-task training each task gets.

    Together they are as many as the tasks would take one by one: the sum over them of
    `epochs · ceil(min(size, size_cap) / batch)`. Of these a task gets its part of all
    `min(size, size_cap)`, whatever its batch size: examples-proportional mixing with a size limit,
    as jiant draws the task of every step. Here the expected numbers are allotted (the largest
    remainders are rounded up) instead of drawn, which adds no noise of its own.
    """
    capped = {task: min(size, size_cap) for task, size in sizes.items()}
    total = sum(epochs[task] * -(-size // batch_sizes[task]) for task, size in capped.items())
    whole = sum(capped.values())
    steps = {task: total * size // whole for task, size in capped.items()}
    by_remainder = sorted(capped, key=lambda task: total * capped[task] % whole, reverse=True)
    for task in by_remainder[: total - sum(steps.values())]:
        steps[task] += 1
    if idle := [task for task, count in steps.items() if not count]:
        raise PolystiltsError(
            f"`all`: {', '.join(idle)} is too small to get a step of the mixture; leave it out, "
            "give it more examples, or lower `training.multi_task.size_cap`"
        )
    return steps


def plan_multi_task(
    lengths: Mapping[str, Sequence[int]],
    epochs: Mapping[str, int],
    batch_sizes: Mapping[str, int],
    size_cap: int,
    seed: int,
) -> list[Step]:
    """Return the steps of a multi-task training: one task per step, with its own batch size.

    Tasks have the steps of `multi_task_steps`, shuffled together. A task's are drawn from all of
    its examples, pass after pass over them, as many passes as its steps take. An epoch of a task
    is over after `min(size, size_cap)` examples, so that one that is cut off by the limit reads its
    copies in turn all the same.
    """
    sizes = {task: len(of_task) for task, of_task in lengths.items()}
    counts = multi_task_steps(sizes, epochs, batch_sizes, size_cap)
    slots = [task for task, count in counts.items() for _ in range(count)]
    generator = np.random.default_rng(unit_hash("multi-task", seed, *counts))
    order = [slots[i] for i in generator.permutation(len(slots))]
    remaining: dict[str, Iterator[Step]] = {}
    for task, count in counts.items():
        batch = batch_sizes[task]
        passes = -(-count // -(-sizes[task] // batch))
        drawn = plan_epochs(task, lengths[task], passes, batch, seed)
        in_epoch = -(-min(sizes[task], size_cap) // batch)
        remaining[task] = iter(
            [Step(task, number // in_epoch, step.examples) for number, step in enumerate(drawn)]
        )
    return [next(remaining[task]) for task in order]


def interleave_mlm(
    steps: Sequence[Step], share: float, batches: Sequence[Sequence[int]]
) -> list[Step]:
    """Return `steps` with masked-LM steps spread evenly among them.

    `share` is the part of all steps that are masked-LM steps; `batches` are cycled through and
    the pass over them stands as the step's epoch.
    """
    if not 0 <= share < 1:
        raise ValueError(f"the share of masked-LM steps is in [0, 1), not {share}")
    extra = round(len(steps) * share / (1 - share))
    mixed: list[Step] = []
    done = 0
    for position, step in enumerate(steps):
        mixed.append(step)
        while done < round(extra * (position + 1) / len(steps)):
            passes, index = divmod(done, len(batches))
            mixed.append(Step(MLM, passes, tuple(batches[index])))
            done += 1
    return mixed


def describe(plan: Sequence[Step], data: Mapping[str, str]) -> dict[str, object]:
    """Return what `training.json` says of a plan, for arms to be compared by.

    Args:
        data: per stream of a task the digest of its examples' ids, in their order.

    Returns:
        `steps`, `steps_per_stream`, and `digest`: which examples of the tasks are in which of their
        steps, in which order. Masked-LM steps are counted, but do not enter it.
    """
    per_stream: dict[str, int] = {}
    steps = hashlib.sha256()
    for step in plan:
        per_stream[step.stream] = per_stream.get(step.stream, 0) + 1
        if step.stream in data:
            steps.update(f"{step.stream} {step.epoch} {step.examples}\n".encode())
    return {
        "steps": len(plan),
        "steps_per_stream": per_stream,
        "digest": digest({"data": dict(data), "steps": steps.hexdigest()}),
    }
