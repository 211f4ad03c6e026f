"""What no job could compute is refused before the first one."""

from typing import Any

import pytest

from polystilts.commands.workflow import load
from polystilts.errors import ConfigError
from repository import REPOSITORY
from steps import read_config


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        (
            {"encoders": {"miniature": {"retrieval_layer": 3}}},
            "`encoders.miniature.retrieval_layer`: layer 3 of an encoder that has 2",
        ),
        (
            {"training": {"fine_tune": {"max_length": 129}}},
            "`training.fine_tune.max_length`: the encoder is pretrained on at most 128 tokens",
        ),
        (
            {"tasks": {"squad": {"intermediate": {"max_length": 384}}}},
            "`tasks.squad.intermediate.max_length`: the encoder is pretrained on at most 128",
        ),
        (
            {"training": {"fine_tune": {"doc_stride": 120}}},
            "`training.fine_tune.doc_stride`: windows of `squad` begin `doc_stride` 120 tokens "
            "after each other, but one of `max_length` 128 holds 76 of its context beside a "
            "question of `max_question_length` 48 and 4 special tokens; set `doc_stride` to at "
            "most 76, or `max_length` to at least 172",
        ),
        (
            {"training": {"fine_tune": {"max_length": 64, "doc_stride": 128}}},
            "`training.fine_tune.doc_stride`: windows of `squad` begin `doc_stride` 128 tokens "
            "after each other, but one of `max_length` 64 holds 12",
        ),
        (
            {"training": {"fine_tune": {"max_question_length": 126}}},
            "one of `max_length` 128 holds 0 of its context beside a question of "
            "`max_question_length` 126 and 4 special tokens; set `max_length` to at least 194",
        ),
        (
            {"tasks": {"squad2": {"intermediate": {"doc_stride": 77}}}},
            "`tasks.squad2.intermediate.doc_stride`: windows of `squad2` begin `doc_stride` 77",
        ),
        (
            {"tasks": {"tydiqa": {"fine_tune": {"max_length": 115}}}},
            "windows of `tydiqa` begin `doc_stride` 64 tokens after each other, but one of "
            "`max_length` 115 holds 63",
        ),
        (
            {"tasks": {"mnli": {"intermediate": {"epochs": 1}}}},
            "`tasks.mnli.intermediate.epochs`: the one epoch of `mnli` reads copy 0 of the corpus "
            "`miniature`, which is English (`recipes.miniature.clean_copy: append`)",
        ),
        (
            {
                "base": "miniature",
                "study": {"name": "mine"},
                "training": {"fine_tune": {"max_length": 64, "doc_stride": 128}},
            },
            "`max_length` 64 holds 12",
        ),
        (
            {"tasks": {"mnli": {"intermediate": {"selection": "at-english-dev"}}}},
            "`tasks.mnli.intermediate.english_dev_level`: `at-english-dev` needs the level",
        ),
        (
            {
                "training": {"intermediate": {"selection": "at-english-dev"}},
                "study": {"intermediates": ["mnli", "all"]},
                "tasks": {"mnli": {"intermediate": {"english_dev_level": 70}}},
            },
            "`tasks.all.intermediate.english_dev_level`: `at-english-dev` needs the level of its "
            "tasks' mean accuracy",
        ),
        (
            {"tasks": {"xnli": {"fine_tune": {"english_dev_level": 70}}}},
            "`tasks.xnli.fine_tune.english_dev_level`: only an intermediate task has one",
        ),
        ({"study": {"intermediates": ["all"]}}, "`study.intermediates`: `all` mixes the other"),
        ({"study": {"languages": ["en"]}}, "is in none of the study's languages"),
    ],
)
def test_it_is_named(overlay: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(read_config(REPOSITORY, overlay))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_fits_exactly_is_computed() -> None:
    load(read_config(REPOSITORY, {"training": {"fine_tune": {"max_length": 128}}}))
    load(read_config(REPOSITORY, {"encoders": {"miniature": {"retrieval_layer": 2}}}))
    load(read_config(REPOSITORY, {"training": {"fine_tune": {"doc_stride": 76}}}))


def test_one_epoch_of_a_recipe_without_an_english_copy_is_computed() -> None:
    once = {"training": {"intermediate": {"epochs": 1}}}
    load(read_config(REPOSITORY, once | {"recipes": {"miniature": {"clean_copy": "replace"}}}))
    load(read_config(REPOSITORY, once | {"study": {"arms": ["english"]}}))


def test_windows_matter_to_questions_that_the_study_trains_on() -> None:
    wide = {phase: {"doc_stride": 120} for phase in ("intermediate", "fine_tune")}
    others = {"targets": ["xnli", "panx", "tatoeba"], "intermediates": ["mnli", "hellaswag"]}
    load(read_config(REPOSITORY, {"training": wide, "study": others}))


def test_a_level_that_is_given_reaches_the_trainings_that_ask_for_it() -> None:
    levels = {"mnli": 70, "all": 55.5}
    tasks = {name: {"intermediate": {"english_dev_level": level}} for name, level in levels.items()}
    study = {"intermediates": ["mnli", "all"]}

    def record(intermediate: str, selection: str) -> Any:
        training = {"intermediate": {"selection": selection}}
        graph = load(
            read_config(REPOSITORY, {"study": study, "tasks": tasks, "training": training})
        )
        model = {"encoder": "miniature", "arm": "english", "seed": "1"}
        return graph.keys.record("train_intermediate", model | {"intermediate": intermediate})

    for name, level in levels.items():
        found = record(name, "at-english-dev")
        assert (found["english_dev_level"], found["evaluations"]) == (level, 5)
    assert record("mnli", "last")["english_dev_level"] is None, "it has no part in that training"
