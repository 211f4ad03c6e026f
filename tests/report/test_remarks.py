"""The report says which trainings are not equal or collapsed, and keeps the oracle to itself."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from analysis.training_files import AGAINST_ENGLISH, read_files, study_files
from polystilts.analysis.equal_arms import equality
from polystilts.analysis.failed_checks import FailedCheck, FailedChecks
from polystilts.analysis.training_table import training_table
from polystilts.analysis.trainings import Place
from polystilts.errors import DamagedFileError, InputError
from polystilts.provenance.tables import write_table
from polystilts.report import files
from polystilts.report.content import SYNTHETIC_NOTE, Trained, report_content
from polystilts.report.csv_files import (
    differences_csv,
    scores_csv,
    selections_csv,
    table_csv,
    trainings_csv,
)
from polystilts.report.figures import heatmap
from polystilts.report.outputs import print_tables
from polystilts.report.tables import print_report
from report.test_outputs import write_report

SWITCHED = Place("miniature", "code-switched", "mnli", "", 1)
TUNED = Place("miniature", "code-switched", "mnli", "xnli", 1)
UNEQUAL = {SWITCHED: {"record.tasks.mnli.epochs": 3, "progress.real_tokens": 1500}}
COLLAPSED: dict[Place, dict[str, Any]] = {
    SWITCHED: {"english_dev.mnli.collapsed": True},
    TUNED: {"english_dev.xnli.collapsed": True},
}
FAILED = FailedChecks(
    tuple(
        FailedCheck("code-switched", "mnli", *check, "default/mnli", ("mnli", "all"), *words)
        for check, words in (
            (("label",), ("V .153 > .05", "readable")),
            (("overlap",), ("correlation .127 < .9", "lost")),
        )
    )
)
FINE_TUNES = {"xnli": "xnli", "udpos": "udpos", "tatoeba": None}


@pytest.fixture
def trained(tmp_path: Path) -> Any:
    """A function that returns the trainings of a study with changes."""

    def make(changes: dict[Place, dict[str, Any]]) -> Trained:
        trainings = read_files(tmp_path / "trainings", study_files(changes))
        findings = equality(trainings, AGAINST_ENGLISH)
        return Trained(
            training_table(trainings, AGAINST_ENGLISH), findings.warnings, findings.notes
        )

    return make


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def printed(matrix: pa.Table, record: dict[str, Any], trained: Trained) -> str:
    text = io.StringIO()
    print_report(report_content(matrix, record, trained), text, 400)
    return text.getvalue()


def with_selection(matrix: pa.Table, selection: str, gain: float) -> pa.Table:
    """Return the fine-tuned targets' rows of another selection."""
    column = matrix.column_names.index("selection")
    rows = matrix.filter(pc.not_equal(matrix["target"], "tatoeba"))
    rows = rows.set_column(column, "selection", pa.array([selection] * rows.num_rows))
    value = rows.column_names.index("value")
    return rows.set_column(value, "value", pc.add(rows["value"], gain))


@pytest.fixture
def everything(make_matrix: Any) -> pa.Table:
    """A matrix of three selections: `averaged` is a point better, the oracle twenty."""
    matrix = make_matrix()
    others = [with_selection(matrix, "averaged", 1.0), with_selection(matrix, "oracle", 20.0)]
    return pa.concat_tables([matrix, *others])


def test_unequal_arms_are_warned_of_before_any_table(
    make_matrix: Any, record: Any, trained: Any
) -> None:
    text = printed(make_matrix(), record, trained(UNEQUAL))
    first, note, line, *_ = text.splitlines()
    assert first == "WARNING: tiny: arms differ in more than their text"
    assert note == SYNTHETIC_NOTE
    assert line.startswith("arm code-switched, intermediate mnli, seed 1: differs from arm english")
    assert line.endswith("epochs of mnli (3, there 2)")
    assert "WARNING" not in printed(make_matrix(), record, trained({}))


def test_costs_beside_the_english_arm(make_matrix: Any, record: Any, trained: Any) -> None:
    text = printed(make_matrix(), record, trained(UNEQUAL))
    # one seed of two has half as many tokens more
    assert "code-switched over english, mean of intermediate trainings: real tokens ×1.25" in text
    assert "All trained heads are above chance on English dev." in text
    found = rows(trainings_csv(report_content(make_matrix(), record, trained(UNEQUAL))))
    assert len(found) == 10
    (row,) = (r for r in found if r["differs_in"])
    assert (row["arm"], row["seed"], row["real_tokens_ratio"]) == ("code-switched", "1", "1.5000")
    assert row["steps_per_stream"] == "mnli 10"
    assert row["english_dev_accuracy"] == "mnli 71.2500"
    assert row["examples"].isdigit(), "a mean over copies that is whole is a count"
    assert row["world"] == SYNTHETIC_NOTE


