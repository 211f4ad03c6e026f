"""Texts switched from Python, in three lines."""

from pathlib import Path

import pytest

from codeswitch.files.samples import TEXT, write_dictionaries
from polystilts.codeswitch.api import CodeSwitcher
from polystilts.codeswitch.recipe import Recipe
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
