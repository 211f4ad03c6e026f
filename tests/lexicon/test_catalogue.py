"""Which dictionaries each language has, and that naming them costs nothing."""

import subprocess
import sys

import pytest

from polystilts.errors import ConfigError
from polystilts.lexicon.catalogue import KINDS, dictionaries_of
from polystilts.lexicon.readers import READERS
from polystilts.lexicon.readers.panlex import CODES
from polystilts.lexicon.scripts import SCRIPTS
from repository import REPOSITORY

# XTREME's languages other than English, as its README lists them
XTREME = set(
    "af ar bg bn de el es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta"
    " te th tl tr ur vi yo zh".split()
)


def test_every_language_is_reached() -> None:
    assert len(XTREME) == 39
    for language in XTREME:
        kinds = [name for name, _, _ in dictionaries_of(language, tuple(KINDS))]
        assert {"panlex", "cldr"} <= set(kinds)
        assert language in CODES
        assert language in SCRIPTS


def test_kinds_of_some_languages_only() -> None:
    missing = {language for language in XTREME if not dictionaries_of(language, ["muse"])}
    assert missing == set("eu jv ka kk ml mr my sw te ur yo".split())
    freedict = {language for language in XTREME if dictionaries_of(language, ["freedict"])}
    assert freedict == set("af ar bg de el es fi fr hi hu id it ja nl pt ru sw tr".split())
    assert {kind: set(KINDS[kind].codes) for kind in ("cedict", "jmdict")} == {
        "cedict": {"zh"},
        "jmdict": {"ja"},
    }
    assert dictionaries_of("en", tuple(KINDS)) == []


def test_files_in_the_order_of_kinds() -> None:
    assert dictionaries_of("sw", ["muse", "cldr", "freedict"]) == [
        (
            "cldr",
            "cldr",
            (
                "cldr/common/annotations/en.xml",
                "cldr/common/annotations/sw.xml",
                "cldr/common/main/en.xml",
                "cldr/common/main/sw.xml",
            ),
        ),
        (
            "freedict",
            "freedict",
            ("freedict/freedict-eng-swh.index", "freedict/freedict-eng-swh.dict.dz"),
        ),
    ]
    (_, _, tagalog), *_ = dictionaries_of("tl", ["cldr"])
    assert "cldr/common/main/fil.xml" in tagalog
    (_, reader, swadesh), *_ = dictionaries_of("et", ["panlex-swadesh"])
    assert reader == "panlex_swadesh"
    assert swadesh == ("panlex-swadesh207/eng-000.txt", "panlex-swadesh207/ekk-000.txt")


def test_every_reader_exists() -> None:
    assert {kind.reader for kind in KINDS.values()} <= set(READERS)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ConfigError, match="no kind of dictionaries 'word2word'; known: muse, free"):
        dictionaries_of("de", ["muse", "word2word"])


def test_the_catalogue_imports_nothing_heavy() -> None:
    program = (
        "import sys; before = set(sys.modules); import polystilts.lexicon.catalogue\n"
        "print(*sorted(n for n in set(sys.modules) - before if n.startswith('polystilts')))\n"
        "assert not {'pyarrow', 'numpy', 'xml.parsers.expat'} & set(sys.modules)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(REPOSITORY / "workflow")},
        capture_output=True,
        text=True,
        check=True,
    )
    ours = "polystilts polystilts.errors polystilts.lexicon polystilts.lexicon.catalogue"
    assert finished.stdout.split() == ours.split()
