"""Which dictionaries are published for which language, and where their files lie below a mirror."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from polystilts.errors import ConfigError

_ALL = (
    "af ar bg bn de el es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta"
    " te th tl tr ur vi yo zh"
)
_WITHOUT_MUSE = frozenset("eu jv ka kk ml mr my sw te ur yo".split())
# What Debian and FreeDict call the languages that they have a dictionary for from English
_FREEDICT = (
    "af:afr ar:ara bg:bul de:deu el:ell es:spa fi:fin fr:fra hi:hin hu:hun id:ind it:ita ja:jpn"
    " nl:nld pt:por ru:rus sw:swh tr:tur"
)
# Chinese has a list in Latin letters only, Marathi and Urdu have none.
_SWADESH = (
    "af:afr ar:arb bg:bul bn:ben de:deu el:ell es:spa et:ekk eu:eus fa:pes fi:fin fr:fra he:heb"
    " hi:hin hu:hun id:ind it:ita ja:jpn jv:jav ka:kat kk:kaz ko:kor ml:mal ms:zsm my:mya nl:nld"
    " pt:por ru:rus sw:swh ta:tam te:tel th:tha tl:tgl tr:tur vi:vie yo:yor"
)


def _codes(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


@dataclass(frozen=True)
class Kind:
    """A kind of dictionaries.

    Attributes:
        reader: the name of the reader.
        files: paths below a mirror in which `{code}` stands for the language.
        codes: what the paths call each language that there is a dictionary for.
    """

    reader: str
    files: tuple[str, ...]
    codes: Mapping[str, str]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "muse": Kind(
            "muse",
            ("muse/en-{code}.txt",),
            {language: language for language in _ALL.split() if language not in _WITHOUT_MUSE},
        ),
        "freedict": Kind(
            "freedict",
            ("freedict/freedict-eng-{code}.index", "freedict/freedict-eng-{code}.dict.dz"),
            _codes(_FREEDICT),
        ),
        "panlex": Kind(
            "panlex",
            tuple(
                f"panlex/{table}.csv"
                for table in ("langvar", "expr", "denotation", "meaning", "source")
            ),
            {language: language for language in _ALL.split()},
        ),
        "panlex-swadesh": Kind(
            "panlex_swadesh",
            ("panlex-swadesh207/eng-000.txt", "panlex-swadesh207/{code}.txt"),
            {language: f"{code}-000" for language, code in _codes(_SWADESH).items()},
        ),
        "cedict": Kind("cedict", ("cedict/cedict_1_0_ts_utf-8_mdbg.txt",), {"zh": "zh"}),
        "jmdict": Kind("jmdict", ("jmdict/JMdict_e",), {"ja": "ja"}),
        "cldr": Kind(
            "cldr",
            (
                "cldr/common/annotations/en.xml",
                "cldr/common/annotations/{code}.xml",
                "cldr/common/main/en.xml",
                "cldr/common/main/{code}.xml",
            ),
            {language: "fil" if language == "tl" else language for language in _ALL.split()},
        ),
    }
)


def dictionaries_of(language: str, order: Sequence[str]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (name, reader, files) of a language's dictionaries, kinds in the order given.

    Raises:
        ConfigError: a kind that is not known.
    """
    found = []
    for name in order:
        if name not in KINDS:
            raise ConfigError(f"no kind of dictionaries {name!r}; known: {', '.join(KINDS)}")
        kind = KINDS[name]
        if language in kind.codes:
            code = kind.codes[language]
            files = tuple(file.format(code=code) for file in kind.files)
            found.append((name, kind.reader, files))
    return found
