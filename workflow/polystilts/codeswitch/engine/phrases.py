"""Phrases of two to four words that a dictionary lists, found in texts: the longest first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.dictionaries.dictionary import (
    MOST_PHRASE_WORDS,
    Dictionary,
    continued,
    phrase_hash,
)
from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.batch import Batch
from polystilts.codeswitch.engine.chunks import Places
from polystilts.codeswitch.engine.surfaces import Surfaces, Table

_IS_PROTECTION = np.array([losses.protection_of(name) is not None for name in losses.LOSS_NAMES])


# Numbers of words in a bit set, the largest first.
_WIDTHS = [[n for n in range(MOST_PHRASE_WORDS, 1, -1) if bits >> n & 1] for bits in range(32)]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases by their first chunk: number of chunks and of the surface."""

    chunk: list[int]
    width: list[int]
    surface: list[int]


def find_phrases(
    batch: Batch,
    surfaces: Surfaces,
    table: Table,
    loss: NDArray[np.int8],
    borders: set[int],
) -> Phrases:
    """Return the phrases of all texts, from left to right, none across another.

    The words of a phrase are separated by white space only. A phrase that holds a word which is
    protected (`loss`, per chunk) is protected for the same reason. Tokens are never joined, nor are
    the words on both sides of an anchor's border (`borders`: the chunks that follow one).
    """
    found = Phrases([], [], [])
    widths = _widths(batch, surfaces.dictionary, table)
    starts = np.flatnonzero(widths)
    protected = np.append(np.flatnonzero(_IS_PROTECTION[loss]), len(loss))
    # the first protected chunk from each start on
    next_protected = protected[np.searchsorted(protected, starts)]
    columns = (starts, _spaced(batch, starts), widths[starts], next_protected)
    numbers, known_phrases = batch.surface.tolist(), surfaces.phrase_rows
    end = 0
    for chunk, spaced, possible, lost in zip(*(c.tolist() for c in columns), strict=True):
        if chunk < end:
            continue
        for width in _WIDTHS[possible]:
            if width > spaced and not _only_blanks(batch, chunk, width):
                continue
            if borders and not borders.isdisjoint(range(chunk + 1, chunk + width)):
                continue
            why = losses.NONE if lost >= chunk + width else int(loss[lost])
            key = (why, *numbers[chunk : chunk + width])
            number = known_phrases.get(key)
            if number is None:
                known_phrases[key] = number = _surface(batch, surfaces, chunk, width, why)
            if number >= 0:
                found.chunk.append(chunk)
                found.width.append(width)
                found.surface.append(number)
                end = chunk + width
                break
    return found


def _spaced(batch: Batch, chunks: Places) -> Places:
    """Return how many words from each chunk on, it included, stand a single space apart.

    They nearly always do, and then no string needs to be looked at.
    """
    last = len(batch.start) - 1
    count = np.ones(len(chunks), np.int64)
    going = np.ones(len(chunks), bool)
    for step in range(1, MOST_PHRASE_WORDS):
        left = np.minimum(chunks + step - 1, last)
        right = np.minimum(chunks + step, last)
        gap = batch.end[left]
        going &= (batch.start[right] - gap == 1) & batch.is_space[gap]
        count += going
    return count


def _only_blanks(batch: Batch, chunk: int, width: int) -> bool:
    """Say whether white space alone separates the words of a phrase."""
    ends = batch.end[chunk : chunk + width - 1].tolist()
    starts = batch.start[chunk + 1 : chunk + width].tolist()
    return all(batch.whole[end:start].isspace() for end, start in zip(ends, starts, strict=True))


def _surface(batch: Batch, surfaces: Surfaces, chunk: int, width: int, why: int) -> int:
    """Return the number of a phrase's surface, or -1 if two phrases only share a hash."""
    suffix = surfaces.styles[batch.surface[chunk + width - 1]].suffix
    phrase = " ".join(map(batch.chunk, range(chunk, chunk + width)))
    return surfaces.phrase(phrase[: len(phrase) - len(suffix)], suffix, why)


def _widths(batch: Batch, dictionary: Dictionary, table: Table) -> NDArray[np.uint8]:
    """Return per chunk the numbers of words of the phrases that may begin there, as a bit set."""
    number = table.phrase_word[batch.surface]
    widths = np.zeros(len(number), np.uint8)
    if not dictionary.phrases or len(number) < 2:
        return widths
    # links between a word of some phrase, without a possessive 's, and the next one, of some phrase
    listed = number >= 0
    link = np.zeros(len(number), bool)
    link[:-1] = listed[:-1] & listed[1:] & (batch.chunk_text[1:] == batch.chunk_text[:-1])
    link &= table.flags[batch.surface] & known.WHOLE != 0
    if not batch.is_text.all():
        link &= batch.is_text[batch.chunk_text]
    at = np.flatnonzero(link)
    running = phrase_hash(number[at])
    for width in sorted(dictionary.phrases):
        last = at + (width - 1)
        running = continued(running, number[last])
        widths[at[dictionary.phrases[width].contains(running)]] |= np.uint8(1 << width)
        goes_on = link[last]
        at, running = at[goes_on], running[goes_on]
    return widths
