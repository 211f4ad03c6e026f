"""What dictionaries say of parts of speech: in each format, in the table, in the sheet."""

from pathlib import Path
from typing import Any

import pytest

from lexicon.samples import (
    CEDICT,
    EDICT,
    JMDICT,
    TEI,
    entries,
    freedict,
    parts,
    write,
)
from polystilts.errors import InputError
from polystilts.lexicon.build import build
from polystilts.lexicon.parts_of_speech import edict, jmdict, joined, union
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table

# https://universaldependencies.org/u/pos/, as of version 2
UPOS = set("ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split())


def test_wikdict_names_them_beside_the_headword(tmp_path: Path) -> None:
    files = freedict(
        tmp_path,
        [
            "light //laɪt// <adj>\n1. kevyt, helppo\nof little weight\n2. vaalea\npale\n",
            "light //laɪt// <n>\nvalo\n",
            "Paris //ˈpærɪs// <pn>\nPariisi\n",
            "and //ænd// <conjunction>\nja\n",
            "un- //ʌn// <prefix>\nepä\n",
            "no //noʊ// <determiner>\nei mikään\n",
            "house /haus/\ntalo\n",
        ],
    )
    assert parts("freedict", "fi", *files) == [
        ("light", "kevyt", "ADJ"),
        ("light", "helppo", "ADJ"),
        ("light", "vaalea", "ADJ"),
        ("light", "valo", "NOUN"),
        ("Paris", "Pariisi", "PROPN"),
        ("and", "ja", "CCONJ SCONJ"),
        ("un-", "epä", None),
        ("no", "ei mikään", "DET"),
        ("house", "talo", None),
    ]


def test_ding_names_them_or_a_gender_after_each_translation(tmp_path: Path) -> None:
    files = freedict(
        tmp_path,
        [
            "family /f/\nGeschlecht <neut>, Familie <fem>\n",
            "bank /b/\nauf die Bank bringen [Geld, Gold] , einzahlen <v, trans>\n",
            "near /n/\nnahe <adj> <adv>, bei <prep>; nah\n",
            "people /p/\nLeute <pl>\n",
        ],
    )
    assert sorted(parts("freedict", "de", *files)) == [
        ("bank", "auf die Bank bringen", None),
        ("bank", "einzahlen", "VERB"),
        ("family", "Familie", "NOUN"),
        ("family", "Geschlecht", "NOUN"),
        ("near", "bei", "ADP"),
        ("near", "nah", None),
        ("near", "nahe", "ADJ ADV"),
        ("people", "Leute", "NOUN"),
    ]


def test_hindi_and_turkish_records(tmp_path: Path) -> None:
    hindi = freedict(
        tmp_path, ["voyage /v/ <N>\n1. यात्रा\n", "cool /c/ <VTI>\n1. ठंडा\n", "a /a/ <N/Det>\nएक\n"]
    )
    assert [pos for _, _, pos in parts("freedict", "hi", *hindi)] == ["NOUN", "VERB", "DET NOUN"]
    # the label before a translation and the phrase after it go, and take no comma with them
    turkish = freedict(tmp_path, ["run /r/\n1. b.h. koşu <n>, koşmak <v>. run out, bitmek <n>\n"])
    assert parts("freedict", "tr", *turkish) == [("run", "koşu", "NOUN"), ("run", "koşmak", "VERB")]


def test_freedict_in_tei(tmp_path: Path) -> None:
    path = write(tmp_path / "eng-fin.tei", TEI)
    assert parts("freedict_tei", "fi", path) == [
        ("light", "kevyt", "ADJ"),
        ("light", "helppo", "ADJ"),
        ("light", "valo", "NOUN"),
        ("run", "juosta", "VERB"),
        ("hello", "hei", None),
    ]
    assert entries("freedict_tei", "fi", path)[1] == {
        "translations of examples": 1,
        "translations into other languages": 1,
        "further forms of a headword": 1,
        "headwords without their `to`": 1,
        "headwords without a translation": 1,
    }


def test_tei_headwords_lose_the_capitals_that_all_have(tmp_path: Path) -> None:
    entry = "<entry><form><orth>{}</orth></form><cit type='trans'><quote>كلمة</quote></cit></entry>"
    titled = "".join(entry.format(f"W{letter}") for letter in "abcdefghijklmnopqrstu")
    path = write(tmp_path / "eng-ara.tei", f"<TEI>{titled}</TEI>")
    read, counts = entries("freedict_tei", "ar", path)
    assert read[0] == ("wa", "كلمة")
    assert counts["capitals of headwords removed"] == 21


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEI[:-20], r"d\.tei:\d+: not well-formed XML"),
        ("<TEI></TEI>", r"d\.tei: no entries; expected a dictionary of FreeDict in TEI"),
        (
            '<!DOCTYPE a [<!ENTITY e SYSTEM "/x">]><TEI>&e;</TEI>',
            r"d\.tei:1: declares the",
        ),
    ],
)
def test_damaged_tei(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        entries("freedict_tei", "fi", write(tmp_path / "d.tei", text))


def test_edict_names_them_at_the_first_gloss_of_a_sense(tmp_path: Path) -> None:
    lines = EDICT + "勉強 [べんきょう] /(n,vs) study/(adj-i) (2) cheap/(3) bargain (n) sale/\n"
    path = write(tmp_path / "edict", lines.encode("euc_jp"))
    found = {(source, target): pos for source, target, pos in parts("edict", "ja", path)}
    assert found == {
        ("do", "やる"): "VERB",
        ("house", "家"): "NOUN",
        ("residence", "家"): "NOUN",
        ("family", "家"): "NOUN",
        ("mansion", "邸宅"): "ADJ NOUN",
        ("house", "邸宅"): "ADJ NOUN",
        ("dog", "犬"): "NOUN",
        ("repetition mark in katakana", "ヽ"): None,
        ("study", "勉強"): "NOUN VERB",
        ("cheap", "勉強"): "ADJ",
        # a sense that names none has that of the one before it
        ("bargain sale", "勉強"): "ADJ",
    }


def test_jmdict_spells_them_out(tmp_path: Path) -> None:
    text = JMDICT.replace("<sense><gloss>to send", "<sense><pos>Godan verb</pos><gloss>to send")
    found = {
        (source, target): pos
        for source, target, pos in parts("jmdict", "ja", write(tmp_path / "JMdict_e", text))
    }
    assert found == {
        ("house", "邸宅"): "NOUN",
        ("mansion", "邸宅"): "NOUN",
        ("house", "家"): "NOUN",
        ("family", "家"): "NOUN",
        ("do", "やる"): None,
        ("send", "遣る"): "VERB",
        ("bread & buns", "パン"): None,
    }


@pytest.mark.parametrize(
    ("short", "long", "names"),
    [
        ("n", "noun (common) (futsuumeishi)", "NOUN"),
        ("n-pr", "proper noun", "PROPN"),
        ("pn", "pronoun", "PRON"),
        ("adj-i", "adjective (keiyoushi)", "ADJ"),
        ("adj-na", "adjectival nouns or quasi-adjectives (keiyodoshi)", "ADJ"),
        ("adj-no", "nouns which may take the genitive case particle 'no'", "ADJ"),
        ("adj-pn", "pre-noun adjectival (rentaishi)", "DET"),
        ("adj-f", "noun or verb acting prenominally", "ADJ"),
        ("adj-t", "'taru' adjective", "ADJ"),
        ("adv", "adverb (fukushi)", "ADV"),
        ("adv-to", "adverb taking the 'to' particle", "ADV"),
        ("aux-v", "auxiliary verb", "AUX"),
        ("conj", "conjunction", "CCONJ SCONJ"),
        ("ctr", "counter", "NOUN"),
        ("n-suf", "noun, used as a suffix", "NOUN"),
        ("int", "interjection (kandoushi)", "INTJ"),
        ("num", "numeric", "NUM"),
        ("prt", "particle", "PART"),
        ("v1", "Ichidan verb", "VERB"),
        ("v5k-s", "Godan verb - Iku/Yuku special class", "VERB"),
        ("v2a-s", "Nidan verb with 'u' ending (archaic)", "VERB"),
        ("vs", "noun or participle which takes the aux. verb suru", "VERB"),
        ("vt", "transitive verb", "VERB"),
        ("exp", "expressions (phrases, clauses, etc.)", None),
        ("suf", "suffix", None),
        ("comp", "computing", None),
    ],
)
def test_japanese_tags_in_short_and_in_full(short: str, long: str, names: str | None) -> None:
    assert edict(short) == names
    assert jmdict(long) == names
    assert jmdict(short) == names
    assert set((names or "X").split()) <= UPOS


def test_names_are_joined_once_and_in_order() -> None:
    assert joined(["vt", "n", "v1", "arch"], edict) == "NOUN VERB"
    assert joined(["arch"], edict) is None
    assert union("VERB", "NOUN") == "NOUN VERB"
    assert union("NOUN VERB", "ADJ NOUN") == "ADJ NOUN VERB"
    assert union(None, "NOUN") == union("NOUN", None) == "NOUN"
    assert union(None, None) is None


def test_cedict_states_none(tmp_path: Path) -> None:
    found = parts("cedict", "zh", write(tmp_path / "cedict.txt", CEDICT))
    assert {pos for _, _, pos in found} == {None}


def test_a_lexicon_of_three_dictionaries(tmp_path: Path) -> None:
    """What each of them says of a pair comes together; a double within one is no agreement."""
    write(tmp_path / "muse.txt", "light kevyt\nlight kevyt\nlight valo\ncat kissa\n")
    write(tmp_path / "eng-fin.tei", TEI)
    freedict(tmp_path, ["light //laɪt// <v>\nkevyt\n", "light //laɪt// <v>\nkevyt\nsytyttää\n"])
    names = {
        "muse": ("muse", ["muse.txt"]),
        "tei": ("freedict_tei", ["eng-fin.tei"]),
        "wikdict": ("freedict", ["freedict-eng-xxx.index", "freedict-eng-xxx.dict.dz"]),
    }
    record: dict[str, Any] = {
        "language": "fi",
        "dictionaries": [
            {"name": name, "reader": reader, "files": files}
            for name, (reader, files) in names.items()
        ],
        "gate": {},
    }
    build(record, tmp_path, tmp_path / "fi.parquet", tmp_path / "fi.json", "k")
    rows = read_table(tmp_path / "fi.parquet").to_pylist()
    assert [(row["source"], row["target"], row["agreement"], row["pos"]) for row in rows] == [
        ("light", "kevyt", 3, "ADJ VERB"),
        ("light", "valo", 2, "NOUN"),
        ("light", "helppo", 1, "ADJ"),
        ("cat", "kissa", 1, None),
        ("run", "juosta", 1, "VERB"),
        ("hello", "hei", 1, None),
    ]
    assert [row["rank"] for row in rows] == [0, 1, 2, 0, 0, 0]
    sheet = verify(tmp_path / "fi.json")
    assert sheet["pairs_with_part_of_speech"] == 4
    assert sheet["pairs_of_several_dictionaries"] == 2
    muse, tei, wikdict = sheet["dictionaries"]
    assert muse["rejected"] == {"duplicate": 1}
    assert (tei["kept"], tei["rejected"]) == (3, {"duplicate": 2})
    assert (wikdict["kept"], wikdict["rejected"]) == (0, {"duplicate": 2})
