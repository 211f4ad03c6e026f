"""`polystilts switch`: a file of one's own in, the switched file out, 0 / 1 / 2."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codeswitch.files.samples import TEXT, json_lines, rows, write_dictionaries, write_lexicons
from polystilts.commands.cli import main

RECIPE = "rate: 0.5\nreserved: 0\nprotect: []\n"


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        main(["switch", *map(str, arguments)])
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture
def dictionaries(tmp_path: Path) -> list[str]:
    (tmp_path / "dictionaries").mkdir()
    paths = write_dictionaries(tmp_path / "dictionaries")
    return [part for code, path in paths.items() for part in ("--dictionary", f"{code}={path}")]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text(json_lines(rows(60)), encoding="utf-8")
    return path


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def test_as_a_user_runs_it(source: Path, dictionaries: list[str], tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("polystilts")), "switch", str(source)]
    options = ["--fields", "premise,hypothesis", "--rate", "0.3", "--seed", "1"]
    output = tmp_path / "new" / "out.jsonl"
    finished = subprocess.run(
        [*command, str(output), *dictionaries, *options, "--workers", "2"],
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == ""
    assert " words switched (asked for: 30 % of words" in finished.stderr
    found = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    for old, new in zip(rows(60), found, strict=True):
        assert list(new) == list(old)
        assert (new["id"], new["label"]) == (old["id"], old["label"])
    assert [row["premise"] for row in found] != [row["premise"] for row in rows(60)]


def test_statistics_and_page(
    source: Path, dictionaries: list[str], recipe: Path, tmp_path: Path
) -> None:
    stats, page = tmp_path / "stats.json", tmp_path / "page.html"
    output = tmp_path / "out.jsonl"
    options = ["--fields", "premise", "--recipe", recipe, "--stats", stats, "--page", page]
    assert run(source, output, *dictionaries, *options) == 0
    written: dict[str, Any] = json.loads(stats.read_text("utf-8"))
    assert written["realised_rate"] == written["switched_words"] / written["words"]
    assert written["load_seconds"] > 0 and written["cpu_seconds"] > 0
    english = [word for row in rows(60) for word in row["premise"].strip(".").split()[:-1]]
    assert written["words"] == len(english)
    new = [json.loads(line)["premise"] for line in output.read_text("utf-8").splitlines()]
    words = [word for text in new for word in text.strip(".").split()[:-1]]
    changed = sum(old != word for old, word in zip(english, words, strict=True))
    assert written["switched_words"] == changed
    sheet = written["sheet"]
    assert sheet["recipe"]["rate"] == 0.5
    assert set(sheet["dictionaries"]) == {"de", "hi"}
    assert (sheet["rows"], sheet["fields"], sheet["format"]) == (60, ["premise"], "jsonl")
    assert 0 < len(sheet["samples"]) <= 20
    sources = {row["premise"]: row["id"] for row in rows(60)}
    for shown in sheet["samples"]:
        assert sources[shown["texts"][0]["source"]] == shown["id"]
        assert shown["texts"][0]["text"] in new
    assert "out.jsonl" in page.read_text("utf-8")


def test_what_a_reader_of_the_numbers_should_not_miss(
    source: Path, dictionaries: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stats, strange = tmp_path / "stats.json", tmp_path / "en-tr.txt"
    strange.write_text("zebra\tzebra at\nquagga\tkuaga\n", "utf-8")
    options = ["--fields", "premise", "--dictionary", f"tr={strange}", "--stats", stats]
    assert run(source, tmp_path / "out.jsonl", *dictionaries, *options) == 0
    sheet = json.loads(stats.read_text("utf-8"))["sheet"]
    assert sheet["languages"]["tr"]["dictionary"]["translations"] == 2
    assert sheet["languages"]["tr"]["switched"] == 0
    assert set(sheet["warnings"]) >= {
        "tr: none of its entries occurs in the text.",
        "tr: unchecked: the language (0 anchor words).",
    }
    printed = capsys.readouterr().err.splitlines()
    assert printed[-len(sheet["warnings"]) :] == [f"warning: {w}" for w in sheet["warnings"]]


def test_a_recipe_that_protects_by_task(
    source: Path, dictionaries: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, stats = tmp_path / "recipe.yaml", tmp_path / "stats.json"
    recipe.write_text("rate: 1.0\nreserved: 0\nprotect: [task]\n")
    options = ["--fields", "premise", "--recipe", recipe, "--stats", stats, *dictionaries]
    assert run(source, tmp_path / "out.jsonl", *options) == 2
    assert "`protect: [task]` has no classes" in capsys.readouterr().err
    assert run(source, tmp_path / "out.jsonl", *options, "--family", "tagging") == 0
    sheet = json.loads(stats.read_text("utf-8"))["sheet"]
    assert sheet["protected_by_class"]["function-words"] == 60  # The


def test_the_name_of_a_file_decides_nothing(
    source: Path, dictionaries: list[str], recipe: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(source.read_bytes())
    options = ["--fields", "premise", "--recipe", recipe]
    assert run(source, tmp_path / "1.jsonl", *dictionaries, *options) == 0
    assert run(other, tmp_path / "2.json", *dictionaries, *options) == 0
    assert run(source, tmp_path / "3.jsonl", *dictionaries, *options, "--split", "dev") == 0
    assert run(source, tmp_path / "4.jsonl", *dictionaries, *options, "--dataset", "x") == 0
    assert run(source, tmp_path / "5.jsonl", *dictionaries, *options, "--seed", "1") == 0
    first, second, *others = (
        (tmp_path / name).read_bytes()
        for name in ("1.jsonl", "2.json", "3.jsonl", "4.jsonl", "5.jsonl")
    )
    assert first == second
    assert len({first, *others}) == 4


def test_copies(source: Path, dictionaries: list[str], recipe: Path, tmp_path: Path) -> None:
    recipe.write_text(RECIPE + "clean_copy: append\n")
    all_copies, one = tmp_path / "all.jsonl", tmp_path / "one.jsonl"
    options = ["--fields", "premise", "--recipe", recipe, *dictionaries]
    assert run(source, all_copies, *options, "--copies", "2") == 0
    found = [json.loads(line) for line in all_copies.read_text("utf-8").splitlines()]
    assert [row.pop("copy") for row in found] == [0] * 60 + [1] * 60 + [2] * 60
    assert found[:60] == rows(60)
    assert run(source, one, *options, "--copies", "2", "--copy", "2") == 2
    assert run(source, one, *options, "--copy", "1") == 0
    assert [json.loads(line) for line in one.read_text("utf-8").splitlines()] == found[60:120]


def test_copies_need_a_place(
    dictionaries: list[str], recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.conll"
    path.write_text("dog\n")
    options = ["--recipe", recipe, *dictionaries]
    assert run(path, tmp_path / "out.conll", *options, "--copies", "2") == 2
    assert "no place that says which one a row is of" in capsys.readouterr().err
    recipe.write_text(RECIPE.replace("0.5", "1.0") + "copies: 2\n")
    assert run(path, tmp_path / "out.conll", *options, "--copy", "1") == 0
    assert (tmp_path / "out.conll").read_text() in ("Hund\n", "कुत्ता\n")


def test_an_output_is_replaced_only_when_asked(
    source: Path, dictionaries: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("precious\n")
    assert run(source, output, *dictionaries, "--fields", "premise") == 2
    assert "is there already; --overwrite replaces it" in capsys.readouterr().err
    assert output.read_text() == "precious\n"
    assert run(source, source, *dictionaries, "--fields", "premise", "--overwrite") == 2
    assert run(source, output, *dictionaries, "--fields", "premise", "--stats", source) == 2
    assert source.read_text("utf-8") == json_lines(rows(60))
    assert run(source, output, *dictionaries, "--fields", "premise", "--overwrite") == 0
    assert len(output.read_text("utf-8").splitlines()) == 60


def test_a_file_that_fails_leaves_the_old_output(
    source: Path, dictionaries: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("precious\n")
    source.write_text(source.read_text("utf-8") + "{", "utf-8")
    assert run(source, output, *dictionaries, "--fields", "premise", "--overwrite") == 1
    assert capsys.readouterr().err.startswith(f"error: {source}:61: column 2: not valid JSON")
    assert output.read_text() == "precious\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dictionaries",
        "in.jsonl",
        "out.jsonl",
    ]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_error_in_a_worker_is_a_message(
    workers: str, dictionaries: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(f'{{"text": "{TEXT}"}}\n{{"text": 3}}\n')
    options = ["--fields", "text", "--workers", workers]
    assert run(path, tmp_path / "out.jsonl", *dictionaries, *options) == 1
    assert f"error: {path}:2: column 10: `text` is 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        ([], 2, "--fields: name the fields"),
        (["--fields", "premise,premise"], 2, "`premise` is named twice"),
        (["--fields", "premise", "--choices", "label"], 2, "--choices: `label` is not one of"),
        (["--fields", "premise", "--tags", "label"], 2, "--tags names a column of a CoNLL file"),
        (["--fields", "premise", "--workers", "0"], 2, "--workers is at least 1"),
        (["--fields", "premise", "--rate", "2"], 2, "`rate` is a share"),
        (["--fields", "premise", "--recipe-name", "x"], 2, "needs a --recipe"),
        (["--fields", "premise", "--recipe", "none.yaml"], 2, "none.yaml: cannot be read"),
        (["--fields", "label"], 1, "`label` is 0, expected a string"),
        (["--fields", "premise", "--id", "name"], 1, "no `name`, which is to identify it"),
    ],
)
def test_what_is_refused(
    options: list[str],
    status: int,
    message: str,
    source: Path,
    dictionaries: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(source, tmp_path / "out.jsonl", *dictionaries, *options) == status
    printed = capsys.readouterr()
    assert message in printed.err and printed.out == ""
    assert not (tmp_path / "out.jsonl").exists()


def test_dictionaries_are_needed_and_must_be_there(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    assert run(source, output, "--fields", "premise") == 2
    assert "--dictionary" in capsys.readouterr().err
    assert run(source, output, "--fields", "premise", "--dictionary", "de=none.txt") == 2
    assert run(tmp_path / "none.jsonl", output, "--fields", "x", "--dictionary", "de=x") == 1
    assert "none.jsonl: there is no such file" in capsys.readouterr().err


def test_the_lexicons_of_a_study(source: Path, tmp_path: Path, recipe: Path) -> None:
    lexicons = tmp_path / "lexicons"
    lexicons.mkdir()
    write_lexicons(lexicons)
    options = ["--lexicons", lexicons, "--fields", "premise,hypothesis", "--recipe", recipe]
    for name, held_out in (("all", ""), ("fewer", "held_out: [hi]\n")):
        recipe.write_text(RECIPE + held_out)
        stats = tmp_path / f"{name}.json"
        assert run(source, tmp_path / f"{name}.jsonl", *options, "--stats", stats) == 0
    languages = [
        set(json.loads((tmp_path / f"{name}.json").read_text())["sheet"]["languages"])
        for name in ("all", "fewer")
    ]
    assert languages == [{"de", "hi"}, {"de"}]


def test_the_summary_says_in_how_many_examples_words_were_to_be_switched(
    source: Path,
    dictionaries: list[str],
    recipe: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recipe.write_text(RECIPE + "examples: 0.5\n")
    options = [*dictionaries, "--fields", "premise,hypothesis", "--recipe", recipe]
    assert run(source, tmp_path / "out.jsonl", *options) == 0
    assert "asked for: 50 % of words in 50 % of the examples; came out" in capsys.readouterr().err
