"""CSV and TSV: the columns that were asked for change, every other byte stays."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeswitch.files.samples import HALF, TEXT, rows, switch, switcher
from polystilts.codeswitch.files import chunks
from polystilts.codeswitch.files.switching import Copy
from polystilts.errors import PolystiltsError


def switched(content: str, folder: Path, name: str = "input.csv", **options: Any) -> str:
    path = folder / name
    path.write_bytes(content.encode("utf-8"))
    switch(path, folder / f"out-{name}", options.pop("fields", ["text"]), **options)
    return (folder / f"out-{name}").read_bytes().decode("utf-8")


def test_fields_are_written_in_the_quotes_they_had(tmp_path: Path) -> None:
    content = (
        'id,text,"other, column",n\r\n'
        '1,a dog,"dog ""quoted""", 1.50\r\n'
        '"2","a ""dog"", a cat",dog,\r\n'
        '3,"two lines\nof dog",x,"y"\r\n'
    )
    changed = switched(content, tmp_path)
    old, new = (list(csv.DictReader(io.StringIO(text, newline=""))) for text in (content, changed))
    texts = [row["text"] for row in new]
    assert "dog" not in "".join(texts)
    assert texts[1].startswith('a "') and texts[2].startswith("two lines\nof ")
    rest = [[{**row, "text": ""} for row in table] for table in (old, new)]
    assert rest[0] == rest[1]
    before, after = (content.split("\r\n"), changed.split("\r\n"))
    assert after[0] == before[0]
    assert after[1] == before[1].replace("a dog", texts[0])
    assert after[2].startswith('"2","a ""')
    assert after[3].startswith('3,"two lines\n') and after[3].endswith('",x,"y"')


def test_a_semicolon_may_separate(tmp_path: Path) -> None:
    assert switched("id;text\n1;a, dog\n", tmp_path).startswith("id;text\n1;a, ")


def test_quotes_mean_nothing_in_a_tsv(tmp_path: Path) -> None:
    content = 'index\ttext\tlabel\n0\t"a dog" it said: " dog\tdog\n1\t5" of water\tx"\n'
    changed = switched(content, tmp_path, "input.tsv")
    assert changed != content
    assert changed.count('"') == content.count('"')
    assert [line.split("\t")[2] for line in changed.splitlines()] == ["label", "dog", 'x"']


def test_empty_fields_are_counted_and_blank_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "input.csv"
    path.write_text("text,b\na dog,\n\n,dog\n")
    report = switch(path, tmp_path / "out.csv", ["text", "b"])
    assert (report.rows, report.lacking) == (2, {"text": 1, "b": 1})
    assert (tmp_path / "out.csv").read_text().split("\n")[2] == ""


def test_copies_get_a_column(tmp_path: Path) -> None:
    changed = switched(
        f'text,n\n"{TEXT}",1\na dog,2', tmp_path, recipe=HALF, copies=(Copy(0, None), Copy(1, 0))
    )
    found = list(csv.DictReader(io.StringIO(changed)))
    assert [(row["n"], row["copy"]) for row in found] == [
        ("1", "0"),
        ("2", "0"),
        ("1", "1"),
        ("2", "1"),
    ]
    assert found[0]["text"] == TEXT != found[2]["text"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id,txt\n1,dog\n", r":1: the column `text` is not in the header; the nearest is `txt`"),
        ("text,text\na,b\n", ":1: the column `text` stands twice in the header"),
        ("id,text\n1,dog\n2,dog,x\n", ":3: 3 columns, the header has 2"),
        ('id,text\n1,"a\ndog"\n2,5" dog\n', ":4: quotes that do not match"),
        ('id,text\n1,"dog\n', ":2: quotes that do not match"),
        ("id,text\n", "holds no rows"),
        ("id,text\n1,\n", "no row has a text in the field `text`"),
        ("id,text\n,dog\n", ":2: the row has no `id`"),
        ("id,text,copy\n1,dog,1\n", "a column `copy` already"),
    ],
)
def test_tables_that_are_refused(content: str, reason: str, tmp_path: Path) -> None:
    copies = (Copy(0, 0), Copy(1, 1)) if "copy" in content else (Copy(0, 0),)
    with pytest.raises(PolystiltsError, match=reason):
        switched(content, tmp_path, copies=copies, identity="id")
    assert not (tmp_path / "out-input.csv").exists()


def test_workers_and_block_borders_do_not_change_a_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "input.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, ["id", "premise", "hypothesis", "label"])
        writer.writeheader()
        for row in rows(200):
            writer.writerow({**row, "hypothesis": row["hypothesis"].replace(" ", '\n"', 1)})
    fields = ["premise", "hypothesis"]
    switch(path, tmp_path / "whole.csv", fields, HALF)
    monkeypatch.setattr(chunks, "CHUNK", 1000)
    for workers in (1, 2, 8):
        output = tmp_path / f"{workers}.csv"
        switch(path, output, fields, HALF, workers=workers)
        assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()


cells = st.text(max_size=12).map(lambda text: text.replace("\r", "")) | st.sampled_from(
    ["a dog", 'the "dog"', "dog, cat", "tree\nhouse", ""]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(cells, cells), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_any_table_is_read_as_python_reads_it(table: list[tuple[str, str]], ending: str) -> None:
    table = [*table, ("a dog", "dog")]
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=ending, strict=True)
    writer.writerow(["id", "text", "same"])
    writer.writerows((number, *row) for number, row in enumerate(table))
    with TemporaryDirectory() as folder:
        changed = switched(written.getvalue(), Path(folder))
    found = list(csv.reader(io.StringIO(changed, newline=""), strict=True))
    assert [row[2] for row in found[1:]] == [same for _, same in table]
    assert [row[1] for row in found[1:]] == [
        switcher().switch(text, identity=str(number)).text for number, (text, _) in enumerate(table)
    ]
