"""The lines of a FreeDict record: its headword, and the translations in it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from polystilts.lexicon.parts_of_speech import freedict, joined

_AFTER_HEADWORD = re.compile(r" [/<\[]")
_SOUNDS = re.compile(r" /([^/\[\]]+)/")
_SENSE = re.compile(r"(\d{1,3})\. ?(.*)")
# WikDict names further glosses of a sense by numbers after its translations: "вода 2."
_FURTHER = re.compile(r"\s\d+\.\s*$")
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
# Gender and part of speech in <>, register and subject in [], explanations in {} and (), and the
# pronunciation of an abbreviation between slashes. Letters that touch a round bracket make it part
# of the word: "Haus(es)".
_LABEL = re.compile(
    r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|(?<!\S)/[^/]*/(?!\S)|(?<![^\s,;])\([^()]*\)(?![^\s,;.])"
)
_TAGS = re.compile(r"<([^<>]*)>")
_BETWEEN_TAGS = re.compile(r"[,/ ]+")
_COMMA = re.compile(r"[,;،؛、，]")
# Turkish: what follows a full stop are phrases with the headword, in English and Turkish; what
# stands before it in letters with points (`b.h. hanedan`) is a label.
_TURKISH_LABEL = re.compile(r"^(?:[^\W\d]{1,4}\.){2,}\s+")
_TURKISH_REST = re.compile(r"\.\s+\S.*$")


# A dictionary with fewer headwords shows no habit
_ENOUGH = 20
_NEARLY_ALL = 0.9


def are_titled(headwords: Sequence[str]) -> bool:
    """Say whether a dictionary writes its headwords with a capital, whatever they are."""
    titled = sum(bool(re.match(r"[A-Z]", headword)) for headword in headwords)
    return len(headwords) >= _ENOUGH and titled > _NEARLY_ALL * len(headwords)


def headword_of(line: str) -> tuple[str, str]:
    """Return the headword of a record's first line, and the first pronunciation ("" if none)."""
    end = _AFTER_HEADWORD.search(line)
    sounds = _SOUNDS.search(line)
    return line[: end.start() if end else None].strip(), sounds[1] if sounds else ""


def translations_in(
    lines: Sequence[str], language: str, counts: Counter[str]
) -> Iterator[tuple[str, str | None]]:
    """Yield the translations of a record's senses in their order, with their parts of speech.

    Those named beside the headword are those of all translations; Ding names them, or a gender,
    after each.
    """
    end = _AFTER_HEADWORD.search(lines[0])
    of_record = _pos(tuple(_TAGS.findall(lines[0], end.start()))) if end else None
    for sense in _senses(lines[1:], counts):
        for target, pos in _split(sense, language, counts):
            yield target, of_record or pos


@lru_cache(maxsize=1 << 12)
def _pos(labels: tuple[str, ...]) -> str | None:
    return joined((tag for label in labels for tag in _BETWEEN_TAGS.split(label)), freedict)


def _senses(lines: Sequence[str], counts: Counter[str]) -> Iterator[str]:
    filled = [line for line in lines if line.strip()]
    if not filled:
        return
    first = _SENSE.fullmatch(filled[0])
    if first is None or first[1] != "1":
        counts["lines of notes, glosses and examples"] += len(filled) - 1
        yield filled[0]
        return
    expected = 1
    for line in filled:
        sense = _SENSE.fullmatch(line)
        if sense is not None and int(sense[1]) == expected:
            expected += 1
            yield sense[2]
        else:
            counts["lines of notes, glosses and examples"] += 1


def _split(sense: str, language: str, counts: Counter[str]) -> Iterator[tuple[str, str | None]]:
    text = _FURTHER.sub("", sense)
    if "[[" in text:
        text, links = _LINK.subn(r"\1", text)
        counts["wiki links resolved"] += links
    tags = _tags_by_part(text) if "<" in text else {}
    text, labels = _LABEL.subn(" ", text)
    counts["labels removed"] += labels
    if language == "hi" and "~" in text:
        text = text.replace("~", " ")
        counts["`~` read as a space"] += 1
    if language == "tr":
        text = _TURKISH_LABEL.sub("", text.strip())
        text, cut = _TURKISH_REST.subn("", text)
        counts["phrases after a translation cut off"] += cut
    for number, part in enumerate(_COMMA.split(text)):
        target = " ".join(part.split()).rstrip("!?")
        if language in ("hi", "tr"):
            target = target.rstrip(".")
        if target:
            yield target, _pos(tags.get(number, ()))


def _tags_by_part(text: str) -> dict[int, tuple[str, ...]]:
    """Return the tags in <> of each part between commas, which may stand in labels too."""
    tags: dict[int, tuple[str, ...]] = {}
    part = end = 0
    for label in _LABEL.finditer(text):
        part += len(_COMMA.findall(text, end, label.start()))
        end = label.end()
        if tag := _TAGS.fullmatch(label[0]):
            tags[part] = (*tags.get(part, ()), tag[1])
    return tags
