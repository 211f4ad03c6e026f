"""Which dictionaries are published for which languages, and under which canonical paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

_XTREME = (
    "af ar bg bn de el es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru sw ta"
    " te th tl tr ur vi yo zh"
).split()
_WITHOUT_MUSE = "eu jv ka kk ml mr my sw te ur yo".split()
# Debian's names of the languages in FreeDict's dictionaries from English.
_FREEDICT = dict(
    pair.split(":")
    for pair in (
        "af:afr ar:ara bg:bul de:deu el:ell es:spa fi:fin fr:fra hi:hin hu:hun id:ind it:ita"
        " ja:jpn nl:nld pt:por ru:rus sw:swh tr:tur"
    ).split()
)


@dataclass(frozen=True)
class Kind:
    """A kind of dictionaries: what it is called, who reads it, and which languages it covers.

    `files` may hold {lang} (XTREME's code), {iso3} (FreeDict's) and {cldr} (CLDR's).
    """

    name: str
    reader: str
    languages: tuple[str, ...]
    files: tuple[str, ...]


_KINDS = (
    Kind(
        "muse",
        "muse",
        tuple(language for language in _XTREME if language not in _WITHOUT_MUSE),
        ("muse/en-{lang}.txt",),
    ),
    Kind(
        "freedict",
        "freedict",
        tuple(_FREEDICT),
        ("freedict/freedict-eng-{iso3}.index", "freedict/freedict-eng-{iso3}.dict.dz"),
    ),
    Kind("cedict", "cedict", ("zh",), ("cedict/cedict_1_0_ts_utf-8_mdbg.txt",)),
    Kind("jmdict", "jmdict", ("ja",), ("jmdict/JMdict_e",)),
    Kind(
        "panlex",
        "panlex",
        tuple(_XTREME),
        ("panlex/langvar.csv", "panlex/expr.csv", "panlex/denotationx.csv"),
    ),
    Kind(
        "cldr",
        "cldr",
        tuple(_XTREME),
        tuple(
            f"cldr/common/{part}/{name}.xml"
            for part in ("annotations", "main")
            for name in ("en", "{cldr}")
        ),
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _KINDS})


def dictionaries_of(language: str, order: Sequence[str]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return (name, reader, canonical paths) of a language's published dictionaries, in `order`."""
    return [
        (kind.name, kind.reader, tuple(_filled(file, language) for file in kind.files))
        for kind in (KINDS[name] for name in order)
        if language in kind.languages
    ]


def _filled(pattern: str, language: str) -> str:
    cldr = "fil" if language == "tl" else language
    iso3 = _FREEDICT.get(language, "")
    return pattern.format(lang=language, iso3=iso3, cldr=cldr)
