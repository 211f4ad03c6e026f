"""JSON lines: the strings that were asked for change, every other byte stays."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeswitch.files.samples import (
    EVERYTHING,
    HALF,
    TEXT,
    json_lines,
    rows,
    switch,
    switched_text,
    switcher,
)
from polystilts.codeswitch.files import chunks
from polystilts.codeswitch.files.json_spans import find_row
from polystilts.codeswitch.files.json_texts import scalar, tree_of
from polystilts.codeswitch.files.plain_rows import read_plain
from polystilts.codeswitch.files.switching import Copy
from polystilts.errors import InputError, PolystiltsError


def test_every_byte_beside_the_texts_stays(tmp_path: Path) -> None:
    line = (
        ' {"z":1.50e+03 ,"text": "A caf\\u00e9 dog.",\t"n":[1,{"text":"dog"}], "dog":"dog",'
        '"x":1,"x":2, "big": 123456789012345678901234567890, "id" : 7}  '
    )
    changed = switched_text(f"{line}\n\n{line}\r\n", tmp_path).decode("utf-8")
    first, blank, second, end = changed.split("\n")
    assert (blank, second, end) == ("", first + "\r", "")
    new = json.loads(first)["text"]
    assert new != "A café dog."
    assert first == line.replace('"A caf\\u00e9 dog."', json.dumps(new, ensure_ascii=False))


def test_a_row_without_a_switch_keeps_its_bytes(tmp_path: Path) -> None:
    other = '{"text": "caf\\u00e9 \\/ 1", "id": "x"}'
    changed = switched_text(f'{other}\n{{"text": "a dog"}}', tmp_path).decode("utf-8")
    assert changed.split("\n")[0] == other


def test_fields_of_a_row_share_one_word_map(tmp_path: Path) -> None:
    text = json_lines([{"a": "the dog", "b": "a big dog", "c": "dog"} for _ in range(1)])
    row = json.loads(switched_text(text, tmp_path, fields=["b", "a"]))
    assert row["a"].split()[1] == row["b"].split()[2] != "dog"
    assert row["c"] == "dog"
    assert list(row) == ["a", "b", "c"]


def test_names_lead_into_objects_and_lists(tmp_path: Path) -> None:
    row = {
        "question": {
            "stem": "Which dog?",
            "choices": [{"label": "dog", "text": "a dog"}, {"label": "B", "text": "a cat"}],
        },
        "endings": ["a dog", "a tree"],
        "flat.name": "dog",
    }
    fields = ["question.stem", "question.choices.text", "endings", "flat.name"]
    new = json.loads(switched_text(json_lines([row]), tmp_path, fields=fields))
    dog = new["flat.name"]
    assert dog != "dog"
    assert new["question"]["stem"] == f"Which {dog}?"
    assert [choice["label"] for choice in new["question"]["choices"]] == ["dog", "B"]
    assert new["question"]["choices"][0]["text"] == new["endings"][0] == f"a {dog}"
    assert "cat" not in new["question"]["choices"][1]["text"]


def test_tokens_stay_one_to_one(tmp_path: Path) -> None:
    row = {"tokens": ["The", "dog", "'s", "red-house", "house", "."], "tags": list("abcdef")}
    changed = switched_text(json_lines([row]), tmp_path, fields=[], tokens=("tokens",))
    new = json.loads(changed)
    assert new["tags"] == row["tags"]
    assert len(new["tokens"]) == len(row["tokens"])
    same = [old == word for old, word in zip(row["tokens"], new["tokens"], strict=True)]
    assert same[1] is same[4] is False and same[0] and same[2] and same[5]


def test_rows_without_a_field_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "input.jsonl"
    path.write_text('{"a": "dog"}\n{"a": null, "b": "dog"}\n{"b": "tree"}\n')
    report = switch(path, tmp_path / "out.jsonl", ["a", "b"])
    assert (report.rows, report.lacking) == (3, {"a": 2, "b": 1})


def test_a_field_that_no_row_has(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="no row has a text in the field `txt`; the nearest is `te"
    ):
        switched_text('{"text": "dog"}\n', tmp_path, fields=["txt"])
    assert [path.name for path in tmp_path.iterdir()] == ["input.jsonl"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"text": "dog"}\n{"text": "dog"\n', r"input.jsonl:2: column 15: not valid JSON"),
        ('{"text": "dog"}\n["dog"]\n', "input.jsonl:2: column 1: expected one JSON object a line"),
        ('{"text": "dog", "text": "cat"}', "input.jsonl:1: .*the key 'text' stands twice"),
        ('{"text": 3}', "input.jsonl:1: .*`text` is 3, expected a string"),
        ('{"text": {"en": "dog"}}', "`text` is an object; name a field in it"),
        ('{"text": "\\ud83d dog"}', "half of a surrogate pair"),
        ('{"text": "dog", "id": [1]}', "`id` identifies rows and is an object or a list"),
        ("", "the file is empty"),
        ("\n \n", "holds no rows"),
        ('{"context": "dog", "text": "dog", "answers": {"answer_start": [0]}}', "SQuAD's JSON"),
    ],
)
def test_files_that_are_refused(content: str, reason: str, tmp_path: Path) -> None:
    fields = ["text", "context"] if "context" in content else ["text"]
    with pytest.raises(PolystiltsError, match=reason):
        switched_text(content, tmp_path, fields=fields)
    assert not (tmp_path / "output.jsonl").exists()


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "input.jsonl"
    path.write_bytes(b'{"text": "dog"}\n{"text": "caf\xe9"}\n')
    with pytest.raises(PolystiltsError, match=r"input.jsonl:2: not UTF-8 \(byte 0xe9\)"):
        switch(path, tmp_path / "out.jsonl", ["text"])


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_worker_names_the_line(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 1 << 9)
    with pytest.raises(InputError, match=r"input.jsonl:51: .*`premise` is 3") as caught:
        switched_text(
            json_lines([*rows(50), {"premise": 3}, *rows(50)]),
            tmp_path,
            fields=["premise"],
            workers=workers,
        )
    assert (caught.value.path, caught.value.line) == (tmp_path / "input.jsonl", 51)
    assert not (tmp_path / "output.jsonl").exists()


def test_a_text_without_any_usable_word(tmp_path: Path) -> None:
    with pytest.raises(PolystiltsError, match="none of its 2 words may be replaced"):
        switched_text('{"text": "xylophone quartet"}\n', tmp_path)
    assert not (tmp_path / "output.jsonl").exists()


def test_an_id_decides_instead_of_the_texts(tmp_path: Path) -> None:
    def texts(ids: list[object]) -> set[str]:
        found = [{"id": name, "text": TEXT} for name in ids]
        changed = switched_text(json_lines(found), tmp_path, recipe=HALF).decode("utf-8")
        return {json.loads(line)["text"] for line in changed.splitlines()}

    assert len(texts(["x"] * 20)) == 1
    assert len(texts([None] * 20)) == 1
    assert len(texts(list(range(20)))) > 10


def test_another_id_can_be_named(tmp_path: Path) -> None:
    text = json_lines([{"id": 1, "uid": "x", "text": TEXT}, {"id": 2, "uid": "x", "text": TEXT}])
    changed = switched_text(text, tmp_path, recipe=HALF, identity="uid").decode("utf-8")
    first, second = (json.loads(line)["text"] for line in changed.splitlines())
    assert first == second
    with pytest.raises(PolystiltsError, match=r"input.jsonl:1: .*no `name`, which is to identify"):
        switched_text(text, tmp_path, identity="name")


@pytest.mark.parametrize("with_ids", [True, False])
def test_neither_order_nor_other_rows_matter(with_ids: bool, tmp_path: Path) -> None:
    found = rows(40)
    if not with_ids:
        for row in found:
            del row["id"]
    fields = ["premise", "hypothesis"]
    whole = switched_text(json_lines(found), tmp_path, fields=fields, recipe=HALF)
    turned = switched_text(json_lines(found[::-1]), tmp_path, fields=fields, recipe=HALF)
    half = switched_text(json_lines(found[20:]), tmp_path, fields=fields, recipe=HALF)
    lines = whole.splitlines()
    assert turned.splitlines() == lines[::-1]
    assert half.splitlines() == lines[20:]


def test_workers_do_not_change_a_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 1 << 12)
    path = tmp_path / "input.jsonl"
    path.write_text(json_lines(rows(400)), encoding="utf-8")
    outputs = []
    for workers in (1, 2, 8):
        output = tmp_path / f"{workers}.jsonl"
        report = switch(path, output, ["premise", "hypothesis"], HALF, workers=workers)
        outputs.append((output.read_bytes(), report.books.tally.sheet()))
    assert outputs[0] == outputs[1] == outputs[2]
    switch(path, tmp_path / "one.jsonl", ["premise", "hypothesis"], HALF)
    monkeypatch.setattr(chunks, "CHUNK", 1 << 20)
    switch(path, tmp_path / "whole.jsonl", ["premise", "hypothesis"], HALF)
    assert (tmp_path / "whole.jsonl").read_bytes() == outputs[0][0]


def test_copies_follow_each_other(tmp_path: Path) -> None:
    content = '{"text": "' + TEXT + '"}\n{"text": "a dog", "n": 1 }'
    copies = (Copy(0, None), Copy(1, 0), Copy(2, 1))
    changed = switched_text(content, tmp_path, recipe=HALF, copies=copies).decode("utf-8")
    found = [json.loads(line) for line in changed.splitlines()]
    assert [row["copy"] for row in found] == [0, 0, 1, 1, 2, 2]
    assert [row["text"] for row in found[:2]] == [TEXT, "a dog"]
    assert len({row["text"] for row in found[::2]}) == 3
    assert changed.splitlines()[1] == '{"text": "a dog", "n": 1 , "copy": 0}'
    with pytest.raises(PolystiltsError, match="a key `copy` already"):
        switched_text('{"text": "dog", "copy": 1}', tmp_path, copies=copies)


def test_a_byte_order_mark_stays_in_front(tmp_path: Path) -> None:
    copies = (Copy(0, 0), Copy(1, 1))
    changed = switched_text('\ufeff{"text": "a dog"}\n', tmp_path, copies=copies).decode("utf-8")
    assert changed.startswith("\ufeff{") and changed.count("\ufeff") == 1


names = st.sampled_from(["text", "b", "id", "te\\u0078t", "\\u0062", "x", "text "])
values = st.sampled_from(
    [
        '"a dog"',
        '"text"',
        "null",
        "3",
        '{"text": "x"}',
        '{"b" :"dog"}',
        '"\\"b\\""',
        '["text"]',
        '"b"',
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(names, values), max_size=5), st.sampled_from(["", " ", "\t"]))
def test_the_quick_way_finds_what_the_long_way_finds(
    members: list[tuple[str, str]], space: str
) -> None:
    inside = ",".join(f'{space}"{name}"{space}:{space}{value}' for name, value in members)
    text = f"{space}{{{inside}{space}}}"
    plain = read_plain(text, ["b", "text"], "id")
    if plain is not None:
        found, _ = find_row(text, tree_of(["b", "text", "id"]))
        assert [found["b"], found["text"]] == plain.values
        assert scalar(found.get("id"), text, "id") == plain.identity


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.text(max_size=40)
        | st.lists(st.sampled_from([*TEXT.split(), '"', "\\", "\u2028", "é"])).map(" ".join),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_any_text_is_switched_as_by_the_engine(texts: list[str], escaped: bool) -> None:
    text = "".join(
        json.dumps({"id": str(number), "text": text, "same": text}, ensure_ascii=escaped) + "\n"
        for number, text in enumerate([*texts, "dog"])
    )
    with TemporaryDirectory() as folder:
        changed = switched_text(text, Path(folder)).decode("utf-8")
    for number, (line, old) in enumerate(zip(changed.split("\n"), [*texts, "dog"], strict=False)):
        row = json.loads(line)
        assert row["same"] == old
        assert row["text"] == switcher(EVERYTHING).switch(old, identity=str(number)).text
