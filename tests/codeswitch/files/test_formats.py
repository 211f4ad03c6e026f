"""Which format a file is in, compressed files, and where outputs may be written."""

import gzip
import json
from pathlib import Path

import pytest

from codeswitch.files.samples import HALF, json_lines, rows, switch
from polystilts.codeswitch.files.formats import FORMATS, check_output, format_of
from polystilts.commands.switch_options import FORMATS as LISTED
from polystilts.errors import ConfigError, InputError, PolystiltsError


def test_the_options_list_all_formats() -> None:
    assert tuple(FORMATS) == LISTED


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.jsonl", "", "jsonl"),
        ("x.ndjson.gz", "", "jsonl"),
        ("x.csv", "", "csv"),
        ("x.tsv", "", "tsv"),
        ("x.parquet", "", "parquet"),
        ("x.conll", "", "conll"),
        ("x.conllu.gz", "", "conllu"),
        ("x.json", '{"version": "1.1",\n "data": [{"title": ""}]}', "squad"),
        ("x.json", '\ufeff{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("x.json", '{"a": 1}', "jsonl"),
    ],
)
def test_the_format_of_a_file(name: str, content: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert format_of(path).name == expected
    assert format_of(path, "csv").name == "csv"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[{"a": 1}]', "a list of objects, which is not read. Write one object a line"),
        ('{"a":\n1}', "neither SQuAD's layout"),
        ("dog", "neither SQuAD's layout"),
    ],
)
def test_json_that_is_in_no_known_layout(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(InputError, match=reason):
        format_of(path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x.txt", "no known format"), ("x", "no known format"), ("x.parquet.gz", "unpack it")],
)
def test_names_that_say_no_format(name: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        format_of(Path(name))


def test_an_output_is_in_the_format_of_its_input(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("{}\n")
    check_output(tmp_path / "out.ndjson", source, FORMATS["jsonl"])
    check_output(tmp_path / "out.txt", source, FORMATS["jsonl"])
    with pytest.raises(ConfigError, match="OUTPUT is written in the format of INPUT, jsonl"):
        check_output(tmp_path / "out.csv", source, FORMATS["jsonl"])
    with pytest.raises(ConfigError, match="not compressed as a whole"):
        check_output(tmp_path / "out.parquet.gz", source, FORMATS["parquet"])
    link = tmp_path / "link.jsonl"
    link.symlink_to(source)
    with pytest.raises(ConfigError, match="OUTPUT is INPUT"):
        check_output(link, source, FORMATS["jsonl"])


def test_compressed_files(tmp_path: Path) -> None:
    text = json_lines(rows(20))
    plain, packed = tmp_path / "in.jsonl", tmp_path / "in.jsonl.gz"
    plain.write_text(text)
    packed.write_bytes(gzip.compress(text.encode("utf-8")))
    switch(plain, tmp_path / "plain.jsonl", ["premise"], HALF)
    for number in range(2):
        switch(packed, tmp_path / f"{number}.jsonl.gz", ["premise"], HALF)
    first = (tmp_path / "0.jsonl.gz").read_bytes()
    assert first == (tmp_path / "1.jsonl.gz").read_bytes()
    assert gzip.decompress(first) == (tmp_path / "plain.jsonl").read_bytes()
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(PolystiltsError, match="not a whole gzip file"):
        switch(packed, tmp_path / "broken.jsonl", ["premise"])
    assert not (tmp_path / "broken.jsonl").exists()


def test_the_same_rows_are_switched_alike_in_every_format(tmp_path: Path) -> None:
    found = [{key: row[key] for key in ("id", "premise")} for row in rows(20)]
    lines, table = tmp_path / "in.jsonl", tmp_path / "in.tsv"
    lines.write_text(json_lines(found))
    table.write_text("\n".join(["id\tpremise", *("\t".join(row.values()) for row in found)]))
    switch(lines, tmp_path / "out.jsonl", ["premise"], HALF)
    switch(table, tmp_path / "out.tsv", ["premise"], HALF)
    new = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    cells = [line.split("\t") for line in (tmp_path / "out.tsv").read_text().splitlines()]
    assert cells[1:] == [list(row.values()) for row in new]
    assert new != found
