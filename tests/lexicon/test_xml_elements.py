"""XML from anywhere: entities, outside files and sizes cannot do harm."""

import time
import tracemalloc
from pathlib import Path

import pytest

from lexicon.samples import write
from polystilts.errors import InputError
from polystilts.lexicon.xml_elements import read_elements

LAUGHS = "<!DOCTYPE a [<!ENTITY l0 'lol'>{}]><a>&l9;</a>".format(
    "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
)


def names(path: Path) -> list[tuple[str, str]]:
    return [(element.name, element.text) for element in read_elements(path)]


def test_elements_in_the_order_of_their_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", "<a x='1'>one<b>two</b>\n<c y='2'>&#233;&amp;</c></a>")
    found = list(read_elements(path))
    assert [(e.name, e.text, e.line) for e in found] == [
        ("b", "two", 1),
        ("c", "é&", 2),
        ("a", "one\n", 2),
    ]
    assert found[1].ancestors == (("a", {"x": "1"}),)
    assert found[1].attributes == {"y": "2"}


def test_entities_that_are_short_texts(tmp_path: Path) -> None:
    text = "<!DOCTYPE a [<!ENTITY n 'noun &amp; more'>]><a>&n;</a>"
    assert names(write(tmp_path / "a.xml", text)) == [("a", "noun & more")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LAUGHS, r"a\.xml:1: the entity 'l1' is no short text"),
        (f"<!DOCTYPE a [<!ENTITY n '{'x' * 1001}'>]><a>&n;</a>", "no short text"),
        ("<!DOCTYPE a [<!ENTITY n SYSTEM 'file:///etc/passwd'>]><a>&n;</a>", "external entity 'n'"),
        ("<!DOCTYPE a [<!ENTITY % n SYSTEM 'http://127.0.0.1/'> %n;]><a/>", "external entity 'n'"),
        ("<!DOCTYPE a [<!ENTITY % n 'x'>]><a/>", "'n' is no short text"),
        ("<!DOCTYPE a SYSTEM 'a.dtd'><a>&n;</a>", "the entity 'n' is not declared"),
        ("<a>&n;</a>", "not well-formed XML .undefined entity"),
        ("<a>" * 65 + "</a>" * 65, "nested deeper than 64"),
        ("<a>", "not well-formed XML .no element found"),
        ("<a/><b/>", "not well-formed"),
        ("<a x='1' x='2'/>", "not well-formed"),
        ("<a>\x00</a>", "not well-formed"),
        ("<?xml version='1.0' encoding='utf-7'?><a>+ADw-</b>", "not well-formed"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        names(write(tmp_path / "a.xml", text))


def test_no_other_file_is_read(tmp_path: Path) -> None:
    write(tmp_path / "secret.dtd", "<!ENTITY n 'secret'>")
    path = write(tmp_path / "a.xml", f"<!DOCTYPE a SYSTEM '{tmp_path}/secret.dtd'><a>text</a>")
    assert names(path) == [("a", "text")]


def test_one_long_text_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", f"<a>{'x' * (1 << 20)}y</a>")
    with pytest.raises(InputError, match="longer than 1048576 characters"):
        names(path)


def test_memory_and_time_are_bounded(tmp_path: Path) -> None:
    """An entity used often makes a text 250 times as long as the file; nothing is kept."""
    declared = f"<!DOCTYPE a [<!ENTITY n '{'x' * 1000}'>]>"
    path = write(tmp_path / "a.xml", f"{declared}<a>{'<b>&n;</b>' * 20_000}</a>")
    start = time.monotonic()
    tracemalloc.start()
    try:
        count = sum(len(element.text) for element in read_elements(path))
    except InputError:  # expat refuses more than a hundredfold
        count = 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count in (0, 20_000_000)
    assert peak < 50 << 20
    assert time.monotonic() - start < 20
