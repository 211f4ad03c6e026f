"""The control with a wrong dictionary: what its words are, and that only words differ."""

from collections import Counter
from random import Random
from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from codeswitch.worlds import DEFAULT, LEXICON, MINIATURE, switcher, tables
from polystilts.codeswitch.dictionaries.shuffled import (
    derange,
    derange_lexicons,
    english_places,
)
from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet.tally import Tally
from polystilts.codeswitch.text.casing import casing_of
from polystilts.codeswitch.text.scripts import script_of

WORDS = [f"{first}{second}a" for first in "bdfgklmnpr" for second in "aeiou"]
lists = st.dictionaries(
    st.sampled_from([f"source{n}" for n in range(30)]),
    st.lists(
        st.sampled_from([*WORDS, "bo ba", "Bu", "da de", "Do", "бу", "да"]), min_size=1, unique=True
    ),
    min_size=1,
)


@given(lists, st.integers(0, 3))
def test_a_wrong_dictionary_is_a_permutation_that_keeps_the_shape(
    targets: dict[str, list[str]], seed: int
) -> None:
    shuffled = derange(targets, "xx", seed)
    wrong = shuffled.words
    assert {source: list(given) for source, given in wrong.items()} == targets
    true_words = Counter(word for listed in targets.values() for word in listed)
    assert true_words == Counter(word for given in wrong.values() for word in given.values())
    kept = 0
    for source, listed in targets.items():
        for true, false in wrong[source].items():
            assert len(true.split()) == len(false.split())
            assert casing_of(true) is casing_of(false)
            assert script_of(true) == script_of(false)
            kept += false.casefold() in {word.casefold() for word in listed}
    assert shuffled.kept == kept
    assert derange(targets, "xx", seed) == shuffled


def test_no_word_keeps_a_translation_where_that_can_be_avoided() -> None:
    targets = {f"word{n}": [f"t{n}", f"s{n // 2}"] for n in range(200)}
    shuffled = derange(targets, "xx", 1)
    assert (shuffled.translations, shuffled.kept, shuffled.doubled) == (400, 0, 0)
    assert shuffled.words != derange(targets, "xx", 2).words
    assert shuffled.words != derange(targets, "yy", 1).words
    assert all(not set(shuffled.words[word].values()) & set(targets[word]) for word in targets)


def test_a_word_gives_way_to_one_of_its_length_and_script_that_is_about_as_common() -> None:
    letters = Random(1)
    targets = {
        f"{letters.random()}": [
            "".join(letters.choices(alphabet, k=3 + place % 5))
            for alphabet in ("abdegiklmnoprstu", "абвгдежзиклмнопр")
        ]
        for place in range(2000)
    }
    at = {target: place for place, listed in enumerate(targets.values()) for target in listed}
    shuffled = derange(targets, "xx", 0)
    assert (shuffled.kept, shuffled.stretched) == (0, 0)
    apart = []
    for place, (source, instead) in enumerate(shuffled.words.items()):
        for true, false in instead.items():
            assert len(true) == len(false)
            assert script_of(true) == script_of(false)
            apart.append(abs(place - at[false]))
        assert set(instead) == set(targets[source])
    assert fmean(apart) < 150  # a third of 2000 where places do not count


def test_the_order_of_a_frequency_list_serves_an_alphabetical_lexicon() -> None:
    by_use = ["the", "of", "House", "and", "dog", "a", "cat"]
    other = ["of", "the", "dog", "house", "a", "zebra", "and"]
    places = english_places([by_use, sorted(by_use, key=str.lower), other])
    assert (places["the"], places["house"], places["zebra"]) == (0, 2, 5)
    assert english_places([sorted(map(str.lower, by_use))]) == {}


def test_a_near_length_is_taken_where_a_length_alone_leaves_no_way_out() -> None:
    shuffled = derange({"dog": ["perro"], "cat": ["gatito"], "cow": ["вака"]}, "xx", 0)
    assert shuffled.words == {
        "dog": {"perro": "gatito"},
        "cat": {"gatito": "perro"},
        "cow": {"вака": "вака"},  # the only word of its script
    }
    assert (shuffled.kept, shuffled.stretched, shuffled.borrowed) == (1, 2, 1)


def test_what_cannot_be_moved_is_counted() -> None:
    shuffled = derange({"dog": ["perro"], "tree": ["árbol alto"]}, "es", 0)
    assert shuffled.kept == 2
    assert shuffled.words == {"dog": {"perro": "perro"}, "tree": {"árbol alto": "árbol alto"}}


def test_a_lexicon_is_read_in_the_forms_that_are_compiled() -> None:
    lexicon = {"es": {"dog": ["ﬁn", "fin"], "tree": ["dog  house"], "cafe\u0301": ["Bar"]}}
    words = derange_lexicons(tables(lexicon), 0)["es"].words
    assert {source: list(given) for source, given in words.items()} == {
        "dog": ["fin"],
        "tree": ["dog house"],
        "caf\u00e9": ["Bar"],
    }


def full_lexicon() -> dict[str, dict[str, list[str]]]:
    """Return translations that begin with a letter of their language, of one to three senses."""
    sources = [*LEXICON["es"], *LEXICON["de"], "Anna", "red house", "big house"]
    return {
        language: {
            source: [
                f"{letter}{source[::-1].lower()}{sense}" for sense in "xyz"[: 1 + len(source) % 3]
            ]
            for source in sources
        }
        for language, letter in (("es", "ñ"), ("ru", "ж"), ("el", "ω"))
    }


def examples() -> list[Example]:
    words = [*LEXICON["es"], *LEXICON["de"], "red", "house", "zebra", "Anna", "seven"]
    found = []
    for number in range(60):
        chosen = [words[(number * 7 + step * step) % len(words)] for step in range(12)]
        fields = Field(" ".join(chosen) + "."), Field(" ".join(reversed(chosen)).upper())
        found.append(Example(f"pair-{number}", fields))
    return found


def test_the_control_switches_the_same_places_into_the_same_languages() -> None:
    lexicon = full_lexicon()
    changed = 0
    for recipe in (DEFAULT, MINIATURE, Recipe(rate=1.0, protect=(), reserved=0.0)):
        plain = switcher(recipe, lexicon)
        control = switcher(recipe, lexicon, treatment="shuffled-dictionary")
        assert all(shuffled.kept == 0 for shuffled in control.shuffled.values())
        for copy in range(recipe.copies):
            (true,) = plain.switch_examples(examples(), [copy])
            (false,) = control.switch_examples(examples(), [copy])
            sheets = []
            for reader, outcome in ((plain, true), (control, false)):
                tally = Tally(reader.languages)
                tally.add(outcome)
                sheets.append(tally.sheet())
            assert sheets[0] == sheets[1]
            for text in range(len(true.texts)):
                right, wrong = true.switched_text(text), false.switched_text(text)
                for one, two in zip(right.events, wrong.events, strict=True):
                    assert one[:2] + one[4:] == two[:2] + two[4:]
                    target = right.text[one.target_start : one.target_end]
                    instead = wrong.text[two.target_start : two.target_end]
                    changed += 1
                    assert target[0].lower() == instead[0].lower()  # the language's own letter
                    assert casing_of(target) is casing_of(instead)
                    assert len(target.split()) == len(instead.split())
                    own = {word for entries in lexicon.values() for word in entries[one.source]}
                    assert instead.lower() not in own
    assert changed > 500
