"""Examples are found by their text, whatever tokeniser went over it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.tasks.text_match import ids_by_text, squeezed, text_key

# the text as MNLI prints it, and as tokenisers write it
SAME = [
    ("(Slate's take on the findings.)", "( Slate 's take on the findings . )"),
    ("product and geography.", "product and geography ."),
    ('He didn\'t say "no".', "He did n't say `` no '' ."),
    ('He didn\'t say "no".', "He didn &apos;t say &quot; no &quot; ."),
    ('the "Q&A" page', "the &amp;quot; Q &amp; A &amp;quot; page"),
    ("all (of [them])", "all -LRB- of -LSB- them -RSB- -RRB-"),
    ("a well-known café…", "a well @-@ known café ..."),
    ("ﬁve\u00a0percent", "five percent"),
]


@pytest.mark.parametrize(("printed", "tokenised"), SAME)
def test_tokenised_texts_are_found(printed: str, tokenised: str) -> None:
    assert squeezed(printed) == squeezed(tokenised)


@pytest.mark.parametrize(
    ("one", "other"),
    [("he came", "he came not"), ("9 cows", "8 cows"), ("?", "!"), ("a", "b"), ("", "a")],
)
def test_other_texts_are_not(one: str, other: str) -> None:
    assert squeezed(one) != squeezed(other)


def test_the_sides_of_a_pair_are_not_mixed_up() -> None:
    assert text_key(["one two", "three"]) != text_key(["one", "two three"])
    assert text_key(["one", "two"]) != text_key(["two", "one"])


@given(st.text("ab.,' -", min_size=1))
def test_white_space_and_marks_do_not_count(text: str) -> None:
    spaced = " ".join(text)
    letters = any(letter in "ab" for letter in text)
    assert squeezed(spaced) == squeezed(text) or not letters


def row(identifier: str, first: str, second: str, label: str) -> dict[str, Any]:
    return {"id": identifier, "text_a": first, "text_b": second, "label": label}


def test_of_rows_with_the_same_text_the_one_with_the_same_label_is_taken() -> None:
    rows = [
        row("1", "It rains .", "It is wet .", "neutral"),
        row("2", "It rains .", "It is wet .", "entailment"),
        row("3", "It snows .", "It is wet .", "neutral"),
    ]
    texts = [("It rains.", "It is wet."), ("It snows.", "It is wet."), ("It rains.", "It is dry.")]
    assert ids_by_text(texts, ["entailment", "entailment", "neutral"], rows) == (
        ["2", "3", None],
        3,
    )
