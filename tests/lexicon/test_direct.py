"""Dictionaries read without a study: recognised, checked as in the workflow, told what is not."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest

from lexicon.samples import CEDICT, EDICT, files_of, freedict, panlex, write
from polystilts.errors import DamagedFileError, InputError
from polystilts.lexicon.build import build
from polystilts.lexicon.direct import lexicons_in, read_dictionary
from polystilts.lexicon.gate import GatePolicy

SWEDISH = (
    "the det\nand och\nwater vatten\ndog hund\nhouse hus\nfire eld\nmother mor\nday dag\n"
    "night natt\neye öga\nbook bok\nmilk mjölk\nbread bröd\none en\ntwo två\nkenya kenya\n"
)


def pairs(table: pa.Table) -> list[tuple[str, str]]:
    return list(zip(table["source"].to_pylist(), table["target"].to_pylist(), strict=True))


def sample(folder: Path, reader: str) -> list[Path]:
    return [write(folder / name, content) for name, content in files_of(reader).items()]


def lexicon(folder: Path, language: str, text: str) -> Path:
    write(folder / "d.txt", text)
    dictionary = {"name": "d", "reader": "muse", "files": ["d.txt"]}
    record = {"language": language, "dictionaries": [dictionary], "gate": {}}
    path = folder / f"{language}.parquet"
    build(record, folder, path, path.with_suffix(".json"), "k")
    return path


def test_muse_separated_by_spaces_and_tabs(tmp_path: Path) -> None:
    path = write(tmp_path / "words", "house casa\ncat\tgato\nhouse\thogar\nice cream\thelado\n")
    read = read_dictionary(path, "es")
    assert read.table.to_pydict() == {
        "source": ["house", "house", "cat", "ice cream"],
        "target": ["casa", "hogar", "gato", "helado"],
        "rank": [0, 1, 0, 0],
        "agreement": [1, 1, 1, 1],
        "pos": [None] * 4,
    }
    assert read.facts["reader"] == "muse"


def test_lists_with_further_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "es.txt", "cat\tgato\nice cream\thelado\tnoun\n")
    read = read_dictionary(path, "es")
    assert (read.facts["reader"], pairs(read.table)) == (
        "tsv",
        [("cat", "gato"), ("ice cream", "helado")],
    )
    assert read.facts["counts"] == {"lines with columns after the second": 1}


@pytest.mark.parametrize(
    ("reader", "language", "name", "pair"),
    [
        ("cedict", "zh", "cedict.txt", ("dog", "狗")),
        ("cldr", "yo", "annotations/yo.xml", ("dog", "ajá")),
        ("edict", "ja", "edict", ("dog", "犬")),
        ("freedict", "de", "x.index", ("house", "Haus")),
        ("freedict", "de", "x.dict.dz", ("house", "Haus")),
        ("freedict_tei", "fi", "eng-fin.tei", ("light", "valo")),
        ("jmdict", "ja", "JMdict_e", ("house", "家")),
        ("panlex", "de", "expr.csv", ("house", "Haus")),
        ("panlex", "de", ".", ("house", "Haus")),
    ],
)
def test_each_format_is_recognised(
    tmp_path: Path, reader: str, language: str, name: str, pair: tuple[str, str]
) -> None:
    files = sample(tmp_path, reader)
    read = read_dictionary(tmp_path / name, language)
    assert read.facts["reader"] == reader
    assert pair in pairs(read.table)
    assert read.facts["files"] == {
        file.relative_to(tmp_path).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in files
    }
    assert read.table["rank"].type == pa.int32()
    json.dumps(read.facts)


def test_swadesh_lists_beside_the_english_one(tmp_path: Path) -> None:
    write(tmp_path / "eng-000.txt", "I\nwater\n")
    path = write(tmp_path / "swh-000.txt", "mimi\nmaji\n")
    read = read_dictionary(path, "sw")
    assert (read.facts["reader"], pairs(read.table)) == (
        "panlex_swadesh",
        [("I", "mimi"), ("water", "maji")],
    )


def test_a_file_that_is_published_in_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(CEDICT.encode("utf-8"))
    path = write(tmp_path / "cedict_1_0_ts_utf-8_mdbg.txt.gz", packed)
    read = read_dictionary(path, "zh")
    assert ("dog", "狗") in pairs(read.table)
    assert read.facts["files"] == {path.name: sha256(packed).hexdigest()}
    write(path, gzip.compress(b"dog\n"))
    with pytest.raises(InputError, match=r"mdbg\.txt\.gz:1: expected a word and its translation"):
        read_dictionary(path, "zh")
    write(path, gzip.compress(SWEDISH.encode("utf-8")))
    with pytest.raises(InputError, match=r"mdbg\.txt\.gz: no pair.* Is it the right file"):
        read_dictionary(path, "sw")
    write(path, packed[:-20])
    with pytest.raises(InputError, match=r"mdbg\.txt\.gz: "):
        read_dictionary(path, "zh")


def test_the_facts(tmp_path: Path) -> None:
    text = "water maji\nhouse nyumba\nDog mbwa\nfire moto\nbook kitabu\nbook kitabu\nKenya Kenya\n"
    path = write(tmp_path / "sw.txt", text)
    facts = read_dictionary(path, "sw").facts
    assert facts["files"] == {"sw.txt": sha256(text.encode()).hexdigest()}
    assert (facts["language"], facts["reader"], facts["pairs"], facts["kept"]) == (
        *("sw", "muse"),
        *(7, 5),
    )
    assert facts["rejected"] == {"duplicate": 1, "self-pair": 1}
    assert facts["noticed"] == {"sources with capitals": 1}
    assert facts["language_check"]["verdict"] == "Swahili: 5 of 5 anchor words"
    assert facts["not_checked"] == []
    kept = read_dictionary(path, "sw", GatePolicy(self_pairs="keep"))
    assert ("Kenya", "Kenya") in pairs(kept.table)


def test_parts_of_speech_are_kept(tmp_path: Path) -> None:
    index, _ = freedict(tmp_path, ["light //l// <adj>\nkevyt\n", "light //l// <n>\nvalo\nkevyt\n"])
    read = read_dictionary(index, "fi")
    assert read.table["pos"].to_pylist() == ["ADJ", "NOUN"]
    assert read.facts["pairs_with_part_of_speech"] == 2


def test_a_list_in_another_language_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "en-sw.txt", SWEDISH)
    with pytest.raises(InputError) as refused:
        read_dictionary(path, "sw")
    assert str(refused.value) == (
        f"{path}: no pair for 'sw' passes the gate ({{'wrong language': 16}}; looks like Swedish"
        " (sv): 14 of 14 anchor words; Swahili: 0 of 14). Is it the right file and language?"
        " If it is 'sv', read it as that."
    )
    assert len(read_dictionary(path, "sv").table) == 15
    with pytest.raises(InputError, match=r"no pair for 'ru' passes the gate"):
        read_dictionary(path, "ru")


def test_a_language_that_nothing_is_known_about(tmp_path: Path) -> None:
    """Ossetian has neither a script nor anchors here: its words are read, and this is told."""
    path = write(tmp_path / "os.txt", "water дон\nhouse хӕдзар\nhouse house\nhouse <b>\nx2 х\n")
    read = read_dictionary(path, "os")
    assert pairs(read.table) == [("water", "дон"), ("house", "хӕдзар")]
    assert read.facts["rejected"] == {"self-pair": 1, "mark-up": 1, "digits": 1}
    assert read.facts["not_checked"] == [
        "the language: not checked: no anchor words for 'os'",
        "the script: not known for 'os'",
    ]


def test_a_known_language_of_few_words(tmp_path: Path) -> None:
    facts = read_dictionary(write(tmp_path / "sw.txt", "water maji\n"), "sw").facts
    assert facts["not_checked"] == ["the language: not checked: 1 anchor words"]


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("swh", r"read as 'swh', which is 'sw' here\. Give it as 'sw'"),
        ("swahili", r"read as 'swahili', which is no code of a language\. .* two-letter codes"),
        ("SW", r"no code of a language"),
        ("", r"no code of a language"),
    ],
)
def test_codes_of_languages(tmp_path: Path, language: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_dictionary(write(tmp_path / "sw.txt", "water maji\n"), language)


def test_a_lexicon_of_a_study(tmp_path: Path) -> None:
    path = lexicon(tmp_path, "es", "house casa\nhouse hogar\n")
    read = read_dictionary(path, "es")
    assert pairs(read.table) == [("house", "casa"), ("house", "hogar")]
    assert read.table.column_names == ["source", "target", "rank", "agreement", "pos"]
    assert (read.facts["reader"], read.facts["pairs"], read.facts["kept"]) == ("lexicon", 2, 2)
    assert read.facts["files"] == {"es.parquet": sha256(path.read_bytes()).hexdigest()}
    assert len(read.facts["not_checked"]) == 1
    with pytest.raises(InputError, match=r"es\.parquet: a lexicon of 'es', read as 'fr'\. Give it"):
        read_dictionary(path, "fr")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedFileError, match=r"es\.parquet: \d+ bytes"):
        read_dictionary(path, "es")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("en-es.pkl", b"\x80\x04K\x01.", r"en-es\.pkl: no text\. A pickle runs code.*Known are"),
        ("a.zip", b"PK\x03\x04\x00\x00", r"a\.zip: no text\. Known are lexicons"),
        ("a.sqlite", b"SQLite format 3\x00", r"a\.sqlite: no text"),
        ("a.xml", "<?xml version='1.0'?>\n<html/>", r"a\.xml: XML of no dictionary that is known"),
        ("yo.xml", "<ldml/>", r"yo\.xml: half of CLDR's names: en\.xml is not beside it"),
        ("x.index", "house\tA\tB\n", r"x\.index: half of a dictd database: x\.dict\.dz is not"),
        ("x.dict", "house\n", r"x\.dict: half of a dictd database: x\.index is not beside it"),
        ("a.csv", "house,casa\n", r"a\.csv:1: expected a word and its translation, found 'house,"),
        ("a.txt", "", r"a\.txt: the file is empty"),
        ("a.txt", "house\tcasa\tn\ncat gato\n", r"a\.txt:2: expected source, tab, target"),
        ("a.txt", "señor".encode("latin-1") + b" x\n", r"a\.txt:1: not UTF-8"),
        ("edict", EDICT, r"edict:1: not EUC-JP"),
        ("edict", EDICT.encode("euc_jp") + b"x\n", r"edict:8: expected `word \[kana\]"),
        ("cedict", CEDICT + "x\n", r"cedict:10: expected `traditional simplified"),
    ],
)
def test_other_files(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(InputError, match=message):
        read_dictionary(path, "es")


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for name in ("none", "none.txt.gz", "none.index", "none.parquet"):
        with pytest.raises(InputError, match=rf"{name}: "):
            read_dictionary(tmp_path / name, "es")
    with pytest.raises(InputError, match=r"a folder, and no database of PanLex\. Name a file"):
        read_dictionary(tmp_path, "es")
    panlex(tmp_path)
    with pytest.raises(InputError, match=r"reader `panlex` does not know the language 'os'"):
        read_dictionary(tmp_path, "os")


def test_the_lexicons_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no lexicons .* A study has its lexicons in results"):
        lexicons_in(tmp_path)
    with pytest.raises(InputError, match=r"none: no lexicons"):
        lexicons_in(tmp_path / "none")
    files = {name: lexicon(tmp_path, name, "house casa\n") for name in ("es", "ceb")}
    write(tmp_path / "matrix.parquet", b"PAR1")
    assert lexicons_in(tmp_path) == files
    assert list(lexicons_in(tmp_path)) == ["ceb", "es"]