def test_collapsed_trainings_are_marked_counted_and_kept(
    make_matrix: Any, record: Any, trained: Any
) -> None:
    record = {**record, "fine_tunes": FINE_TUNES}
    plain, marked = (
        report_content(make_matrix(), record, trained(changes)) for changes in ({}, COLLAPSED)
    )
    for name, cell in marked.means["xtreme", "xtreme"].items():
        assert cell.value == plain.means["xtreme", "xtreme"][name].value
    text = printed(make_matrix(), record, trained(COLLAPSED))
    switched = text.split("tiny, arm code-switched")[1].split("tiny:")[0]
    (line,) = (line for line in switched.splitlines() if line.startswith("mnli"))
    assert line.split()[1::2] == ["52.3†2", "62.3†1", "32.3†1", "49.0†2"]
    first = "code-switched × mnli, seed 1"
    second = "code-switched × mnli → xnli, seed 1"
    assert f"they are still included in the mean: {first}; {second}" in switched
    assert "2 of 10 trainings failed to learn: they are not above chance on English dev" in text
    english = text.split("tiny, arm english")[1].split("tiny, arm")[0]
    assert "†" not in english

    found = {
        (row["arm"], row["intermediate"]): row["collapsed"]
        for row in rows(table_csv(marked))
        if (row["averaged_over"], row["semantics"]) == ("transfer", "xtreme")
    }
    assert f"xnli: 2 ({first}; {second})" in found["code-switched", "mnli"]
    assert "average: 2 (" in found["code-switched", "mnli"]
    assert {text for name, text in found.items() if name != ("code-switched", "mnli")} == {""}
    counts = {
        row["collapsed_runs"]
        for row in rows(differences_csv(marked))
        if (row["arm"], row["intermediate"], row["target"]) == ("code-switched", "mnli", "udpos")
    }
    assert counts == {"1"}
    figure = heatmap(marked)
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "+2.3†2" in texts
    assert "†n: n trainings behind this number failed to learn" in "\n".join(
        text.get_text() for text in figure.texts
    )


def test_failed_leak_checks_are_marked_listed_and_explained(
    make_matrix: Any, record: Any, trained: Any
) -> None:
    content = report_content(make_matrix(), record, replace(trained({}), failed=FAILED))
    text = io.StringIO()
    print_report(content, text, 400)
    tables = text.getvalue().split("tiny: failed leak checks (2)")[0].split("tiny")[1:]
    english, switched, *pairs = tables
    assert "‡" not in english and len(pairs) == 2
    for table in (switched, *pairs):
        lines = {line.split()[0]: line for line in table.splitlines() if line.strip()}
        assert lines["mnli"].count("‡") == lines["all"].count("‡") == 4
        assert "‡" not in lines["squad"]
        assert lines["‡"].endswith("code-switched × mnli (label, overlap)")
    listed = text.getvalue().split("tiny: failed leak checks (2)")[1]
    assert SYNTHETIC_NOTE in listed.splitlines()[1]
    assert "label: readable. Failed in code-switched × mnli (V .153 > .05)." in listed
    assert "‡" not in printed(make_matrix(), record, trained({}))


def test_failed_leak_checks_stand_in_the_files_and_the_picture(
    make_matrix: Any, record: Any, trained: Any
) -> None:
    content = report_content(make_matrix(), record, replace(trained({}), failed=FAILED))
    named = "code-switched × mnli (label, overlap)"
    for row in rows(table_csv(content)):
        hit = row["arm"] == "code-switched" and row["intermediate"] in ("mnli", "all")
        assert row["failed_checks"] == (named if hit else "")
    concerned = {
        (row["arm"], row["reference_arm"], row["intermediate"])
        for row in rows(differences_csv(content))
        if row["failed_checks"] == named
    }
    assert concerned == {
        ("code-switched", other, name) for other in ("none", "english") for name in ("mnli", "all")
    }
    figure = heatmap(content)
    labels = {
        axes.get_title("left"): [label.get_text() for label in axes.get_yticklabels()]
        for axes in figure.axes
        if axes.get_title("left")
    }
    assert labels["english − baseline"] == ["mnli", "squad", "all"]
    assert labels["code-switched − baseline"] == ["mnli ‡", "squad", "all ‡"]
    assert labels["code-switched − english"] == ["mnli ‡", "squad", "all ‡"]
    caption = "\n".join(text.get_text() for text in figure.texts)
    assert f"‡ trained on text that failed a leak check: {named}." in caption


