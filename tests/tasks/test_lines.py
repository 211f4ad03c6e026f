"""What every reader relies on when it opens a text file."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polystilts.errors import InputError
from polystilts.sources.lines import read_columns, read_json, read_json_lines, read_lines

FIELD = st.text(st.characters(exclude_characters="\t\n\r\ufeff", exclude_categories=["Cs"]))


def test_byte_order_mark_and_cr_lf_are_removed_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone\r\ntwo\nthree\r\n".encode())
    counts: Counter[str] = Counter()
    assert list(read_lines(path, counts)) == [(1, "one"), (2, "two"), (3, "three")]
    assert counts == {"byte order marks removed": 1, "lines ending in CR LF": 2}


def test_line_separators_inside_a_sentence_do_not_end_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a\u2028b\u0085c\x0bd\n", encoding="utf-8")
    assert list(read_lines(path, Counter())) == [(1, "a\u2028b\u0085c\x0bd")]


def test_bytes_that_are_not_utf_8_name_their_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"one\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.txt:2: not UTF-8 \(byte 0xe9 at byte 4\)"):
        list(read_lines(path, Counter()))


@pytest.mark.parametrize("content", [None, b""])
def test_missing_and_empty_files_are_errors(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "gone.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"there is no such file|the file is empty"):
        list(read_lines(path, Counter()))


def test_cut_off_json_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text('{"data": [\n{"title": "x",\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"cut\.json:2: not valid JSON"):
        read_json(path, Counter())


@given(st.lists(st.tuples(FIELD, FIELD).filter(lambda pair: any(map(str.strip, pair))), min_size=1))
def test_columns_survive_whatever_they_hold(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("columns") / "a.tsv"
    path.write_bytes("".join(f"{a}\t{b}\r\n" for a, b in rows).encode())
    counts: Counter[str] = Counter()
    read = [tuple(fields) for _, fields in read_columns(path, counts, 2)]
    assert read == rows
    assert counts["lines ending in CR LF"] == len(rows)


UNREADABLE = [
    ('{"0": 1, "1": 2, "0": 3}', "the key '0' stands twice in one object"),
    ('{"a": [{"b": 1, "b": 1}]}', "the key 'b' stands twice in one object"),
    ('{"a": "\\ud83d!"}', r"\\ud83d is half of a surrogate pair"),
    ('{"a": "\\\\\\uDE00"}', r"\\uDE00 is half of a surrogate pair"),
    ('{"a": "\\ud83d\\ud83d\\ude00"}', r"\\ud83d is half of a surrogate pair"),
    ('{"a": ' + "[" * 100_000, "the JSON is nested too deep"),
    ('{"a": ' + "9" * 5000 + "}", r"a number cannot be read \(Exceeds the limit \(4300 digits\)"),
]


@pytest.mark.parametrize(("text", "message"), UNREADABLE)
def test_json_that_would_lose_or_break_something_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.json.*: " + message):
        read_json(path, Counter())
    path.write_text(f'{{"a": 1}}\n{text}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.json:2: " + message):
        list(read_json_lines(path, Counter()))


def test_half_a_character_names_its_line_and_whole_ones_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('["\\ud83d\\ude00 \\\\ud83d",\n"\\ud83d"]', encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.json:2: "):
        read_json(path, Counter())
    path.write_text('["\\ud83d\\ude00 \\\\ud83d"]', encoding="utf-8")
    assert read_json(path, Counter()) == ["😀 \\ud83d"]
