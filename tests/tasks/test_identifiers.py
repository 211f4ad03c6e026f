"""An example without an id is refused by its reader, which knows the file and the line."""

import json
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from polystilts.errors import InputError
from polystilts.tasks.identifiers import identifier_of

GLUE = "promptID\tpairID\tsentence1\tsentence2\tgold_label\n"
SNLI = "gold_label\tsentence1\tsentence2\tcaptionID\tpairID\n"
XNLI = "language\tgold_label\tsentence1\tsentence2\tpromptID\tpairID\n"
ANLI = {"uid": "", "context": "C", "hypothesis": "H", "label": "n"}
COSMOS = "id,context,question,answer0,answer1,answer2,answer3,label\n"
CONTEXT = {"ctx_a": "a", "ctx_b": "", "source_id": "s"}
HELLASWAG = {"ind": " ", **CONTEXT, "endings": ["x", "y"], "label": 0}
CHOICES = [{"label": letter, "text": letter} for letter in "AB"]
COMMONSENSE = {"id": "", "answerKey": "A", "question": {"stem": "s", "choices": CHOICES}}
QUESTION = {"id": "", "question": "q", "answers": [{"text": "c", "answer_start": 0}]}
SQUAD = {"data": [{"paragraphs": [{"context": "c", "qas": [QUESTION]}]}]}


@pytest.mark.parametrize(
    ("family", "reader", "text", "line"),
    [
        ("classification", "glue_nli", f"{GLUE}1\t\tA\tB\tneutral\n", ":2"),
        ("classification", "nli_text", f"{SNLI}neutral\tA\tB\tc\t\n", ":2"),
        ("classification", "anli", json.dumps(ANLI), ":1"),
        ("classification", "xnli", f"{XNLI}en\tneutral\tA\tB\t1\t\n", ":2"),
        ("classification", "pawsx", "id\tsentence1\tsentence2\tlabel\n \tA\tB\tneutral\n", ":2"),
        ("classification", "glue_qqp", "id\tquestion1\tquestion2\tis_duplicate\n\tA\tB\tn\n", ":2"),
        ("classification", "numbered_json", '{"": {"text_a": "a", "text_b": "b"}}', ""),
        ("multiple_choice", "cosmosqa", f"{COSMOS},c,q,w,x,y,z,0\n", ":2"),
        ("multiple_choice", "hellaswag", json.dumps(HELLASWAG), ":1"),
        ("multiple_choice", "commonsenseqa", json.dumps(COMMONSENSE), ":1"),
        ("span_qa", "squad", json.dumps(SQUAD), ""),
        ("span_qa", "tydiqa", json.dumps(SQUAD), ""),
        ("retrieval", "bucc", "\tText\n", ":1"),
    ],
)
def test_no_reader_takes_an_empty_id(
    tmp_path: Path, family: str, reader: str, text: str, line: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    files = [path, path, path] if reader == "bucc" else [path]
    labels = ("neutral", "n") if family == "classification" else None
    module = import_module(f"polystilts.tasks.{family}")
    with pytest.raises(InputError, match=rf"a\.txt{line}: the id of .* is empty"):
        list(module.READERS[reader](files, "en", labels, {}, Counter()))


def test_a_mixture_does_not_hide_an_empty_id_behind_a_prefix(tmp_path: Path) -> None:
    path = tmp_path / "second.jsonl"
    path.write_text(json.dumps(ANLI | {"uid": "u"}) + "\n" + json.dumps(ANLI), encoding="utf-8")
    options = {"readers": ["anli"], "prefixes": ["r1"]}
    module = import_module("polystilts.tasks.classification")
    with pytest.raises(InputError, match=r"second\.jsonl:2: the id of the record is empty"):
        list(module.READERS["mixture"]([path], None, ("neutral", "n"), options, Counter()))


@pytest.mark.parametrize("value", [None, True, 1.5, ["1"]])
def test_an_id_is_a_string_or_a_whole_number(value: object) -> None:
    assert identifier_of(7, Path("a"), "it") == "7"
    with pytest.raises(InputError, match=r"a:3: the id of it is .*, expected a string or a whole"):
        identifier_of(value, Path("a"), "it", 3)
