"""What is computed at once: inputs of like length, with little padding."""

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from polystilts.training.batches import length_groups, split_examples
from polystilts.training.ragged import Integers

LENGTHS = st.lists(st.integers(1, 512), min_size=1, max_size=60)


def processed(lengths: list[int], groups: list[Integers]) -> int:
    return sum(len(group) * max(lengths[i] for i in group.tolist()) for group in groups)


@given(LENGTHS, st.none() | st.integers(1, 4000))
def test_groups_hold_every_input_once(lengths: list[int], limit: int | None) -> None:
    groups = length_groups(np.array(lengths), limit)
    assert sorted(i for group in groups for i in group.tolist()) == list(range(len(lengths)))
    for group in groups:
        assert group.tolist() == sorted(group.tolist()), "a group's inputs keep their order"
        if limit is not None:
            assert len(group) == 1 or processed(lengths, [group]) <= limit
    longest = [max(lengths[i] for i in group.tolist()) for group in groups]
    assert longest == sorted(longest, reverse=True)


@given(LENGTHS, st.none() | st.integers(1, 4000), st.sampled_from([0.5, 0.95, 0.999]))
def test_at_least_the_asked_share_of_tokens_is_real(
    lengths: list[int], limit: int | None, share: float
) -> None:
    """It can always be had: inputs of one length have no padding."""
    groups = length_groups(np.array(lengths), limit, share)
    assert sum(lengths) >= share * processed(lengths, groups)


@given(LENGTHS)
def test_where_there_is_little_padding_there_is_one_group(lengths: list[int]) -> None:
    groups = length_groups(np.array(lengths))
    little = sum(lengths) >= 0.95 * len(lengths) * max(lengths)
    assert (len(groups) == 1) == little


def test_no_more_groups_than_it_takes() -> None:
    """Ten inputs of 10 tokens and ten of 100: two groups; a mixture of three: three."""
    two = length_groups(np.array([10, 100] * 10))
    assert [group.tolist() for group in two] == [list(range(1, 20, 2)), list(range(0, 20, 2))]
    three = length_groups(np.array([10, 100, 50] * 10))
    assert [len(group) for group in three] == [10, 10, 10]


def test_few_groups_compared_with_the_least_number() -> None:
    """The cuts are chosen one by one; that takes hardly more groups than the best choice."""
    draw = np.random.default_rng(0)
    extra = []
    for _ in range(60):
        lengths = draw.lognormal(3, 0.7, 12).astype(int) + 4
        extra.append(len(length_groups(lengths)) - least_groups(lengths))
    assert min(extra) >= 0, "fewer groups than suffice leave too much padding"
    assert np.mean(extra) < 0.2
    assert max(extra) <= 1


def least_groups(lengths: Integers) -> int:
    """Try all ways to cut the sorted lengths."""
    falling = sorted(lengths.tolist(), reverse=True)
    size = len(falling)
    for cuts in range(size):
        for chosen in combinations(range(1, size), cuts):
            ends = zip([0, *chosen], [*chosen, size], strict=True)
            padded = sum(falling[start] * (end - start) for start, end in ends)
            if sum(falling) >= 0.95 * padded:
                return cuts + 1
    raise AssertionError("inputs one by one have no padding")


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 5)), min_size=1, max_size=20),
    st.integers(1, 400),
)
def test_parts_of_a_step_keep_examples_whole_and_in_order(
    examples: list[tuple[int, int]], limit: int
) -> None:
    lengths, inputs = [length for length, _ in examples], [number for _, number in examples]
    parts = split_examples(lengths, inputs, limit)
    assert [i for part in parts for i in part] == list(range(len(examples)))
    sizes = [sum(inputs[i] for i in part) * max(lengths[i] for i in part) for part in parts]
    assert all(len(p) == 1 or size <= limit for p, size in zip(parts, sizes, strict=True))
    for part, following in pairwise(parts):
        together = [*part, following[0]]
        padded = sum(inputs[i] for i in together) * max(lengths[i] for i in together)
        assert padded > limit, "one more would have fitted"
    assert split_examples(lengths, inputs, None) == [list(range(len(examples)))]
