"""Which examples are used: deterministic, independent of file order, disjoint from both ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.tasks.subset import choose

IDS = st.lists(st.text(max_size=4), unique=True, max_size=60)


@given(IDS, st.data())
def test_front_and_back_are_disjoint_whenever_both_fit(ids: list[str], data: st.DataObject) -> None:
    front = data.draw(st.integers(0, len(ids)))
    back = data.draw(st.integers(0, len(ids) - front))
    first = choose(ids, front, "front", "salt")
    last = choose(ids, back, "back", "salt")
    assert (len(first), len(last)) == (front, back)
    assert set(first).isdisjoint(last)
    assert first == sorted(first)


@given(IDS, st.integers(0, 60), st.randoms())
def test_choice_does_not_depend_on_the_order_of_the_file(
    ids: list[str], count: int, random: object
) -> None:
    shuffled = list(ids)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    chosen = {ids[index] for index in choose(ids, count, "front", "s")}
    assert chosen == {shuffled[index] for index in choose(shuffled, count, "front", "s")}


def test_salt_changes_the_choice_and_none_takes_all() -> None:
    ids = [str(number) for number in range(200)]
    assert choose(ids, 20, "front", "a") != choose(ids, 20, "front", "b")
    assert choose(ids, None, "back", "a") == list(range(200))
    assert choose(ids, 500, "front", "a") == list(range(200))
    with pytest.raises(ValueError, match="negative"):
        choose(ids, -1, "front", "a")


def test_smaller_choices_are_part_of_larger_ones() -> None:
    ids = [str(number) for number in range(200)]
    assert set(choose(ids, 20, "front", "a")) < set(choose(ids, 60, "front", "a"))
