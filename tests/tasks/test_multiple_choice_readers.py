"""Multiple-choice files in their published layouts."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import InputError
from polystilts.tasks.multiple_choice import READERS
from tasks.samples import COSMOS_HEADER, HELLASWAG


def read(reader: str, path: Path) -> tuple[list[dict[str, Any]], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(READERS[reader]([path], None, None, {}, counts)), +counts


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    return path


def hellaswag(**changes: Any) -> str:
    return json.dumps({**HELLASWAG, **changes}) + "\n"


def commonsense(key: str = "B", **changes: Any) -> str:
    choices = [{"label": letter, "text": f"word {letter}"} for letter in "ABCDE"]
    question = {"question_concept": "door", "choices": choices, "stem": "Where is it?"}
    record = {"answerKey": key, "id": "q1", "question": question | changes.pop("question", {})}
    return json.dumps(record | changes) + "\n"


def test_hellaswag_choices_continue_the_begun_sentence(tmp_path: Path) -> None:
    path = write(tmp_path / "val.jsonl", hellaswag() + hellaswag(ind=5, ctx_b="", label="0"))
    rows, _ = read("hellaswag", path)
    assert rows[0] == {
        "id": "24",
        "group": "activitynet~v_x",
        "context": "A man sits on a roof.",
        "question": None,
        "choices": ["he sings.", "he falls.", "he reads.", "he works."],
        "label": 3,
    }
    assert rows[1]["choices"][0] == "sings."
    assert rows[1]["label"] == 0


def test_cosmos_reads_quoted_commas_line_breaks_bom_and_cr_lf(tmp_path: Path) -> None:
    text = (
        f"\ufeff{COSMOS_HEADER}\r\n"
        'a1,"One, two .\nThree",Why ?,None of the above choices .,"b, c",d,e,2\r\n'
    )
    rows, counts = read("cosmosqa", write(tmp_path / "valid.csv", text))
    assert rows[0]["context"] == "One, two .\nThree"
    assert rows[0]["question"] == "Why ?"
    assert rows[0]["choices"] == ["None of the above choices .", "b, c", "d", "e"]
    assert rows[0]["label"] == 2
    assert counts == {"byte order marks removed": 1, "lines ending in CR LF": 2}


def test_commonsenseqa_label_is_the_index_of_the_key(tmp_path: Path) -> None:
    rows, _ = read("commonsenseqa", write(tmp_path / "dev.jsonl", commonsense()))
    assert rows == [
        {
            "id": "q1",
            "group": "q1",
            "context": "Where is it?",
            "question": None,
            "choices": [f"word {letter}" for letter in "ABCDE"],
            "label": 1,
        }
    ]


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        ("hellaswag", hellaswag(label=""), r":1: label '' is not the index"),
        ("hellaswag", hellaswag(label=4), r":1: label 4 is not the index of one of 4"),
        ("hellaswag", hellaswag(endings="x"), r":1: endings is not a list"),
        ("hellaswag", hellaswag(label="9" * 5000), r":1: label '9+' is not the index"),
        ("hellaswag", hellaswag(endings=["a", None]), r":1: an ending is None, expected a string"),
        ("hellaswag", hellaswag(ind=None), r":1: the id of the record is None, expected a string"),
        ("hellaswag", hellaswag() + hellaswag(endings=["a", "b"], label=0), r":2: 2 choices"),
        ("hellaswag", '{"ind": 1}\n', r":1: the record lacks ctx_a"),
        ("commonsenseqa", commonsense("F"), r":1: answerKey 'F' is not one of"),
        ("commonsenseqa", commonsense(id=7), r":1: id of the record is 7, expected a string"),
        ("commonsenseqa", commonsense(question={"stem": None}), r":1: stem of question is None"),
        ("hellaswag", hellaswag(ctx_b=None), r":1: ctx_b of the record is None, expected a str"),
        ("cosmosqa", "\n", r":1: the header should be id, context.*found nothing"),
        ("cosmosqa", "id,context\n1,x\n", r":1: the header should be id, context, question"),
        ("cosmosqa", COSMOS_HEADER + "\n1,c,q,a,b,c,1\n", r":2: 7 columns, expected 8"),
        ("cosmosqa", COSMOS_HEADER + "\n1,c,q,a,b,c,d,7\n", r":2: label '7'"),
        ("cosmosqa", COSMOS_HEADER + '\n1,"c,q,a,b,c,d,1\n', r"not valid CSV"),
        ("cosmosqa", COSMOS_HEADER + '\n"1\n",c,q,a,b,c,d,1\n', r":3: id goes on over a line"),
        ("cosmosqa", COSMOS_HEADER + '\n1,c,q,a,"b\nb",c,d,1\n', r":3: answer1 goes on over a"),
        ("cosmosqa", COSMOS_HEADER + '\n1,c,q,a,b,c,d,"1\n"\n', r":3: label goes on over a line"),
    ],
)
def test_malformed_items_name_file_line_and_reason(
    tmp_path: Path, reader: str, text: str, message: str
) -> None:
    path = write(tmp_path / "broken.file", text)
    with pytest.raises(InputError, match=r"broken\.file.*" + message):
        read(reader, path)


@pytest.mark.parametrize(
    ("records", "field"),
    [
        ('1,"c,q,a,b,c,d,1\n2,e",q,a,b,c,d,0\n', "context"),
        ('1,c,"q,a,b,c,d,1\n2,e,q",a,b,c,d,0\n', "question"),
    ],
)
def test_cosmos_record_that_swallows_the_next_is_refused(
    tmp_path: Path, records: str, field: str
) -> None:
    path = write(tmp_path / "train.csv", f"{COSMOS_HEADER}\n{records}")
    with pytest.raises(InputError, match=rf"train\.csv:3: {field} goes on over a line break"):
        read("cosmosqa", path)


def test_cosmos_contexts_and_questions_may_have_many_lines(tmp_path: Path) -> None:
    context = "One, two, three, four, five, six, 7\nNo, he said,\n\nyes,1\nand so on, and on,"
    text = f'{COSMOS_HEADER}\n1,"{context}","Why,\nor when ?",a,b,c,d,1\n'
    rows, _ = read("cosmosqa", write(tmp_path / "train.csv", text))
    assert (rows[0]["context"], rows[0]["question"]) == (context, "Why,\nor when ?")


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("hellaswag", hellaswag(ctx_a=" ", endings=["x", " ", "y", "z"])),
        (
            "commonsenseqa",
            commonsense(
                question={
                    "stem": "",
                    "choices": [{"label": "A", "text": " "}, {"label": "B", "text": "b"}],
                }
            ),
        ),
        ("cosmosqa", f"{COSMOS_HEADER}\n1, ,q,a,,c,d,1\n"),
        ("cosmosqa", f"{COSMOS_HEADER}\n1,c,,a,,c,d,1\n"),
    ],
)
def test_blank_texts_and_choices_are_counted(tmp_path: Path, reader: str, text: str) -> None:
    rows, counts = read(reader, write(tmp_path / "a.file", text))
    assert len(rows) == 1
    assert counts == {"blank texts kept": 1, "blank choices kept": 1}
