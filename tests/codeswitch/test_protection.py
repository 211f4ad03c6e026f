import re

import pytest

from polystilts.codeswitch.english.protection import (
    BY_TASK,
    class_words,
    classes_of,
    protected_words,
    word_classes,
)
from polystilts.errors import ConfigError
from polystilts.tasks.registry import TASKS

WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def test_every_task_of_ours_is_resolved_to_classes_that_exist() -> None:
    for task in TASKS.values():
        classes = classes_of((BY_TASK,), task.name, task.family)
        assert {"names", "numbers"} <= set(classes) <= set(word_classes())
        assert len(classes) == len(set(classes))


@pytest.mark.parametrize("task", ["anli", "mnli", "xnli"])
def test_inference_keeps_what_its_labels_hang_on(task: str) -> None:
    words = protected_words(classes_of((BY_TASK,), task, "classification"))
    for word in "not never no every some most may can must more than before after until".split():
        assert word in words
    for word in "dog walk red city slowly what".split():
        assert word not in words


def test_paraphrases_moreover_keep_what_is_asked_and_what_comes_first() -> None:
    words = protected_words(classes_of((BY_TASK,), "qqp", "classification"))
    assert {"what", "which", "not", "best", "first", "last", "dont"} <= set(words)


def test_tagging_moreover_keeps_function_words() -> None:
    words = protected_words(classes_of((BY_TASK,), "ccg", "tagging"))
    assert {"the", "of", "with", "and", "be", "he", "up", "away", "that"} <= set(words)


def test_a_task_goes_before_its_family_and_a_family_serves_unknown_tasks() -> None:
    assert "question-words" in classes_of((BY_TASK,), "cosmosqa", "multiple_choice")
    assert "question-words" not in classes_of((BY_TASK,), "hellaswag", "multiple_choice")
    assert classes_of((BY_TASK,), "mine", "tagging") == classes_of((BY_TASK,), "ccg", "tagging")


def test_classes_given_by_name_are_taken_as_they_are() -> None:
    assert classes_of(("modals", "names"), "mnli", "classification") == ("modals", "names")
    assert classes_of((), "nothing", "nowhere") == ()


def test_an_unknown_task_of_an_unknown_family_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"`poems`.*`verse`.*classification.*qqp.*tagging"):
        classes_of((BY_TASK,), "poems", "verse")


@pytest.mark.parametrize("name", word_classes())
def test_class_files_hold_lower_case_words(name: str) -> None:
    strange = {word for word in class_words(name) if not WORD.fullmatch(word)}
    assert strange <= {"n't"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("modals", "can could may might must shall should will would ought need"),
        ("negation", "no not never none nobody nothing nowhere neither nor without cannot"),
        ("quantifiers", "all any both each every few less many more most several some only"),
        ("temporal", "after before during since till until while ago already yet"),
        ("comparatives", "better best worse worst than as same different last"),
        ("question-words", "who whom whose what which when where why how"),
        ("numbers", "one two ten hundred million first second third half twice km kg"),
        ("names", "monday tuesday wednesday thursday friday saturday sunday"),
        ("names", "january february april june july september october november december"),
    ],
)
def test_classes_hold_what_their_name_says(name: str, words: str) -> None:
    assert set(words.split()) <= class_words(name)


def test_months_that_are_also_common_words_are_protected_by_their_capital_alone() -> None:
    assert class_words("names").isdisjoint({"may", "march", "august"})
