"""New texts of a batch, from what stands in place of which of its chunks."""

from collections.abc import Sequence

import numpy as np

from polystilts.codeswitch.engine.batch import Batch
from polystilts.codeswitch.engine.chunks import Places


def new_texts(
    batch: Batch,
    chunk: Places,
    spans: tuple[Places, Places],
    new: Sequence[str],
    dropped: Places,
) -> list[str | list[str]]:
    """Return the texts after replacement; those in which nothing changed are the given ones.

    Args:
        batch: the texts.
        chunk: the first chunk of each item that is replaced, in the order of the texts.
        spans: where these items begin and end in the batch's one text.
        new: what stands in their place.
        dropped: the chunks before which a space is dropped.
    """
    texts = [
        text if isinstance(text, str) else list(text)
        for text in (field.text for field in batch.fields)
    ]
    if not len(chunk):
        return texts
    text = batch.chunk_text[chunk]
    changed = np.unique(text[batch.is_text[text]])
    whole, borders = _written(batch, text, spans, new, dropped)
    ends = (borders[changed + 1] - 1).tolist()
    for place, begin, end in zip(changed.tolist(), borders[changed].tolist(), ends, strict=True):
        texts[place] = whole[begin:end]
    for place in np.flatnonzero(~batch.is_text[text]).tolist():
        tokens = texts[text[place]]
        assert isinstance(tokens, list)
        tokens[chunk[place] - batch.first_chunk[text[place]]] = new[place]
    return texts


def _written(
    batch: Batch, text: Places, spans: tuple[Places, Places], new: Sequence[str], dropped: Places
) -> tuple[str, Places]:
    """Return the batch's one text after replacement, and where its texts begin."""
    start, end = spans
    length = np.fromiter(map(len, new), np.int64, len(new))
    texts = len(batch.fields)
    grown = np.bincount(text, length - (end - start), texts).astype(np.int64)
    if len(dropped):
        grown -= np.bincount(batch.chunk_text[dropped], minlength=texts)
        start = np.append(start, batch.end[dropped - 1])
        end = np.append(end, batch.start[dropped])
        order = np.argsort(start)
        start, end = start[order], end[order]
        every = [*new, *[""] * len(dropped)]
        new = [every[place] for place in order.tolist()]
    borders = batch.text_start + np.append(0, np.cumsum(grown))
    return _replaced(batch.whole, start.tolist(), end.tolist(), new), borders


def _replaced(text: str, start: list[int], end: list[int], new: Sequence[str]) -> str:
    """Return a text with other strings in place of some spans, which stand in its order."""
    pieces = [""] * (2 * len(new) + 1)
    pieces[1::2] = new
    pieces[::2] = [text[a:b] for a, b in zip([0, *end], [*start, len(text)], strict=True)]
    return "".join(pieces)
