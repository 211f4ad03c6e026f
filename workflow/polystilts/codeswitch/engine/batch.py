"""Examples as arrays: their texts, cut into chunks, and the items that may be switched.

An item is a word, or a phrase of several words that a dictionary lists. What stands here holds for
every copy of a corpus.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.engine.chunks import Places
from polystilts.codeswitch.example import Field, Span


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
