"""How much is switched: the rate that is asked for is the rate that comes out."""

import random
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeswitch.worlds import switcher
from polystilts.codeswitch.engine.quota import Units, group, walk
from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet.tally import Tally

SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
WORDS = [one + two + "q" for one in SYLLABLES[:20] for two in SYLLABLES[-20:]]
KNOWN = [word for place, word in enumerate(WORDS) if place % 12]
FUNCTION_WORDS = ["the", "of", "and", "with"]


def lexicon(words: list[str]) -> dict[str, dict[str, list[str]]]:
    """Return three languages, of which each has most of `words`."""
    return {
        code: {word: [f"{letter}{word}"] for place, word in enumerate(words) if place % 4 != gap}
        for gap, (code, letter) in enumerate((("de", "ä"), ("es", "ñ"), ("ru", "ж")))
    }


@cache
def sentences(count: int = 10_000) -> list[Example]:
    """Return sentences of 4 to 40 words, some of which occur again and again."""
    draw = random.Random(5)
    weights = [1.0 / (rank + 10) for rank in range(len(WORDS))]
    examples = []
    for number in range(count):
        words = draw.choices(WORDS, weights, k=draw.randint(4, 40))
        words[1::6] = draw.choices(FUNCTION_WORDS, k=len(words[1::6]))
        examples.append(Example(f"s{number}", (Field(" ".join(words)),)))
    return examples


def sheet(recipe: Recipe, words: list[str], examples: list[Example]) -> dict[str, Any]:
    reader = switcher(recipe, lexicon(words))
    (outcome,) = reader.switch_examples(examples)
    tally = Tally(reader.languages)
    tally.add(outcome)
    return tally.sheet()


@pytest.mark.parametrize("consistency", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("rate_of", ["words", "unprotected", "eligible"])
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5])
def test_the_realised_rate_is_the_rate(rate: float, rate_of: Any, consistency: float) -> None:
    recipe = Recipe(
        rate=rate,
        rate_of=rate_of,
        consistency=consistency,
        protect=("function-words",),
        reserved=0.05,
    )
    counts = sheet(recipe, KNOWN, sentences())
    assert counts[f"realised_rate_of_{rate_of}"] == pytest.approx(rate, abs=0.01)
    assert counts["words"] > counts["unprotected"] > counts["eligible"] > 0.6 * counts["words"]
    assert counts["shortfall"] < 0.004 * counts["words"]


@pytest.mark.parametrize("consistency", [1.0, 0.0])
def test_what_the_dictionaries_lack_for_the_rate_is_counted(consistency: float) -> None:
    recipe = Recipe(rate=0.5, consistency=consistency, protect=(), reserved=0.0)
    counts = sheet(recipe, WORDS[::3], sentences(3000))
    assert counts["realised_rate"] < 0.45
    assert counts["quota"] == pytest.approx(0.5 * counts["words"])
    assert counts["switched"] + counts["shortfall"] == pytest.approx(counts["quota"], rel=0.005)
    assert counts["switched"] <= counts["eligible"]


def test_a_share_of_the_examples_is_switched_at_the_rate() -> None:
    recipe = Recipe(rate=0.4, rate_of="eligible", examples=0.7, protect=(), reserved=0.0)
    counts = sheet(recipe, WORDS, sentences())
    assert counts["examples_switched"] / counts["examples"] == pytest.approx(0.7, abs=0.015)
    assert counts["realised_rate_of_eligible"] == pytest.approx(0.28, abs=0.01)
    assert counts["realised_rate_of_switched_examples"] == pytest.approx(
        0.4 * counts["eligible"] / counts["words"], abs=0.015
    )


