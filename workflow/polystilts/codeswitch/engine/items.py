"""From chunks to the items that may be switched, each with the reason why it must stay, if any."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.dictionaries.dictionary import MOST_PHRASE_WORDS
from polystilts.codeswitch.dictionaries.senses import BY_PART_OF_SPEECH, PARTS_OF_SPEECH
from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.batch import Batch, Items
from polystilts.codeswitch.engine.capitals import begin_sentences, capital_losses
from polystilts.codeswitch.engine.phrases import find_phrases
from polystilts.codeswitch.engine.surfaces import Surfaces, Table
from polystilts.codeswitch.english.parts_of_speech import open_class, tag
from polystilts.policies import Tagging

_PART = {part: number for number, part in enumerate(PARTS_OF_SPEECH, 1)}
_UNIT = losses.protected("unit")
# whether words of tagged sentences stay English where their tag is of a closed class
OPEN_CLASS_ALONE: Mapping[Tagging, bool] = {"open-class": True, "any-class": False}
# Protections but that of names.
_IS_FIRM = np.array(
    [
        losses.protection_of(name) is not None and code != losses.PROTECTED_NAME
        for code, name in enumerate(losses.LOSS_NAMES)
    ]
)


def find_items(batch: Batch, surfaces: Surfaces) -> Items:
    """Return the words and phrases of a batch."""
    table = surfaces.table()
    recipe = surfaces.recipe
    flags = table.flags[batch.surface]
    loss = table.loss[batch.surface]
    part = np.zeros(len(loss), np.int8)
    _look_at_tokens(batch, flags, loss, part, OPEN_CLASS_ALONE[recipe.tagging])
    cased = np.flatnonzero(flags & (known.CAPITAL | known.PLACED | known.SINGLE) != 0)
    initial = np.zeros(len(loss), bool)
    initial[cased] = begin_sentences(batch, table, cased)
    entities = "entity" in recipe.units
    capital_losses(batch, table, loss, initial, surfaces.protects_names(), entities)
    borders = _look_at_spans(batch, loss)
    if BY_PART_OF_SPEECH in recipe.senses:
        _tag_words(batch, flags, part)
    # words that the recipe leaves to phrases do not keep their phrases English
    held = np.where(loss == _UNIT, losses.NONE, loss).astype(np.int8)
    phrases = find_phrases(batch, surfaces, table, held, borders)
    surface, width, is_item = batch.surface, np.ones(len(loss), np.int64), flags & known.WORD != 0
    if phrases.chunk:
        table = surfaces.table()
        surface = surface.copy()
        start, words, number = (
            np.array(column, np.int64) for column in (phrases.chunk, phrases.width, phrases.surface)
        )
        switched = table.loss[number] != _UNIT  # else the recipe leaves phrases alone
        start, words, number = start[switched], words[switched], number[switched]
        surface[start], width[start] = number, words
        # an entity may be switched although it is a name, but not whatever else protects it
        firm = np.append(np.flatnonzero(_IS_FIRM[held]), len(held))
        first = firm[np.searchsorted(firm, start)]
        is_firm = first < start + words
        loss[start] = np.where(is_firm, held[np.where(is_firm, first, 0)], table.loss[number])
        for place in range(1, MOST_PHRASE_WORDS):
            is_item[start[words > place] + place] = False
    chunk = np.flatnonzero(is_item)
    text = batch.chunk_text[chunk]
    return Items(
        chunk=chunk,
        width=width[chunk],
        surface=surface[chunk],
        unit=table.unit[surface[chunk]],
        text=text,
        example=batch.text_example[text],
        loss=loss[chunk],
        initial=initial[chunk],
        part=part[chunk],
    )


def _look_at_tokens(
    batch: Batch,
    flags: NDArray[np.int16],
    loss: NDArray[np.int8],
    part: NDArray[np.int8],
    open_only: bool,
) -> None:
    """Keep tokens that are more than their word, and those with a tag of a closed class."""
    for text in np.flatnonzero(~batch.is_text).tolist():
        field = batch.fields[text]
        first, end = batch.first_chunk[text], batch.first_chunk[text + 1]
        free = loss[first:end] == losses.NONE
        loss[first:end][free & (flags[first:end] & known.WHOLE == 0)] = losses.protected("token")
        if field.tags is not None and open_only:
            parts = np.array([_PART.get(open_class(name) or "", 0) for name in field.tags])
            closed = (loss[first:end] == losses.NONE) & (parts == 0)
            loss[first:end][closed] = losses.protected("tag")
            part[first:end] = parts


def _look_at_spans(batch: Batch, loss: NDArray[np.int8]) -> set[int]:
    """Keep the words that overlap a protected span, or that an anchor's border cuts in two.

    Return the chunks that follow a border, with which no phrase may go on.
    """
    borders: set[int] = set()
    for text, field in enumerate(batch.fields):
        if not (field.protected or field.anchors):
            continue
        spans = batch.spans(text)
        starts = [start for start, _ in spans]
        ends = [end for _, end in spans]
        first = int(batch.first_chunk[text])
        for border in {border for anchor in field.anchors for border in anchor}:
            place = bisect_left(starts, border) - 1
            if place >= 0 and ends[place] > border:
                loss[first + place] = losses.protected("anchor")
            borders.add(first + place + 1)
        for start, end in field.protected:
            inside = slice(first + bisect_right(ends, start), first + bisect_left(starts, end))
            loss[inside] = losses.protected("span")
    return borders


def _tag_words(batch: Batch, flags: NDArray[np.int16], part: NDArray[np.int8]) -> None:
    """Write the part of speech of every word that its surroundings tell."""
    for text in range(len(batch.fields)):
        first, end = int(batch.first_chunk[text]), int(batch.first_chunk[text + 1])
        if first == end or part[first:end].any():
            continue
        words = [batch.chunk(chunk).lower() for chunk in range(first, end)]
        part[first:end] = [_PART.get(name or "", 0) for name in tag(words)]


def sentence_numbers(batch: Batch, items: Items, table: Table) -> NDArray[np.int64]:
    """Return the number of each item's sentence, counted through the batch."""
    chunks = np.arange(len(batch.surface))
    begins = begin_sentences(batch, table, chunks) | (chunks == batch.first_chunk[batch.chunk_text])
    sentence: NDArray[np.int64] = np.cumsum(begins)[items.chunk]
    return sentence
