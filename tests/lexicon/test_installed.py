"""Real dictionaries: those that Debian packages, read through the gate."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from polystilts.lexicon.catalogue import KINDS
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.language_check import check_language
from polystilts.lexicon.readers import READERS

DICTD = Path("/usr/share/dictd")
CLDR = Path("/usr/share/unicode/cldr/common")
EDICT = Path("/usr/share/edict/edict")
# Single words of English with a translation in a single word: what Debian bookworm's have, less a
# tenth. Other releases have more.
KEYS = {
    **{"af": 4700, "ar": 54000, "bg": 21000, "de": 86000, "el": 12000, "es": 4200, "fi": 34000},
    **{"fr": 6000, "hi": 11800, "hu": 29000, "id": 5600, "it": 3500, "ja": 20500, "nl": 5100},
    **{"pt": 12100, "ru": 1300, "sw": 980, "tr": 19000},
}
# Found among the first five translations
EXPECTED = {
    "af": {"house": "huis", "dog": "hond"},
    "ar": {"house": "المنزل", "water": "الماء"},
    "bg": {"house": "къща", "water": "вода"},
    "de": {"house": "Haus", "dog": "Hund", "ice cream": "Eis", "good": "gut"},
    "el": {"house": "σπίτι", "water": "νερό"},
    "es": {"house": "casa", "dog": "perro", "bank": "banco", "good": "bueno"},
    "fi": {"house": "talo", "dog": "koira"},
    "fr": {"house": "maison", "water": "eau"},
    "hi": {"house": "घर", "water": "पानी"},
    "hu": {"dog": "kutya", "king": "király"},
    "id": {"house": "rumah", "water": "air"},
    "it": {"house": "casa", "bank": "banca"},
    "ja": {"house": "家", "dog": "犬"},
    "nl": {"house": "huis", "target": "doel"},
    "pt": {"house": "casa", "water": "água"},
    "ru": {"house": "дом", "water": "вода"},
    "sw": {"house": "nyumba", "water": "maji", "dog": "mbwa"},
    "tr": {"house": "ev", "water": "su"},
}
# What a build of 2022 that cut its headwords has under `house`, and must not
CUT = {"es": {"servicio", "iglesia"}, "af": {"bedehuis"}, "it": {"chiesa"}}


@dataclass(frozen=True)
class Read:
    words: Mapping[str, Sequence[str]]
    parts_of_speech: Mapping[tuple[str, str], str | None]
    gate: Gate
    verdict: str


def read(reader: str, language: str, files: Sequence[Path]) -> Read:
    """Return a dictionary as the gate lets it through; skip the test where it is not there."""
    missing = [path for path in files if not path.is_file()]
    if missing:
        message = f"NO REAL DICTIONARY: {missing[0]} is not installed (see .ci/run)"
        # A skip's reason is not shown by default; a warning is, in the summary of every run.
        warnings.warn(message, stacklevel=2)
        pytest.skip(message)
    return read_once(reader, language, tuple(files))


@cache
def read_once(reader: str, language: str, files: Sequence[Path]) -> Read:
    entries: list[Entry] = list(READERS[reader](files, language, Counter()))
    check = check_language(entries, language)
    assert check.passed, check.verdict
    assert check.own > 0.6 * check.anchors, check.verdict
    gate = Gate(language, GatePolicy())
    words: dict[str, list[str]] = {}
    pairs = list(gate.admit(entries, reader))
    for pair in pairs:
        words.setdefault(pair.source, []).append(pair.target)
    parts = {(pair.source, pair.target): pair.pos for pair in pairs}
    return Read(words, parts, gate, check.verdict)


def installed(kind: str, language: str) -> list[Path]:
    """Return where Debian has the files of a kind of dictionaries."""
    declared = KINDS[kind]
    names = [file.format(code=declared.codes[language]) for file in declared.files]
    if kind == "freedict":
        return [DICTD / Path(name).name for name in names]
    return [CLDR / name.removeprefix("cldr/common/") for name in names]


@pytest.mark.parametrize("language", sorted(KINDS["freedict"].codes))
def test_freedict(language: str) -> None:
    found = read("freedict", language, installed("freedict", language))
    single = {
        source.lower()
        for source, targets in found.words.items()
        if " " not in source and any(" " not in target for target in targets)
    }
    assert len(single) > KEYS[language]
    for source, target in EXPECTED[language].items():
        assert target in found.words[source][:5], (source, found.words[source][:9])
    assert not CUT.get(language, set()) & set(found.words["house"])
    kept = sum(map(len, found.words.values()))
    assert kept > 8 * (found.gate.rejected.total() - found.gate.rejected["duplicate"])


def test_freedict_is_mended_where_it_is_broken() -> None:
    noticed = {
        language: read("freedict", language, installed("freedict", language)).gate.noticed
        for language in ("bg", "hu", "nl")
    }
    assert noticed["bg"]["stress marks removed"] > 10_000
    assert noticed["hu"]["broken letters mended"] > 30_000
    assert noticed["nl"]["ligatures opened"] > 1_000


@pytest.mark.parametrize(
    ("language", "least", "pairs"),
    [
        ("fi", 0.95, {("house", "talo"): "NOUN", ("Paris", "Pariisi"): "PROPN"}),
        ("ja", 0.95, {("dog", "犬"): "NOUN", ("two", "二"): "NUM"}),
        ("de", 0.70, {("house", "Haus"): "NOUN", ("good", "gut"): "ADJ"}),
        ("hi", 0.95, {("house", "घर"): "NOUN"}),
        ("pt", 0.35, {("table", "tabela"): "NOUN"}),
        ("sw", 0.90, {("house", "nyumba"): "NOUN"}),
    ],
)  # fmt: skip
def test_parts_of_speech_of_freedict(
    language: str, least: float, pairs: Mapping[tuple[str, str], str]
) -> None:
    found = read("freedict", language, installed("freedict", language)).parts_of_speech
    known = [pos for pos in found.values() if pos is not None]
    assert len(known) > least * len(found)
    for pair, pos in pairs.items():
        assert pos in (found[pair] or "").split(), (pair, found[pair])


@pytest.mark.parametrize("language", sorted(KINDS["cldr"].codes))
def test_cldr(language: str) -> None:
    found = read("cldr", language, installed("cldr", language))
    assert sum(map(len, found.words.values())) > 1_500
    assert len([source for source in found.words if " " not in source]) > 400
    assert {"dog", "sunflower"} <= set(found.words)
    if language == "yo":
        assert found.words["dog"] == ["ajá"]
    if language == "de":
        assert found.words["dog"] == ["Hund"]


def test_edict() -> None:
    found = read("edict", "ja", [EDICT])
    assert "犬" in found.words["dog"][:5]
    assert "水" in found.words["water"][:5]
    assert len(found.words) > 150_000
    known = [pos for pos in found.parts_of_speech.values() if pos is not None]
    assert len(known) > 0.95 * len(found.parts_of_speech)
    assert found.parts_of_speech["dog", "犬"] == "NOUN"
    assert "VERB" in (found.parts_of_speech["eat", "食べる"] or "")
