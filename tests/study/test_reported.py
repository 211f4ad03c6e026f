"""What the report is told: which corpora its numbers rest on, and what the study cannot have."""

from typing import Any

import pytest

from polystilts.study.availability import not_available
from study.conftest import Load

ARMS = {
    "plain": {"treatment": "english"},
    "switched": {"treatment": "code-switched", "recipe": "miniature"},
    "switched+mlm": {"treatment": "code-switched", "recipe": "miniature", "mlm_share": 0.2},
    "masked": {"treatment": "code-switched-mlm-only", "recipe": "miniature"},
}


def test_languages_that_a_target_lacks_are_listed(load_study: Load) -> None:
    languages = {
        "languages": ["en", "es", "ru", "hi"],
        "targets": ["xquad", "pawsx", "tatoeba", "xnli"],
    }
    graph = load_study(
        {
            "study": languages,
            "tasks": {"xquad": {"languages": None}, "pawsx": {"languages": ["en", "es", "hi"]}},
        }
    )
    # English has no sentence pairs, and nobody misses them
    assert graph.study.languages("tatoeba") == ["es", "ru", "hi"]
    assert graph.study.unavailable == {"pawsx": ["ru"]}
    record = graph.keys.record("collect_matrix", {})
    assert (
        record["not_available"]
        == list(not_available(graph.study))
        == ["not available: pawsx in ru: not in `tasks.pawsx.languages`"]
    )


@pytest.mark.parametrize("intermediates", [["mnli", "squad", "all"], ["none", "mnli", "all"]])
def test_the_corpora_behind_the_numbers(load_study: Load, intermediates: list[str]) -> None:
    study: dict[str, Any] = {"arms": list(ARMS), "intermediates": intermediates}
    graph = load_study({"study": study, "arms": ARMS})
    tasks = [name for name in intermediates if name not in ("none", "all")]
    parts = {
        **{task: {task: "miniature"} for task in tasks},
        "all": dict.fromkeys(tasks, "miniature"),
    }
    # masked text has no labels that the switching could tell
    corpora = graph.keys.record("collect_matrix", {})["corpora"]
    assert corpora == {"switched": parts, "switched+mlm": parts}
    folder = graph.paths.root
    sheets = [f"{folder}/corpora/miniature/{task}/train.json" for task in tasks]
    assert graph.checked_sheets == sheets
    keys = [f"miniature/{task}={graph.keys.corpus_of('miniature', task)}" for task in tasks]
    assert graph.checked_keys({}) == keys


def test_an_arm_is_set_against_english_with_as_much_masked_text(load_study: Load) -> None:
    arms = ["code-switched", "english+mlm", "code-switched+mlm", "english", "shuffled-dictionary"]
    against = load_study({"study": {"arms": arms}}).keys.record("collect_matrix", {})["references"]
    masked = dict.fromkeys(("english+mlm", "code-switched+mlm"), "english+mlm")
    assert against == dict.fromkeys(arms, "english") | masked
    without = ["code-switched", "shuffled-dictionary"]
    record = load_study({"study": {"arms": without}}).keys.record("collect_matrix", {})
    assert set(record["references"].values()) == {"code-switched"}
