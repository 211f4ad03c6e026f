"""EDICT: Japanese to English in EUC-JP, inverted.

A line is `word [kana] /(n) gloss/gloss/(P)/`; words in kana have no brackets. Remarks in brackets
name the part of speech, the number of the sense, the subject; `(uk)` says that the word is usually
written in kana, `(P)` that it is among the common ones. The first line describes the file.
Source of the format: https://www.edrdg.org/jmdict/edict.html.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from polystilts.errors import InputError
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.parts_of_speech import edict, joined
from polystilts.lexicon.readers.glosses import Gloss, invert

LINE = re.compile(r"([^\[/]+?) (?:\[([^\]]+)\] )?/(.*)")
_HEADER = "？？？"
_IDENTIFIER = re.compile(r"EntL\w+")
# The remarks that a gloss begins with: "(n,vs) (1) (comp) "
_REMARKS = re.compile(r"(?:\([^()]*\) )+")
_BETWEEN_TAGS = re.compile(r"[(), ]+")


def read_edict(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield the glosses with their words, those of common entries first.

    Raises:
        InputError: bytes that are not EUC-JP, a line of another form.
    """
    return invert(_glosses(files, counts), counts)


def _glosses(files: Sequence[Path], counts: Counter[str]) -> Iterator[Gloss]:
    for path in files:
        for number, line in _lines(path):
            if line.startswith(_HEADER) or not line.strip():
                counts["lines about the file"] += 1
                continue
            match = LINE.fullmatch(line)
            if match is None:
                reason = f"expected `word [kana] /gloss/`; found {line[:80]!r}."
                raise InputError(path, reason, number)
            yield from _entry(match, number)


def _entry(match: re.Match[str], line: int) -> Iterator[Gloss]:
    word, kana, listed = match.groups()
    glosses = [gloss for gloss in listed.split("/") if gloss.strip()]
    rare = int("(P)" not in glosses)
    in_kana = False
    pos: str | None = None
    for place, gloss in enumerate(glosses):
        if gloss == "(P)" or _IDENTIFIER.fullmatch(gloss):
            continue
        if re.match(r"\(.*\) ", gloss):  # a new sense
            in_kana = "(uk)" in gloss
            # a sense that names no part of speech has that of the one before it
            pos = _pos(gloss) or pos
        yield Gloss(gloss, kana if in_kana and kana else word, (rare, place), line, pos)


def _pos(gloss: str) -> str | None:
    remarks = _REMARKS.match(gloss)
    return _named(remarks[0]) if remarks else None


@lru_cache(maxsize=1 << 12)
def _named(remarks: str) -> str | None:
    return joined(_BETWEEN_TAGS.split(remarks), edict)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    if not path.is_file():
        raise InputError(path, "there is no such file.", hint="Check the mirror and the `files`.")
    with path.open("rb") as handle:
        for number, raw in enumerate(handle, start=1):
            try:
                yield number, raw.decode("euc_jp").rstrip("\r\n")
            except UnicodeDecodeError as error:
                reason = f"not EUC-JP (byte {raw[error.start]:#04x} at byte {error.start + 1})."
                raise InputError(path, reason, number, "Fetch the file again.") from None
