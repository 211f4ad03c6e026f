"""What a recipe's policies do: languages, senses, reservation, copies, consistency, controls."""

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from codeswitch.worlds import LEXICON_SCHEMA, switcher, tables
from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.codeswitch.text.casing import casing_of

WORDS = [f"{one}{two}q" for one in ("ba", "de", "fi", "go", "ku", "la") for two in "mnprstvz"]
LETTERS = {"de": "ä", "es": "ñ", "fr": "ç", "ru": "ж"}
FULL = {code: {word: [f"{letter}{word}"] for word in WORDS} for code, letter in LETTERS.items()}
PARTLY = {**FULL, "fr": {word: FULL["fr"][word] for word in WORDS[::2]}}
ALL: dict[str, Any] = {"rate": 1.0, "protect": (), "reserved": 0.0}


def examples(text: str, count: int) -> list[Example]:
    return [Example(f"e{number}", (Field(text),)) for number in range(count)]


def languages_of(outcome: Outcome) -> list[list[str]]:
    """Return the languages of the words of every text, in their order."""
    first = outcome.first_chunk.tolist()
    names = ["", *outcome.languages]
    return [
        [names[code] for code in outcome.codes[begin:end].tolist()]
        for begin, end in pairwise(first)
    ]


def switched(text: str, count: int, lexicon: Any = FULL, copy: int = 0, **policies: Any) -> Outcome:
    (outcome,) = switcher(Recipe(**ALL | policies), lexicon).switch_examples(
        examples(text, count), [copy]
    )
    return outcome


def shares(names: list[str]) -> dict[str, float]:
    return {name: count / len(names) for name, count in Counter(names).items()}


# Languages


def test_each_word_draws_evenly_among_the_languages_that_have_it() -> None:
    outcome = switched(f"{WORDS[0]} {WORDS[1]}", 4000, PARTLY)
    first, second = zip(*languages_of(outcome), strict=True)
    assert shares(list(first)) == pytest.approx(dict.fromkeys(LETTERS, 0.25), abs=0.03)
    third = {"de": 1 / 3, "es": 1 / 3, "ru": 1 / 3}
    assert shares(list(second)) == pytest.approx(third, abs=0.03)
    both = Counter(zip(first, second, strict=True))
    assert min(both.values()) > 4000 / 12 * 0.75  # and independently of each other


def test_weights_shift_the_draw() -> None:
    outcome = switched(WORDS[0], 4000, language_weights={"de": 3.0, "ru": 2.0})
    names = [name for (name,) in languages_of(outcome)]
    expected = {"de": 3 / 7, "es": 1 / 7, "fr": 1 / 7, "ru": 2 / 7}
    assert shares(names) == pytest.approx(expected, abs=0.03)


def test_one_language_for_an_example() -> None:
    text = " ".join(WORDS[:6]) + ". " + " ".join(WORDS[6:12])
    drawn = [
        set(names) for names in languages_of(switched(text, 400, language_choice="per-example"))
    ]
    assert all(len(names) == 1 for names in drawn)
    assert shares([next(iter(names)) for names in drawn]) == pytest.approx(
        dict.fromkeys(LETTERS, 0.25), abs=0.08
    )


def test_a_word_that_the_language_lacks_takes_the_next_one_alone() -> None:
    text = " ".join(WORDS[:8])
    for names in languages_of(switched(text, 200, PARTLY, language_choice="per-example")):
        assert len(set(names[::2])) == 1  # words that all languages have
        assert len(set(names[1::2])) == 1  # the next one is one for all of them, too
        assert names[0] == names[1] or names[0] == "fr"


def test_one_language_for_a_sentence() -> None:
    text = " ".join(WORDS[:6]).capitalize() + ". " + " ".join(WORDS[6:12]).capitalize() + "!"
    changes = 0
    for names in languages_of(switched(text, 300, language_choice="per-sentence")):
        assert len(set(names[:6])) == len(set(names[6:])) == 1
        changes += names[0] != names[6]
    assert changes / 300 == pytest.approx(0.75, abs=0.09)


