"""Texts switched from Python, in three lines."""

from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from codeswitch.files.samples import (
    EVERYTHING,
    TEXT,
    dictionaries,
    write_dictionaries,
    write_lexicons,
)
from polystilts.codeswitch.api import CodeSwitcher, Settings, Texts
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import ConfigError


def test_a_text_and_what_became_of_its_characters(tmp_path: Path) -> None:
    files = write_dictionaries(tmp_path)
    switcher = CodeSwitcher.from_dictionaries(files, rate=1.0, reserved=0.0, protect=[], seed=1)
    dog, house = TEXT.index("dog"), TEXT.index("house")
    result = switcher.switch(TEXT, protected=[(dog, dog + 3)], anchors=[(house, house + 5)])
    start, end = result.map.span(dog, dog + 3)
    assert result.text[start:end] == "dog"
    start, end = result.map.span(house, house + 5)
    assert result.text[start:end] in ("Haus", "घर")
    assert {event.language for event in result.events} <= set(switcher.languages) == {"de", "hi"}
    for event in result.events:
        assert TEXT[event.start : event.end].lower() == event.source
    assert switcher.facts["de"]["language"] == "de"


def test_texts_are_decided_on_apart(tmp_path: Path) -> None:
    files = {code: str(path) for code, path in write_dictionaries(tmp_path).items()}
    switcher = CodeSwitcher.from_dictionaries(files, Recipe(rate=0.5, reserved=0.0, protect=()))
    assert switcher.switch(TEXT).text == switcher.switch(TEXT).text
    assert switcher.switch(TEXT).text != switcher.switch(TEXT, copy=1).text
    different = {switcher.switch(TEXT, identity=str(number)).text for number in range(20)}
    assert len(different) > 10
    endings = {switcher.switch(f"{TEXT} {number}").text.rpartition(" ")[0] for number in range(20)}
    assert len(endings) > 10


def test_a_recipe_and_what_wins_over_it(tmp_path: Path) -> None:
    files = write_dictionaries(tmp_path)
    made = CodeSwitcher.from_dictionaries(files, {"rate": 0.9, "protect": []}, rate=0.2)
    assert made.recipe == Recipe(rate=0.2, protect=())
    assert CodeSwitcher.from_dictionaries(files).recipe == Recipe(rate=0.3)
    assert CodeSwitcher.from_dictionaries(files, Recipe(rate=0.7), seed=3).recipe == Recipe(
        rate=0.7, seed=3
    )
    with pytest.raises(ConfigError, match="unknown key `raet`"):
        CodeSwitcher.from_dictionaries(files, raet=0.2)


def test_the_lexicons_of_a_study(tmp_path: Path) -> None:
    write_lexicons(tmp_path)
    recipe = {"rate": 1.0, "reserved": 0.0}
    found = CodeSwitcher.from_lexicons(tmp_path, recipe, protect=[], dataset="mnli", split="train")
    told = Switcher(dictionaries().tables, EVERYTHING, dataset="mnli", split="train")
    assert found.recipe == EVERYTHING
    assert found.languages == ("de", "hi")
    assert found.switch(TEXT, identity="a").text == told.switch(TEXT, identity="a").text
    fewer = CodeSwitcher.from_lexicons(str(tmp_path), recipe, languages=["hi"])
    assert fewer.languages == ("hi",)
    without = CodeSwitcher.from_lexicons(tmp_path, recipe, held_out=["hi"])
    assert without.languages == ("de",)
    with pytest.raises(ConfigError, match="no lexicon of hj, which the recipe names"):
        CodeSwitcher.from_lexicons(tmp_path, recipe, held_out=["hj"])


@pytest.mark.parametrize("name", ["dataset", "split"])
def test_names_enter_every_decision(name: str, tmp_path: Path) -> None:
    files = write_dictionaries(tmp_path)
    recipe = Recipe(rate=0.5, reserved=0.0, protect=())

    def texts(**names: str) -> list[str]:
        made = CodeSwitcher.from_dictionaries(files, recipe, **names)
        return [made.switch(TEXT, identity=str(number)).text for number in range(9)]

    assert texts() == texts(**{name: ""})
    assert texts() != texts(**{name: "other"})


def test_a_family_protects_and_words_may_have_to_be_single(tmp_path: Path) -> None:
    file = tmp_path / "en-de.txt"
    file.write_text("dog großer Hund\nnot nicht\n", encoding="utf-8")
    recipe = Recipe(rate=1.0, reserved=0.0, protect=("task",))

    def text(**settings: object) -> str:
        made = CodeSwitcher.from_dictionaries({"de": file}, recipe, **settings)
        return made.switch("A dog, not a dog.").text

    assert text(family="text") == "A großer Hund, nicht a großer Hund."
    assert text(family="text", single_words=True) == "A dog, nicht a dog."
    assert text(family="classification") == "A großer Hund, not a großer Hund."
    with pytest.raises(ConfigError, match="task"):
        text()


def test_every_key_of_a_recipe_is_a_keyword_with_its_type() -> None:
    keywords = get_type_hints(Settings)
    assert keywords.keys() == {*get_type_hints(Texts), *(field.name for field in fields(Recipe))}
    for name, kind in get_type_hints(Recipe).items():
        if "tuple" not in str(kind):  # which may be lists, too
            assert keywords[name] == kind
