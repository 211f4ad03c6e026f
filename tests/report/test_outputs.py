"""The report's files hold the same numbers as the matrix, labelled and repeatable."""

import csv
import io
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from polystilts.provenance.manifest import verify, write_manifest
from polystilts.provenance.tables import write_table
from polystilts.report import files, outputs
from polystilts.report.content import (
    NOTHING_TRAINED,
    SYNTHETIC_NOTE,
    Trained,
    report_content,
)
from polystilts.report.figures import heatmap

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, make_matrix: Any, record: Any) -> Path:
    """A report folder; one cell of the matrix is missing."""
    folder = tmp_path_factory.mktemp("study")
    matrix = make_matrix(absent={("english", "mnli", "xnli")})
    paths = write_report(folder, matrix, record)
    assert [path.name for path in paths] == list(files.REPORT_FILES)
    return folder / "report"


def write_report(
    folder: Path, matrix: pa.Table, record: Any, trained: Trained = NOTHING_TRAINED
) -> list[Path]:
    """Write the matrix and the trainings as `collect_matrix` does, then the report."""
    tables = {"matrix": matrix, "trainings": trained.table}
    paths = {name: folder / f"{name}.parquet" for name in tables}
    for name, table in tables.items():
        write_table(paths[name], table, key="m")
    facts = {"warnings": list(trained.warnings), "notes": list(trained.notes)}
    failed = trained.failed.facts()
    write_manifest(folder / "matrix.json", "m", paths.values(), **facts, failed_checks=failed)
    return outputs.write(*paths.values(), folder / "report", record, key="r")


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_everything_is_written_listed_and_labelled(written: Path) -> None:
    manifest = verify(written / files.MANIFEST)
    assert manifest["key"] == "r"
    assert {*manifest["files"], files.MANIFEST} == set(files.REPORT_FILES)
    assert {path.name for path in written.iterdir()} == set(files.REPORT_FILES)
    for name in (files.SCORES, files.TABLE, files.DIFFERENCES, files.SELECTIONS):
        assert {row["world"] for row in rows(written / name)} == {SYNTHETIC_NOTE}
    assert SYNTHETIC_NOTE in (written / files.TEXT).read_text(encoding="utf-8")


def test_scores_keep_their_precision(written: Path, make_matrix: Any) -> None:
    matrix = make_matrix(absent={("english", "mnli", "xnli")})
    found = rows(written / files.SCORES)
    assert [float(row["value"]) for row in found] == matrix["value"].to_pylist()
    assert [row["language"] for row in found] == matrix["language"].to_pylist()


def test_wide_table(written: Path) -> None:
    found = {
        (row["arm"], row["intermediate"], row["averaged_over"], row["semantics"]): row
        for row in rows(written / files.TABLE)
    }
    assert len(found) == 7 * 2 * 2
    squad = found["code-switched", "squad", "transfer", "xtreme"]
    assert float(squad["xnli"]) == pytest.approx(50 + 2.3 + 0.1 - 5)
    assert float(squad["average"]) == pytest.approx((47.4 + 57.4 + 32.4) / 3, abs=1e-3)
    hole = found["english", "mnli", "xtreme", "xtreme"]
    assert hole["xnli"] == ""
    assert "xnli: no scores" in hole["gaps"] and "2 of 3 targets" in hole["gaps"]


def test_differences(written: Path) -> None:
    found = {
        (row["arm"], row["intermediate"], row["reference_arm"], row["target"]): row
        for row in rows(written / files.DIFFERENCES)
        if row["average"] == "xtreme"
    }
    assert len(found) == (6 + 3) * 4
    assert float(found["code-switched", "all", "none", "udpos"]["mean"]) == pytest.approx(2.5)
    between = found["code-switched", "squad", "english", "average"]
    assert float(between["mean"]) == pytest.approx(3.7)
    assert (between["spread"], between["low"], between["high"]) == ("", "", "")
    assert between["note"] == "one seed: no spread"
    assert found["code-switched", "mnli", "english", "xnli"]["note"] == "no paired scores"


def test_the_same_matrix_gives_the_same_bytes(written: Path, tmp_path: Path, record: Any) -> None:
    tables = (written.parent / f"{name}.parquet" for name in ("matrix", "trainings"))
    outputs.write(*tables, tmp_path / "again", record, key="r")
    for name in files.REPORT_FILES:
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes(), name


def test_pictures_are_whole_and_fit_a_page(written: Path) -> None:
    png = (written / files.HEATMAP_PNG).read_bytes()
    assert png.startswith(b"\x89PNG") and png.endswith(b"IEND\xaeB`\x82")
    root = ElementTree.parse(written / files.HEATMAP_SVG).getroot()
    assert root.tag == f"{SVG}svg"
    points = float(root.attrib["width"].removesuffix("pt"))
    assert 450 < points < 595


def test_heat_map_shows_every_difference(make_matrix: Any, record: Any) -> None:
    matrix = make_matrix(absent={("english", "mnli", "xnli")})
    figure = heatmap(report_content(matrix, record))
    panels = {axes.get_title(loc="left"): axes for axes in figure.axes if axes.get_title("left")}
    assert list(panels) == [
        "english − baseline",
        "code-switched − baseline",
        "code-switched − english",
    ]
    texts = {title: [text.get_text() for text in axes.texts] for title, axes in panels.items()}
    assert texts["code-switched − baseline"] == ["+2.3"] * 4 + ["+2.4"] * 4 + ["+2.5"] * 4
    # The missing cell is hatched instead, and the mean beside it is starred.
    english = panels["english − baseline"]
    assert len(english.texts) == 11
    assert [patch.get_xy() for patch in english.patches if patch.get_hatch()] == [(-0.5, -0.5)]
    assert texts["english − baseline"][:3] == ["-1.4", "-1.4", "-1.4*"]
    assert SYNTHETIC_NOTE in "\n".join(text.get_text() for text in figure.texts)


def test_colours_are_symmetric_around_zero(make_matrix: Any, record: Any) -> None:
    figure = heatmap(report_content(make_matrix(), record))
    images = [image for axes in figure.axes for image in axes.images]
    assert len(images) == 3
    for image in images:
        low, high = image.get_clim()
        assert low == -high < 0
        loss, nothing, gain = image.cmap(image.norm([low, 0.0, high]))
        assert loss[0] > loss[2] and gain[2] > gain[0]
        assert min(nothing[:3]) > 0.9


@pytest.mark.parametrize("empty", [("arms",), ("intermediates",), ("arms", "intermediates")])
def test_a_study_without_treatment_still_gives_a_report(
    tmp_path: Path, make_matrix: Any, record: Any, empty: tuple[str, ...]
) -> None:
    untreated = {**record, **dict.fromkeys(empty, ())}
    paths = write_report(tmp_path, make_matrix(), untreated)
    assert all(path.stat().st_size for path in paths)
    text = (tmp_path / "report" / files.TEXT).read_text(encoding="utf-8")
    assert "baseline" in text and "mnli" not in text


def test_an_unfinished_study_still_gives_a_report(
    tmp_path: Path, make_matrix: Any, record: Any
) -> None:
    everything = make_matrix()
    write_report(tmp_path, everything.filter(pc.equal(everything["arm"], "none")), record)
    text = (tmp_path / "report" / files.TEXT).read_text(encoding="utf-8")
    assert "– no scores (9 of 16 cells): mnli × every target; squad × every target" in text
    assert "– no paired scores (9 of 12 cells)" in text
