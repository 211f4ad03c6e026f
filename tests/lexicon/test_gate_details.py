"""What the gate takes for broken text, what it mends, and what it remarks on."""

from collections import Counter

import pytest

from polystilts.lexicon.chinese import is_traditional
from polystilts.lexicon.encoding import is_broken
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.repairs import mended


def twice(text: str, page: str) -> str:
    """Return a text that was written in UTF-8 and read in a code page."""
    return text.encode("utf-8").decode(page)


@pytest.mark.parametrize(
    "text",
    [
        twice("café", "latin-1"),
        twice("Straße", "cp1252"),
        twice("don’t", "cp1252"),
        twice("дом", "latin-1"),
        twice("вода", "cp1251"),
        twice("منزل", "latin-1"),
        twice("家", "latin-1"),
        "caf\ufffd",
        "current\x96voltage",
        "a\x00b",
        "a\x7f",
        "\ue000",
        "\u0378",
        "\u0301a",
        "\u093fराम",  # a vowel sign of Devanagari whose consonant is gone
    ],
)
def test_broken_text(text: str) -> None:
    assert is_broken(text)


@pytest.mark.parametrize(
    "text",
    [
        *("house", "café", "Ångström", "Ünverdi", "Úžas", "naïveté", "être", "ÊTRE", "São Tomé"),
        *("дом", "Рёв", "Сёмга", "РУССКИЙ", "къ́ща", "राम", "น้ำ", "می‌خواهم", "منزل", "家", "º"),
        *("l’eau", "„Haus“", "Nº", "mẹ́ta", "ʻokina", "cafe\u0301", "þrír", "Šeš", "ĳs"),
    ],
)
def test_sound_text(text: str) -> None:
    assert not is_broken(text)


@pytest.mark.parametrize(
    ("language", "text", "mend", "name"),
    [
        ("bg", "къ́ща", "къща", "stress marks removed"),
        ("ru", "звони\u0300ть", "звонить", "stress marks removed"),
        ("bg", "\u045d", "\u045d", None),  # a word of its own
        ("bg", "й", "й", None),
        ("kk", "къ́ща", "къ́ща", None),
        ("hu", "nézôtér", "nézőtér", "broken letters mended"),
        ("hu", "fû", "fű", "broken letters mended"),
        ("fr", "tôt", "tôt", None),
        ("tr", "kadýn", "kadın", "broken letters mended"),
        ("is", "þýða", "þýða", None),
        ("nl", "schĳn", "schijn", "ligatures opened"),
        ("ar", "الشّجاعة", "الشجاعة", "vowel marks removed"),
        ("ar", "كـتاب", "كتاب", "vowel marks removed"),
        ("fa", "مثلاً", "مثلاً", None),
        ("he", "יֶלֶד", "ילד", "vowel marks removed"),
        ("he", "בית־ספר", "בית־ספר", None),
        ("fa", "می\u200cخواهم", "می\u200cخواهم", None),
        ("th", "น้ำ\u200b", "น้ำ", "invisible characters removed"),
        ("de", "Haus\u00adtür\u200f", "Haustür", "invisible characters removed"),
        ("de", "zu\u00a0 Hause ", "zu Hause", "white space mended"),
        ("de", "Haus", "Haus", None),
    ],
)
def test_repairs_by_language(language: str, text: str, mend: str, name: str | None) -> None:
    counts: Counter[str] = Counter()
    assert mended(text, language, counts) == mend
    assert +counts == ({name: 1} if name else {})


@pytest.mark.parametrize(
    ("text", "traditional"),
    [("書", True), ("书", False), ("狗", False), ("飲水", True), ("饮水", False), ("dog", False)],
)
def test_traditional_characters(text: str, traditional: bool) -> None:
    assert is_traditional(text) is traditional


def outcome(source: str, target: str, language: str = "de", **policy: int) -> str:
    gate = Gate(language, GatePolicy(**policy))  # type: ignore[arg-type]
    rows = list(gate.admit([Entry(source, target, 1)], "muse"))
    (reason,) = [*(+gate.rejected), *["kept" for _ in rows]]
    return reason


@pytest.mark.parametrize(
    ("source", "target", "language", "reason"),
    [
        ("house", "Haus", "de", "kept"),
        ("house", "house", "de", "self-pair"),
        ("House", "hOUSE", "de", "self-pair"),
        ("japan}}", "Japan", "de", "mark-up"),
        ("#saint", "heilig", "de", "mark-up"),
        ("house", "das Haus/Heim", "de", "mark-up"),
        ("house", "Haus…", "de", "mark-up"),
        ("house", "&nbsp;Haus", "de", "mark-up"),
        ("house", "http://haus.de", "de", "mark-up"),
        ("of", "-ból", "hu", "affix"),
        ("water", "water‐", "nl", "affix"),
        ("un-", "un", "de", "affix"),
        ("mother-in-law", "Schwieger-mutter", "de", "kept"),
        ("house", "дом", "de", "wrong script"),
        ("δ", "Delta", "de", "wrong script"),
        ("fiancι", "γαμπρός", "el", "wrong script"),
        ("Baháʼí", "Бахаи", "ru", "kept"),
        ("café", "Kaffeehaus", "de", "kept"),
        ("two", "2", "de", "digits"),
        ("two", "²", "de", "digits"),
        ("two", "२", "hi", "digits"),
        ("?!", "Haus", "de", "no letters"),
        ("  ", "Haus", "de", "blank"),
        ("house", "\u200b", "de", "blank"),
        ("house", "HÃ¤user", "de", "encoding"),
    ],
)
def test_reasons(source: str, target: str, language: str, reason: str) -> None:
    assert outcome(source, target, language) == reason


def test_most_words() -> None:
    assert outcome("grinning face with big eyes", "Gesicht", most_words=4) == "multi-word"
    assert outcome("house", "ein sehr altes großes Haus", most_words=4) == "multi-word"
    assert outcome("ice cream", "das Eis am Stiel", most_words=4) == "kept"


def test_remarks_are_counted() -> None:
    gate = Gate("ar")
    pairs = [("House", "المنزل"), ("the", "ال"), ("ice cream", "مثلجات باردة")]
    assert len(list(gate.admit([Entry(*pair, 1) for pair in pairs], "x"))) == 3
    assert +gate.noticed == {
        "sources with capitals": 1,
        "targets with the article": 1,
        "multi-word sources": 1,
        "multi-word targets": 1,
    }
    chinese = Gate("zh", GatePolicy(chinese="keep"))
    list(chinese.admit([Entry("book", "書", 1), Entry("book", "书", 2)], "x"))
    assert +chinese.noticed == {"targets in traditional characters": 1}


def test_repaired_doubles_are_duplicates() -> None:
    gate = Gate("bg")
    rows = list(gate.admit([Entry("house", "къ́ща", 1), Entry("house", "къща", 2)], "freedict"))
    assert [row.target for row in rows] == ["къща"]
    assert +gate.rejected == {"duplicate": 1}
