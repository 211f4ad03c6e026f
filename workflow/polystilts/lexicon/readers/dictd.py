"""dictd databases: an index of headwords beside a text file, which may be compressed.

Format: dictd(8) and dictfmt(1). A line of the index is headword TAB offset TAB length, both numbers
of bytes in base 64 with the digits A-Z a-z 0-9 + /, the most significant first and no padding. The
text is UTF-8; `.dict.dz` is gzip with an extra field for random access. Records of the database
itself have headwords that begin with `00database` or `00-database`.
"""

import gzip
import string
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.sources.lines import read_filled_lines

# Larger than any published database: the German one of FreeDict takes 80 MB, its longest record
# 6 kB. A small file must not fill the memory.
LARGEST_TEXT = 1 << 29
LONGEST_RECORD = 1 << 18

_DIGITS = {
    digit: value
    for value, digit in enumerate(string.ascii_uppercase + string.ascii_lowercase + "0123456789+/")
}
_MOST_DIGITS = 10
_AGAIN = "Fetch both files again, from one release."


@dataclass(frozen=True, slots=True)
class Record:
    """A headword of the index (lower-case, punctuation removed) and the lines of its text."""

    line: int
    word: str
    start: int
    length: int


@dataclass(frozen=True)
class Database:
    """The records of an index, and the text that they point into."""

    index: Path
    records: Sequence[Record]
    text: bytes

    def lines(self, record: Record) -> list[str]:
        """Return a record's text in lines.

        Raises:
            InputError: it is not UTF-8 (with the line of the index).
        """
        raw = self.text[record.start : record.start + record.length]
        try:
            return raw.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            reason = f"the text of {record.word!r} is not UTF-8."
            raise InputError(self.index, reason, record.line, _AGAIN) from None


def read_database(files: Sequence[Path], counts: Counter[str]) -> Database:
    """Return a database from its index and its text, in either order.

    Raises:
        ConfigError: the files are not one `.index` and one `.dict` or `.dict.dz`.
        InputError: a malformed index, numbers beyond the end of the text, a broken archive.
    """
    indexes = [path for path in files if path.suffix == ".index"]
    texts = [path for path in files if path.name.endswith((".dict", ".dict.dz"))]
    if len(files) != 2 or len(indexes) != 1 or len(texts) != 1:
        found = ", ".join(path.name for path in files) or "nothing"
        raise ConfigError(f"a dictd database is NAME.index and NAME.dict.dz; got {found}")
    text = _read_text(texts[0])
    records = list(_read_index(indexes[0], len(text), counts))
    return Database(indexes[0], records, text)


def _read_index(path: Path, size: int, counts: Counter[str]) -> Iterator[Record]:
    for number, line in read_filled_lines(path, counts):
        fields = line.split("\t")
        if len(fields) not in (3, 4):  # dictfmt can add a fourth, the headword as written
            reason = f"expected headword, offset, length; found {line[:80]!r}."
            raise InputError(path, reason, number)
        word = fields[0]
        start, length = (_number(digits, path, number) for digits in fields[1:3])
        if start + length > size or length > LONGEST_RECORD:
            reason = f"{word!r} stands at bytes {start}+{length}, but the text has {size} bytes."
            raise InputError(path, reason, number, _AGAIN)
        if word.startswith(("00database", "00-database")):
            counts["records about the database"] += 1
        else:
            yield Record(number, word, start, length)


def _number(digits: str, path: Path, line: int) -> int:
    if not digits or len(digits) > _MOST_DIGITS or not _DIGITS.keys() >= set(digits):
        raise InputError(path, f"{digits[:20]!r} is no number in base 64.", line)
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS[digit]
    return value


def _read_text(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(path, "there is no such file.", hint="Check the mirror and the `files`.")
    try:
        with gzip.open(path) if path.suffix == ".dz" else path.open("rb") as handle:
            text = handle.read(LARGEST_TEXT + 1)
    except (EOFError, OSError, zlib.error) as error:
        reason = f"not a complete gzip file ({error})."
        raise InputError(path, reason, hint="Fetch it again.") from None
    if len(text) > LARGEST_TEXT:
        raise InputError(path, f"holds more than {LARGEST_TEXT} bytes of text.")
    return text
