"""FreeDict in TEI: the XML that its dictd databases are made from.

An `entry` has a headword (`form/orth`) and senses, in which each `cit` of type `trans` holds
translations (`quote`); other quotations are examples. Older files have `tr` in `trans` instead.
Parts of speech (`gramGrp/pos`) and genders stand at the entry, at a sense or at a translation.
Source of the format: https://freedict.org/howto/ and chapter 9 of the TEI guidelines.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.parts_of_speech import freedict, joined
from polystilts.lexicon.readers.freedict_lines import are_titled
from polystilts.lexicon.xml_elements import Element, read_elements

_TRANSLATION = frozenset({"trans", "translation"})
_EXAMPLE = frozenset({"example", "colloc"})


@dataclass
class _Entry:
    """An entry as far as it was read: tags and translations of what has not ended yet."""

    headword: str | None = None
    tags: list[str] = field(default_factory=list)
    of_sense: list[str] = field(default_factory=list)
    of_translation: list[str] = field(default_factory=list)
    open: list[tuple[str, int]] = field(default_factory=list)
    translations: list[tuple[str, int, str | None]] = field(default_factory=list)


def read_freedict_tei(
    files: Sequence[Path], language: str, counts: Counter[str]
) -> Iterator[Entry]:
    """Yield the translations of a dictionary from English.

    An entry's first form is its headword. Where nearly all headwords have a capital (the Arabic
    dictionary), it is taken away. Translations that are marked as another language's (`xml:lang`
    with two other letters) are left out and counted.

    Raises:
        InputError: XML that is damaged or unsafe, or without any entry.
    """
    entries = [entry for path in files for entry in _entries(path, language, counts)]
    titled = are_titled([entry.headword or "" for entry in entries])
    for entry in entries:
        source = entry.headword or ""
        if titled and source[:1].isupper():
            counts["capitals of headwords removed"] += 1
            source = source.lower()
        if source.startswith("to ") and len(source) > 3:
            counts["headwords without their `to`"] += 1
            source = source[3:]
        counts["headwords without a translation"] += not entry.translations
        for target, line, pos in entry.translations:
            yield Entry(source, target, line, pos)


def _entries(path: Path, language: str, counts: Counter[str]) -> Iterator[_Entry]:
    entry = _Entry()
    found = 0
    for element in read_elements(path):
        _take(entry, element, language, counts)
        if element.name == "entry":
            found += 1
            yield entry
            entry = _Entry()
    if not found:
        reason = "no entries; expected a dictionary of FreeDict in TEI."
        raise InputError(path, reason, hint="Is it the file?")


def _take(entry: _Entry, element: Element, language: str, counts: Counter[str]) -> None:
    text = " ".join(element.text.split())
    around = {name for name, _ in element.ancestors}
    match element.name:
        case "orth" if "sense" not in around:
            if entry.headword is None:
                entry.headword = text
            else:
                counts["further forms of a headword"] += 1
        case "pos" | "gen":
            _open_tags(entry, around).append(text)
        case "quote" | "tr" if _kinds(element) & _TRANSLATION:
            if _kinds(element) & _EXAMPLE:
                counts["translations of examples"] += 1
            elif _language(element) in (None, language):
                entry.open.append((text, element.line))
            else:
                counts["translations into other languages"] += 1
        case "cit" | "trans":
            tags = entry.of_translation or entry.of_sense or entry.tags
            pos = joined(tags, freedict)
            entry.translations += [(target, line, pos) for target, line in entry.open]
            entry.open, entry.of_translation = [], []
        case "sense" if "sense" not in around:
            entry.of_sense = []


def _open_tags(entry: _Entry, around: set[str]) -> list[str]:
    if around & {"cit", "trans"}:
        return entry.of_translation
    return entry.of_sense if "sense" in around else entry.tags


def _kinds(element: Element) -> set[str]:
    """Return the types of the quotations around an element; `trans` is one by its name."""
    quoted = [(name, kinds) for name, kinds in element.ancestors if name in ("cit", "trans")]
    return {kinds.get("type", "trans" if name == "trans" else "") for name, kinds in quoted}


def _language(element: Element) -> str | None:
    """Return the language that is stated nearest to an element, if in two letters."""
    inwards = [attributes for name, attributes in element.ancestors if name in ("cit", "trans")]
    stated = [attributes.get("xml:lang", "") for attributes in (*inwards, element.attributes)]
    codes = [code.split("-")[0] for code in stated if code]
    return codes[-1] if codes and len(codes[-1]) == 2 else None