@pytest.mark.parametrize("stay", [0.0, 0.5, 0.9])
def test_languages_stay(stay: float) -> None:
    text = " ".join(WORDS[:40])
    same = [
        one == two
        for names in languages_of(switched(text, 200, language_choice="stay", stay=stay))
        for one, two in pairwise(names)
    ]
    assert np.mean(same) == pytest.approx(stay + (1 - stay) / 4, abs=0.02)


@pytest.mark.parametrize("choice", ["per-word", "per-sentence", "per-example", "stay"])
def test_languages_that_are_held_out_are_never_drawn(choice: Any) -> None:
    outcome = switched(
        " ".join(WORDS), 100, language_choice=choice, held_out=("ru",), consistency=0.5
    )
    drawn = {name for names in languages_of(outcome) for name in names}
    assert drawn == {"de", "es", "fr"}


def test_a_further_dictionary_leaves_the_draws_among_the_others() -> None:
    few = languages_of(switched(" ".join(WORDS), 50, {c: FULL[c] for c in ("de", "es", "ru")}))
    for before, after in zip(few, languages_of(switched(" ".join(WORDS), 50)), strict=True):
        for one, two in zip(before, after, strict=True):
            assert two in (one, "fr")


# Senses


def lexicon_of(rows: list[tuple[str, str, int, int, str | None]]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(LEXICON_SCHEMA.names, row, strict=True)) for row in rows], LEXICON_SCHEMA
    )


def senses(rows: list[tuple[str, str, int, int, str | None]], text: str, **policies: Any) -> Any:
    """Return the shares of what a text becomes with a dictionary of one language."""
    reader = Switcher({"es": lexicon_of(rows)}, Recipe(**ALL | policies), dataset="tests")
    (outcome,) = reader.switch_examples(examples(text, 4000))
    return shares([str(new) for new in outcome.texts])


BANK: list[tuple[str, str, int, int, str | None]] = [
    ("bank", "banco", 0, 6, "NOUN"),
    ("bank", "orilla", 1, 3, "NOUN"),
    ("bank", "ingresar", 2, 1, "VERB"),
    ("shore", "orilla", 0, 1, "NOUN"),
]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (("uniform",), (1 / 3, 1 / 3, 1 / 3)),
        (("rank",), (6 / 11, 3 / 11, 2 / 11)),
        (("agreement",), (0.6, 0.3, 0.1)),
        (("rank", "agreement"), (36 / 47, 9 / 47, 2 / 47)),
        (("round-trip",), (0.5, 0.0, 0.5)),
    ],
)
def test_senses_weigh_translations(
    chosen: tuple[Any, ...], expected: tuple[float, float, float]
) -> None:
    words = ("banco", "orilla", "ingresar")
    wanted = {word: share for word, share in zip(words, expected, strict=True) if share}
    assert senses(BANK, "bank", senses=chosen) == pytest.approx(wanted, abs=0.03)


def test_a_sense_that_leaves_nothing_is_no_reason_to_leave_the_word() -> None:
    rows = [("bank", "orilla", 1, 1, None), ("shore", "orilla", 0, 1, None)]
    assert senses(rows, "bank", senses=("round-trip",)) == {"orilla": 1.0}


def test_a_part_of_speech_rules_out_translations_of_another() -> None:
    rows = [
        ("walk", "paseo", 0, 1, "NOUN"),
        ("walk", "andar", 1, 1, "ADV VERB"),
        ("walk", "caminata", 2, 1, None),
    ]
    policies = {"senses": ("part-of-speech",)}
    assert set(senses(rows, "the walk", **policies)) == {"the paseo", "the caminata"}
    assert set(senses(rows, "they will walk", **policies)) == {
        "they will andar",
        "they will caminata",
    }
    assert len(senses(rows, "walk", **policies)) == 3  # nothing tells what it is
    reader = Switcher({"es": lexicon_of(rows)}, Recipe(**ALL | policies), dataset="tests")
    for tag, expected in (("NOUN", {"paseo", "caminata"}), ("ADV", {"andar", "caminata"})):
        tagged = [Example(f"e{number}", (Field(["walk"], tags=[tag]),)) for number in range(60)]
        (outcome,) = reader.switch_examples(tagged)
        assert {new[0] for new in outcome.texts} == expected


