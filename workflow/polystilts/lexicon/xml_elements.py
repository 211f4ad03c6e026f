"""XML as a stream of elements, safe on files from anywhere.

The parser opens no other file and no socket: an external document type is named but not read.
Entities may be declared for a text that refers to no other entity (as JMdict does for its parts of
speech), so that a few bytes cannot grow into gigabytes; everything else about entities is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Never
from xml.parsers import expat

from polystilts.errors import InputError

_CHUNK = 1 << 16
_DEEPEST = 64
_LONGEST_TEXT = 1 << 20
_LONGEST_ENTITY = 1000
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[^\s;&]+;|%[^\s;%]+;")
_HINT = "Is it the right file, and complete?"


@dataclass(frozen=True, slots=True)
class Element:
    """An element that has ended.

    Attributes:
        name: the tag.
        attributes: those written and those that the document type gives by default.
        text: the characters directly inside, without those of elements inside.
        line: where the element ends.
        ancestors: (tag, attributes) of the elements around it, the root first.
    """

    name: str
    attributes: Mapping[str, str]
    text: str
    line: int
    ancestors: tuple[tuple[str, Mapping[str, str]], ...]


def read_elements(path: Path) -> Iterator[Element]:
    """Yield the elements of an XML file in UTF-8 in the order of their ends.

    Memory is bounded by one chunk of the file and the texts of the open elements.

    Raises:
        InputError: no such file, XML that is not well formed (with the line), an external,
            parameter, nested or undeclared entity, elements nested too deep, a text too long.
    """
    if not path.is_file():
        raise InputError(path, "there is no such file.", hint="Check the mirror and the `files`.")
    stream = _Stream(path)
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield from stream.feed(chunk, False)
    yield from stream.feed(b"", True)


class _Stream:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: list[tuple[str, dict[str, str]]] = []
        self._texts: list[list[str]] = []
        self._sizes: list[int] = []
        self._ended: list[Element] = []
        # a declared encoding other than UTF-8 would make Python look for a codec of that name
        parser = self._parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._external
        parser.SkippedEntityHandler = self._skipped

    def feed(self, chunk: bytes, last: bool) -> list[Element]:
        self._ended = []
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            reason = f"not well-formed XML ({expat.ErrorString(error.code)})."
            raise InputError(self._path, reason, error.lineno, _HINT) from None
        return self._ended

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            self._refuse(f"elements are nested deeper than {_DEEPEST}.")
        self._open.append((name, attributes))
        self._texts.append([])
        self._sizes.append(0)

    def _end(self, name: str) -> None:
        _, attributes = self._open.pop()
        text = "".join(self._texts.pop())
        self._sizes.pop()
        line = self._parser.CurrentLineNumber
        self._ended.append(Element(name, attributes, text, line, tuple(self._open)))

    def _characters(self, text: str) -> None:
        self._sizes[-1] += len(text)
        if self._sizes[-1] > _LONGEST_TEXT:
            self._refuse(f"the text of an element is longer than {_LONGEST_TEXT} characters.")
        self._texts[-1].append(text)

    def _entity(
        self,
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        if value is None or system is not None:
            self._refuse(f"declares the external entity {name!r}, which is never read.")
        if is_parameter or len(value) > _LONGEST_ENTITY or _REFERENCE.search(value):
            self._refuse(f"the entity {name!r} is no short text of its own.")

    def _external(self, *ignored: object) -> int:
        self._refuse("refers to an external entity, which is never read.")

    def _skipped(self, name: str, is_parameter: bool) -> None:
        self._refuse(f"the entity {name!r} is not declared.")

    def _refuse(self, reason: str) -> Never:
        raise InputError(self._path, reason, self._parser.CurrentLineNumber, _HINT)
