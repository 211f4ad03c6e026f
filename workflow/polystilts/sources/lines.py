"""Reading published text files: UTF-8, byte order marks, CR LF, line numbers, tables, JSON.

Lines end at LF only: U+2028, U+0085 and their like occur inside published sentences. What is
mended on the way (a byte order mark, CR before LF) is counted in the `counts` given.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from polystilts.errors import InputError

BOM = "\ufeff"
BOM_COUNT = "byte order marks removed"
CRLF_COUNT = "lines ending in CR LF"

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# One escape after the other, so that an escaped backslash is not taken for the start of the next:
# a whole surrogate pair, a half without its other half (captured), or any other escape.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


def read_lines(path: Path, counts: Counter[str]) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, line without its end).

    Raises:
        InputError: no such file, an empty file, or bytes that are not UTF-8 (with the line).
    """
    if not path.is_file():
        raise InputError(path, "there is no such file.", hint="Check the mirror and the `files`.")
    number = 0
    with path.open("rb") as handle:
        for number, raw in enumerate(handle, start=1):
            raw = raw.removesuffix(b"\n")
            if raw.endswith(b"\r"):
                raw = raw[:-1]
                counts[CRLF_COUNT] += 1
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                reason = f"not UTF-8 (byte {raw[error.start]:#04x} at byte {error.start + 1})."
                raise InputError(
                    path, reason, number, "Convert the file to UTF-8, or fetch it again."
                ) from None
            if number == 1 and line.startswith(BOM):
                line = line[1:]
                counts[BOM_COUNT] += 1
            yield number, line
    if number == 0:
        raise InputError(path, "the file is empty.", hint="Fetch it again.")


def read_text(path: Path, counts: Counter[str]) -> str:
    """Return a whole file as text with LF line ends; the checks and counts of `read_lines`."""
    return "\n".join(line for _, line in read_lines(path, counts))


def read_filled_lines(path: Path, counts: Counter[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold more than white space; the others are counted."""
    for number, line in read_lines(path, counts):
        if line.strip():
            yield number, line
        else:
            counts["blank lines skipped"] += 1


def read_columns(path: Path, counts: Counter[str], width: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the fields of a tab-separated file without header or quoting.

    Raises:
        InputError: a line with another number of columns than `width`.
    """
    for number, line in read_filled_lines(path, counts):
        fields = line.split("\t")
        if len(fields) != width:
            reason = f"{len(fields)} tab-separated columns, expected {width}."
            raise InputError(path, reason, number)
        yield number, fields


def read_header(
    path: Path, lines: Iterator[tuple[int, str]], required: Sequence[str]
) -> dict[str, int]:
    """Take the header line and return column name -> position.

    Raises:
        InputError: a required column is missing; the columns expected and found are named.
    """
    number, line = next(lines, (1, ""))
    columns = [column.strip() for column in line.split("\t")]
    missing = [column for column in required if column not in columns]
    if missing:
        expected = ", ".join(required)
        found = ", ".join(columns[:20]) or "nothing"
        reason = f"the header lacks {', '.join(missing)}: expected {expected}; found {found}."
        raise InputError(path, reason, number)
    return {column: position for position, column in enumerate(columns)}


def read_json(path: Path, counts: Counter[str]) -> Any:
    """Return the content of a JSON file.

    Raises:
        InputError: the JSON is broken or cut off, with the line; it cannot be read for its depth
            or its numbers; a key stands twice in one object; half of a character.
    """
    return _parsed(read_text(path, counts), path)


def read_json_lines(path: Path, counts: Counter[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of a file with one JSON object a line.

    Raises:
        InputError: a line that is not a JSON object, or that `read_json` would refuse.
    """
    for number, line in read_filled_lines(path, counts):
        record = _parsed(line, path, number)
        if not isinstance(record, dict):
            raise InputError(path, "expected one JSON object a line.", number)
        yield number, record


class _RepeatedKeyError(Exception):
    """A key stands twice in one object: Python's reader would drop the first silently."""


def _parsed(text: str, path: Path, line: int | None = None) -> Any:
    """Return the content of a JSON text, which is a whole file or that file's line `line`."""
    try:
        content = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        whole = "file" if line is None else "line"
        reason = f"not valid JSON ({error.msg}, column {error.colno}); is the {whole} complete?"
        raise InputError(path, reason, line or error.lineno) from None
    except _RepeatedKeyError as error:
        reason = f"the key {error} stands twice in one object, so that one of both would be lost."
        raise InputError(path, reason, line) from None
    except RecursionError:
        reason = "the JSON is nested too deep to be read."
        raise InputError(path, reason, line, "Is it the right file?") from None
    except ValueError as error:  # a number of thousands of digits
        reason = f"a number cannot be read ({str(error).partition(';')[0]})."
        raise InputError(path, reason, line, "Is it the right file?") from None
    if _SURROGATE.search(text):
        _refuse_halves(text, path, line)
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = Counter(key for key, _ in pairs)
        raise _RepeatedKeyError(repr(max(keys, key=keys.__getitem__)))
    return record


def _refuse_halves(text: str, path: Path, line: int | None) -> None:
    for escape in _ESCAPE.finditer(text):
        if escape[1] is not None:
            number = text.count("\n", 0, escape.start()) + 1 if line is None else line
            reason = f"{escape[0]} is half of a surrogate pair, which is no character."
            raise InputError(path, reason, number, "Was a text cut inside a character?")


def strings_of(
    record: object, names: Sequence[str], path: Path, where: str, line: int | None = None
) -> list[str]:
    """`fields_of` for fields that must be strings.

    Raises:
        InputError: a field is missing or no string.
    """
    values = fields_of(record, names, path, where, line)
    for name, value in zip(names, values, strict=True):
        if not isinstance(value, str):
            raise InputError(path, f"{name} of {where} is {value!r}, expected a string.", line)
    return values


def list_of(value: object, path: Path, where: str, line: int | None = None) -> list[Any]:
    """Return `value` if it is a list.

    Raises:
        InputError: it is not.
    """
    if not isinstance(value, list):
        raise InputError(path, f"{where} is not a list.", line)
    return value


def fields_of(
    record: object, names: Sequence[str], path: Path, where: str, line: int | None = None
) -> list[Any]:
    """Return the named fields of a JSON object, in the order asked for.

    Raises:
        InputError: not an object, or fields missing; expected and found fields are named.
    """
    if not isinstance(record, dict):
        raise InputError(path, f"{where} is not an object.", line)
    missing = [name for name in names if name not in record]
    if missing:
        found = ", ".join(map(str, record)) or "nothing"
        reason = f"{where} lacks {', '.join(missing)}: expected {', '.join(names)}; found {found}."
        raise InputError(path, reason, line)
    return [record[name] for name in names]