@pytest.mark.parametrize("consistency", [1.0, 0.0])
@pytest.mark.parametrize("rate", [0.07, 0.33, 0.71, 1.0])
def test_rounding_has_no_bias_even_in_short_sentences(rate: float, consistency: float) -> None:
    """A sentence in which one word stands for most others would show it."""
    one, two, three, rest = WORDS[0], WORDS[1], WORDS[2], WORDS[4]
    text = f"{one} {one} {one} {two} {two} {three} zzz {rest}"
    recipe = Recipe(rate=rate, rate_of="eligible", consistency=consistency, reserved=0.0)
    reader = switcher(recipe, lexicon(WORDS[:8]))
    (outcome,) = reader.switch_examples([Example(f"e{n}", (Field(text),)) for n in range(20_000)])
    expected = 7 * rate
    # the standard error of the mean is at most 3.5 / sqrt(20,000)
    assert outcome.switched.mean() == pytest.approx(expected, abs=0.08)
    deviation = np.abs(outcome.switched - expected)
    assert deviation.max() < (3 if consistency else 1)  # never more than one unit away


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 6), st.integers(1, 4), st.booleans()),
        min_size=1,
        max_size=30,
    ),
    st.floats(0.0, 1.0),
)
def test_the_expected_number_of_words_is_the_quota(
    items: list[tuple[int, int, int, bool]], rate: float
) -> None:
    example, word, width, able = (np.array(column) for column in zip(*items, strict=True))
    hashes = (word.astype(np.uint64) + 1) * np.uint64(0x9E37_79B9_7F4A_7C15)
    units = group(example, hashes, hashes, width, able)
    total = np.bincount(example, width, minlength=4)
    quota = rate * total
    steps = 400
    taken_words = np.zeros(4)
    for step in range(steps):
        taken, tried = walk(units, quota, np.full(4, (step + 0.5) / steps))
        assert not (taken & ~tried).any()
        taken_words += np.bincount(units.example[taken], units.words[taken], minlength=4)
    possible = np.bincount(example, width * able, minlength=4)
    assert taken_words / steps == pytest.approx(np.minimum(quota, possible), abs=0.5)
    largest = units.words.max()
    assert taken_words / steps == pytest.approx(
        # the number drawn is used twice, with a whole number of steps each
        np.minimum(quota, possible),
        abs=2 * (largest + 1) / steps + 1e-9,
    )


def test_equal_words_are_one_unit_and_every_item_is_in_one() -> None:
    example = np.array([0, 0, 0, 1, 1])
    hashes = np.array([5, 9, 5, 9, 9], np.uint64) << np.uint64(58)
    units = group(example, hashes, hashes, np.ones(5, np.int64), np.ones(5, bool))
    found: Units = units
    members = [
        sorted(found.order[first:end].tolist())
        for first, end in zip(found.first[:-1], found.first[1:], strict=True)
    ]
    assert sorted(members) == [[0, 2], [1], [3, 4]]
    assert sorted(found.words.tolist()) == [1, 2, 2]


def test_the_number_of_switched_words_does_not_tell_repeated_ones() -> None:
    """Texts of one length get the same number, however many words they hold twice."""
    apart, pairs = WORDS[:9], [*WORDS[:4], *WORDS[:4], WORDS[8]]
    recipe = Recipe(rate=0.5, rate_of="eligible", protect=(), reserved=0.0)
    reader = switcher(recipe, {"de": {word: [f"ä{word}"] for word in WORDS[:9]}})
    for words in (apart, pairs):
        text = Field(" ".join(words))
        examples = [Example(f"e{number}", (text,)) for number in range(2000)]
        (outcome,) = reader.switch_examples(examples)
        numbers = outcome.switched
        assert set(np.unique(numbers)) == {4, 5}
        assert numbers.mean() == pytest.approx(4.5, abs=0.05)


def test_a_unit_that_fits_nowhere_is_taken_with_the_probability_that_keeps_the_mean() -> None:
    """Two words that each occur twice, for a quota of one or of three words."""
    hashes = np.array([5, 9], np.uint64) << np.uint64(58)
    units = group(np.zeros(2, np.int64), hashes, hashes, np.full(2, 2), np.ones(2, bool))
    for quota in (1.0, 3.0):
        words = [
            int(units.words[walk(units, np.array([quota]), np.array([number]))[0]].sum())
            for number in (np.arange(200) + 0.5) / 200
        ]
        assert set(words) == {int(quota) - 1, int(quota) + 1}
        assert np.mean(words) == pytest.approx(quota, abs=0.02)
