"""Failed leak checks are read from data sheets, with a figure and a meaning for every kind."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from polystilts.analysis.failed_checks import FailedChecks, read_failed_checks
from polystilts.codeswitch.leaks.choices import ChoiceLeak
from polystilts.codeswitch.leaks.islands import AnswerIslandLeak
from polystilts.codeswitch.leaks.labels import AnswerabilityLeak, LabelLeak
from polystilts.codeswitch.leaks.overlap import OverlapLeak
from polystilts.codeswitch.leaks.tags import TagLeak
from polystilts.errors import DamagedFileError, InputError

FAMILIES = ("classification", "multiple_choice", "span_qa", "tagging")
MIXED = {
    "english": {},
    "switched": {
        "mnli": {"mnli": "recipe"},
        "squad": {"squad": "recipe"},
        "all": {"mnli": "recipe", "squad": "recipe"},
    },
}


def failing() -> dict[str, dict[str, Any]]:
    """Return a failed sheet of every check that the families make, by name."""
    half = np.repeat([0, 1], 200)
    words, few, many = np.full(400, 10), np.full(400, 2), 1 + 3 * half
    label, answerable, overlap = LabelLeak(), AnswerabilityLeak(), OverlapLeak()
    label.add([("yes", "no")[i] for i in half], many, words)
    answerable.add([bool(i) for i in half], few, words, many, words)
    random = np.random.default_rng(0)
    overlap.add(random.random(400), random.random(400))
    choice, tag, island = ChoiceLeak(), TagLeak(("es", "sw")), AnswerIslandLeak()
    choice.add([0] * 400, [np.array([3, 1])] * 400, [np.array([5, 5])] * 400)
    tag.add([("NOUN", "VERB")[i] for i in half], (1 + half).astype(np.int16))
    # in each text an answer of two English words, four words around it switched
    codes, inside = [1, 1, 0, 0, 1, 1], [False, False, True, True, False, False]
    island.add(np.tile(np.array(codes, np.int16), 100), np.arange(0, 606, 6), np.tile(inside, 100))
    checks = {"label": label, "overlap": overlap, "choice": choice, "answer_island": island}
    checks |= {"answerability": answerable, "tag": tag}
    return {name: check.sheet() for name, check in checks.items()}


def write_sheets(folder: Path, **leaks: dict[str, Any]) -> Any:
    """Write a data sheet per task; return where the sheet of a (corpus, task) lies."""
    for task, found in leaks.items():
        (folder / f"recipe-{task}.json").write_text(
            json.dumps({"key": "k", "files": {}, "leaks": found})
        )
    return lambda corpus, task: folder / f"{corpus}-{task}.json"


def test_every_check_of_every_family_can_be_read() -> None:
    made = {
        name
        for family in FAMILIES
        for name in import_module(f"polystilts.codeswitch.families.{family}").checks(["es"])
    }
    assert made == set(failing())


def test_every_failed_check_is_told_with_its_figure_and_what_it_means(tmp_path: Path) -> None:
    sheets = failing()
    sheet_of = write_sheets(tmp_path, squad=sheets)
    failed = read_failed_checks(sheet_of, {"switched": {"squad": {"squad": "recipe"}}}).checks
    assert [item.check for item in failed] == list(sheets)
    figures = {item.check: item.figure for item in failed}
    strength = sheets["label"]["given_length"]["cramers_v"]
    assert figures["label"] == f"Cramér's V given the length {strength:.3f} > 0.05"
    assert figures["answerability"] == f"question: {figures['label']}"
    assert figures["overlap"].endswith(f"{sheets['overlap']['correlation']:.3f} < 0.9")
    assert figures["choice"].startswith("AUC over all choices 1.000, not within 0.5 ± 0.")
    assert "AUC within items 1.000" in figures["choice"]
    assert figures["answer_island"].startswith("AUC of all words 1.000")
    assert figures["tag"].endswith("> 0.05")
    assert all("part of a" in item.meaning for item in failed)


def test_a_check_that_passed_or_measured_nothing_is_not_named(tmp_path: Path) -> None:
    nothing = LabelLeak().sheet()
    assert nothing["passed"] is None
    passed = failing()["overlap"] | {"passed": True}
    sheet_of = write_sheets(tmp_path, mnli={"label": nothing, "overlap": passed}, squad={})
    assert read_failed_checks(sheet_of, MIXED) == FailedChecks()


def test_all_inherits_what_its_parts_failed(tmp_path: Path) -> None:
    sheets = failing()
    sheet_of = write_sheets(
        tmp_path,
        mnli={"label": sheets["label"], "overlap": sheets["overlap"]},
        squad={"answer_island": sheets["answer_island"]},
    )
    failed = read_failed_checks(sheet_of, MIXED)
    assert [(item.task, item.intermediates) for item in failed.checks] == [
        ("mnli", ("mnli", "all")),
        ("mnli", ("mnli", "all")),
        ("squad", ("squad", "all")),
    ]
    rows = [("none", "none"), ("english", "mnli"), ("switched", "mnli"), ("switched", "all")]
    table = pa.table({"arm": [arm for arm, _ in rows], "intermediate": [name for _, name in rows]})
    mnli = "switched × mnli (label, overlap)"
    both = f"{mnli}; switched × squad (answer_island)"
    assert failed.column(table).to_pylist() == ["", "", mnli, both]
    assert FailedChecks.from_facts(json.loads(json.dumps(failed.facts()))) == failed


def test_a_switched_corpus_without_checks_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text(json.dumps({"key": "k", "files": {}}))
    with pytest.raises(InputError, match=r"train\.json: .*lacks `leaks`.*run again"):
        read_failed_checks(lambda *_: tmp_path / "train.json", MIXED)


@pytest.mark.parametrize(
    ("leaks", "message"),
    [
        ({"smell": {"passed": False}}, "leak check `smell`"),
        ({"label": {"passed": False}}, "`leaks.label` lacks the field 'given_length'"),
        ({"label": {}}, "`leaks.label` lacks the field 'passed'"),
    ],
)
def test_what_cannot_be_read_is_an_error(
    tmp_path: Path, leaks: dict[str, Any], message: str
) -> None:
    sheet_of = write_sheets(tmp_path, mnli=leaks, squad={})
    with pytest.raises(InputError, match=message):
        read_failed_checks(sheet_of, MIXED)


def test_a_missing_sheet_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match=r"recipe-mnli\.json"):
        read_failed_checks(write_sheets(tmp_path, squad={}), MIXED)
