"""Unicode CLDR: names of characters, territories, languages, months and the like.

The same code has a name in every language: code points in `annotations/XX.xml` (of type `tts`, the
short name), codes of languages, scripts, territories, currencies, months, days, units and fields of
dates in `main/XX.xml`. Source of the format: https://unicode.org/reports/tr35/.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.folding import lowered
from polystilts.lexicon.xml_elements import Element, read_elements

_ENGLISH = "en"
_FOLDERS = ("annotations", "main")
_INHERITED = "↑↑↑"
# German writes its nouns with a capital; elsewhere one is a habit of the list (Yoruba: `Ajá`).
_KEEP_CAPITALS = frozenset({"de"})
_DISPLAYED = frozenset({"language", "script", "territory"})
_DATED = frozenset({"month", "day"})

Key = tuple[str, str]
Names = dict[Key, tuple[str, int]]


def read_cldr(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield the English name of each code with the foreign one.

    `files` are `annotations/en.xml` and `annotations/XX.xml`, `main/en.xml` and `main/XX.xml`, or
    one of both pairs; files are told apart by their folder and name. Where an English name is all
    lower-case, a foreign one loses its capitals (counted; German keeps them).

    Raises:
        ConfigError: a file that is no such, or no complete pair.
        InputError: XML that is damaged or unsafe, or without any names.
    """
    pairs = [_pair(files, folder) for folder in _FOLDERS]
    complete = [pair for pair in pairs if pair is not None]
    if not complete:
        found = ", ".join(map(str, files)) or "nothing"
        reason = "needs the English and the foreign file of `annotations` or of `main`"
        raise ConfigError(f"reader `cldr` {reason}, got {found}")
    for english_file, foreign_file in complete:
        english = _names(english_file, counts)
        foreign = _names(foreign_file, counts)
        for key, (source, _) in english.items():
            if key in foreign:
                target, line = foreign[key]
                yield Entry(source, _uncapitalised(source, target, language, counts), line)
            else:
                counts["codes without a foreign name"] += 1


def _pair(files: Sequence[Path], folder: str) -> tuple[Path, Path] | None:
    inside = [path for path in files if path.parent.name == folder]
    english = [path for path in inside if path.stem == _ENGLISH]
    foreign = [path for path in inside if path.stem != _ENGLISH]
    if len(english) != 1 or len(foreign) != 1:
        return None
    return english[0], foreign[0]


def _uncapitalised(source: str, target: str, language: str, counts: Counter[str]) -> str:
    if language in _KEEP_CAPITALS or source != source.lower():
        return target
    lower = lowered(target, language)
    counts["capitals of names removed"] += lower != target
    return lower


def _names(path: Path, counts: Counter[str]) -> Names:
    """Return the name and the line of each code of a file.

    Raises:
        InputError: the file is damaged or unsafe, or has no names.
    """
    names: Names = {}
    alone: Names = {}
    for element in read_elements(path):
        key = _key(element)
        name = " ".join(element.text.split())
        if key is None or not name or name == _INHERITED:
            continue
        if "alt" in element.attributes:
            counts["alternative names left out"] += 1
        elif element.name in _DATED and _around(element, f"{element.name}Context") == "stand-alone":
            # the form without a date beside it: in Slavic languages the nominative
            alone.setdefault(key, (name, element.line))
        else:
            names.setdefault(key, (name, element.line))
    names |= alone
    if not names:
        raise InputError(path, "no names in it; expected a file of CLDR.", hint="Is it the file?")
    return names


def _key(element: Element) -> Key | None:
    """Return what an element names, None if it is no name that is wanted."""
    kind = element.name
    if kind == "annotation":
        code = element.attributes.get("cp")
        return (kind, code) if code and element.attributes.get("type") == "tts" else None
    code = element.attributes.get("type")
    if kind in _DISPLAYED:
        displayed = any(name == "localeDisplayNames" for name, _ in element.ancestors)
        return (kind, code) if code and displayed else None
    if kind in _DATED:
        wide = _around(element, f"{kind}Width") == "wide"
        gregorian = _around(element, "calendar") == "gregorian"
        return (kind, code) if code and wide and gregorian else None
    if kind == "displayName" and element.ancestors and "count" not in element.attributes:
        return _displayed(element)
    return None


def _displayed(element: Element) -> Key | None:
    kind, attributes = element.ancestors[-1]
    code = attributes.get("type")
    if not code or kind not in ("currency", "unit", "field"):
        return None
    if kind == "unit" and _around(element, "unitLength") != "long":
        return None
    return (kind, code)


def _around(element: Element, name: str) -> str | None:
    """Return the type of the nearest element of this name around another."""
    for tag, attributes in reversed(element.ancestors):
        if tag == name:
            return attributes.get("type")
    return None
