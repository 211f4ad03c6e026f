"""XTREME's projection of a span on white-space words, against the rules written down anew."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.evaluation.xtreme_answers import project

_BREAKS = {" ", "\t", "\r", "\n", "\u202f"}


def words_of(context: str) -> tuple[list[str], list[int | None]]:
    """Split a context as SQuAD's reader does; tell for each character which word it is in."""
    words: list[str] = []
    place: list[int | None] = []
    inside = False
    for character in context:
        if character in _BREAKS:
            inside = False
            place.append(None)
            continue
        if not inside:
            words.append("")
            inside = True
        words[-1] += character
        place.append(len(words) - 1)
    return words, place


def basic_tokens(text: str) -> str:
    """BERT's basic tokeniser without lower-casing: CJK characters and punctuation stand apart."""
    cleaned = []
    for character in text:
        category = unicodedata.category(character)
        if character in "\t\n\r" or category == "Zs":
            cleaned.append(" ")
        elif category[0] != "C" and character != "\ufffd":
            cleaned.append(character)
    spaced = []
    for character in cleaned:
        code = ord(character)
        cjk = any(
            low <= code <= high
            for low, high in [
                (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
                (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
            ]
        )  # fmt: skip
        ascii_punctuation = (
            character.isascii()
            and character.isprintable()
            and not (character.isalnum() or character == " ")
        )
        alone = cjk or ascii_punctuation or unicodedata.category(character)[0] == "P"
        spaced.append(f" {character} " if alone else character)
    return " ".join("".join(spaced).split())


def squeezed(text: str) -> tuple[str, dict[int, int]]:
    """Return a text without spaces, and for its characters their places in the text."""
    kept = [(i, character) for i, character in enumerate(text) if character != " "]
    return "".join(c for _, c in kept), {new: old for new, (old, _) in enumerate(kept)}


def published(context: str, start: int, end: int) -> str:
    """The answer for characters `start` to `end` (not in white space) by the code of 2018."""
    words, place = words_of(context)
    first, last = place[start], place[end - 1]
    assert first is not None
    assert last is not None
    original = " ".join(words[first : last + 1])
    wanted = " ".join(unicodedata.normalize("NFKC", context[start:end]).split())
    apart = basic_tokens(original)
    begin = apart.find(wanted)
    if begin == -1:
        return original
    original_letters, original_places = squeezed(original)
    apart_letters, apart_places = squeezed(apart)
    if len(original_letters) != len(apart_letters):
        return original
    number_of = {old: new for new, old in apart_places.items()}
    ends = [number_of.get(begin), number_of.get(begin + len(wanted) - 1)]
    if None in ends:
        return original
    left, right = (original_places[number] for number in ends if number is not None)
    return original[left : right + 1]


@pytest.mark.parametrize(
    ("context", "span", "expected"),
    [
        ("He moved to Paris, then Rome.", "Paris", "Paris"),
        ("He moved to Paris, then Rome.", "Rome", "Rome"),
        ("born in the (old) town", "old", "old"),
        ("in the U.S., he said", "U.S", "U.S.,"),
        ("about $1.5 million.", "1.5 million", "$1.5 million."),
        ("the Denver-based firm", "Denver", "Denver"),
        ("it was called unbelievable", "believ", "believ"),
        ("one  two\nthree", "two\nthree", "two three"),
        ("他于1879年出生在乌尔姆。", "1879", "1879"),
        ("他于1879年出生在乌尔姆。", "出生", "他于1879年出生在乌尔姆。"),
        ("他于1879年出生在乌尔姆。", "1879年", "他于1879年出生在乌尔姆。"),
        ("他于1879年出生在乌尔姆。 然后", "乌", "乌"),
        ("เขาเกิดที่เมืองอุล์มในปี", "เมืองอุล์ม", "เมืองอุล์ม"),
        ("das Jahr 1\u00a0000 war", "1", "1\u00a0000"),
        ("das Jahr 1\u202f000 war", "1", "1"),
        ("wegen ﬁnanzieller Not", "ﬁnanzieller", "ﬁnanzieller"),
    ],
)
def test_known_cases(context: str, span: str, expected: str) -> None:
    start = context.index(span)
    assert project(context, start, start + len(span)) == expected
    assert published(context, start, start + len(span)) == expected


@given(
    st.text(
        st.sampled_from("ab1 .,-'()$年出生เด\u00a0\u202f\u200bﬁ½é\n\t"), min_size=1, max_size=40
    ),
    st.integers(0, 39),
    st.integers(1, 12),
)
def test_every_span_as_published(context: str, start: int, size: int) -> None:
    start %= len(context)
    end = min(len(context), start + size)
    while start < end and context[start].isspace():
        start += 1
    while end > start and context[end - 1].isspace():
        end -= 1
    if start < end:
        assert project(context, start, end) == published(context, start, end)


def test_an_empty_span_has_no_answer() -> None:
    assert project("the cat", 4, 4) == ""
