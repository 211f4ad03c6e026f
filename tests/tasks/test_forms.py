"""Other published forms and translations: complete, readable, and never taken for the original."""

import re
from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from polystilts.study.tasks import Form, Task, expand, resolve
from polystilts.tasks.classification import READERS
from polystilts.tasks.registry import TASKS
from polystilts.tasks.translations import TRANSLATIONS
from tasks.samples import NLI, text

FORMS = [(task, form) for task in TASKS.values() for form in task.forms]
VERSION = re.compile(r"[A-Za-z0-9.+_-]+")


def test_every_task_but_ccg_has_a_hub_form_and_a_version() -> None:
    without = {name for name, task in TASKS.items() if "hub" not in {f.name for f in task.forms}}
    assert without == {"ccg"}
    assert {name for name, task in TASKS.items() if task.restricted} == {"ccg"}
    for task in TASKS.values():
        versions = [task.version, *(form.version for form in task.forms)]
        assert len(set(versions)) == len(versions)
        assert all(VERSION.fullmatch(version) for version in versions)


@pytest.mark.parametrize(("task", "form"), FORMS, ids=lambda value: value.name)
def test_a_form_is_read_by_readers_that_exist(task: Task, form: Form) -> None:
    family = import_module(f"polystilts.tasks.{task.family}")
    original = {(split.name, split.language) for split in expand(task, task.languages)}
    copied = replace(task, splits=form.splits)
    assert {(split.name, split.language) for split in expand(copied, task.languages)} == original
    for split in expand(copied, task.languages):
        assert split.reader in family.READERS
        assert set(split.options) <= family.OPTIONS.get(split.reader, frozenset())
        for reader in split.options.get("readers", ()):
            assert reader in family.READERS
        for file in split.files:
            assert "{" not in file
            if form.name == "hub":
                assert re.fullmatch(r"hub(/[\w.-]+){3,}/\w+\.parquet", file)


def test_copies_that_xtreme_does_not_score_say_so_in_their_version() -> None:
    """Pitfalls 11 and 14: the hub's BUCC and udpos are other data than XTREME's."""
    (udpos,), (bucc,) = TASKS["udpos"].forms, TASKS["bucc"].forms
    assert (udpos.version, bucc.version) == ("hub.google.xtreme.udpos", "hub.mteb.BUCC.halves")
    dev, test = bucc.splits
    assert dev.files == test.files
    assert (dev.options["part"], test.options["part"]) == ("dev", "test")
    files = {file for _, form in FORMS for split in form.splits for file in split.files}
    assert not [file for file in files if "PAWS-X" in file or "bucc18" in file]


def test_mlqa_takes_context_and_question_of_one_language() -> None:
    """Pitfall 10: 7 of MLQA's 49 pairs of languages count."""
    for splits in (TASKS["mlqa"].splits, TASKS["mlqa"].forms[0].splits):
        files = {file for split in splits for file in resolve(split, "de").files}
        assert len(files) == 2
        assert all(re.search(r"de-question-de|MLQA\.de\.de", file) for file in files)


def test_translated_training_sets() -> None:
    found = {
        name: tuple(split.languages or ())
        for name, splits in TRANSLATIONS.items()
        for split in splits
    }
    assert {name: len(languages) for name, languages in found.items()} == {
        "mnli": 15,
        "xnli": 15,
        "squad": 6,
        "pawsx": 6,
    }
    assert {name for name, task in TASKS.items() if task.translations} == set(found)
    (squad,) = TRANSLATIONS["squad"]
    assert resolve(squad, "vi").files == (
        "mlqa/mlqa-translate-train/vi_squad-translate-train-train-v1.1.json",
    )
    for name, splits in TRANSLATIONS.items():
        family = import_module(f"polystilts.tasks.{TASKS[name].family}")
        for split in splits:
            assert set(split.options) <= family.OPTIONS.get(split.reader, frozenset())


def test_translations_of_mnli_have_equal_ids_in_all_languages(tmp_path: Path) -> None:
    """Pitfall 2: XNLI-MT is MNLI's order, line by line, and spells one label differently."""
    (split,) = TRANSLATIONS["mnli"]
    found = {}
    for language, word in (("en", "dogs"), ("de", "Hunde")):
        path = tmp_path / f"multinli.train.{language}.tsv"
        rows = [f"{word} {n}\t{word} .\t{('neutral', 'contradictory')[n % 2]}" for n in range(4)]
        rows[2] = "" if language == "de" else rows[2]  # a translation that was lost
        path.write_bytes(text("premise\thypo\tlabel", *rows))
        read = READERS[split.reader]([path], language, NLI, dict(split.options), Counter())
        found[language] = {row["id"]: row["label"] for row in read}
    assert list(found["de"]) == ["1", "2", "4"]
    assert found["de"].items() <= found["en"].items()
    assert set(found["en"].values()) == {"neutral", "contradiction"}
