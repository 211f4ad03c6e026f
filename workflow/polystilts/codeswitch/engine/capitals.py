"""What capitals say: which words begin a sentence, and which are names."""

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.batch import Batch
from polystilts.codeswitch.engine.chunks import Places
from polystilts.codeswitch.engine.surfaces import Table
from polystilts.codeswitch.english.words import Before, read_before, token_begins_sentence

_IS_PROTECTION = np.array([losses.protection_of(name) is not None for name in losses.LOSS_NAMES])


class _Read(dict[str, int]):
    """What stands before a word, read once per different stretch."""

    def __missing__(self, between: str) -> int:
        self[between] = before = int(read_before(between))
        return before


def begin_sentences(batch: Batch, table: Table, chunks: Places) -> NDArray[np.bool_]:
    """Say which of some chunks begin a sentence, so that their capitals mean nothing."""
    read = _Read()
    before = np.array([read[between] for between in batch.before(chunks)], int)
    text = batch.chunk_text[chunks]
    first = batch.first_chunk[text] == chunks
    flags = table.flags[batch.surface[np.maximum(chunks - 1, 0)]]
    begins: NDArray[np.bool_] = (
        (before == Before.BEGINS)
        | ((before == Before.AFTER_STOP) & (first | (flags & known.ABBREVIATION == 0)))
        | ((before == Before.NOTHING) & (first | (flags & known.MARK_UP != 0)))
    )
    for place in np.flatnonzero(~batch.is_text[text]).tolist():
        tokens = batch.fields[text[place]].text
        local = int(chunks[place] - batch.first_chunk[text[place]])
        begins[place] = token_begins_sentence(tokens, local)
    return begins


def capital_losses(
    batch: Batch,
    table: Table,
    loss: NDArray[np.int8],
    initial: NDArray[np.bool_],
    names: bool,
    entities: bool,
) -> None:
    """Write into `loss` which words their capitals keep English.

    Names of an example are words that are capitalised inside a sentence of it, or that are short
    and all capitals; a capital at the beginning of a sentence says nothing by itself, and in a text
    that is all capitals none does. A child's texts are read with its parent's. A function word
    (`May`, `Will`, `The`) is a name where its capital stands inside a sentence, and there alone:
    the `The` of `The Hague` does not make one of another. `I` and `A` never are. An acronym of
    which only the lower case was found (`US`, `us`) has no entry.
    """
    flags = table.flags[batch.surface]
    if names:
        placed = np.flatnonzero((flags & known.PLACED != 0) & ~initial & ~_IS_PROTECTION[loss])
        placed = placed[~batch.shouted[batch.chunk_text[placed]]]
        if entities:
            placed = placed[flags[placed] & known.ENTITY == 0]
        loss[placed] = losses.PROTECTED_NAME
    # a name without entry is protected too: phrases that hold it stay with it
    capital = np.flatnonzero((flags & known.CAPITAL != 0) & ~_IS_PROTECTION[loss])
    if names:
        # names that never could be switched count as well: their hosts may occur again
        every = np.flatnonzero(flags & known.CAPITAL != 0)
        quiet = ~batch.shouted[batch.chunk_text[every]]
        inside = ~initial[every] | (flags[every] & known.ACRONYM != 0)
        marks = every[quiet & inside]
        own = _keys(batch, table, marks, None)
        is_name = np.isin(_keys(batch, table, capital, None), own)
        if batch.parents is not None:
            is_name |= np.isin(_keys(batch, table, capital, batch.parents), own)
        if entities:
            is_name &= flags[capital] & known.ENTITY == 0
        loss[capital[is_name]] = losses.PROTECTED_NAME
        capital = capital[~is_name]
    lone = (flags[capital] & known.ACRONYM != 0) & (flags[capital] & known.LISTED == 0)
    lone &= ~batch.shouted[batch.chunk_text[capital]]
    loss[capital[lone]] = losses.NO_ENTRY


def _keys(batch: Batch, table: Table, chunks: Places, parents: Places | None) -> Places:
    example = batch.text_example[batch.chunk_text[chunks]]
    if parents is not None:
        example = parents[example]
    return example << 32 | table.host[batch.surface[chunks]]
