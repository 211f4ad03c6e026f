import pytest

from polystilts.codeswitch.words import chunks, starts_sentence, word_of


def words(text: str) -> list[str]:
    found = ((start, word_of(chunk)) for start, chunk in chunks(text))
    for start, word in found:
        assert word is None or text[start : start + len(word)] == word
    return [word for word in map(word_of, (chunk for _, chunk in chunks(text))) if word]


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
    ],
)
def test_capitals_mean_nothing_where_a_sentence_begins(text: str, initial: bool) -> None:
    start = text.index("^")
    assert starts_sentence(text.replace("^", ""), start) is initial
