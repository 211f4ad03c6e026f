"""The page of a data sheet: whole, escaped, offline, whatever the sheet holds or lacks."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeswitch.worlds import LEXICON, pairs, paragraphs, tables
from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.leaks.labels import LabelLeak
from polystilts.codeswitch.page.document import render
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet.mixing import Mixing
from polystilts.provenance.manifest import read_manifest, write_manifest

NASTY = "<script>alert('x')</script> & \"q\" </p><img src=x onerror=1>\u202e\x00"
ELEMENTS = set(
    "html head meta title style body header main nav section h1 h2 h3 h4 p div span a b strong i"
    " table thead tbody tr th td dl dt dd ul li details summary article mark small bdi".split()
)


class Page(HTMLParser):
    """Reads a page and keeps what a test asks for; refuses what is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)
            self.text.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.text[tag][-1] += data

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)


def checked(sheet: dict[str, Any], title: str = "Corpus") -> Page:
    """Return the page of a sheet, which is balanced, escaped and asks for nothing."""
    source = render(sheet, title)
    source.encode("utf-8")
    page = Page(source)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    for _, attributes in page.elements:
        assert not {name for name in attributes if name.startswith("on")}
        assert attributes.keys() & {"src", "srcset", "action", "data"} == set()
        assert (attributes.get("href") or "#").startswith("#")
        assert not re.search("url|;.*;.*;", attributes.get("style") or "")
    assert not re.search("@import|url\\(|http", "".join(page.text["style"]))
    anchors = {attributes["href"] for attributes in page.all("a")}
    assert anchors <= {f"#{attributes['id']}" for attributes in page.all("section")}
    return page


def full_sheet() -> dict[str, Any]:
    mixing = Mixing(("de", "ur"))
    mixing.add(np.array([0, 1, 0, 2, -1], np.int16), np.array([0, 3, 5]))
    leak = LabelLeak()
    leak.add(["yes", "no"] * 50, np.tile([1, 9], 50), np.full(100, 10))
    source, text = "the dog sleeps", "the کتا schläft"
    return {
        "dataset": "mnli",
        "family": "classification",
        "treatment": "code-switched",
        "examples": 1234567,
        "examples_switched": 1200000,
        "words": 9876543,
        "eligible": 5000000,
        "realised_rate": 0.2995,
        "realised_rate_of_eligible": 0.5916,
        "share_of_function_words": 0.4213,
        "replacements": [
            {"word": "<the>", "language": "ur", "replacement": "کتا", "count": 1024},
            {"word": "dog", "language": "de", "replacement": "Hund", "count": 7},
        ],
        "shortfall": 61.2,
        "coverage": 0.61,
        "ambiguity": 2.5,
        "account": {
            "tried": 4000,
            "switched": 3000,
            "no_entry": 500,
            "self": 100,
            "protected": 300,
            "multiword": 60,
            "collision": 40,
        },
        "protected_by_class": {"names": 200, "negation": 100},
        "languages": {
            code: {
                "dictionary": {"translations": size, "self": 3},
                "coverage": 0.5,
                "switched": 1500,
                "share_of_switched": 0.5,
                "ambiguity": 2.0,
            }
            for code, size in (("de", 78123), ("ur", 4321))
        },
        "units": {"word": 2900, "phrase": 90, "entity": 10},
        "found": {"exact": 2500, "lower": 200, "lemma": 300},
        "mixing": mixing.sheet(),
        "leaks": {
            "label_switched": leak.sheet(),
            "answer": {"passed": None},
            "tag": {"passed": True, "information": 0.0123},
        },
        "warnings": ["yo: none of its entries occurs in the text."],
        "recipe": {"rate": 0.3, "rate_of": "words", "protect": ["names", "negation"]},
        "copies": [{"examples": 10, "realised_rate": 0.3}, {"examples": 10, "realised_rate": 0.2}],
        "samples": [
            {
                "id": f"train-{number}",
                "copy": 0,
                "texts": [
                    {
                        "source": source,
                        "text": text,
                        "events": [[4, 7, 4, 7, "dog", "ur"], [8, 14, 8, 15, "sleep", "de"]],
                    }
                ],
            }
            for number in range(50)
        ],
    }


