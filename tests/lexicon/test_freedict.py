"""FreeDict's databases: every trap seen in the published ones, and damaged files."""

import gzip
import time
from pathlib import Path

import pytest

from lexicon.samples import database, dictzip, entries, freedict, write
from polystilts.errors import ConfigError, InputError


def pairs(folder: Path, language: str, *records: str) -> list[tuple[str, str]]:
    return entries("freedict", language, *freedict(folder, records))[0]


def test_plain_lists_and_numbered_senses(tmp_path: Path) -> None:
    files = freedict(
        tmp_path,
        [
            "house /haus/\nhuis, pand\n",
            "light /lait/\n1. aansteken, doen ontbranden\n2. licht\n",
            "well-known /w/ <adj>\n\nbekend\n",
            "above /əbouv/\n\n",
        ],
    )
    read, counts = entries("freedict", "nl", *files)
    assert read == [
        ("house", "huis"),
        ("house", "pand"),
        ("light", "aansteken"),
        ("light", "doen ontbranden"),
        ("light", "licht"),
        ("well-known", "bekend"),
    ]
    assert counts == {"records about the database": 1, "headwords without a translation": 1}


def test_wikdict_glosses_are_no_translations(tmp_path: Path) -> None:
    good = (
        "good //ɡʊ(d)// /[ɡɪ̈d]/ <adj>\n1. добъ́р, добър 2.\nacting in the interest of good\n 3.\n"
        "favourable\n2. [[го́ден|годен]]\nof food\n"
    )
    water = "water //ˈwɔːtə// <n>\nвода 2.\nclear liquid H₂O\n 3.\none of the basic elements\n"
    assert pairs(tmp_path, "bg", good, water) == [
        ("good", "добъ́р"),
        ("good", "добър"),
        ("good", "годен"),
        ("water", "вода"),
    ]


def test_ding_labels_examples_and_references_are_left_out(tmp_path: Path) -> None:
    house = (
        "house /hˈaʊs/\nHaus <neut>\n"
        '      "build a house"  - ein Haus bauen\n see: {houses}, {open house}\n\n'
    )
    family = "house /hˈaʊs/\nGeschlecht <neut>, Familie <fem>\n"
    ice = "ice cream /ˈaɪs/\nEis <neut>, Glace <fem> [Schw.]  [cook.]\n   Synonym: {ice}\n"
    verb = "bank /bˈaŋk/ <v>\nauf die Bank bringen [Geld] , einzahlen <v, trans>\n"
    drop = "stay in /st/\n(allein) im Haus bleiben, Haus(es)\n"
    mayor = "Mayor /m/\n [Am.] Bürgermeister <masc>OB,  /ˈɒb/ \n"
    assert pairs(tmp_path, "de", family, house, ice, verb, drop, mayor) == [
        # The file is in the order of the German words: records with examples come first.
        ("house", "Haus"),
        ("ice cream", "Eis"),
        ("ice cream", "Glace"),
        ("house", "Geschlecht"),
        ("house", "Familie"),
        ("bank", "auf die Bank bringen"),
        ("bank", "einzahlen"),
        ("stay in", "im Haus bleiben"),
        ("stay in", "Haus(es)"),
        ("Mayor", "Bürgermeister OB"),
    ]


def test_lines_of_the_index_for_other_forms(tmp_path: Path) -> None:
    send = "send /sˈɛnd/ (sent /sˈɛnt/ <>, sent /sˈɛnt/ <>) <v>\nsenden <v>\n"
    fibre = "fiber, fibre /faibər/ <s>\nfibra\n"
    index, text = database([("send", send), ("sent", send), ("fiber", fibre), ("fibre", fibre)])
    files = [write(tmp_path / "x.index", index), write(tmp_path / "x.dict", text)]
    read, counts = entries("freedict", "pt", *files)
    assert read == [("send", "senden"), ("fiber", "fibra"), ("fibre", "fibra")]
    assert counts["index lines for other forms of a headword"] == 1


