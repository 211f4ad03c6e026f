import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeswitch.worlds import switcher, texts
from polystilts.codeswitch.english.words import (
    Before,
    chunked,
    ends_abbreviation,
    is_mark_up,
    read_before,
    token_begins_sentence,
    word_of,
)
from polystilts.codeswitch.recipe import Recipe


def words(text: str) -> list[str]:
    found = [(chunk, word_of(chunk)) for chunk in chunked(text)[1::2]]
    assert all(word is None or chunk.startswith(word) for chunk, word in found)
    return [word for _, word in found if word]


@given(texts)
def test_chunks_and_what_lies_between_are_the_text(text: str) -> None:
    parts = chunked(text)
    assert "".join(parts) == text
    assert len(parts) % 2 == 1
    assert all(parts[1::2])
    assert not any(character.isalnum() for part in parts[::2] for character in part)


ascii_texts = st.text("abIT's-._@#[]<>&;:/w1 \n", max_size=40)


@given(ascii_texts)
def test_a_letter_far_away_changes_no_chunk(text: str) -> None:
    """Texts of ASCII letters alone are cut by a faster pattern, with the same result."""
    assert chunked(text + " é")[:-2] == chunked(text + " e")[:-2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The dog, (red) barks!", ["The", "dog", "red", "barks"]),
        ("It's the dog's house; don't, o'clock.", ["the", "dog", "house"]),
        ("It’s the dogs’ house — let’s go…", ["the", "dogs", "house", "go"]),
        ("a well-known mother-in-law--here", ["a", "well-known", "mother-in-law", "here"]),
        ("In 1950 the 3rd B2B covid-19 x2 snake_case", ["In", "the"]),
        ("see https://a.org/the/dog?x=the or www.dog.com now", ["see", "or", "now"]),
        ("mail the.dog@house.org, @dog and #house", ["mail", "and"]),
        ("U.S. e.g. 3.14 end.The", []),
        ("plan b, I saw A and a", ["plan", "I", "saw", "A", "and", "a"]),
        ("[header] How [title] to [step] [math]dog^2[/math]", ["How", "to"]),
        ("<br>dog<b class='red'>house</b> &amp; tree", ["dog", "house", "tree"]),
        ("caf\u0065\u0301 na\u00efve", ["caf\u0065\u0301", "na\u00efve"]),
        ("pre\u0301\u200dmier कुत्ता ไทย", ["pre\u0301\u200dmier", "कुत्ता", "ไทย"]),
        ("", []),
    ],
)
def test_words_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "initial"),
    [
        ("^Dog", True),
        ("He ran. ^Dogs bark", True),
        ('He said, "^Dogs bark"', True),
        ('the "^Titanic" sank', False),
        ("He met ^Anna", False),
        ("He met Mr. ^Smith", False),
        ("by J. ^Smith", False),
        ("What? (^Dogs)", True),
        ("list:\n- ^Dogs", True),
        ("the U.S. ^Army", False),
        ("[title] ^Dogs", True),
    ],
)
def test_capitals_mean_nothing_where_a_sentence_begins(text: str, initial: bool) -> None:
    """A capital inside a sentence makes a name, which stays."""
    word = re.split(r"\W", text[text.index("^") + 1 :])[0]
    reader = switcher(
        Recipe(rate=1.0, protect=("names",), reserved=0.0), {"es": {word.lower(): ["ñ"]}}
    )
    assert ("Ñ" in reader.switch(text.replace("^", "")).text) is initial


@pytest.mark.parametrize(
    ("between", "before"),
    [
        (" ", Before.NOTHING),
        (' ("', Before.NOTHING),
        ("", Before.NOTHING),
        (". ", Before.AFTER_STOP),
        ('." ', Before.AFTER_STOP),
        (" . ", Before.BEGINS),
        ("? ", Before.BEGINS),
        ("!) (", Before.BEGINS),
        ("\n", Before.BEGINS),
        (", ", Before.INSIDE),
        (', "', Before.BEGINS),
        ("; ", Before.INSIDE),
    ],
)
def test_what_stands_before_a_word(between: str, before: Before) -> None:
    assert read_before(between) is before


def test_abbreviations_and_mark_up() -> None:
    assert [chunk for chunk in ("Mr", "J", "U.S", "dog", "a", "I") if ends_abbreviation(chunk)] == [
        "Mr",
        "J",
        "U.S",
        "I",
    ]
    assert [c for c in ("[title]", "[math]x[/math]", "dog", "<br>") if is_mark_up(c)] == ["[title]"]


@pytest.mark.parametrize(
    ("tokens", "initial"),
    [
        ("^Dogs bark", True),
        ("He met ^Anna", False),
        ("He ran . ^Dogs", True),
        ("He met Mr. ^Smith", False),
        ("He said , `` ^Dogs", True),
        ("He said , ^Dogs", False),
        ("Oh ! -LRB- ^Dogs", True),
        ("`` ^Dogs", True),
    ],
)
def test_sentences_begin_among_tokens_too(tokens: str, initial: bool) -> None:
    listed = tokens.split()
    place = next(place for place, token in enumerate(listed) if token[0] == "^")
    listed[place] = listed[place][1:]
    assert token_begins_sentence(listed, place) is initial