def test_the_page_shows_the_sheet() -> None:
    page = checked(full_sheet(), "Data sheet: mnli")
    assert page.text["h1"] == page.text["title"] == ["Data sheet: mnli"]
    body = page.text["body"][0]
    for expected in ("1,234,567", "9,876,543", "29.95 %", "30.00 %", "61.2", "78,123", "2.5"):
        assert expected in body
    assert "no usable translation" in body
    assert "12.50 %" in body  # 500 of 4000
    assert "42.13 %of the replaced words are function words" in body
    start = page.text["td"].index("<the>")
    rows = ["<the>", "ur", "کتا", "1,024", "dog", "de", "Hund", "7"]
    assert page.text["td"][start : start + 8] == rows
    assert "yo: none of its entries occurs in the text." in page.text["li"]
    badges = [attributes["class"] for attributes in page.all("span") if "badge" in str(attributes)]
    # over all checks, then each
    assert [str(name).split()[1] for name in badges] == ["failed", "failed", "unknown", "passed"]
    assert page.text["h2"] == [
        "Leak checks",
        "Account",
        "Languages",
        "Most frequent replacements",
        "Mixing",
        "Copies",
        "Recipe",
        "Samples",
    ]


def test_all_samples_stand_side_by_side_with_marked_words() -> None:
    page = checked(full_sheet())
    assert page.text["h3"] == [f"train-{number}" for number in range(50)]
    marks = list(page.all("mark"))
    assert [mark["title"] for mark in marks[:4]] == [
        "ur: کتا",
        "de: schläft",
        "ur ← dog",
        "de ← sleep",
    ]
    assert page.text["mark"][:4] == ["dog", "sleeps", "کتاur", "schläftde"]
    assert len(marks) == 200
    # a right-to-left word stands alone, and fonts are told its language
    assert {"lang": "ur"} in page.all("bdi")
    sides = [text for text in page.text["p"] if text.startswith("the ")]
    assert sides == ["the dog sleeps", "the کتاur schläftde"] * 50


def test_a_page_of_a_sheet_is_always_the_same() -> None:
    assert render(full_sheet(), "x") == render(full_sheet(), "x")


@pytest.mark.parametrize("family", ["classification", "span_qa"])
def test_the_file_of_a_sheet_holds_all_that_its_page_shows(family: str, tmp_path: Path) -> None:
    table = {"classification": pairs(30), "span_qa": paragraphs(12)}[family]
    recipe = Recipe(rate=0.5, protect=("names",), copies=2, clean_copy="append")
    _, sheet = switch_table(table, family, "t", tables(LEXICON), recipe)
    write_manifest(tmp_path / "train.json", "0123456789abcdef", [], **sheet)
    told, read = checked(sheet), checked(read_manifest(tmp_path / "train.json"))
    assert read.text["h2"] == told.text["h2"]
    assert "0123456789abcdef" not in read.text["body"][0]
    for element in ("dt", "dd", "th", "td", "p", "mark", "summary"):
        assert Counter(read.text[element]) == Counter(told.text[element])


def test_a_line_of_a_copy_has_its_number_and_its_counts_in_order() -> None:
    copies = [
        {"copy": number, "eligible": 4, "examples": 2, "examples_switched": 1, "realised_rate": 0.5}
        for number in (1, 2)
    ]
    page = checked({"copies": copies})
    assert page.text["th"] == ["copy", "examples", "examples switched", "eligible", "realised rate"]
    assert page.text["td"] == ["1", "2", "1", "4", "50.00 %", "2", "2", "1", "4", "50.00 %"]


