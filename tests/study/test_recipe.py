"""A recipe means the same to a configuration, which is checked at once, and to the switcher."""

import dataclasses
import typing
from typing import Any

import pytest

from polystilts.codeswitch import recipe as switchers
from polystilts.codeswitch.english.protection import BY_TASK, word_classes
from polystilts.errors import ConfigError
from polystilts.study.recipe import Recipe
from study.conftest import Load

FIELDS = {field.name: field for field in dataclasses.fields(switchers.Recipe)}
# of each field values that are right and values that are not; `rate` is always there
RIGHT: list[dict[str, Any]] = [
    {"rate": 1.0},
    {"consistency": 0},
    {"consistency": 1.0},
    {"reserved": 0.0},
    {"stay": 0.99, "language_choice": "stay"},
    {"protect": []},
    {"protect": [BY_TASK]},
    {"languages": ["es"], "held_out": ["ru"], "language_weights": {"es": 0.5}},
    {"copies": 4, "clean_copy": "append"},
    {"seed": -1},
]
WRONG: list[dict[str, Any]] = [
    {"rate": 0.0},
    {"rate": 1.01},
    {"examples": 0.0},
    {"consistency": -0.1},
    {"consistency": 1.1},
    {"consistency": "shared"},
    {"reserved": 1.0},
    {"stay": 1.0, "language_choice": "stay"},
    {"stay": 0.5},
    {"units": []},
    {"senses": []},
    {"languages": []},
    {"languages": ["es"], "held_out": ["es"]},
    {"language_weights": {"es": 0.0}},
    {"protect": [BY_TASK, "names"]},
    {"copies": 0},
]


def allowed(annotation: Any) -> set[str]:
    """Return the names that a type lists, however deep."""
    if typing.get_origin(annotation) is typing.Literal:
        return set(typing.get_args(annotation))
    return set().union(*map(allowed, typing.get_args(annotation)))


def test_both_have_the_same_fields_with_the_same_defaults() -> None:
    assert set(Recipe.model_fields) == set(FIELDS)
    for name, field in Recipe.model_fields.items():
        assert field.is_required() == (FIELDS[name].default is dataclasses.MISSING), name
    assert switchers.Recipe.from_mapping(Recipe(rate=0.4).model_dump()) == switchers.Recipe(
        rate=0.4
    )


def test_both_know_the_same_values() -> None:
    types = typing.get_type_hints(switchers.Recipe)
    named = {name: allowed(field.annotation) for name, field in Recipe.model_fields.items()}
    assert named.pop("protect") == {BY_TASK, *word_classes()}
    assert named == {name: allowed(types[name]) for name in named}
    assert sum(map(len, named.values())) > 20


@pytest.mark.parametrize("values", RIGHT)
def test_what_a_configuration_takes_the_switcher_takes(
    load_study: Load, values: dict[str, Any]
) -> None:
    study = load_study({"recipes": {"default": values}}).study
    chosen = study.config.recipes["default"].model_dump(mode="json")
    assert {name: chosen[name] for name in values} == values
    switchers.Recipe.from_mapping(chosen)


@pytest.mark.parametrize("values", WRONG)
def test_what_the_switcher_refuses_a_configuration_refuses(
    load_study: Load, values: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError):
        switchers.Recipe.from_mapping({"rate": 0.3} | values)
    with pytest.raises(ConfigError, match=r"config: `recipes\.default\."):
        load_study({"recipes": {"default": values}})


def test_a_corpus_is_drawn_from_the_languages_that_are_not_held_out(load_study: Load) -> None:
    graph = load_study({"recipes": {"miniature": {"held_out": ["ru"]}}})
    corpus = {"variant": "miniature", "task": "mnli"}
    record = graph.keys.record("code_switch", corpus)
    assert record["languages"] == ["es", "hi"]
    assert record["split"] == "train"
    assert record["recipe"]["held_out"] == ["ru"]
    # the switcher is handed both
    languages = {"languages": record["languages"]}
    chosen = switchers.Recipe.from_mapping(record["recipe"] | languages)
    assert chosen.languages == ("es", "hi")
    named = type("Wildcards", (), corpus)
    assert graph.lexicons(named) == [
        f"results/miniature/lexicons/{language}.parquet" for language in ("es", "hi")
    ]


def test_every_control_writes_corpora_of_its_own(load_study: Load) -> None:
    controls = ["shuffled-dictionary", "random-translation", "identity"]
    arms = {name: {"treatment": name, "recipe": "miniature"} for name in controls}
    graph = load_study({"arms": arms, "study": {"arms": ["english", "code-switched", *controls]}})
    variants = ["miniature", *(f"miniature+{name}" for name in controls)]
    assert list(graph.study.variants) == variants
    records = [
        graph.keys.record("code_switch", {"variant": variant, "task": "mnli"})
        for variant in variants
    ]
    assert [record.pop("treatment") for record in records] == ["code-switched", *controls]
    assert all(record == records[0] for record in records)
