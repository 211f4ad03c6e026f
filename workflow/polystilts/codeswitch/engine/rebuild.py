"""From decisions to new texts."""

from collections.abc import Mapping, Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.batch import Batch, Items
from polystilts.codeswitch.engine.chunks import Places
from polystilts.codeswitch.engine.controls import RandomTranslations, Written
from polystilts.codeswitch.engine.decide import Decision
from polystilts.codeswitch.engine.surfaces import Surfaces
from polystilts.codeswitch.engine.writing import new_texts
from polystilts.codeswitch.outcome import Outcome, Replaced
from polystilts.codeswitch.text.casing import Casing, apply_casing
from polystilts.codeswitch.text.scripts import is_no_space_script, no_space
from polystilts.policies import Spaces

_CASINGS = (Casing.LOWER, Casing.TITLE, Casing.UPPER)
_OWN = -1
# whether the space between two replacements of a language written without is dropped
JOINS: Mapping[Spaces, bool] = {"keep": False, "join": True}


class Rebuilder:
    """Writes what was decided, by the rules of one treatment."""

    def __init__(self, surfaces: Surfaces, written: Written) -> None:
        self._surfaces = surfaces
        self._dictionary = surfaces.dictionary
        self._identity = False
        self._random: RandomTranslations | None = None
        match written:
            case "translation" | "shuffled":  # the dictionary has the shuffled words already
                pass
            case "random":
                self._random = RandomTranslations(surfaces.dictionary)
            case "english":
                self._identity = True
            case _:
                assert_never(written)
        languages = self._dictionary.languages
        self._joined = np.array(
            [JOINS[surfaces.recipe.spaces] and no_space(code) for code in languages], bool
        )
        self._cased: dict[tuple[int, ...], str] = {}
        widths = np.diff(self._dictionary.candidate_first)
        self._language = np.repeat(self._dictionary.slot_language, widths)
        self._senses = np.repeat(widths, widths)

    def rebuild(self, batch: Batch, items: Items, decision: Decision) -> Outcome:
        """Return the outcome of one copy."""
        dictionary = self._dictionary
        item = np.flatnonzero(decision.candidate >= 0)
        written = self._written(decision, item)
        is_self = written < 0  # a translation that equals its source was drawn
        decision.loss[item[is_self]] = losses.SELF
        item, written = item[~is_self], written[~is_self]
        candidate = decision.candidate[item]
        table = self._surfaces.table()
        surface = items.surface[item]
        replaced = Replaced(
            item=item,
            candidate=candidate,
            written=np.full_like(written, _OWN) if self._identity else written,
            language=self._language[candidate],
            entry=table.entry[surface],
            flags=table.flags[surface],
            suffix=table.suffix[surface],
            senses=self._senses[candidate],
        )
        chunk = items.chunk[item]
        spans = batch.start[chunk], batch.end[chunk + items.width[item] - 1]
        if self._identity:
            borders = zip(*(places.tolist() for places in spans), strict=True)
            new = [batch.whole[start:end] for start, end in borders]
        else:
            new = self._new(batch, items, replaced, written)
        dropped = self._dropped(batch, items, replaced, new)
        flags = table.flags[batch.surface]
        codes = np.where(flags & known.WORD != 0, 0, -1).astype(np.int16)
        chunks = _chunks_of(items, item)
        codes[chunks] = np.repeat(replaced.language, items.width[item]) + 1
        eligible = np.zeros(len(codes), bool)
        able = np.flatnonzero(decision.eligible)
        eligible[_chunks_of(items, able)] = True
        texts = len(batch.fields)
        return Outcome(
            texts=new_texts(batch, chunk, spans, new, dropped),
            languages=dictionary.languages,
            first_text=batch.first_text,
            first_chunk=batch.first_chunk,
            codes=codes,
            switched=np.bincount(batch.chunk_text[codes > 0], minlength=texts),
            words=np.bincount(batch.chunk_text[codes >= 0], minlength=texts),
            eligible=eligible,
            function_words=flags & known.FUNCTION != 0,
            item_entry=table.entry[items.surface],
            batch=batch,
            items=items,
            decision=decision,
            replaced=replaced,
            new=new,
            dropped=dropped,
            dictionary=dictionary,
        )

    def _written(self, decision: Decision, item: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return per replaced item the place of what is written, -1 for the word itself."""
        candidate = decision.candidate[item]
        written = self._dictionary.written[candidate]
        if self._random is not None:
            random = self._random.written(candidate, decision.place[item])
            written = np.where(written < 0, written, random).astype(np.int32)
        return written

    def _new(
        self, batch: Batch, items: Items, replaced: Replaced, written: NDArray[np.int32]
    ) -> list[str]:
        """Return what stands in place of each replaced item, a possessive 's included."""
        cased = self._cased
        new = list(map(self._dictionary.targets.__getitem__, written.tolist()))
        styled = np.flatnonzero(replaced.flags & known.PLAIN == 0)
        item = replaced.item[styled]
        single = replaced.flags[styled] & known.SINGLE != 0
        casing = np.where(single, _single_casing(batch, items, item), _OWN)
        columns = (styled, items.surface[item], written[styled], replaced.language[styled], casing)
        for place, *key in zip(*(column.tolist() for column in columns), strict=True):
            text = cased.get(tuple(key))
            if text is None:
                cased[tuple(key)] = text = self._styled(*key)
            new[place] = text
        return new

    def _styled(self, surface: int, target: int, language: int, casing: int) -> str:
        """Return a translation in the casing given, or else in the surface's own, and its 's."""
        style = self._surfaces.styles[surface]
        chosen = style.casing if casing == _OWN else _CASINGS[casing]
        text = self._dictionary.targets[target]
        return apply_casing(text, chosen, self._dictionary.languages[language]) + style.suffix

    def _dropped(
        self, batch: Batch, items: Items, replaced: Replaced, new: Sequence[str]
    ) -> Places:
        """Return the chunks before which a space is dropped.

        It is one between two adjacent words of a language written without spaces. It stays next to
        what is not of such a script, as the Latin letters of a Thai `CD`.
        """
        if self._identity or not self._joined.any():
            return np.zeros(0, np.int64)
        item = replaced.item
        chunk = items.chunk[item]
        follows = chunk[:-1] + items.width[item[:-1]] == chunk[1:]
        same = replaced.language[1:] == replaced.language[:-1]
        same &= items.text[item[1:]] == items.text[item[:-1]]
        same &= batch.is_text[items.text[item[1:]]]
        second = chunk[1:]
        same &= batch.start[second] - batch.end[second - 1] == 1
        same &= batch.is_space[batch.end[second - 1]]
        pairs = np.flatnonzero(follows & same & self._joined[replaced.language[:-1]]).tolist()
        dropped = [
            place
            for place in pairs
            if is_no_space_script(new[place][-1:]) and is_no_space_script(new[place + 1][:1])
        ]
        return second[dropped]


def _single_casing(batch: Batch, items: Items, item: Places) -> Places:
    """Return the casings of `I` and `A`, whose capital may be due to its place or to nothing."""
    casing = np.where(batch.shouted[items.text[item]], 2, items.initial[item])
    return casing.astype(np.int64)


def _chunks_of(items: Items, item: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all chunks of some items."""
    widths = items.width[item]
    starts = np.cumsum(widths) - widths
    total = int(widths.sum())
    chunks: NDArray[np.int64] = np.repeat(items.chunk[item] - starts, widths)
    return chunks + np.arange(total)
