"""FreeDict: dictd databases of several builders, each with its own habits.

A record is a line `headword /pronunciation/ <part of speech>`, then the translations of each
sense: either one line, or lines that begin with `1. `, `2. ` and so on. Everything else (glosses in
WikDict's databases; examples, notes, synonyms and `see:` lines in the German one) is no
translation. Within a line, translations are separated by commas or semicolons.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.readers.dictd import Database, Record, read_database
from polystilts.lexicon.readers.freedict_lines import are_titled, headword_of, translations_in

# Several builds of 2022 cut headwords after the first word (`house charge` became `house`). Such a
# dictionary has next to no headwords of several words, and many that stand there repeatedly.
_FEW_PHRASES = 0.025
_MANY_REPEATED = 0.05
# What the index calls a record has to be what the record calls itself.
_MOST_STRAY = 0.5
_ENOUGH = 20
# Letters that a pronunciation may have more than its word: `axis` is two longer, `pan` of
# `frying pan` adds three.
_SPARE_SOUNDS = 3
_NOT_SOUNDS = frozenset("ːˈˌ")
# The German entries stand in the order of the German words. More examples, notes and references
# mark the usual sense, which ranks are for.
_SORTED_BY_TARGET = frozenset({"de"})


@dataclass(frozen=True, slots=True)
class _Headword:
    record: Record
    text: str
    is_phrase: bool
    sounds: str
    lines: int


def read_freedict(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield the translations of a database from English.

    Headwords are taken from the records, where they have their capitals and hyphens; where nearly
    all have a capital (the Arabic one), it is taken away. Lines of the index for inflected forms
    and abbreviations of a headword are left out. Where headwords were cut, one record of each is
    kept: the one whose pronunciation fits the word best, else the first.

    Raises:
        ConfigError: the files are not one `.index` and one `.dict` or `.dict.dz`.
        InputError: a damaged database, or an index that belongs to another text.
    """
    database = read_database(files, counts)
    headwords = list(_headwords(database, language, counts))
    if _are_cut(headwords):
        headwords = _best_of_each(headwords, counts)
    if language in _SORTED_BY_TARGET:
        headwords.sort(key=lambda headword: -headword.lines)
    titled = are_titled([headword.text for headword in headwords])
    for headword in headwords:
        source = headword.text
        if titled and source[:1].isupper():
            counts["capitals of headwords removed"] += 1
            source = source.lower()
        if source.startswith("to ") and len(source) > 3:
            counts["headwords without their `to`"] += 1
            source = source[3:]
        found = False
        for target, pos in translations_in(database.lines(headword.record), language, counts):
            found = True
            yield Entry(source, target, headword.record.line, pos)
        counts["headwords without a translation"] += not found


def _headwords(database: Database, language: str, counts: Counter[str]) -> Iterator[_Headword]:
    stray = 0
    for record in database.records:
        lines = database.lines(record)
        full, sounds = headword_of(lines[0])
        text = _named(full, record.word, language, counts)
        if text is None:
            stray += 1
            continue
        yield _Headword(record, text, " " in full, sounds, sum(map(bool, lines)))
    counts["index lines for other forms of a headword"] += stray
    total = len(database.records)
    if total >= _ENOUGH and stray > _MOST_STRAY * total:
        reason = f"{stray} of {total} records begin with another word than the index says."
        hint = "Do both files belong to one release?"
        raise InputError(database.index, reason, hint=hint)


def _named(full: str, word: str, language: str, counts: Counter[str]) -> str | None:
    """Return the headword that a line of the index stands for, None if it is another form."""
    if language == "hi" and "~" in full:
        full = full.replace("~", " ")
        counts["`~` read as a space"] += 1
    if "`" in full:
        full = full.replace("`", "'")
        counts["grave accents read as apostrophes"] += 1
    parts = [part.strip() for part in full.split(",")]
    wanted = _plain(word)
    if _plain(full) == wanted:
        # "lawman, lawmen" and "to ring, rang, rung": the translation is that of the first
        if language in ("hu", "tr") and len(parts) > 1 and not any(map(_is_phrase, parts)):
            counts["headwords without their further forms"] += 1
            return parts[0]
        return full
    return next((part for part in parts if _plain(part) == wanted), None)


def _is_phrase(part: str) -> bool:
    return not part or " " in part.removeprefix("to ")


def _plain(text: str) -> str:
    """Return a headword as dictfmt writes it into the index, all white space removed."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text.lower())))


def _are_cut(headwords: Sequence[_Headword]) -> bool:
    phrases = sum(headword.is_phrase for headword in headwords)
    repeated = len(headwords) - len({headword.text for headword in headwords})
    many = len(headwords) >= _ENOUGH and repeated > _MANY_REPEATED * len(headwords)
    return many and phrases < _FEW_PHRASES * len(headwords)


def _best_of_each(headwords: Sequence[_Headword], counts: Counter[str]) -> list[_Headword]:
    best: dict[str, _Headword] = {}
    for headword in headwords:
        known = best.get(headword.text)
        if _excess(headword) >= _SPARE_SOUNDS:
            counts["records of cut headwords"] += 1
        elif known is None:
            best[headword.text] = headword
        else:
            counts["records of cut headwords"] += 1
            if _doubt(headword) < _doubt(known):
                best[headword.text] = headword
    return list(best.values())


def _doubt(headword: _Headword) -> tuple[bool, int]:
    """Say how little a pronunciation proves: those with stress marks were added after the cut."""
    return "ˈ" in headword.sounds or "ˌ" in headword.sounds, len(headword.sounds)


def _excess(headword: _Headword) -> int:
    text = headword.text
    if " " in text or "." in text or text.isupper():
        return 0
    letters = [sound for sound in headword.sounds if unicodedata.category(sound)[0] == "L"]
    return sum(letter not in _NOT_SOUNDS for letter in letters) - sum(map(str.isalpha, text))
