"""The cells of a study: every combination once, the baseline once."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polystilts.commands.workflow import load
from polystilts.errors import ConfigError
from repository import REPOSITORY
from steps import read_config

CONFIG = read_config(REPOSITORY)
STUDY = CONFIG["study"]


def subsets(names: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True)


def test_the_default_matrix_is_nine_by_nine_with_all_and_a_baseline() -> None:
    cells = load(CONFIG).study.cells
    assert len(cells) == (1 + 2 * (9 + 1)) * 9
    by_arm = Counter(cell.arm for cell in cells)
    assert by_arm == {"none": 9, "english": 90, "code-switched": 90}
    assert {cell.intermediate for cell in cells if cell.arm == "none"} == {"none"}
    assert {cell.encoder for cell in cells} == {"miniature"}


@settings(max_examples=40, deadline=None)
@given(
    arms=subsets(["english", "code-switched", "shuffled-dictionary"]),
    intermediates=subsets(["mnli", "squad", "ccg", "none"]),
    targets=subsets(STUDY["targets"]),
    seeds=subsets([0, 1, 2, 7]),
)
def test_every_combination_is_one_cell(
    arms: list[str], intermediates: list[str], targets: list[str], seeds: list[int]
) -> None:
    chosen = {"arms": arms, "intermediates": intermediates, "targets": targets, "seeds": seeds}
    cells = load(CONFIG | {"study": STUDY | chosen}).study.cells
    treated = [name for name in intermediates if name != "none"]
    rows = {("none", "none")} | {(arm, name) for arm in arms for name in treated}
    assert len(cells) == len(rows) * len(targets) * len(seeds) == len(set(cells))
    assert {(cell.arm, cell.intermediate) for cell in cells} == rows
    assert {(cell.target, cell.seed) for cell in cells} == {(t, s) for t in targets for s in seeds}


def test_all_mixes_the_studys_own_tasks() -> None:
    study = load(CONFIG | {"study": STUDY | {"intermediates": ["squad", "all", "mnli"]}}).study
    assert study.intermediate_parts("all") == ["squad", "mnli"]
    assert study.intermediate_parts("squad") == ["squad"]


def test_a_target_is_evaluated_in_the_studys_languages_that_it_has() -> None:
    study = load(CONFIG | {"study": STUDY | {"languages": ["ru", "en", "es"]}}).study
    assert study.languages("xnli") == ["ru", "en", "es"]
    assert study.languages("bucc") == ["ru", "es"]


def test_only_what_the_matrix_needs_is_prepared() -> None:
    chosen = {"arms": ["code-switched"], "intermediates": ["mnli"], "targets": ["mlqa", "tatoeba"]}
    study = load(CONFIG | {"study": STUDY | chosen}).study
    # mlqa is fine-tuned on squad; mlm is the text of the encoder's pretraining
    assert set(study.tasks_used) == {"mnli", "mlqa", "tatoeba", "squad", "mlm"}


def test_a_training_of_the_baseline_is_refused_in_words() -> None:
    study = load(CONFIG).study
    with pytest.raises(ConfigError, match="its cells are none/none"):
        study.variant("none")
