"""What a change of the configuration makes stale in the default study: that and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from steps import Step, changed, step_keys
from study.conftest import Load

Stale = Callable[[dict[str, Any]], set[Step]]
COLLECTORS = {("collect_matrix", ()), ("write_report", ())}
CORPORA = ("code_switch", "corpus_page")


@pytest.fixture
def stale(load_study: Load) -> Stale:
    before = step_keys(load_study())
    return lambda overlay: changed(before, step_keys(load_study(overlay)))


@pytest.fixture
def everything(load_study: Load) -> set[Step]:
    return set(step_keys(load_study()))


def cells(found: set[Step], step: str, *wildcards: str) -> set[tuple[str, ...]]:
    return {tuple(dict(w)[name] for name in wildcards) for s, w in found if s == step}


def those(everything: set[Step], wanted: Callable[[str, dict[str, str]], bool]) -> set[Step]:
    return {(step, w) for step, w in everything if wanted(step, dict(w))} | COLLECTORS


def test_a_tasks_learning_rate(stale: Stale, everything: set[Step]) -> None:
    found = stale({"tasks": {"mnli": {"intermediate": {"learning_rate": 0.1}}}})
    assert found == those(everything, lambda step, w: w.get("intermediate") == "mnli")


def test_a_fine_tunes_learning_rate(stale: Stale, everything: set[Step]) -> None:
    found = stale({"tasks": {"squad": {"fine_tune": {"learning_rate": 0.1}}}})
    served = ("xquad", "mlqa")
    assert found == those(
        everything, lambda step, w: w.get("fine_tune") == "squad" or w.get("target") in served
    )


def test_a_recipes_rate(stale: Stale, everything: set[Step]) -> None:
    found = stale({"recipes": {"miniature": {"rate": 0.4}}})
    assert found == those(
        everything, lambda step, w: w.get("arm") == "code-switched" or step in CORPORA
    )


def test_a_recipe_that_no_arm_uses(stale: Stale) -> None:
    assert stale({"recipes": {"default": {"rate": 0.5}}}) == set()


def test_an_arms_share_of_masked_text(stale: Stale, everything: set[Step]) -> None:
    found = stale({"arms": {"english": {"mlm_share": 0.1}}})
    assert found == those(everything, lambda step, w: w.get("arm") == "english")


def test_the_size_of_the_mix(stale: Stale, everything: set[Step]) -> None:
    found = stale({"training": {"multi_task": {"size_cap": 7}}})
    assert found == those(everything, lambda step, w: w.get("intermediate") == "all")


def test_fewer_rows_of_a_target(stale: Stale, everything: set[Step]) -> None:
    found = stale({"tasks": {"xquad": {"sizes": {"test": 9}}}})
    assert found == those(everything, lambda step, w: "xquad" in (w.get("target"), w.get("task")))


def test_more_of_the_matrix_leaves_its_cells_alone(stale: Stale) -> None:
    assert stale({"study": {"seeds": [1, 2]}}) == COLLECTORS
    arms = ["english", "code-switched", "shuffled-dictionary"]
    assert stale({"study": {"arms": arms}}) == COLLECTORS
    # the baseline and the other trainings do not know of the mix
    fewer = stale({"study": {"intermediates": ["mnli", "squad", "all"]}}) - COLLECTORS
    assert fewer
    assert {dict(wildcards)["intermediate"] for _, wildcards in fewer} == {"all"}


def test_the_order_of_a_list_computes_no_cell_again(stale: Stale) -> None:
    assert stale({"study": {"arms": ["code-switched", "english"]}}) <= COLLECTORS


def test_what_no_step_reads(stale: Stale) -> None:
    assert stale({"keep": "all"}) == set()


def test_the_name_of_the_study(stale: Stale) -> None:
    assert stale({"base": "miniature", "study": {"name": "renamed"}}) <= COLLECTORS


def test_another_world_is_another_study(stale: Stale, everything: set[Step]) -> None:
    assert stale({"miniature": {"seed": 2}}) == everything


def test_a_dictionary(stale: Stale, everything: set[Step]) -> None:
    found = stale({"sources": {"gate": {"most_words": 3}}})
    assert cells(found, "build_lexicon", "language") == {("es",), ("ru",), ("hi",)}
    upstream = ("build_lexicon", *CORPORA)
    assert found == those(
        everything, lambda step, w: w.get("arm") == "code-switched" or step in upstream
    )


def test_the_script_of_chinese_concerns_chinese_alone(stale: Stale, load_study: Load) -> None:
    assert stale({"sources": {"gate": {"chinese": "keep"}}}) == set()
    study: dict[str, Any] = {
        "name": "chinese",
        "encoder": "xlmr-base",
        "arms": ["code-switched"],
        "intermediates": ["mnli"],
        "targets": ["xnli"],
        "languages": ["en", "es", "zh"],
        "seeds": [1],
    }
    gates: list[dict[str, Any]] = [{}, {"sources": {"gate": {"chinese": "keep"}}}]
    before, after = (step_keys(load_study({"study": study}, gate)) for gate in gates)
    assert cells(changed(before, after), "build_lexicon", "language") == {("zh",)}