@pytest.mark.parametrize("missing", [None, *full_sheet()])
def test_what_is_missing_is_left_out(missing: str | None) -> None:
    sheet = {} if missing is None else full_sheet()
    if missing is not None:
        del sheet[missing]
    page = checked(sheet)
    assert "None" not in page.text["body"][0]


@pytest.mark.parametrize("value", [None, [], {}, 0, "text", [None], {"a": None}, float("nan")])
@pytest.mark.parametrize("key", full_sheet())
def test_no_value_of_another_kind_breaks_the_page(key: str, value: Any) -> None:
    checked(full_sheet() | {key: value})


def test_nasty_text_is_shown_and_nothing_more() -> None:
    sheet = full_sheet()
    sheet["dataset"] = sheet["warnings"][0] = NASTY
    sheet["protected_by_class"] = {NASTY: 7}
    sheet["languages"] = {NASTY: sheet["languages"]["de"]}
    sheet["leaks"][NASTY] = {"passed": False, NASTY: {NASTY: {NASTY: NASTY}}}
    sheet["recipe"][NASTY] = NASTY
    sheet["samples"] = [
        {
            "id": NASTY,
            "copy": 0,
            "texts": [
                {
                    "source": NASTY,
                    "text": NASTY,
                    "events": [[0, 8, 0, len(NASTY), NASTY, NASTY]],
                }
            ],
        }
    ]
    page = checked(sheet, NASTY)
    visible = NASTY.replace("\x00", "\ufffd")
    assert page.text["h1"] == page.text["h3"] == page.text["li"] == [visible]
    assert page.text["mark"] == [NASTY[:8], visible * 2]


@settings(max_examples=50)
@given(st.text(), st.text(), st.lists(st.tuples(*[st.integers(-3, 12)] * 4), max_size=4))
def test_any_text_with_any_spans(source: str, text: str, spans: list[tuple[int, ...]]) -> None:
    events = [[*span, source, text] for span in spans]
    part = {"source": source, "text": text, "events": events}
    page = checked({"samples": [{"id": text, "copy": 1, "texts": [part]}]}, source)
    for side, text_of_side in zip(page.text["p"][1:], (source, text), strict=True):
        if not events:
            assert side == re.sub(
                "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text_of_side
            )


def test_spans_beyond_the_text_or_over_others_leave_it_whole() -> None:
    events = [[0, 3, 0, 3, "one", "de"], [2, 5, 2, 5, "two", "de"], [9, 99, 9, 99, "x", "de"], [1]]
    part = {"source": "one two", "text": "ein zwei", "events": events}
    page = checked({"samples": [{"id": "a", "texts": [part]}]})
    assert page.text["p"][1:] == ["one two", "einde zwei"]


def test_it_reads_at_phone_width_and_in_the_dark() -> None:
    page = checked(full_sheet())
    assert any(meta.get("name") == "viewport" for meta in page.all("meta"))
    policies = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    style = page.text["style"][0]
    assert "prefers-color-scheme: dark" in style
    assert style.count("{") == style.count("}")
    # wide tables scroll in their own box
    tables = [attributes for attributes in page.all("div") if attributes.get("class") == "scroll"]
    assert len(tables) == len(list(page.all("table")))


def test_the_headline_says_how_many_examples_were_meant_and_what_was_not_measured() -> None:
    recipe = {"rate": 0.7, "rate_of": "eligible", "examples": 0.9}
    checks = {"label": {"passed": None}, "overlap": {"passed": True}}
    page = render({"words": 9, "recipe": recipe, "leaks": checks}, "x")
    assert "of eligible words in 90.00 % of the examples" in page.replace("\u00a0", " ")
    assert "1 of 1 passed, 1 not measured" in page
    whole = render({"words": 9, "recipe": {**recipe, "examples": 1.0}}, "x")
    assert "of the examples" not in whole