def test_a_matrix_of_before_the_checks_is_refused(
    tmp_path: Path, make_matrix: Any, record: Any, trained: Any
) -> None:
    write_report(tmp_path, make_matrix(), record, trained({}))
    manifest = json.loads((tmp_path / "matrix.json").read_text("utf-8"))
    del manifest["failed_checks"]
    (tmp_path / "matrix.json").write_text(json.dumps(manifest), "utf-8")
    tables = (tmp_path / f"{name}.parquet" for name in ("matrix", "trainings"))
    with pytest.raises(InputError, match=r"matrix\.json: the field `failed_checks` is missing"):
        print_tables(*tables, record, io.StringIO())


def test_tables_are_of_the_primary_selection_alone(everything: pa.Table, record: Any) -> None:
    names = ["last", "averaged", "oracle"]
    last = report_content(everything, {**record, "selections": names})
    averaged = report_content(everything, {**record, "selections": ["averaged", "last", "oracle"]})
    cell = ("english", "mnli", "xnli")
    assert last.means["xtreme", "xtreme"][cell].value == pytest.approx(48.6)
    assert averaged.means["xtreme", "xtreme"][cell].value == pytest.approx(49.6)


def test_the_oracle_is_in_its_own_table_and_nowhere_else(
    everything: pa.Table, make_matrix: Any, record: Any
) -> None:
    record = {**record, "selections": ["last", "averaged", "oracle"]}
    with_it = report_content(everything, record)
    without = report_content(
        everything.filter(pc.not_equal(everything["selection"], "oracle")),
        {
            **record,
            "selections": ["last", "averaged"],
        },
    )
    for write in (scores_csv, table_csv, differences_csv):
        assert write(with_it) == write(without), write
    assert with_it.means == without.means and with_it.differences == without.differences
    shown = [
        [text.get_text() for axes in heatmap(content).axes for text in axes.texts]
        for content in (with_it, without)
    ]
    assert shown[0] == shown[1]
    found = {
        (row["target"], row["selection"], row["average"]): row
        for row in rows(selections_csv(with_it))
    }
    oracle = found["xnli", "oracle", "xtreme"]
    assert float(oracle["difference"]) == 20.0
    assert "not a zero-shot result" in oracle["note"]
    assert found["xnli", "averaged", "transfer"]["difference"] == "1.0000"
    assert ("tatoeba", "oracle", "xtreme") not in found


def test_selections_are_printed_where_there_are_several(
    everything: pa.Table, make_matrix: Any, record: Any, trained: Any
) -> None:
    record = {**record, "selections": ["last", "averaged", "oracle"]}
    text = printed(everything, record, trained({}))
    part = text.split("tiny: selections of checkpoints")[1]
    (line,) = (line for line in part.splitlines() if line.startswith("xnli: "))
    assert line.endswith("(+20.0)") and "averaged" in line and "(+1.0)" in line
    assert "oracle: upper bound" in part
    # its scores stand in no other part
    assert "oracle" not in text.split("tiny: selections of checkpoints")[0]
    alone = printed(make_matrix(), {**record, "selections": ["last"]}, trained({}))
    assert "selections of checkpoints" not in alone


def test_a_primary_oracle_is_refused(everything: pa.Table, record: Any) -> None:
    with pytest.raises(ValueError, match="oracle"):
        report_content(everything, {**record, "selections": ["oracle", "last"]})


def test_warnings_of_the_matrix_reach_the_report(
    tmp_path: Path, make_matrix: Any, record: Any, trained: Any
) -> None:
    write_report(tmp_path, make_matrix(), record, trained(UNEQUAL))
    text = (tmp_path / "report" / files.TEXT).read_text("utf-8")
    assert text.startswith("WARNING: tiny: arms differ")


def test_trainings_of_another_matrix_are_refused(
    tmp_path: Path, make_matrix: Any, record: Any, trained: Any
) -> None:
    write_report(tmp_path, make_matrix(), record, trained({}))
    trainings = tmp_path / "trainings.parquet"
    write_table(trainings, trained(UNEQUAL).table, key="m")
    with pytest.raises(DamagedFileError, match=r"trainings\.parquet.*matrix\.json"):
        print_tables(tmp_path / "matrix.parquet", trainings, record, io.StringIO())


def test_what_is_not_available_is_said(
    tmp_path: Path, make_matrix: Any, record: Any, trained: Any
) -> None:
    lines = ["not available: xnli in eu ka: not in XNLI", "not available: ccg: a paid licence"]
    write_report(tmp_path, make_matrix(), {**record, "not_available": lines}, trained({}))
    text = (tmp_path / "report" / files.TEXT).read_text("utf-8").splitlines()
    assert [line for line in text if line.startswith("not available: ")] == lines
    manifest = json.loads((tmp_path / "report" / files.MANIFEST).read_text("utf-8"))
    assert manifest["not_available"] == lines
