"""Which examples are shown, and how the data sheet keeps them."""

import json
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from polystilts.codeswitch.sheet.samples import choose_samples, sample


@given(st.lists(st.text(max_size=5), unique=True, max_size=40), st.randoms(), st.integers(1, 9))
def test_neither_order_nor_parts_decide(identities: list[str], random: object, parts: int) -> None:
    chosen = [identities[place] for place in choose_samples(identities, 5)]
    shuffled = sorted(identities, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert [shuffled[place] for place in choose_samples(shuffled, 5)] == chosen
    candidates = [
        part[place]
        for part in (identities[number::parts] for number in range(parts))
        for place in choose_samples(part, 5)
    ]
    assert [candidates[place] for place in choose_samples(candidates, 5)] == chosen


def test_samples_are_spread_and_distinct() -> None:
    places = choose_samples([f"train-{number}" for number in range(1000)])
    assert len(set(places)) == 50
    assert min(places) < 200
    assert max(places) > 800


def test_an_example_keeps_its_id_when_another_is_added() -> None:
    identities = [f"train-{number}" for number in range(200)]
    before = {identities[place] for place in choose_samples(identities, 20)}
    identities.insert(0, "new")
    after = {identities[place] for place in choose_samples(identities, 20)}
    assert len(before - after) <= 1
    assert after - before <= {"new"}


@dataclass
class Event:
    start: int
    end: int
    target_start: int
    target_end: int
    source: str
    language: str


@dataclass
class Switched:
    text: str
    events: tuple[Event, ...]


def test_a_sample_is_plain_data() -> None:
    switched = Switched("ein Hund läuft", (Event(2, 5, 4, 8, "dog", "de"),))
    record = sample("train-7", 1, ["a dog runs", ""], [switched, Switched("", ())])
    assert json.loads(json.dumps(record)) == {
        "id": "train-7",
        "copy": 1,
        "texts": [
            {
                "source": "a dog runs",
                "text": "ein Hund läuft",
                "events": [[2, 5, 4, 8, "dog", "de"]],
            },
            {"source": "", "text": "", "events": []},
        ],
    }
