"""From examples to a batch: their texts as one, its chunks, and what is known of each."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.batch import Batch
from polystilts.codeswitch.engine.chunks import Places, codes_of, kinds_of, opaque, plain_chunks
from polystilts.codeswitch.engine.surfaces import Surfaces
from polystilts.codeswitch.english.words import chunked
from polystilts.codeswitch.example import Example, Span

# Stands behind every text, so that no chunk reaches from one into the next.
_BORDER = "\0"
_SPACE = ord(" ")


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
    special = {place: given[place] for place in np.flatnonzero(is_special).tolist()}
    numbers = partial(surfaces.numbers, whole, codes)
    start, end, surface = _chunks(kinds, text_start, special, numbers, surfaces.rows)
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
    text_start: Places,
    special: Mapping[int, str | Sequence[str]],
    numbers: Callable[[Places, Places], NDArray[np.int32]],
    rows: Mapping[str, int],
) -> tuple[Places, Places, NDArray[np.int32]]:
    """Return the spans of all chunks and their surfaces.

    Special texts, by place, are cut one by one, and `kinds` is emptied there; the surfaces of their
    chunks are in `rows`, and those of all others are given by `numbers` for some spans.
    """
    spans: list[Span] = []
    chunks: list[str] = []
    for place, text in special.items():
        begin = int(text_start[place])
        kinds[begin : text_start[place + 1]] = 0
        parts = chunked(text) if isinstance(text, str) else _tokens(text)
        borders = list(accumulate(map(len, parts), initial=begin))
        spans += zip(borders[1:-1:2], borders[2:-1:2], strict=True)
        chunks += parts[1::2]
    start, end = plain_chunks(kinds)
    surface = numbers(start, end)
    if not spans:
        return start, end, surface
    others = np.array(spans, np.int64)
    start = np.append(start, others[:, 0])
    end = np.append(end, others[:, 1])
    surface = np.append(surface, np.array([rows[chunk] for chunk in chunks], np.int32))
    order = np.argsort(start, kind="stable")
    return start[order], end[order], surface[order]


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
