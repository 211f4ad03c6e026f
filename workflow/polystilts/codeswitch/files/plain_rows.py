"""The quick way through JSON rows whose texts are strings on the top level: most rows.

It finds what `json_spans.find_row` finds, or nothing, and then that has to look.
"""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from polystilts.codeswitch.files.json_spans import Value

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_COLON = re.compile(r'[ \t\n\r]*:[ \t\n\r]*(?=")').match
# an escaped ASCII letter: a key may be spelled with one
_ESCAPED = "\\u00"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]").search
_decode = json.JSONDecoder().raw_decode


class PlainRow(NamedTuple):
    """The strings of a row, in the order of their names, and its id."""

    values: list[Value]
    identity: str | None


def is_plain(names: Sequence[str]) -> bool:
    """Say whether fields have names that can be searched for as they are spelled."""
    return all(_NAME.fullmatch(name) for name in names)


def read_plain(text: str, names: Sequence[str], identity: str) -> PlainRow | None:
    """Return a row's strings, or None if it is not as plain as that.

    A name that stands once in a text, in quotes and without escapes, and that is a key of the
    row, can stand nowhere else than where the key does.
    """
    if _ESCAPED in text or _SURROGATE(text):
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    found = record.get(identity)
    if found is not None and (not isinstance(found, str | int) or found is True or found is False):
        return None
    if identity in record and text.count(f'"{identity}"') != 1:
        return None
    values = []
    for name in names:
        key = f'"{name}"'
        if not isinstance(record.get(name), str) or text.count(key) != 1:
            return None
        behind = _COLON(text, text.index(key) + len(key))
        if behind is None:
            return None
        start = behind.end()
        value, end = _decode(text, start)
        values.append(Value(start, end, value))
    return PlainRow(values, None if found is None else str(found))