def test_only_words_of_an_open_class_are_switched_in_tagged_sentences() -> None:
    tagged = Field(WORDS[:3], tags=["NOUN", "DET", "ADJ"])
    for tagging, codes in (("open-class", [True, False, True]), ("any-class", [True] * 3)):
        reader = switcher(Recipe(**ALL, tagging=tagging), FULL)  # type: ignore[arg-type]
        (outcome,) = reader.switch_examples([Example("1", (tagged,))])
        assert (outcome.codes > 0).tolist() == codes


# Words for probes


def test_reserved_words_are_reserved_in_every_recipe_and_seed() -> None:
    lexicon = {"es": {f"{word}{end}": ["x" + word + end] for word in WORDS for end in "aeioukl"}}
    text = " ".join(lexicon["es"])
    kept: set[frozenset[str]] = set()
    for seed in range(5):
        for consistency in (1.0, 0.0):
            policies = {"reserved": 0.1, "seed": seed, "consistency": consistency}
            outcome = switched(text, 3, lexicon, **policies)
            for place in range(3):
                new = str(outcome.texts[place]).split()
                kept.add(frozenset(new) & frozenset(lexicon["es"]))
    (reserved,) = kept
    assert len(reserved) / len(lexicon["es"]) == pytest.approx(0.1, abs=0.04)


def test_a_family_of_inflected_forms_is_reserved_together() -> None:
    families = ["dog dogs", "walk walks walked walking", "house houses", "give gave given gives"]
    families += ["take took taken takes", "see saw seen", "run ran running", "city cities"]
    families += ["child children", "write wrote written", "big bigger biggest", "tree trees"]
    families += ["build built building", "bring brought", "foot feet", "go went gone goes"]
    forms = [form for family in families for form in family.split()]
    lexicon = {"es": {form: [f"ñ{form}"] for form in forms}}
    states = set()
    for reserved in (0.2, 0.5):
        (outcome,) = switcher(Recipe(**ALL | {"reserved": reserved}), lexicon).switch_examples(
            [Example("1", tuple(map(Field, families)))]
        )
        for family, codes in zip(families, outcome.texts, strict=True):
            changed = {new[0] == "ñ" for new in str(codes).split()}
            assert len(changed) == 1, family
            states |= changed
    assert states == {True, False}


# Copies


def test_a_ramp_raises_the_rate_evenly() -> None:
    policies = {"rate": 0.6, "copies": 4, "curriculum": "ramp"}
    rates = [
        switched(" ".join(WORDS), 200, copy=copy, **policies).switched.sum() / (200 * len(WORDS))
        for copy in range(5)
    ]
    assert rates == pytest.approx([0.15, 0.3, 0.45, 0.6, 0.6], abs=0.01)


