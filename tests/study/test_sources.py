"""Where a study's files come from: mirrors, own folders, published forms and their versions."""

from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import ConfigError
from polystilts.study.study import Study
from study.conftest import Load

CCG = {
    "study": {
        "intermediates": ["mnli", "ccg", "all"],
        "targets": ["xnli", "tatoeba"],
        "languages": ["en", "es"],
    }
}
REAL: dict[str, Any] = {
    "sources": {"dictionaries": {"ar": None}},
    "tasks": {
        name: {"languages": None, "files": None}
        for name in ("udpos", "panx", "tydiqa", "pawsx", "xquad", "mlqa", "bucc", "tatoeba")
    },
}


def study_of(load_study: Load, *overlays: dict[str, Any]) -> Study:
    return load_study(REAL, *overlays).study


def test_supertags_are_left_out_where_nobody_has_them(load_study: Load, tmp_path: Path) -> None:
    study = study_of(load_study, CCG, {"mirror": str(tmp_path)})
    assert list(study.skipped) == ["ccg"]
    assert "tasks.ccg.path" in study.skipped["ccg"]
    assert study.intermediate_tasks == ["mnli"]
    assert {cell.intermediate for cell in study.cells} == {"none", "mnli", "all"}
    assert "ccg" not in study.tasks_used


def test_supertags_are_used_where_the_mirror_has_them(load_study: Load, tmp_path: Path) -> None:
    (tmp_path / "ccg").mkdir()
    for name in ("ccg.train", "ccg.dev"):
        (tmp_path / "ccg" / name).write_text("a\tN\n")
    assert study_of(load_study, CCG, {"mirror": str(tmp_path)}).skipped == {}
    assert study_of(load_study, CCG, {"mirror": "https://example.org/mirror"}).skipped == {}
    assert study_of(load_study, CCG).skipped == {}, "the miniature makes them itself"


def test_a_task_may_have_a_folder_of_its_own(load_study: Load, tmp_path: Path) -> None:
    own = {"tasks": {"ccg": {"path": str(tmp_path)}}}
    graph = load_study(REAL, CCG, {"mirror": "/data"}, own)
    study = graph.study
    assert study.skipped == {}
    world, other = study.task_world("ccg"), study.task_world("mnli")
    assert study.mirrors == {other: "/data", world: str(tmp_path)}
    assert graph.task_folder("ccg")(None) == f"results/sources/{world}"
    fetched = {"world": world, "file": "ccg/ccg.train"}
    assert graph.keys.record("fetch_source", fetched)["mirror"] == str(tmp_path)
    assert graph.keys.record("fetch_source", fetched | {"world": other})["mirror"] == "/data"


def test_stars_stand_for_the_files_of_a_folder(load_study: Load, tmp_path: Path) -> None:
    for section in ("02", "03"):
        (tmp_path / section).mkdir()
        (tmp_path / section / f"wsj_{section}01.auto").write_text("")
    files = {"train": {"files": ["*/wsj_*.auto"]}}
    own = {"tasks": {"ccg": {"path": str(tmp_path), "files": files}}}
    splits = study_of(load_study, CCG, own).prepared_splits("ccg")
    train = next(split for split in splits if split.origin.name == "train")
    assert train.origin.files == ("02/wsj_0201.auto", "03/wsj_0301.auto")
    own["tasks"]["ccg"]["files"] = {"train": {"files": ["*.missing"]}}
    with pytest.raises(ConfigError, match=r"no file in .* is named \*\.missing"):
        study_of(load_study, CCG, own)


def test_published_rows_are_known_of_unchanged_splits_alone(load_study: Load) -> None:
    changed = {"tasks": {"xnli": {"files": {"train": {"files": ["mine.tsv"]}}}}}
    splits = study_of(load_study, changed, {"mirror": "/data"}).prepared_splits("xnli")
    assert {(s.origin.name, s.published) for s in splits} == {
        ("train", False),
        ("dev", True),
        ("test", True),
    }
    own = {"tasks": {"xnli": {"path": "/own"}}}
    assert not any(s.published for s in study_of(load_study, own).prepared_splits("xnli"))


def test_signatures_name_the_data(load_study: Load) -> None:
    plain = study_of(load_study, {"mirror": "/data"})
    moved = study_of(load_study, {"mirror": "/elsewhere"})
    assert plain.data_version("xnli") == moved.data_version("xnli")
    files = {"tasks": {"xnli": {"files": {"test": {"files": ["mine.tsv"]}}}}}
    versions = {
        plain.data_version("xnli"),
        study_of(load_study, {"mirror": "/data"}, files).data_version("xnli"),
        study_of(
            load_study, {"mirror": "/data"}, {"tasks": {"xnli": {"sizes": {"test": 9}}}}
        ).data_version("xnli"),
        study_of(load_study).data_version("xnli"),
    }
    assert len(versions) == 4


def test_a_missing_lock_is_named(load_study: Load) -> None:
    with pytest.raises(ConfigError, match=r"`sources.lock`: gone\.yaml"):
        load_study(REAL, CCG, {"mirror": "published", "sources": {"lock": "gone.yaml"}})
