"""SQuAD's JSON: contexts and questions change, answers are found again, the rest stays."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from codeswitch.files.samples import EVERYTHING, HALF, switch
from polystilts.errors import ConfigError, PolystiltsError

CONTEXT = "The old dog sees a “big red house”. Dogs drink; the dog walks by the café river."


def answer(text: str, number: int = 0) -> dict[str, Any]:
    """Return an answer: the nth place where the context has the text."""
    starts = [match.start() for match in re.finditer(re.escape(text), CONTEXT)]
    return {"text": text, "answer_start": starts[number]}


def data(articles: int = 2) -> dict[str, Any]:
    """Return articles with answers, overlapping ones, and an unanswerable question."""
    questions = [
        {"id": "a", "question": "Which dog walks?", "answers": [answer("dog"), answer("dog", 1)]},
        {
            "id": "b",
            "question": "What is by the river?",
            "answers": [answer("big red house"), answer("red house"), answer("use")],
            "is_impossible": False,
        },
        {
            "plausible_answers": [answer("café river")],
            "id": "c",
            "question": "Which cat drinks water?",
            "answers": [],
            "is_impossible": True,
        },
    ]
    return {
        "version": "v2.0",
        "data": [
            {
                "title": f"dog {number}",
                "paragraphs": [
                    {
                        "qas": [{**asked, "id": f"{asked['id']}{number}"} for asked in questions],
                        "context": f"{CONTEXT} Number {number}.",
                    }
                ],
            }
            for number in range(1, articles + 1)
        ],
        "dog": "dog",
    }


def switched(content: object, folder: Path, *fields: str, **options: Any) -> str:
    path = folder / "in.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    switch(path, folder / "out.json", fields, format="squad", **options)
    return (folder / "out.json").read_text("utf-8")


@pytest.mark.parametrize("recipe", [HALF, EVERYTHING])
@pytest.mark.parametrize("indent", [None, 2])
def test_answers_stand_at_their_offsets(tmp_path: Path, recipe: Any, indent: int | None) -> None:
    old = data(9)
    new = json.loads(switched(json.dumps(old, indent=indent), tmp_path, recipe=recipe))
    for before, after in zip(old["data"], new["data"], strict=True):
        (paragraph,), (now,) = before["paragraphs"], after["paragraphs"]
        assert now["context"] != paragraph["context"]
        for question, asked in zip(paragraph["qas"], now["qas"], strict=True):
            for key in ("answers", "plausible_answers"):
                for was, item in zip(question.get(key, ()), asked.get(key, ()), strict=True):
                    assert now["context"][item["answer_start"] :].startswith(item["text"])
                    assert len(item["text"].split()) == len(was["text"].split())
                    # an answer that cuts a word keeps that word
                    assert was["text"] != "use" or item["text"] == "use"
            kept = ("id", "is_impossible")
            assert [asked.get(key) for key in kept] == [question.get(key) for key in kept]
            assert list(asked) == list(question)


def test_the_same_word_is_switched_alike_in_context_and_question(tmp_path: Path) -> None:
    new = json.loads(switched(data(1), tmp_path))
    (paragraph,) = new["data"][0]["paragraphs"]
    word = paragraph["qas"][0]["answers"][0]["text"]
    assert word != "dog"
    assert paragraph["qas"][0]["question"].startswith(f"Which {word} ")


def test_all_that_is_not_switched_keeps_its_bytes(tmp_path: Path) -> None:
    text = json.dumps(data(), indent=1)
    new = switched(text, tmp_path)
    strings = re.compile(r'"(context|question|text)": ".*"|"answer_start": \d+')
    assert strings.sub("", new) == strings.sub("", text)
    assert new != text


def test_a_question_does_not_depend_on_the_others(tmp_path: Path) -> None:
    whole = json.loads(switched(data(3), tmp_path, recipe=HALF))
    few = data(3)
    few["data"] = few["data"][2:]
    del few["data"][0]["paragraphs"][0]["qas"][1]
    part = json.loads(switched(few, tmp_path, recipe=HALF))
    expected = whole["data"][2]["paragraphs"][0]
    del expected["qas"][1]
    # the context of the whole may keep a word that an answer of the other question cuts
    assert part["data"][0]["paragraphs"][0]["qas"][0]["question"] == expected["qas"][0]["question"]


def test_workers_do_not_change_a_byte(tmp_path: Path) -> None:
    outputs = {switched(data(12), tmp_path, recipe=HALF, workers=workers) for workers in (1, 2, 8)}
    assert len(outputs) == 1


def test_questions_alone(tmp_path: Path) -> None:
    new = json.loads(switched(data(1), tmp_path, "question"))
    paragraph = new["data"][0]["paragraphs"][0]
    assert paragraph["context"] == f"{CONTEXT} Number 1."
    assert (
        paragraph["qas"][0]["answers"] == data(1)["data"][0]["paragraphs"][0]["qas"][0]["answers"]
    )
    assert paragraph["qas"][0]["question"] != "Which dog walks?"


def test_empty_answers_are_counted(tmp_path: Path) -> None:
    content = data(1)
    empty = {"text": "", "answer_start": -1}
    content["data"][0]["paragraphs"][0]["qas"][2]["answers"] = [empty]
    path = tmp_path / "in.json"
    path.write_text(json.dumps(content))
    report = switch(path, tmp_path / "out.json")
    assert report.remarks == {"empty answers left as they are": 1}
    assert report.rows == 3
    new = json.loads((tmp_path / "out.json").read_text())
    assert new["data"][0]["paragraphs"][0]["qas"][2]["answers"] == [empty]


def broken(**changes: Any) -> str:
    content = data(1)
    content["data"][0]["paragraphs"][0]["qas"][0].update(changes)
    return json.dumps(content, indent=1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            broken(answers=[{"text": "dog", "answer_start": 7}]),
            "question a1: the answer 'dog' does",
        ),
        (broken(answers=[{"text": "dog", "answer_start": -75}]), "question a1: the answer 'dog'"),
        (broken(answers=[{"text": "dog"}]), "question a1 has no `answer_start`"),
        (broken(answers=[{**answer("dog"), "answer_end": 11}]), "question a1: `answer_end`"),
        (broken(question=None), "question a1 has no `question`"),
        (broken(answers={"text": []}), "question a1: `answers` is no list"),
        ('{"data": [{"paragraphs": 3}]}', "in.json:1: article: `paragraphs` is no list"),
        ('{"data": [{"title": "x"}]}', "article: `paragraphs` is no list"),
        ('{\n"data": [\n', "in.json:3: not valid JSON"),
        ('{"rows": []}', "has no list `data`"),
        ('{"data": []}', "holds no rows"),
    ],
)
def test_files_that_are_refused(content: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(PolystiltsError, match=reason):
        switched(content, tmp_path)
    assert not (tmp_path / "out.json").exists()


def test_the_line_of_an_answer_is_named(tmp_path: Path) -> None:
    content = broken(answers=[{"text": "dog", "answer_start": 7}])
    line = content[: content.index('"dog",')].count("\n") + 1
    with pytest.raises(PolystiltsError, match=rf"in\.json:{line}: question a1"):
        switched(content, tmp_path)


def test_other_fields_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="context, question or both"):
        switched(data(1), tmp_path, "title")
