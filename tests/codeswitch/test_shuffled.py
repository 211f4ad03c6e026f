from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from codeswitch.worlds import DEFAULT, LEXICON, MINIATURE, pairs
from polystilts.codeswitch.casing import casing_of
from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.shuffled import derange

WORDS = [f"{first}{second}a" for first in "bdfgklmnpr" for second in "aeiou"]
lists = st.dictionaries(
    st.sampled_from([f"source{n}" for n in range(30)]),
    st.lists(st.sampled_from([*WORDS, "bo ba", "Bu", "da de", "Do"]), min_size=1, unique=True),
    min_size=1,
)


@given(lists, st.integers(0, 3))
def test_a_wrong_dictionary_is_a_permutation_that_keeps_the_shape(
    targets: dict[str, list[str]], seed: int
) -> None:
    shuffled = derange(targets, "xx", seed)
    wrong = shuffled.targets
    assert list(wrong) == list(targets)
    true_words, wrong_words = (
        Counter(word for listed in lexicon.values() for word in listed)
        for lexicon in (targets, wrong)
    )
    assert true_words == wrong_words
    kept = 0
    for source, listed in targets.items():
        assert len(wrong[source]) == len(listed)
        for true, false in zip(listed, wrong[source], strict=True):
            assert len(true.split()) == len(false.split())
            assert casing_of(true) is casing_of(false)
            kept += false.casefold() in {word.casefold() for word in listed}
    assert shuffled.kept == kept
    assert derange(targets, "xx", seed) == shuffled


def test_no_word_keeps_a_translation_where_that_can_be_avoided() -> None:
    targets = {f"word{n}": [f"t{n}", f"s{n // 2}"] for n in range(200)}
    shuffled = derange(targets, "xx", 1)
    assert (shuffled.translations, shuffled.kept, shuffled.doubled) == (400, 0, 0)
    assert shuffled.targets != derange(targets, "xx", 2).targets
    assert all(not set(shuffled.targets[word]) & set(targets[word]) for word in targets)


def test_words_change_places_with_words_of_their_frequency_band() -> None:
    targets = {f"word{n}": [f"t{n}"] for n in range(256)}
    wrong = derange(targets, "xx", 0).targets
    bands = [(0, 64), (64, 128), (128, 256)]
    for first, end in bands:
        given_to = {int(wrong[f"word{n}"][0][1:]) for n in range(first, end)}
        assert given_to == set(range(first, end))


def test_what_cannot_be_moved_is_counted() -> None:
    shuffled = derange({"dog": ["perro"], "tree": ["árbol alto"]}, "es", 0)
    assert shuffled.kept == 2
    assert shuffled.targets == {"dog": ["perro"], "tree": ["árbol alto"]}


def full_lexicon() -> dict[str, dict[str, list[str]]]:
    sources = [*LEXICON["es"], *LEXICON["de"], "Anna"]
    return {
        language: {
            source: [
                f"{letter}{source[::-1].lower()}{sense}" for sense in "xyz"[: 1 + len(source) % 3]
            ]
            for source in sources
        }
        for language, letter in (("es", "ñ"), ("ru", "ж"), ("el", "ω"))
    }


def test_the_control_switches_the_same_places_into_the_same_languages() -> None:
    lexicon = full_lexicon()
    for recipe in (DEFAULT, MINIATURE, Recipe(rate=1.0, protect=())):
        real, real_sheet = switch_table(pairs(60), "classification", "t", lexicon, recipe)
        control, sheet = switch_table(
            pairs(60), "classification", "t", lexicon, recipe, "shuffled-dictionary"
        )
        for name in ("words", "switched", "account", "copies", "coverage"):
            assert sheet[name] == real_sheet[name]
        for name in ("id", "label", "copy", "switched", "words"):
            assert control[name] == real[name]
        assert all(
            facts["kept_translations"] == 0 for facts in sheet["shuffled_dictionary"].values()
        )
        english = pairs(60)["text_a"].to_pylist() * recipe.copies
        changed = 0
        for source, true, false in zip(
            english, real["text_a"].to_pylist(), control["text_a"].to_pylist(), strict=True
        ):
            triples = zip(source.split(), true.split(), false.split(), strict=True)
            for word, right, wrong in triples:
                assert (word == right) == (word == wrong)
                if word != right:
                    changed += 1
                    assert right[0].lower() == wrong[0].lower()  # the language's own letter
                    assert casing_of(right.strip(".")) is casing_of(wrong.strip("."))
                    bare = word.strip(".").lower()
                    own = {t for entries in lexicon.values() for t in entries.get(bare, [])}
                    assert wrong.strip(".").lower() not in own
        assert changed > 50
