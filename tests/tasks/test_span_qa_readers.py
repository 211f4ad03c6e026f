"""Question answering files in SQuAD's layout."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import ConfigError, InputError
from polystilts.tasks.span_qa import READERS

BLANK = {"question": None}
NO_ID = {"id": None}


def question(identifier: str, text: str | None, start: int = 0, **more: Any) -> dict[str, Any]:
    answers = [] if text is None else [{"text": text, "answer_start": start}]
    return {"id": identifier, "question": "Where?", "answers": answers, **more}


def write(path: Path, *paragraphs: tuple[str, list[dict[str, Any]]]) -> Path:
    articles = [
        {"title": "T", "paragraphs": [{"context": context, "qas": questions}]}
        for context, questions in paragraphs
    ]
    path.write_text(json.dumps({"version": "1.1", "data": articles}), encoding="utf-8")
    return path


def read(reader: str, *files: Path, **options: Any) -> tuple[list[dict[str, Any]], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(READERS[reader](files, None, None, options, counts)), +counts


def test_offsets_count_code_points(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", ("😀 Дом в Осло.", [question("q", "Осло", 8)]))
    rows, _ = read("squad", path)
    assert rows[0]["answers"] == [{"start": 8, "text": "Осло"}]
    assert rows[0]["context"] == "😀 Дом в Осло."


def test_group_is_the_paragraph_or_what_is_parallel(tmp_path: Path) -> None:
    english = write(
        tmp_path / "en.json", ("In Oslo.", [question("a", "Oslo", 3), question("b", "In")])
    )
    german = write(
        tmp_path / "de.json", ("Oslo also.", [question("b", "Oslo"), question("a", "Oslo")])
    )
    by_paragraph = [read("squad", path)[0][0]["group"] for path in (english, german)]
    assert by_paragraph[0] != by_paragraph[1]
    by_questions = [read("squad", path, group="questions")[0] for path in (english, german)]
    assert {row["group"] for rows in by_questions for row in rows} == {by_questions[0][0]["group"]}
    assert [row["group"] for row in read("squad", german, group="id")[0]] == ["b", "a"]


def test_unanswerable_questions_are_kept_dropped_or_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "v2.json",
        ("In Oslo.", [question("a", "Oslo", 3), question("b", None, is_impossible=True)]),
    )
    rows, _ = read("squad", path, unanswerable="keep")
    assert [row["answers"] for row in rows] == [[{"start": 3, "text": "Oslo"}], []]
    rows, counts = read("squad", path, unanswerable="drop")
    assert [row["id"] for row in rows] == ["a"]
    assert counts == {"unanswerable questions set aside": 1}
    with pytest.raises(InputError, match=r"data\[0\]\.paragraphs\[0\]\.qas\[1\] \(id b\) has no"):
        read("squad", path)


def test_dev_set_loses_the_paragraphs_of_the_test_set(tmp_path: Path) -> None:
    dev = write(
        tmp_path / "dev.json",
        ("Cafe\u0301  in Oslo.", [question("a", "Oslo", 10), question("b", "in", 7)]),
        ("In Rome.", [question("c", "Rome", 3)]),
    )
    test = write(tmp_path / "xquad.json", ("Café in Oslo.", [question("z", "Oslo", 8)]))
    rows, counts = read("squad_without", dev, test)
    assert [row["id"] for row in rows] == ["c"]
    assert counts == {
        "paragraphs of the test set set aside": 1,
        "questions of the test set set aside": 2,
    }


def test_dev_set_of_squad2_loses_them_with_their_unanswerable_questions(tmp_path: Path) -> None:
    dev = write(
        tmp_path / "dev.json",
        ("In Oslo.", [question("a", "Oslo", 3), question("b", None, is_impossible=True)]),
        ("In Rome.", [question("c", "Rome", 3), question("d", None, is_impossible=True)]),
    )
    test = write(tmp_path / "xquad.json", ("In Oslo.", [question("z", "Oslo", 3)]))
    rows, counts = read("squad_without", dev, test, unanswerable="keep")
    assert [row["id"] for row in rows] == ["c", "d"]
    assert counts["questions of the test set set aside"] == 2


def test_tydiqa_selects_a_language_by_id_prefix(tmp_path: Path) -> None:
    path = write(
        tmp_path / "train.json",
        ("Oslossa.", [question(f"finnish--763-{n}", "Oslossa") for n in range(2)]),
        ("In Oslo.", [question(f"english--763-{n}", "Oslo", 3) for n in range(2)]),
    )
    finnish, _ = read("tydiqa", path, id_prefix="finnish")
    assert [row["id"] for row in finnish] == ["finnish--763-0", "finnish--763-1"]
    groups = {
        row["group"]
        for prefix in ("finnish", "english")
        for row in read("tydiqa", path, id_prefix=prefix, parallel=True)[0]
    }
    assert len(groups) == 1
    assert finnish[0]["group"] == finnish[1]["group"] not in groups
    with pytest.raises(InputError, match=r"no questions of 'thai'; the file holds english, finn"):
        read("tydiqa", path, id_prefix="thai")


def test_tydiqa_files_split_by_xtreme_have_bare_numbers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "en.json",
        ("In Oslo.", [question("12", "Oslo", 3)]),
        ("In Rome.", [question("12", "Rome", 3)]),
    )
    rows, _ = read("tydiqa", path, id_prefix="english")
    assert [row["context"] for row in rows] == ["In Oslo.", "In Rome."]
    assert read("tydiqa", path)[0] == rows


def test_tydiqa_without_a_prefix_refuses_several_languages(tmp_path: Path) -> None:
    path = write(
        tmp_path / "train.json",
        ("Oslossa.", [question("finnish--763-0", "Oslossa")]),
        ("In Oslo.", [question("english-12-1", "Oslo", 3)]),
    )
    with pytest.raises(InputError, match=r"several languages \(english, finnish\)"):
        read("tydiqa", path)


def test_held_out_paragraphs_and_the_rest_part_the_file(tmp_path: Path) -> None:
    paragraphs = [
        (f"In town {n}.", [question(f"english-{n}-{k}", "town", 3) for k in range(2)])
        for n in range(300)
    ]
    path = write(tmp_path / "train.json", *paragraphs)
    options = {"id_prefix": "english", "held_out": 0.1}
    train, counts = read("tydiqa", path, part="train", **options)
    dev, _ = read("tydiqa", path, part="dev", **options)
    assert {row["id"] for row in train}.isdisjoint(row["id"] for row in dev)
    assert {row["group"] for row in train}.isdisjoint(row["group"] for row in dev)
    assert len(train) + len(dev) == 600
    assert 30 <= len(dev) <= 90
    assert counts == {"questions of the other part set aside": len(dev)}


def test_misplaced_answers_are_refused_or_set_aside(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", ("In Oslo.", [question("a", "Oslo", 4), question("b", "In")]))
    with pytest.raises(InputError, match=r"qas\[0\]\.answers\[0\]: 'Oslo' does not stand at char"):
        read("squad", path)
    rows, counts = read("squad", path, misplaced="drop")
    assert [row["id"] for row in rows] == ["b"]
    assert counts == {"questions with a misplaced answer set aside": 1}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, r"the file lacks data"),
        ([], r"the file is not an object"),
        ({"data": {}}, r"data is not a list"),
        ({"data": [{"title": "x"}]}, r"data\[0\] lacks paragraphs"),
        ({"data": [{"paragraphs": [{"qas": []}]}]}, r"data\[0\]\.paragraphs\[0\] lacks context"),
        ({"data": [{"paragraphs": [{"context": " ", "qas": []}]}]}, r"\.context is empty"),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [{"id": "1"}]}]}]},
            r"qas\[0\] lacks answers: expected id, answers; found id",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [question("1", "c") | BLANK]}]}]},
            r"question of data\[0\]\.paragraphs\[0\]\.qas\[0\] is None, expected a string",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [question("1", "")]}]}]},
            r"answers\[0\]\.text is empty.*answers removed",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [question("1", "c", True)]}]}]},
            r"answers\[0\]\.answer_start is True, expected a whole number",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [question("1", "c"), "2"]}]}]},
            r"qas\[1\] is not an object",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [question("1", "c"), BLANK]}]}]},
            r"qas\[1\] lacks id",
        ),
        (
            {"data": [{"paragraphs": [{"context": "c", "qas": [question("1", "c") | NO_ID]}]}]},
            r"the id of data\[0\]\.paragraphs\[0\]\.qas\[0\] is None, expected a string or a whole",
        ),
    ],
)
def test_malformed_json_names_file_place_and_reason(
    tmp_path: Path, data: Any, message: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.json: .*" + message):
        read("squad", path, group="questions")


@pytest.mark.parametrize(
    ("reader", "options", "message"),
    [
        ("squad", {"unanswerable": "Keep"}, r"`unanswerable` is one of drop, error, keep, not 'K"),
        ("squad", {"misplaced": "dorp"}, r"`misplaced` is one of drop, error, not 'dorp'"),
        ("squad", {"group": "ids"}, r"`group` is one of id, paragraph, questions, not 'ids'"),
        ("tydiqa", {"misplaced": True}, r"`misplaced` is one of drop, error, not True"),
        ("tydiqa", {"parallel": "no"}, r"option `parallel` is true or false, not 'no'"),
    ],
)
def test_unknown_option_values_are_named(
    tmp_path: Path, reader: str, options: dict[str, Any], message: str
) -> None:
    path = write(tmp_path / "a.json", ("In Oslo.", [question("english-1", "Oslo", 3)]))
    with pytest.raises(ConfigError, match=message):
        read(reader, path, **options)


@pytest.mark.parametrize(
    ("text", "said", "message"),
    [
        ("Oslo", True, r"has answers, but is_impossible is true.*`plausible_answers`"),
        (None, False, r"has no answers, but is_impossible is false.*answers removed"),
        ("Oslo", "false", r"is_impossible is 'false', expected true or false"),
    ],
)
def test_is_impossible_must_agree_with_the_answers(
    tmp_path: Path, text: str | None, said: object, message: str
) -> None:
    item = question("b", text, 3, is_impossible=said)
    path = write(tmp_path / "v2.json", ("In Oslo.", [question("a", "Oslo", 3), item]))
    with pytest.raises(
        InputError, match=r"v2\.json: data\[0\]\.paragraphs\[0\]\.qas\[1\].*" + message
    ):
        read("squad", path, unanswerable="keep")


def test_tydiqa_takes_bare_numbers_only_from_files_without_languages(tmp_path: Path) -> None:
    questions = [question(identifier, "Oslo", 3) for identifier in ("english-1", "12")]
    path = write(tmp_path / "en.json", ("In Oslo.", questions))
    with pytest.raises(InputError, match=r"bare numbers beside ids with a language \(bare num"):
        read("tydiqa", path, id_prefix="english")


def test_tydiqa_names_the_place_in_the_file(tmp_path: Path) -> None:
    questions = [question("finnish-1", "Oslo", 3), question("english-1", "Oslo", 4)]
    path = write(tmp_path / "dev.json", ("In Oslo.", questions))
    with pytest.raises(InputError, match=r"qas\[1\]\.answers\[0\]: 'Oslo' does not stand"):
        read("tydiqa", path, id_prefix="english")
