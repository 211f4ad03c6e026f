"""The batch plan: what is trained on in which step."""

import json
import math
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.errors import PolystiltsError
from polystilts.training.plan import (
    MLM,
    Step,
    describe,
    interleave_mlm,
    multi_task_steps,
    plan_epochs,
    plan_multi_task,
)

_PROGRAM = """
import json
from polystilts.training.plan import plan_epochs, plan_multi_task
lengths = [(7 * i) % 31 + 1 for i in range(300)]
plan = plan_epochs("xnli", lengths, 2, 8, 3)
both = {"b": lengths, "a": lengths[:50]}
mixed = plan_multi_task(both, {"a": 2, "b": 1}, {"a": 4, "b": 8}, 99, 3)
print(json.dumps([[s.stream, s.epoch, s.examples] for s in plan + mixed]))
"""


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=200),
    st.integers(1, 3),
    st.integers(1, 9),
    st.integers(0, 5),
)
def test_every_epoch_shows_every_example_once(
    lengths: list[int], epochs: int, batch_size: int, seed: int
) -> None:
    plan = plan_epochs("task", lengths, epochs, batch_size, seed)
    assert [step.epoch for step in plan] == sorted(step.epoch for step in plan)
    for epoch in range(epochs):
        batches = [step.examples for step in plan if step.epoch == epoch]
        assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
        assert len(batches) == -(-len(lengths) // batch_size)
        assert max(map(len, batches)) <= batch_size


def test_batches_hold_examples_of_like_length() -> None:
    generator = np.random.default_rng(0)
    lengths = generator.lognormal(3, 0.6, 4000).astype(int) + 4
    plan = plan_epochs("task", lengths.tolist(), 1, 16, 1)
    padded = sum(len(step.examples) * max(lengths[i] for i in step.examples) for step in plan)
    assert lengths.sum() / padded > 0.95
    means = [float(np.mean(lengths[list(step.examples)])) for step in plan]
    assert abs(np.corrcoef(np.arange(len(means)), means)[0, 1]) < 0.2, "short ones come first"


def test_epochs_seeds_and_tasks_are_shuffled_differently() -> None:
    lengths = [5] * 64
    first, second = (
        [s.examples for s in plan_epochs("a", lengths, 2, 8, 1) if s.epoch == epoch]
        for epoch in (0, 1)
    )
    others = [
        [s.examples for s in plan_epochs(name, lengths, 1, 8, seed)]
        for name, seed in (("a", 1), ("a", 2), ("b", 1))
    ]
    assert others[0] == first
    assert len({tuple(plan) for plan in [first, second, *others[1:]]}) == 4


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_plan_is_the_same_in_every_process(hash_seed: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    ).stdout
    lengths = [(7 * i) % 31 + 1 for i in range(300)]
    here = plan_epochs("xnli", lengths, 2, 8, 3) + plan_multi_task(
        {"b": lengths, "a": lengths[:50]}, {"a": 2, "b": 1}, {"a": 4, "b": 8}, 99, 3
    )
    assert json.loads(printed) == [[s.stream, s.epoch, list(s.examples)] for s in here]


def test_multi_task_steps_are_proportional_to_capped_sizes() -> None:
    sizes = {"large": 1000, "middle": 200, "small": 30}
    plan = plan_multi_task(
        {name: [5] * size for name, size in sizes.items()},
        {"large": 3, "middle": 3, "small": 1},
        {"large": 16, "middle": 8, "small": 16},
        size_cap=160,
        seed=1,
    )
    # 30 + 60 + 2 steps in all, ∝ 160, 160 and 30
    assert Counter(step.stream for step in plan) == {"large": 42, "middle": 42, "small": 8}
    large = [i for step in plan if step.stream == "large" for i in step.examples]
    assert len(set(large)) == len(large), "an example comes back before all have been seen"
    small = [(step.epoch, i) for step in plan if step.stream == "small" for i in step.examples]
    assert sorted(small) == [(epoch, i) for epoch in range(4) for i in range(30)]
    # copies are read in turn: an epoch is over after as many examples as the cap leaves of a task
    epochs = {name: [s.epoch for s in plan if s.stream == name] for name in ("large", "middle")}
    assert epochs["large"] == [number // 10 for number in range(42)]
    assert epochs["middle"] == [number // 20 for number in range(42)]
    assert max(large) > 160, "the cap is to limit the steps, not which examples are drawn"
    places = [place for place, step in enumerate(plan) if step.stream == "large"]
    assert min(places) < 10 < 82 < max(places), "tasks are to be mixed over the whole training"


PAPER = {
    "anli": 1_104_934,
    "mnli": 392_702,
    "qqp": 363_846,
    "squad": 87_599,
    "squad2": 130_319,
    "hellaswag": 39_905,
    "cosmosqa": 25_262,
    "commonsenseqa": 9_741,
}


def test_questions_have_their_share_of_the_published_mixture() -> None:
    """jiant draws a step's task ∝ min(size, cap), whatever its batch: questions, with half the
    batch of the others, have 31.8 % of the steps and not the 48.2 % of trainings one by one."""
    batches = {name: 16 if name.startswith("squad") else 32 for name in PAPER}
    steps = multi_task_steps(PAPER, dict.fromkeys(PAPER, 3), batches, 131_072)
    alone = sum(3 * math.ceil(min(size, 131_072) / batches[name]) for name, size in PAPER.items())
    assert sum(steps.values()) == alone == 84_753
    assert (steps["squad"] + steps["squad2"]) / alone == pytest.approx(0.318, abs=0.0005)
    assert steps["anli"] == steps["mnli"] == pytest.approx(alone * 131_072 / 686_042, abs=1)


def test_a_task_too_small_for_a_step_is_named() -> None:
    with pytest.raises(PolystiltsError, match="`all`: b is too small to get a step of the mixture"):
        multi_task_steps({"a": 1000, "b": 2}, {"a": 1, "b": 1}, {"a": 32, "b": 32}, 2000)


@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.tuples(st.integers(1, 500), st.integers(1, 4), st.integers(1, 40)),
        min_size=1,
    ),
    st.integers(1, 600),
)
def test_steps_are_allotted_exactly(tasks: dict[str, tuple[int, int, int]], cap: int) -> None:
    sizes, epochs, batches = (
        {name: values[part] for name, values in tasks.items()} for part in range(3)
    )
    capped = {name: min(size, cap) for name, size in sizes.items()}
    total = sum(epochs[name] * math.ceil(capped[name] / batches[name]) for name in tasks)
    try:
        steps = multi_task_steps(sizes, epochs, batches, cap)
    except PolystiltsError:  # some task is too small for a step of its own
        assert min(total * size / sum(capped.values()) for size in capped.values()) < 1
        return
    assert all(steps.values())
    assert sum(steps.values()) == total
    for name, count in steps.items():
        assert abs(count - total * capped[name] / sum(capped.values())) < 1


@given(st.integers(1, 300), st.floats(0, 0.9), st.integers(1, 7))
def test_masked_text_has_its_exact_share_evenly_spread(
    count: int, share: float, lines: int
) -> None:
    steps = [Step("task", 0, (i,)) for i in range(count)]
    batches = [(i, i + 1) for i in range(lines)]
    mixed = interleave_mlm(steps, share, batches)
    assert [step for step in mixed if step.stream == "task"] == steps
    replay = [step for step in mixed if step.stream == MLM]
    assert abs(len(replay) - share * len(mixed)) <= 1
    assert [step.examples for step in replay] == [batches[i % lines] for i in range(len(replay))]
    assert [step.epoch for step in replay] == [i // lines for i in range(len(replay))]
    seen = tasks = 0
    for step in mixed:
        seen, tasks = seen + (step.stream == MLM), tasks + (step.stream == "task")
        expected = len(replay) * tasks / count
        assert expected - max(1, len(replay) / count) - 1 <= seen <= expected + 1


def test_a_share_of_one_leaves_no_task() -> None:
    with pytest.raises(ValueError, match="share"):
        interleave_mlm([Step("task", 0, (0,))], 1.0, [(0,)])


STEPS = [Step("a", 0, (0, 1)), Step("b", 0, (2,)), Step("a", 0, (2, 3)), Step("a", 1, (3, 0))]
IDS = {"a": "ids of a", "b": "ids of b"}


def test_a_plan_is_described_by_its_steps() -> None:
    mixed = interleave_mlm(STEPS, 0.34, [(0,)])
    described = describe(mixed, IDS)
    assert described["steps"] == 6
    assert described["steps_per_stream"] == {"a": 3, "b": 1, MLM: 2}
    assert described["digest"] == describe(STEPS, IDS)["digest"], "masked text does not enter it"
    assert described["digest"] == describe(tuple(mixed), dict(reversed(IDS.items())))["digest"]


@pytest.mark.parametrize(
    ("steps", "ids"),
    [
        (STEPS[:-1], IDS),
        ([STEPS[1], STEPS[0], *STEPS[2:]], IDS),
        ([Step("a", 0, (1, 0)), *STEPS[1:]], IDS),
        ([Step("a", 0, (0, 4)), *STEPS[1:]], IDS),
        ([*STEPS[:-1], Step("a", 2, (3, 0))], IDS),
        (STEPS, IDS | {"b": "other ids"}),
    ],
)
def test_other_examples_or_another_order_are_another_plan(
    steps: list[Step], ids: dict[str, str]
) -> None:
    assert describe(steps, ids)["digest"] != describe(STEPS, IDS)["digest"]
