from typing import Any

import pytest

from polystilts.codeswitch.english.protection import class_words, word_classes
from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import PolystiltsError


def test_a_mapping_from_a_configuration_gives_a_recipe() -> None:
    recipe = Recipe.from_mapping({"rate": 1, "protect": ["negation"], "languages": ["de"]})
    assert recipe == Recipe(rate=1, protect=("negation",), languages=("de",))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rate": 0.3, "protects": []}, "unknown key `protects`; did you mean `protect`"),
        ({}, "`rate` is missing"),
        ({"rate": 0}, "`rate` is a share above 0"),
        ({"rate": 1.5}, "`rate` is a share above 0"),
        ({"rate": True}, "`rate` is a share above 0"),
        ({"rate": "0.3"}, "`rate` is a share above 0"),
        ({"rate": 0.3, "examples": 0.0}, "`examples` is a share above 0"),
        ({"rate": 0.3, "consistency": "shared"}, "`consistency` is a share from 0 to 1"),
        ({"rate": 0.3, "consistency": 1.1}, "`consistency` is a share from 0 to 1"),
        ({"rate": 0.3, "rate_of": "word"}, "`rate_of` did you mean `words`"),
        ({"rate": 0.3, "reserved": 1.0}, "`reserved` is a share of at least 0 and below 1"),
        ({"rate": 0.3, "stay": 1.0, "language_choice": "stay"}, "`stay` is a share"),
        ({"rate": 0.3, "stay": 0.5}, "`stay` needs `language_choice: stay`"),
        ({"rate": 0.3, "units": []}, "`units` is a list of word, phrase, entity"),
        ({"rate": 0.3, "units": ["words"]}, "`units` did you mean `word`"),
        ({"rate": 0.3, "senses": ["ranks"]}, "`senses` did you mean `rank`"),
        ({"rate": 0.3, "lemma": "yes"}, "`lemma` is true or false"),
        ({"rate": 0.3, "curriculum": "ramps"}, "`curriculum` did you mean `ramp`"),
        ({"rate": 0.3, "clean_copy": "none"}, "`clean_copy` known are append, replace"),
        ({"rate": 0.3, "spaces": 1}, "`spaces` known are join, keep"),
        ({"rate": 0.3, "protect": ["task", "names"]}, "holds `task` alone"),
        ({"rate": 0.3, "languages": ["de"], "held_out": ["de"]}, "`held_out` shares de with"),
        ({"rate": 0.3, "held_out": "de"}, "`held_out` is a list of language codes"),
        ({"rate": 0.3, "language_weights": {"de": 0}}, "gives a number above 0 per language"),
        ({"rate": 0.3, "protect": ["nammes"]}, "did you mean `names`"),
        ({"rate": 0.3, "protect": "names"}, "`protect` is a list"),
        ({"rate": 0.3, "languages": []}, "`languages` is a list"),
        ({"rate": 0.3, "copies": 0}, "`copies` is at least 1"),
        ({"rate": 0.3, "copies": 1.5}, "`copies` is a whole number"),
        ({"rate": 0.3, "seed": "x"}, "`seed` is a whole number"),
        ({"rate": 0.3, "keep_self": 1}, "`keep_self` is true or false"),
    ],
)
def test_a_bad_recipe_names_the_key_and_the_rule(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PolystiltsError, match=message):
        Recipe.from_mapping(values)


def test_word_lists_are_lower_case_and_hold_what_their_names_say() -> None:
    assert set(word_classes()) >= {"names", "numbers", "negation", "quantifiers", "function-words"}
    for name in word_classes():
        assert class_words(name), name
        assert all(word == word.lower() and " " not in word for word in class_words(name)), name
    assert {"not", "never"} <= class_words("negation")
    assert {"all", "some"} <= class_words("quantifiers")
