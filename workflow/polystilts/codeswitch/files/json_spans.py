"""Where values stand in a JSON text, so that some can be replaced and the rest stays as it is.

Parsing a row and writing it again would change numbers (1.0e5), escapes, white space and repeated
keys. Here a text is walked along; values that nobody asked for are checked and skipped.
"""

import json
import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, NamedTuple, TypeAlias

# Names of the values to find; an empty one below a name stands for the value itself.
Tree: TypeAlias = Mapping[str, "Tree"]

_TOO_DEEP = "the JSON is nested too deep to be read."
_SPACES = (" ", "\t", "\n", "\r")
_SPACE = re.compile(r"[ \t\n\r]*").match
# what most keys are, and what stands behind a value of an object: one step instead of several
_PLAIN_KEY = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*').match
_END_OF_MEMBER = re.compile(r"[ \t\n\r]*([,}])[ \t\n\r]*").match
_decode = json.JSONDecoder().raw_decode


class MalformedError(Exception):
    """A JSON text is not what it should be: the reason, and the character where it shows."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


class Value(NamedTuple):
    """A value and the characters that it stands in."""

    start: int
    end: int
    value: Any


Node: TypeAlias = Value | dict[str, "Node"] | list["Node"]


class Edit(NamedTuple):
    """Characters that are replaced by a text."""

    start: int
    end: int
    text: str


def find(text: str, tree: Tree, position: int = 0) -> Node:
    """Return the values that a tree names in the JSON value at `position`.

    A list is searched element by element with the same tree.

    Raises:
        MalformedError: the text is not valid JSON, or one of the names stands twice in an object.
    """
    try:
        return _find(text, tree, position)[0]
    except RecursionError:
        raise MalformedError(_TOO_DEEP, position) from None


def find_row(text: str, tree: Tree) -> tuple[dict[str, Node], int]:
    """Return the values that a tree names in a text that is one object, and where that ends.

    Raises:
        MalformedError: as `find`; or the text is something else than one object.
    """
    start = after_space(text, 0)
    if text[start : start + 1] != "{":
        scan(text, start)
        raise MalformedError("expected one JSON object a line.", start)
    try:
        found, end = _object(text, tree, start)
    except RecursionError:
        raise MalformedError(_TOO_DEEP, start) from None
    rest = after_space(text, end)
    if rest < len(text):
        raise MalformedError("not valid JSON (more text behind the object).", rest)
    return found, end


def splice(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with its edits, which are in order and apart."""
    pieces, copied = [], 0
    for edit in edits:
        pieces += [text[copied : edit.start], edit.text]
        copied = edit.end
    return "".join([*pieces, text[copied:]])


def quoted(value: str) -> str:
    """Return a string as JSON, in UTF-8 without needless escapes."""
    return encode_basestring(value)


def check_characters(value: Value, name: str) -> None:
    """Check that a string can be written as UTF-8.

    Raises:
        MalformedError: it has half of a surrogate pair.
    """
    if isinstance(value.value, str) and not value.value.isascii():
        try:
            value.value.encode("utf-8")
        except UnicodeEncodeError:
            reason = f"`{name}` holds half of a surrogate pair, which is no character."
            raise MalformedError(reason, value.start) from None


def after_space(text: str, position: int) -> int:
    """Return the position behind white space."""
    if text[position : position + 1] not in _SPACES:
        return position
    return _SPACE(text, position).end()  # type: ignore[union-attr]


def scan(text: str, position: int) -> tuple[int, Any]:
    """Return where the value at a position ends, and the value.

    Raises:
        MalformedError: the value is not valid JSON, or cannot be read.
    """
    try:
        value, end = _decode(text, position)
    except json.JSONDecodeError as error:
        raise MalformedError(f"not valid JSON ({error.msg}).", error.pos) from None
    except RecursionError:
        raise MalformedError(_TOO_DEEP, position) from None
    except ValueError:  # a number of thousands of digits
        raise MalformedError("a number cannot be read.", position) from None
    return end, value


def _find(text: str, tree: Tree, position: int) -> tuple[Node, int]:
    position = after_space(text, position)
    opening = text[position : position + 1]
    if opening == "[":
        return _list(text, tree, position)
    if opening == "{" and tree:
        return _object(text, tree, position)
    end, value = scan(text, position)
    return Value(position, end, value), end


def _list(text: str, tree: Tree, position: int) -> tuple[Node, int]:
    found: list[Node] = []
    position = after_space(text, position + 1)
    if text[position : position + 1] == "]":
        return found, position + 1
    while True:
        node, position = _find(text, tree, position)
        found.append(node)
        position = after_space(text, position)
        mark = text[position : position + 1]
        if mark == "]":
            return found, position + 1
        if mark != ",":
            raise MalformedError("not valid JSON (expected , or ]).", position)
        position += 1


def _object(text: str, tree: Tree, position: int) -> tuple[dict[str, Node], int]:
    found: dict[str, Node] = {}
    position = after_space(text, position + 1)
    if text[position : position + 1] == "}":
        return found, position + 1
    while True:
        start = position
        key, position = _key(text, position)
        below = tree.get(key)
        if below is None:
            position, _ = scan(text, position)
        elif key in found:
            raise MalformedError(f"the key {key!r} stands twice in one object.", start)
        else:
            found[key], position = _find(text, below, position)
        ending = _END_OF_MEMBER(text, position)
        if ending is None:
            at = after_space(text, position)
            raise MalformedError("not valid JSON (expected , or }).", at)
        position = ending.end()
        if ending[1] == "}":
            return found, ending.end(1)


def _key(text: str, position: int) -> tuple[str, int]:
    """Return the key at a position, and where its value starts."""
    plain = _PLAIN_KEY(text, position)
    if plain is not None:
        return plain[1], plain.end()
    if text[position : position + 1] != '"':
        raise MalformedError("not valid JSON (expected a key in double quotes).", position)
    position, key = scan(text, position)
    position = after_space(text, position)
    if text[position : position + 1] != ":":
        raise MalformedError("not valid JSON (expected :).", position)
    return key, after_space(text, position + 1)