def test_easy_words_come_first() -> None:
    """In copy k of 4 only the k quarters of words with the fewest senses are switched."""
    lexicon = {
        "es": {
            word: [f"ñ{word}{sense}" for sense in "abcd"[: 1 + place // 12]]
            for place, word in enumerate(WORDS)
        }
    }
    for copy in range(4):
        outcome = switched(
            " ".join(WORDS), 1, lexicon, copy=copy, copies=4, curriculum="easy-first"
        )
        assert (outcome.codes > 0).tolist() == [place < 12 * (copy + 1) for place in range(48)]


@pytest.mark.parametrize("curriculum", ["none", "ramp", "easy-first"])
def test_an_empty_dictionary_leaves_all_text(curriculum: Any) -> None:
    outcome = switched("the dog", 2, {"es": {}}, copies=2, curriculum=curriculum)
    assert outcome.texts == ["the dog"] * 2


def test_copies_are_drawn_anew() -> None:
    texts = {
        str(switched(" ".join(WORDS), 1, copy=copy, rate=0.5, copies=3).texts) for copy in range(3)
    }
    assert len(texts) == 3


def test_the_seed_changes_what_is_drawn() -> None:
    texts = {str(switched(" ".join(WORDS), 1, rate=0.5, seed=seed).texts) for seed in range(3)}
    assert len(texts) == 3


# Consistency


@pytest.mark.parametrize("consistency", [0.0, 0.3, 0.7, 1.0])
def test_consistency_is_the_share_of_types_that_are_switched_alike(consistency: float) -> None:
    """With twelve occurrences in four languages a word is alike throughout by its map alone."""
    outcome = switched(" ".join(WORDS * 12), 60, consistency=consistency)
    alike = []
    for names in languages_of(outcome):
        for place in range(len(WORDS)):
            alike.append(len(set(names[place :: len(WORDS)])) == 1)
    assert np.mean(alike) == pytest.approx(consistency, abs=0.03)


# Controls


MANY = {
    code: {word: [f"{letter}{word}{sense}" for sense in "ab"] for word in WORDS}
    for code, letter in LETTERS.items()
}
TEXT = " ".join(WORDS) + ". " + " ".join(map(str.capitalize, WORDS)) + f" {WORDS[0]}'s zzz"


def treated(treatment: str, **policies: Any) -> Outcome:
    reader = switcher(Recipe(**ALL | {"rate": 0.6} | policies), MANY, treatment=treatment)
    (outcome,) = reader.switch_examples(examples(TEXT, 10))
    return outcome


@pytest.mark.parametrize("consistency", [1.0, 0.0])
@pytest.mark.parametrize("treatment", ["shuffled-dictionary", "random-translation", "identity"])
def test_controls_switch_the_same_places_into_the_same_languages(
    treatment: str, consistency: float
) -> None:
    true = treated("code-switched", consistency=consistency)
    control = treated(treatment, consistency=consistency)
    assert (true.codes == control.codes).all()
    assert true.switched.sum() > 200
    for place in range(10):
        assert [event[:2] + event[4:] for event in true.switched_text(place).events] == [
            event[:2] + event[4:] for event in control.switched_text(place).events
        ]


def test_identity_leaves_the_text() -> None:
    assert treated("identity").texts == [TEXT] * 10


@pytest.mark.parametrize("treatment", ["shuffled-dictionary", "random-translation"])
def test_wrong_words_are_of_the_language_and_look_like_right_ones(treatment: str) -> None:
    true, control = treated("code-switched"), treated(treatment)
    for right, wrong in zip(true.texts, control.texts, strict=True):
        pairs = list(zip(str(right).split(), str(wrong).split(), strict=True))
        for word, source in zip(pairs, TEXT.split(), strict=True):
            own = {t for lists in MANY.values() for t in lists.get(source.strip(".").lower(), [])}
            if word[0] == source:
                assert word[1] == source
            else:
                assert word[1] != word[0]
                if treatment == "shuffled-dictionary":
                    assert word[1].strip(".").lower() not in own
                assert casing_of(word[1]) is casing_of(word[0])
                assert word[1][0].lower() == word[0][0].lower()  # each language has its letter
                assert word[1].endswith("'s") == word[0].endswith("'s")


def test_a_shuffled_dictionary_is_wrong_in_the_same_way_everywhere() -> None:
    seen: dict[tuple[str, str], str] = {}
    true, control = treated("code-switched"), treated("shuffled-dictionary")
    for place in range(10):
        for right, wrong in zip(
            true.switched_text(place).events, control.switched_text(place).events, strict=True
        ):
            key = str(true.texts[place])[right.target_start : right.target_end].lower()
            new = str(control.texts[place])[wrong.target_start : wrong.target_end].lower()
            assert seen.setdefault((right.source, key), new) == new


def test_random_translations_are_drawn_anew_at_every_occurrence() -> None:
    text = " ".join([WORDS[0]] * 20)
    reader = switcher(Recipe(**ALL), MANY, treatment="random-translation")
    (outcome,) = reader.switch_examples(examples(text, 1))
    assert (outcome.codes == outcome.codes[0]).all()
    assert len(set(str(outcome.texts[0]).split())) > 10
    assert reader.switch_examples(examples(text, 1))[0].texts == outcome.texts


def test_an_unknown_control_is_named() -> None:
    with pytest.raises(Exception, match="unknown treatment `shuffled`; known are code-switched"):
        Switcher(tables(FULL), Recipe(rate=0.5), treatment="shuffled")
