"""The texts of a JSON row, by the names of its fields."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from polystilts.codeswitch.files.json_spans import (
    Edit,
    MalformedError,
    Node,
    Tree,
    Value,
    check_characters,
    quoted,
)
from polystilts.codeswitch.files.request import Request
from polystilts.codeswitch.files.rows import Row, Text


class Place(NamedTuple):
    """Where one text stands: a string, or each token of a list."""

    values: list[Value]
    is_tokens: bool
    is_choice: bool

    @property
    def text(self) -> Text:
        """The text, or the tokens."""
        texts = [value.value for value in self.values]
        return texts if self.is_tokens else texts[0]


def tree_of(names: Sequence[str]) -> Tree:
    """Return names as a tree; a dotted name may be a path, or the whole name of a key."""
    tree: dict[str, Any] = {}
    for name in names:
        below = tree
        for part in name.split("."):
            below = below.setdefault(part, {})
        tree.setdefault(name, {})
    return tree


def places_of(found: Node, request: Request, seen: Counter[str]) -> list[Place]:
    """Return the places of a row's texts, field by field; count in `seen` the fields it has.

    Raises:
        MalformedError: a field is not text, or no list of tokens where it should be one.
    """
    places: list[Place] = []
    for name in request.names:
        before = len(places)
        for node in _nodes(found, name):
            if name in request.tokens:
                places.extend(_tokens(node, name))
            else:
                places.extend(_texts(node, name, name in request.choices))
        seen[name] += len(places) > before
    return places


def row_of(places: Sequence[Place], identity: str | None) -> Row:
    """Return the row that the places hold."""
    return Row(identity, [place.text for place in places], [place.is_choice for place in places])


def scalar(node: Node | None, text: str, name: str) -> str | None:
    """Return a value that identifies a row as text, None where there is none.

    Raises:
        MalformedError: it is an object or a list.
    """
    if node is None or (isinstance(node, Value) and node.value is None):
        return None
    if not isinstance(node, Value) or isinstance(node.value, dict):
        raise MalformedError(f"`{name}` identifies rows and is an object or a list.", 0)
    return node.value if isinstance(node.value, str) else text[node.start : node.end]


def edits_of(place: Place, text: Text) -> Iterator[Edit]:
    """Yield what has to be replaced where, so that a place holds a new text."""
    new = text if isinstance(text, list) else [text]
    for (start, end, old), word in zip(place.values, new, strict=True):
        if word != old:
            yield Edit(start, end, quoted(word))


def _nodes(found: Node, name: str) -> Iterator[Node]:
    if isinstance(found, list):
        for node in found:
            yield from _nodes(node, name)
    elif isinstance(found, dict):
        if name in found:
            yield found[name]
        first, _, rest = name.partition(".")
        if rest and first in found:
            # several objects of a list give several texts, which are compared with each other
            below = found[first]
            inner = list(_nodes(below, rest))
            yield from [inner] if isinstance(below, list) and inner else inner
    elif found.value is not None:
        raise MalformedError(f"`{name}` is looked for in something that is no object.", found.start)


def _texts(node: Node, name: str, is_choice: bool, in_list: bool = False) -> Iterator[Place]:
    if isinstance(node, list):
        for item in node:
            yield from _texts(item, name, True, in_list=True)
    elif isinstance(node, dict) or isinstance(node.value, dict):
        raise MalformedError(f"`{name}` is an object; name a field in it (`{name}.KEY`).", 0)
    elif node.value is not None or in_list:
        yield Place([_string(node, name)], False, is_choice)


def _tokens(node: Node, name: str) -> Iterator[Place]:
    if isinstance(node, Value) and node.value is None:
        return
    if not isinstance(node, list):
        raise MalformedError(f"`{name}` is no list of tokens; is it one of the --fields?", 0)
    values = []
    for item in node:
        if not isinstance(item, Value):
            raise MalformedError(f"`{name}` holds something that is no token.", 0)
        values.append(_string(item, name))
    yield Place(values, True, False)


def _string(node: Value, name: str) -> Value:
    if not isinstance(node.value, str):
        raise MalformedError(f"`{name}` is {node.value!r:.40}, expected a string.", node.start)
    check_characters(node, name)
    return node
