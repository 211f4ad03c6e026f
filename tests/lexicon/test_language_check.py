"""Is a dictionary in the language that it is named for?"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from polystilts.lexicon.entries import Entry
from polystilts.lexicon.language_check import check_language
from polystilts.lexicon.scripts import SCRIPTS, script_share
from repository import REPOSITORY

ANCHORS = REPOSITORY / "workflow/polystilts/lexicon/anchors.tsv"
SWEDISH = {
    **{"one": "en", "two": "två", "three": "tre", "water": "vatten", "dog": "hund"},
    **{"house": "hus", "fire": "eld", "mother": "mor", "day": "dag", "night": "natt"},
    **{"eye": "öga", "hand": "hand", "book": "bok", "sun": "solen", "fish": "fisk"},
    **{"milk": "mjölk", "bread": "bröd", "white": "vita", "and": "och", "the": "det"},
}
SWAHILI = {
    **{"one": "moja", "two": "mbili", "water": "maji", "dog": "mbwa", "house": "nyumba"},
    **{"fire": "moto", "night": "usiku", "book": "kitabu", "the": "yule"},
}


def entries(words: Mapping[str, str]) -> list[Entry]:
    return [Entry(source, target, n) for n, (source, target) in enumerate(words.items(), 1)]


def table() -> dict[str, list[str]]:
    lines = ANCHORS.read_text("utf-8").splitlines()
    return {line.split("\t")[0]: line.split("\t") for line in lines}


def test_a_swedish_file_named_swahili() -> None:
    check = check_language(entries(SWEDISH), "sw")
    assert not check.passed
    # `hand` is translated by itself and says nothing; `the` is no anchor
    assert check.verdict == ("looks like Swedish (sv): 18 of 18 anchor words; Swahili: 0 of 18")
    assert check_language(entries(SWAHILI), "sw").verdict == "Swahili: 8 of 8 anchor words"


def test_some_translations_may_be_unusual() -> None:
    """Loans as in MUSE's Japanese, or one sense among several."""
    words = SWAHILI | {"dog": "jibwa", "fire": "tanuri", "house": "hausi"}
    assert check_language(entries(words), "sw").passed
    several = [*entries(SWAHILI), Entry("dog", "hund", 9), Entry("water", "vatten", 10)]
    assert check_language(several, "sw").passed


def test_too_few_anchors_are_not_judged() -> None:
    few = dict(list(SWEDISH.items())[:4])
    check = check_language(entries(few), "sw")
    assert check.passed
    assert check.verdict == "not checked: 4 anchor words"
    assert check_language([], "sw").verdict == "not checked: 0 anchor words"
    assert "no anchor words for 'xx'" in check_language(entries(SWEDISH), "xx").verdict


def test_a_language_that_nobody_knows_here() -> None:
    made_up = {source: f"q{source[::-1]}q" for source in SWEDISH}
    check = check_language(entries(made_up), "sw")
    assert not check.passed
    assert check.verdict == "looks like no language known here; Swahili: 0 of 19"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("yo", {"one": "kan", "water": "omi", "dog": "aja", "house": "ile", "eye": "oju"}),
        ("ar", {"one": "الواحد", "water": "الماء", "dog": "الكلب", "sun": "الشَّمس", "hand": "اليد"}),
        ("ml", {"sun": "സൂര്യന്\u200d", "one": "ഒന്ന്", "two": "രണ്ട്", "I": "ഞാന്\u200d", "hand": "കൈ"}),
        ("fa", {"one": "يك", "two": "دو", "book": "كتاب", "water": "آب", "dog": "سگ"}),
        ("sw", {"white": "-eupe", "black": "-eusi", "new": "-pya", "dog": "Mbwa", "one": "moja"}),
    ],
)  # fmt: skip
def test_accents_articles_and_letters_in_two_ways(language: str, words: dict[str, str]) -> None:
    check = check_language(entries(words), language)
    assert (check.own, check.anchors) == (5, 5)


def test_all_languages_of_the_table_are_told_apart() -> None:
    """The table itself as dictionaries: each one is its own and, but for twins, no other's."""
    rows = table()
    header = rows.pop("code")
    confused = set()
    for code, row in rows.items():
        words = [
            Entry(concept, variant, None)
            for concept, cell in zip(header[2:], row[2:], strict=True)
            for variant in cell.split("|")
        ]
        own = check_language(words, code)
        assert own.passed, own
        others = (other for other in rows if other != code)
        confused |= {(code, other) for other in others if check_language(words, other).passed}
    assert confused == {("id", "ms"), ("ms", "id")}


def test_the_table_is_whole_and_in_the_right_scripts() -> None:
    rows = table()
    header = rows.pop("code")
    assert len(header) == len(set(header)) == 42
    assert set(SCRIPTS) - {"en"} <= set(rows)
    assert list(rows) == sorted(rows)
    for code, row in rows.items():
        assert len(row) == len(header), code
        for cell in row[2:]:
            for variant in cell.split("|"):
                assert variant.strip() == variant != "", (code, cell)
                assert unicodedata.is_normalized("NFC", variant), (code, variant)
                assert script_share(variant, code) in (None, 1.0), (code, variant)


def test_the_table_is_packaged(tmp_path: Path) -> None:
    project = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    assert '"**/*.tsv"' in project
