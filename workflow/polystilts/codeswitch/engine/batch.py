"""Examples as arrays: texts cut into chunks, and the items that may be switched.

An item is a word, or a phrase of several words that a dictionary lists. What is worked out here
holds for every copy of a corpus.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.chunks import (
    Places,
    codes_of,
    kinds_of,
    opaque,
    plain_chunks,
)
from polystilts.codeswitch.engine.surfaces import Surfaces
from polystilts.codeswitch.english.words import chunked
from polystilts.codeswitch.example import Example, Field, Span

_BORDER = "\0"
_SPACE = ord(" ")


@dataclass(frozen=True, slots=True)
class Batch:
    """The texts of some examples, one after the other.

    Attributes:
        fields: the texts as they were given.
        whole: all texts in one, each with a border behind it; tokens stand with a space between.
        text_start: text t is whole[text_start[t]:text_start[t + 1] - 1].
        first_text: texts of example e are first_text[e]:first_text[e + 1].
        first_chunk: chunks of text t are first_chunk[t]:first_chunk[t + 1].
        start, end: per chunk its span in `whole`.
        is_space: per character of `whole`, whether it is a space.
        surface: per chunk its number in the table of surfaces.
        chunk_text: per chunk its text.
        text_example: per text its example.
        is_text: per text whether it is one; else it is tokens.
        parents: per example the place of its parent, its own where it has none; None where no
            example has one.
        shouted: per text whether all its letters are capitals.
    """

    fields: list[Field]
    whole: str
    text_start: Places
    first_text: Places
    first_chunk: Places
    start: Places
    end: Places
    is_space: NDArray[np.bool_]
    surface: NDArray[np.int32]
    chunk_text: Places
    text_example: Places
    is_text: NDArray[np.bool_]
    parents: Places | None
    shouted: NDArray[np.bool_]

    def text(self, text: int) -> str:
        """Return a text."""
        return self.whole[self.text_start[text] : self.text_start[text + 1] - 1]

    def chunk(self, chunk: int) -> str:
        """Return a chunk."""
        return self.whole[self.start[chunk] : self.end[chunk]]

    def spans(self, text: int) -> list[Span]:
        """Return the character spans of a text's chunks in the text."""
        chunks = slice(self.first_chunk[text], self.first_chunk[text + 1])
        begin = self.text_start[text]
        ends = (self.end[chunks] - begin).tolist()
        return list(zip((self.start[chunks] - begin).tolist(), ends, strict=True))

    def before(self, chunks: Places) -> list[str]:
        """Return what stands between each of some chunks and the chunk (or border) before it."""
        begins = self.text_start[self.chunk_text[chunks]]
        inside = chunks > self.first_chunk[self.chunk_text[chunks]]
        begins[inside] = self.end[chunks[inside] - 1]
        whole = self.whole
        spans = zip(begins.tolist(), self.start[chunks].tolist(), strict=True)
        return [whole[begin:end] for begin, end in spans]


def read(examples: Sequence[Example], surfaces: Surfaces) -> Batch:
    """Cut the texts of `examples` into chunks and look these up."""
    fields = [field for example in examples for field in example.fields]
    given = [field.text for field in fields]
    is_text = np.array([isinstance(text, str) for text in given], bool)
    texts = [text if isinstance(text, str) else " ".join(text) for text in given]
    whole = _BORDER.join([*texts, ""])
    text_start = _firsts(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    codes = codes_of(whole)
    kinds = kinds_of(codes)
    is_special = ~is_text
    is_special[np.searchsorted(text_start, opaque(whole, kinds), side="right") - 1] = True
    numbers = partial(surfaces.numbers, whole, codes)
    special = {place: given[place] for place in np.flatnonzero(is_special).tolist()}
    start, end, surface = _chunks(kinds, numbers, text_start, special, surfaces)
    first_chunk = np.searchsorted(start, text_start)
    chunk_text = np.repeat(np.arange(len(fields)), np.diff(first_chunk))
    shouted = np.zeros(len(fields), bool)
    flags = surfaces.table().flags[surface]
    for text in np.unique(chunk_text[flags & (known.CAPITALS | known.SINGLE) != 0]).tolist():
        shouted[text] = texts[text].isupper()
    per_example = np.array([len(example.fields) for example in examples], np.int64)
    return Batch(
        fields=fields,
        whole=whole,
        text_start=text_start,
        first_text=_firsts(per_example),
        first_chunk=first_chunk,
        start=start,
        end=end,
        is_space=codes == _SPACE,
        surface=surface,
        chunk_text=chunk_text,
        text_example=np.repeat(np.arange(len(examples)), per_example),
        is_text=is_text,
        parents=_parents(examples),
        shouted=shouted,
    )


def _chunks(
    kinds: NDArray[np.uint8],
    numbers: Callable[[Places, Places], NDArray[np.int32]],
    text_start: Places,
    special: Mapping[int, str | Sequence[str]],
    surfaces: Surfaces,
) -> tuple[Places, Places, NDArray[np.int32]]:
    """Return the spans of all chunks and their surfaces; those of special texts one by one."""
    if not special:
        start, end = plain_chunks(kinds)
        return start, end, numbers(start, end)
    borders: list[Span] = []
    surface: list[int] = []
    for place, text in special.items():
        begin = int(text_start[place])
        kinds[begin : text_start[place + 1]] = 0
        parts = chunked(text) if isinstance(text, str) else _tokens(text)
        edges = list(accumulate(map(len, parts), initial=begin))
        borders += zip(edges[1:-1:2], edges[2:-1:2], strict=True)
        surface += map(surfaces.rows.__getitem__, parts[1::2])
    start, end = plain_chunks(kinds)
    others = np.array(borders, np.int64).reshape(-1, 2)
    order = np.argsort(np.concatenate([start, others[:, 0]]), kind="stable")
    return (
        np.concatenate([start, others[:, 0]])[order],
        np.concatenate([end, others[:, 1]])[order],
        np.concatenate([numbers(start, end), np.array(surface, np.int32)])[order],
    )


def _tokens(text: Sequence[str]) -> list[str]:
    parts = [" "] * (2 * len(text) + 1)
    parts[0] = parts[-1] = ""
    parts[1::2] = text
    return parts


def _parents(examples: Sequence[Example]) -> Places | None:
    parents = [example.parent for example in examples]
    if parents.count(None) == len(parents):
        return None
    return np.array(
        [place if parent is None else parent for place, parent in enumerate(parents)], np.int64
    )


def _firsts(counts: Places) -> Places:
    firsts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=firsts[1:])
    return firsts


@dataclass(frozen=True, slots=True)
class Items:
    """What may be switched, in the order of the texts.

    Attributes:
        chunk: the first chunk.
        width: the number of chunks, 1 but for phrases.
        surface: the number in the table of surfaces.
        unit: the hash that stands for it; see `surfaces.Table`.
        text: the text.
        example: the example.
        loss: why it stays English whatever is drawn, or NONE.
        initial: whether it begins a sentence (known only where a capital depends on it).
        part: part of speech of the word in its place: 0 unknown, else 1 + its place in
            `senses.PARTS_OF_SPEECH`.
    """

    chunk: Places
    width: NDArray[np.int64]
    surface: NDArray[np.int32]
    unit: NDArray[np.uint64]
    text: Places
    example: Places
    loss: NDArray[np.int8]
    initial: NDArray[np.bool_]
    part: NDArray[np.int8]
