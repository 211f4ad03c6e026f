"""Which published dictionary a file is, told by its name, its neighbours and its first lines."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.readers import cedict, edict

_HEAD = 1 << 16
_XML = {b"<JMdict": "jmdict", b"<TEI": "freedict_tei"}
_SWADESH = re.compile(r"[a-z]{3}-\d{3}\.txt")
_SWADESH_ENGLISH = "eng-000.txt"
_PANLEX = "langvar.csv"
_PANLEX_TABLES = ("langvar", "expr", "denotation", "meaning", "source", "denotationx")
_PICKLE = b"\x80"
_KNOWN = (
    "Known are lexicons of this package (Parquet), MUSE's lists, tab-separated lists, FreeDict"
    " (.index beside .dict.dz, or TEI), CC-CEDICT, EDICT, JMdict, CLDR, and PanLex."
)


@dataclass(frozen=True)
class Published:
    """A dictionary's files, and the name of the reader for them."""

    reader: str
    files: tuple[Path, ...]


def recognise(path: Path) -> Published:
    """Return what a path is: one file of a dictionary or, for PanLex, the folder of its tables.

    Files that belong to it are looked for in the same folder. A text that is nothing else is a list
    of pairs, for whose lines a reader speaks; Chinese is read in simplified characters.

    Raises:
        InputError: no such file, one of another kind, or one whose companion is not there.
    """
    if not path.exists():
        raise InputError(path, "there is no such file.", hint="Check the path.")
    for kind in (_panlex, _dictd, _swadesh):
        if (found := kind(path)) is not None:
            return found
    if path.is_dir():
        hint = "Name a file in it, or build a lexicon of several dictionaries in a study."
        raise InputError(path, "a folder, and no database of PanLex.", hint=hint)
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _xml(path, head)
    if head.startswith(_PICKLE) or b"\0" in head:
        danger = " A pickle runs code when opened, and is never." if head[:1] == _PICKLE else ""
        raise InputError(path, f"no text.{danger}", hint=_KNOWN)
    if any(map(cedict.LINE.fullmatch, _lines(head, "utf-8"))):
        return Published("cedict", (path,))
    if any(_most(edict.LINE.fullmatch, _lines(head, code)) for code in ("euc_jp", "utf-8")):
        return Published("edict", (path,))  # whose reader refuses UTF-8
    return Published("tsv" if _has_more_columns(path) else "muse", (path,))


def _panlex(path: Path) -> Published | None:
    folder = path if path.is_dir() else path.parent
    if not (folder / _PANLEX).is_file() or not (path.is_dir() or path.stem in _PANLEX_TABLES):
        return None
    tables = [folder / f"{name}.csv" for name in _PANLEX_TABLES]
    return Published("panlex", tuple(table for table in tables if table.is_file()))


def _dictd(path: Path) -> Published | None:
    name = re.sub(r"\.(?:index|dict|dict\.dz)$", "", path.name)
    if name == path.name:
        return None
    index = path.with_name(f"{name}.index")
    texts = [path.with_name(f"{name}.dict.dz"), path.with_name(f"{name}.dict")]
    text = next((text for text in texts if text.is_file()), None)
    if text is None or not index.is_file():
        missing = index.name if text else texts[0].name
        reason = f"half of a dictd database: {missing} is not beside it."
        raise InputError(path, reason, hint="Put both files into one folder.")
    return Published("freedict", (index, text))


def _swadesh(path: Path) -> Published | None:
    english = path.with_name(_SWADESH_ENGLISH)
    if not _SWADESH.fullmatch(path.name) or path == english or not english.is_file():
        return None
    return Published("panlex_swadesh", (english, path))


def _xml(path: Path, head: bytes) -> Published:
    for root, reader in _XML.items():
        if root in head:
            return Published(reader, (path,))
    if b"<ldml" in head:
        return Published("cldr", _cldr(path))
    raise InputError(path, "XML of no dictionary that is known here.", hint=_KNOWN)


def _cldr(path: Path) -> tuple[Path, ...]:
    folders = (path.parent.parent / name for name in ("annotations", "main"))
    pairs = [(folder / "en.xml", folder / path.name) for folder in folders]
    complete = [pair for pair in pairs if all(file.is_file() for file in pair)]
    if not complete:
        reason = "half of CLDR's names: en.xml is not beside it, in `annotations` or in `main`."
        raise InputError(path, reason, hint="Keep CLDR's files in their folders.")
    return tuple(file for pair in complete for file in pair)


def _lines(head: bytes, encoding: str) -> Iterator[str]:
    """Yield the filled lines of a file's beginning that are no comments; none if not decodable."""
    whole = head[: head.rfind(b"\n") + 1] if len(head) == _HEAD else head
    try:
        lines = whole.decode(encoding).splitlines()
    except UnicodeDecodeError:
        return
    yield from (line for line in lines if line.strip() and not line.startswith("#"))


def _most(test: Callable[[str], object], lines: Iterator[str]) -> bool:
    tested = [bool(test(line)) for line in lines]
    return sum(tested) > len(tested) / 2


def _has_more_columns(path: Path) -> bool:
    with path.open("rb") as handle:
        return any(line.rstrip().count(b"\t") > 1 for line in handle)
