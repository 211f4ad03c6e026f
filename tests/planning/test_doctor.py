"""`polystilts doctor STUDY`: what a study needs, where it is, and what to do about it."""

import json
import time
from pathlib import Path

import pytest
import yaml

from polystilts.commands.cli import main
from polystilts.provenance.manifest import write_manifest
from repository import REPOSITORY, copy_configuration

STUDY = {
    "study": {
        "name": "small",
        "encoder": "xlmr-base",
        "arms": ["english", "code-switched"],
        "intermediates": ["mnli", "ccg"],
        "targets": ["xnli", "tatoeba"],
        "languages": ["en", "de", "sw"],
        "seeds": [1],
    },
    "sources": {"mirror": "mirror", "order": ["muse", "freedict"]},
}
MNLI = ("glue/MNLI/train.tsv", "glue/MNLI/dev_matched.tsv")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the repository's configuration and a small study on a folder mirror."""
    copy_configuration(tmp_path)
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(STUDY))
    (tmp_path / "mirror").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def doctor(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().out


def line_of(page: str, *words: str) -> str:
    return next(line for line in page.splitlines() if all(word in line for word in words))


def test_files_that_a_mirror_lacks_are_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, page = doctor(capsys, "small.yaml")
    assert status == 1
    missing = page.partition("MISSING:")[2]
    assert (
        "  glue/MNLI/dev_matched.tsv, glue/MNLI/train.tsv: put it into mirror as glue/" in missing
    )
    assert page.splitlines()[-1] == "not ready: the files above cannot be fetched"


def test_states_follow_the_files(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in MNLI:
        path = root / "mirror" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 1500)
    _, page = doctor(capsys, "small.yaml")
    found = line_of(page, "MultiNLI", "in the mirror")
    assert "3.0 kB" in found and "OANC" in found

    for file in MNLI:
        # as the workflow leaves them: the world's name is in the study's paths
        place = root / "results" / "sources" / _world() / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x" * 1500)
        write_manifest(place.with_name(f"{place.name}.manifest.json"), "key", [place])
    _, page = doctor(capsys, "small.yaml")
    assert line_of(page, "MultiNLI", "here")
    place.write_bytes(b"x" * 9)
    _, page = doctor(capsys, "small.yaml")
    assert line_of(page, "MultiNLI", "in the mirror"), "a file cut short is not here"


def test_an_archive_in_the_mirror_stands_for_its_files(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "mirror" / "archives").mkdir()
    (root / "mirror" / "archives" / "MNLI.zip").write_bytes(b"")
    _, page = doctor(capsys, "small.yaml")
    assert line_of(page, "MultiNLI", "in the mirror")


def test_what_a_study_goes_without_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, page = doctor(capsys, "small.yaml")
    assert "not available: ccg: LDC2005T13" in page and "`tasks.ccg.path`" in page
    assert "dictionaries: muse + freedict: de" in page
    assert "dictionaries: freedict: sw" in page
    assert "published translations of mnli: de sw" in page
    own = {**STUDY, "tasks": {"ccg": {"path": "mirror"}}}
    (root / "small.yaml").write_text(yaml.safe_dump(own))
    _, page = doctor(capsys, "small.yaml")
    assert "not available" not in page
    assert "no published translation: ccg" in page


def test_a_published_study_is_ready_to_be_fetched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)
    begin = time.monotonic()
    status, page = doctor(capsys, "paper")
    assert status == 0 and time.monotonic() - begin < 20
    assert "ready: what is not here will be fetched" in page
    assert line_of(page, "Universal Dependencies 2.5", "127")
    assert line_of(page, "encoder xlmr-large", "to be fetched")


def test_the_miniature_needs_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)
    status, page = doctor(capsys, "miniature")
    assert status == 0
    assert page.splitlines()[-1] == "ready: nothing needs the network"


@pytest.mark.parametrize("arguments", [[], ["no-such-study"]])
def test_wrong_usage(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert doctor(capsys, *arguments)[0] == 2


def _world() -> str:
    from polystilts.commands.studies import load_study

    return load_study("small.yaml").study.world


def test_the_page_is_plain_where_nobody_looks(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, page = doctor(capsys, "small.yaml")
    assert "\x1b" not in page
    json.dumps(page)


def test_what_an_arm_of_translations_uses_is_said(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = {
        **STUDY["study"],
        "arms": ["english", "translated"],
        "intermediates": ["mnli", "qqp", "all"],
        "targets": ["tatoeba"],
        "languages": ["en", "de", "es", "sw"],
    }
    arms = {"translated": {"treatment": "translated", "recipe": "default"}}
    own = {"translations": "translations/{lang}", "order": ["muse"]}
    overlay = {**STUDY, "study": study, "arms": arms, "sources": {"mirror": "mirror", **own}}
    (root / "small.yaml").write_text(yaml.safe_dump(overlay))
    for file in (
        "translations/es/glue/MNLI/train.tsv",
        *(f"xnli/XNLI-MT-1.0/multinli/multinli.train.{code}.tsv" for code in ("en", "de")),
    ):
        (root / "mirror" / file).parent.mkdir(parents=True, exist_ok=True)
        (root / "mirror" / file).touch()
    _, page = doctor(capsys, "small.yaml")
    line = line_of(page, "arm translated: mnli:")
    assert line == "arm translated: mnli: own translations into es; published translations into de"
    lines = page.splitlines()
    (left_out,) = (
        line for line in lines if line.startswith("not available: qqp in arm translated")
    )
    assert "no translation: there is no `translations/de/glue/QQP/train.tsv`" in left_out
    assert page.count("English in `all`") == 1
