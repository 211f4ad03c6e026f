"""Examples as arrays: texts cut into chunks, and the items that may be switched.

An item is a word, or a phrase of several words that a dictionary lists. What is worked out here
holds for every copy of a corpus.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.surfaces import Surfaces
from polystilts.codeswitch.english.words import chunked_all
from polystilts.codeswitch.example import Example, Field, Span

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """The texts of some examples, one after the other.

    Attributes:
        fields: the texts as they were given.
        first_text: texts of example e are first_text[e]:first_text[e + 1].
        parts: all texts as alternating stretches between chunks and chunks; joined, they are the
            texts. Tokens stand with a space between them.
        first_part: parts of text t are parts[first_part[t]:first_part[t + 1]].
        first_chunk: chunks of text t are first_chunk[t]:first_chunk[t + 1].
        surface: per chunk its number in the table of surfaces.
        chunk_text: per chunk its text.
        chunk_part: per chunk its place in `parts`.
        text_example: per text its example.
        is_text: per text whether it is one; else it is tokens.
        parents: per example the place of its parent, its own where it has none; None where no
            example has one.
        shouted: per text whether all its letters are capitals.
    """

    fields: list[Field]
    first_text: Places
    parts: list[str]
    first_part: Places
    first_chunk: Places
    surface: NDArray[np.int32]
    chunk_text: Places
    chunk_part: Places
    text_example: Places
    is_text: NDArray[np.bool_]
    parents: Places | None
    shouted: NDArray[np.bool_]

    def spans(self, text: int) -> list[Span]:
        """Return the character spans of a text's chunks in its source."""
        first, end = self.first_part[text], self.first_part[text + 1]
        borders = list(accumulate(map(len, self.parts[first:end]), initial=0))
        return list(zip(borders[1:-1:2], borders[2:-1:2], strict=True))


def read(examples: Sequence[Example], surfaces: Surfaces) -> Batch:
    """Cut the texts of `examples` into chunks and look these up."""
    fields = [field for example in examples for field in example.fields]
    parts: list[str] = []
    chunks: list[str] = []
    chunk_counts: list[int] = []
    texts = [field.text for field in fields]
    for pieces in _cut(texts):
        parts += pieces
        chunks += pieces[1::2]
        chunk_counts.append(len(pieces) >> 1)
    counts = np.array(chunk_counts, np.int64)
    first_chunk = _firsts(counts)
    first_part = _firsts(2 * counts + 1)
    chunk_text = np.repeat(np.arange(len(fields)), counts)
    local = np.arange(len(chunks)) - first_chunk[chunk_text]
    rows = surfaces.rows
    surface = np.fromiter(map(rows.__getitem__, chunks), np.int32, len(chunks))
    per_example = np.array([len(example.fields) for example in examples], np.int64)
    shouted = np.zeros(len(fields), bool)
    flags = surfaces.table().flags[surface]
    for text in np.unique(chunk_text[flags & (known.CAPITALS | known.SINGLE) != 0]).tolist():
        shouted[text] = "".join(parts[first_part[text] : first_part[text + 1]]).isupper()
    return Batch(
        fields=fields,
        first_text=_firsts(per_example),
        parts=parts,
        first_part=first_part,
        first_chunk=first_chunk,
        surface=surface,
        chunk_text=chunk_text,
        chunk_part=first_part[chunk_text] + 2 * local + 1,
        text_example=np.repeat(np.arange(len(examples)), per_example),
        is_text=np.array([isinstance(text, str) for text in texts], bool),
        parents=_parents(examples),
        shouted=shouted,
    )


def _cut(texts: Sequence[str | Sequence[str]]) -> Iterator[list[str]]:
    """Yield each text's parts; a list of tokens has each token as one chunk."""
    cut = chunked_all([text for text in texts if isinstance(text, str)])
    for text in texts:
        yield next(cut) if isinstance(text, str) else _tokens(text)


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