def test_hungarian_verbs_and_irregular_forms(tmp_path: Path) -> None:
    read, counts = entries(
        "freedict",
        "hu",
        *freedict(
            tmp_path,
            [
                "lawman, lawmen /l/\n1. rendôrbíró\n2. rendôr\n",
                "to ring, rang, rung /t/\ncsenget\n",
                "no, thank you /n/\nnem, köszönöm\n",
                "to blow one`s trumpet /t/\nhenceg\n",
            ],
        ),
    )
    assert read == [
        ("lawman", "rendôrbíró"),
        ("lawman", "rendôr"),
        ("ring", "csenget"),
        ("no, thank you", "nem"),
        ("no, thank you", "köszönöm"),
        ("blow one's trumpet", "henceg"),
    ]
    assert counts["headwords without their `to`"] == 2
    assert counts["headwords without their further forms"] == 2
    assert counts["grave accents read as apostrophes"] == 1


def test_hindi_spaces_and_remarks(tmp_path: Path) -> None:
    read = pairs(
        tmp_path,
        "hi",
        'voyage /v/ <N>\n1. यात्रा{जल~या~विमान}\n      "A voyage"\n2. जन~यात्रा.\n',
        "hoove /h/ <N>\n1. खुर[बहु]\n",
        "armour~plated /a/ <Adj>\n1. कवचित\n",
    )
    assert read == [
        ("voyage", "यात्रा"),
        ("voyage", "जन यात्रा"),
        ("hoove", "खुर"),
        ("armour plated", "कवचित"),
    ]


def test_turkish_labels_and_phrases(tmp_path: Path) -> None:
    read, counts = entries(
        "freedict",
        "tr",
        *freedict(
            tmp_path,
            [
                "house /h/\n1. ev, mesken\n2. (kil.) meclis\n3. kenar (nehir, göl)\n"
                "4. hane. house arrest evde hapis. house dog ev köpeği.\n5. b.h. hanedan\n",
                "kelpie , kelpy /k/\n1. (mit.) deniz perisi.\n",
            ],
        ),
    )
    assert [target for _, target in read] == [
        *("ev", "mesken", "meclis", "kenar", "hane", "hanedan", "deniz perisi"),
    ]
    assert read[-1][0] == "kelpie"
    assert counts["phrases after a translation cut off"] == 1


def test_arabic_headwords_lose_their_capitals(tmp_path: Path) -> None:
    words = ["House /h/\nالمنزل\n", *(f"{word} /w/\nكلمة\n" for word in "A B C D E F G".split())]
    words += [f"{word * 2} /w/\nكلمة\n" for word in "ABCDEFGHIJKLM"]
    read, counts = entries("freedict", "ar", *freedict(tmp_path, words))
    assert ("house", "المنزل") in read
    assert all(source == source.lower() for source, _ in read)
    assert counts["capitals of headwords removed"] == len(words)


def cut(*records: str) -> list[str]:
    """Return records among enough others for a dictionary whose headwords were cut."""
    others = [f"w{chr(97 + n)} /w{chr(97 + n)}/\nx\n" for n in range(20)]
    return [*records, *others, *others[:2]]


def test_cut_headwords_by_their_pronunciation(tmp_path: Path) -> None:
    """As in Debian's English-Spanish of 2022: `house charge` and `note` of `bank note` are cut."""
    read, counts = entries(
        "freedict",
        "es",
        *freedict(
            tmp_path,
            cut(
                "bank /bˈaŋk/\nbilletedebanco\n",
                "bank /bæŋk/\nbanco, escaño\n",
                "bank /bæŋkəkaunt/\ncuentabancaria\n",
                "house /haus/\ncasa\n",
                "house /haustʃɑːdʒ/\nservicio\n",
                "frying /fraiiŋpæn/\nsartén\n",
                "axis /æksis/\neje\n",
                "ABC /eibiːsiː/\nalfabeto\n",
            ),
        ),
    )
    assert [pair for pair in read if pair[1] != "x"] == [
        ("bank", "banco"),
        ("bank", "escaño"),
        ("house", "casa"),
        ("axis", "eje"),
        ("ABC", "alfabeto"),
    ]
    assert counts["records of cut headwords"] == 4 + 2


def test_cut_headwords_without_pronunciations_of_their_own(tmp_path: Path) -> None:
    """As in the Afrikaans one: the first record is that of the word itself."""
    records = cut("house /hˈaʊs/\nhuis\n", "house /hˈaʊs/\nbedehuis\n", "the /ðˈə/\ndie\n")
    records += [f"the /ðˈə/\n{place}\n" for place in ("Antarktika", "Noordpool")]
    read, _ = entries("freedict", "af", *freedict(tmp_path, records))
    assert [pair for pair in read if pair[1] != "x"] == [("house", "huis"), ("the", "die")]


