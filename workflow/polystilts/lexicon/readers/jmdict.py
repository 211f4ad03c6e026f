"""JMdict: Japanese to English in XML, inverted.

An `entry` has written forms (`k_ele/keb`), readings in kana (`r_ele/reb`) and senses with glosses.
`ke_pri` and `re_pri` mark common words; `misc` says of a sense that it is usually written in kana.
A sense without a part of speech (`pos`) has that of the one before it.
Source of the format: https://www.edrdg.org/jmdict/jmdict_dtd_h.html.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.parts_of_speech import jmdict, joined
from polystilts.lexicon.readers.glosses import Gloss, invert
from polystilts.lexicon.xml_elements import Element, read_elements

# `&uk;` as the document type spells it out
_IN_KANA = "word usually written using kana alone"


@dataclass
class _Entry:
    written: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)
    glosses: list[tuple[str, bool, str | None]] = field(default_factory=list)
    sense: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    pos: str | None = None
    in_kana: bool = False
    common: bool = False


def read_jmdict(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield the English glosses with the first form of their word, common words first.

    Raises:
        InputError: XML that is damaged or unsafe, an entry without reading, no entry at all.
    """
    return invert(_glosses(files, counts), counts)


def _glosses(files: Sequence[Path], counts: Counter[str]) -> Iterator[Gloss]:
    for path in files:
        entry = _Entry()
        entries = 0
        for element in read_elements(path):
            _take(entry, element, counts)
            if element.name == "entry":
                entries += 1
                yield from _of(entry, path, element.line)
                entry = _Entry()
        if not entries:
            raise InputError(path, "no entries; expected JMdict's XML.", hint="Is it the file?")


def _take(entry: _Entry, element: Element, counts: Counter[str]) -> None:
    text = element.text.strip()
    match element.name:
        case "keb":
            entry.written.append(text)
        case "reb":
            entry.readings.append(text)
        case "ke_pri" | "re_pri":
            entry.common = True
        case "misc":
            entry.in_kana |= text in (_IN_KANA, "uk")
        case "pos":
            entry.tags.append(text)
        case "gloss":
            if element.attributes.get("xml:lang", "eng") == "eng":
                entry.sense.append(text)
            else:
                counts["glosses in other languages"] += 1
        case "sense":
            if entry.tags:
                entry.pos = joined(entry.tags, jmdict)
            entry.glosses += [(gloss, entry.in_kana, entry.pos) for gloss in entry.sense]
            entry.sense, entry.tags, entry.in_kana = [], [], False


def _of(entry: _Entry, path: Path, line: int) -> Iterator[Gloss]:
    if not entry.readings:
        raise InputError(path, "an entry has no reading (`reb`).", line)
    kana = entry.readings[0]
    word = entry.written[0] if entry.written else kana
    rare = int(not entry.common)
    for place, (gloss, in_kana, pos) in enumerate(entry.glosses):
        yield Gloss(gloss, kana if in_kana else word, (rare, place), line, pos)