def test_homographs_stay_where_no_headword_was_cut(tmp_path: Path) -> None:
    records = cut("house /hˈaʊs/ <n>\nev\n", "house /hˈaʊz/ <v>\nbarındırmak\n")
    read, _ = entries("freedict", "fi", *freedict(tmp_path, [*records, "ice cream /a/\ny\n"]))
    assert ("house", "barındırmak") in read


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("house\tA\n", r"x\.index:1: expected headword, offset, length; found 'house\\tA'"),
        ("house\tA\tE\nhut\tA!\tE\n", r"x\.index:2: 'A!' is no number in base 64"),
        ("house\tA\t\n", r"x\.index:1: '' is no number"),
        ("house\tA\tAAAAAAAAAAAAAAB\n", r"x\.index:1: 'A+B' is no number"),
        ("house\tA\t//\n", r"x\.index:1: 'house' stands at bytes 0\+4095, but the text has 14"),
        ("house\t/////\tB\n", r"x\.index:1: .* but the text has 14 bytes\. Fetch both"),
        ("house\tA\tH\n", r"x\.index:1: the text of 'house' is not UTF-8"),
        ("", r"x\.index: the file is empty"),
        (b"h\xff\tA\tB\n", r"x\.index:1: not UTF-8"),
    ],
)
def test_damaged_indexes(tmp_path: Path, index: str | bytes, message: str) -> None:
    files = [write(tmp_path / "x.index", index), write(tmp_path / "x.dict", "house\né 12345")]
    with pytest.raises(InputError, match=message):
        entries("freedict", "fr", *files)


def test_damaged_texts(tmp_path: Path) -> None:
    index, text = database([("house", "house /h/\nmaison\n")])
    files = [write(tmp_path / "x.index", index), tmp_path / "x.dict.dz"]
    with pytest.raises(InputError, match=r"x\.dict\.dz: there is no such file"):
        entries("freedict", "fr", *files)
    for broken in (dictzip(text)[:-9], text, b"", dictzip(text)[:-8] + b"12345678"):
        write(files[1], broken)
        with pytest.raises(InputError, match=r"x\.(dict\.dz|index)"):
            entries("freedict", "fr", *files)


def test_a_bomb_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polystilts.lexicon.readers.dictd.LARGEST_TEXT", 1 << 20)
    index, _ = database([("house", "house")])
    files = [write(tmp_path / "x.index", index)]
    files.append(write(tmp_path / "x.dict.dz", gzip.compress(bytes(1 << 24))))
    with pytest.raises(InputError, match=r"x\.dict\.dz: holds more than 1048576 bytes"):
        entries("freedict", "fr", *files)


def test_an_index_of_another_release_is_refused(tmp_path: Path) -> None:
    words = [f"word{n}" for n in range(30)]
    index, text = database((word, f"{word} /w/\nmot\n") for word in words)
    files = [write(tmp_path / "x.index", index), write(tmp_path / "x.dict", text)]
    assert len(entries("freedict", "fr", *files)[0]) == 30
    write(files[1], b"text of another release " + text)
    with pytest.raises(InputError, match=r"x\.index: \d+ of 30 records begin with another word"):
        entries("freedict", "fr", *files)


def test_the_files_are_told_apart(tmp_path: Path) -> None:
    index, text = freedict(tmp_path, ["house /h/\nmaison\n"])
    assert entries("freedict", "fr", text, index)[0] == [("house", "maison")]
    for files in ((index,), (text,), (index, index), ()):
        with pytest.raises(ConfigError, match=r"NAME\.index and NAME\.dict\.dz; got"):
            entries("freedict", "fr", *files)


@pytest.mark.parametrize("piece", [" ", "<", "[[", "(", "/ ", "1. ", "a, ", ".", "b. ", "{", " 1"])
def test_long_records_take_no_longer(tmp_path: Path, piece: str) -> None:
    """The longest record that is read, made of what the patterns look for."""
    record = piece * (100_000 // len(piece))
    files = freedict(tmp_path, {"x": f"house{record}\n{record}\n"})
    start = time.monotonic()
    entries("freedict", "tr", *files)
    assert time.monotonic() - start < 5
