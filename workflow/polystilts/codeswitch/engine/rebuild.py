"""From decisions to new texts."""

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.engine import surfaces as known
from polystilts.codeswitch.engine.batch import Batch, Items
from polystilts.codeswitch.engine.controls import RandomTranslations
from polystilts.codeswitch.engine.decide import Decision
from polystilts.codeswitch.engine.surfaces import Style, Surfaces
from polystilts.codeswitch.outcome import Outcome, Replaced
from polystilts.codeswitch.text.casing import Casing, apply_casing
from polystilts.codeswitch.text.scripts import is_no_space_script, no_space


class Rebuilder:
    """Writes what was decided, by the rules of one treatment."""

    def __init__(self, surfaces: Surfaces, treatment: str) -> None:
        self._surfaces = surfaces
        self._dictionary = surfaces.dictionary
        self._identity = treatment == "identity"
        self._random = (
            RandomTranslations(surfaces.dictionary) if treatment == "random-translation" else None
        )
        languages = self._dictionary.languages
        self._joined = np.array(
            [surfaces.recipe.spaces == "join" and no_space(code) for code in languages], bool
        )
        self._cased: dict[tuple[int, int], str] = {}
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
            language=self._language[candidate],
            entry=table.entry[surface],
            flags=table.flags[surface],
            suffix=table.suffix[surface],
            senses=self._senses[candidate],
        )
        parts = batch.parts
        changed = np.zeros(len(batch.fields), bool)
        if len(item) and not self._identity:
            parts = parts.copy()
            self._write(parts, batch, items, replaced, written)
            changed[items.text[item]] = True
        codes = np.where(table.flags[batch.surface] & known.WORD != 0, 0, -1).astype(np.int16)
        chunks = _chunks_of(items, item)
        codes[chunks] = np.repeat(replaced.language, items.width[item]) + 1
        eligible = np.zeros(len(codes), bool)
        able = np.flatnonzero(decision.eligible)
        eligible[_chunks_of(items, able)] = True
        texts = len(batch.fields)
        return Outcome(
            texts=_texts(batch, parts, changed),
            languages=dictionary.languages,
            first_text=batch.first_text,
            first_chunk=batch.first_chunk,
            codes=codes,
            switched=np.bincount(batch.chunk_text[codes > 0], minlength=texts),
            words=np.bincount(batch.chunk_text[codes >= 0], minlength=texts),
            eligible=eligible,
            item_entry=table.entry[items.surface],
            batch=batch,
            items=items,
            decision=decision,
            replaced=replaced,
            parts=parts,
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

    def _write(
        self,
        parts: list[str],
        batch: Batch,
        items: Items,
        replaced: Replaced,
        written: NDArray[np.int32],
    ) -> None:
        item = replaced.item
        targets, cased = self._dictionary.targets, self._cased
        part = batch.chunk_part[items.chunk[item]]
        for place, text in zip(
            part.tolist(), map(targets.__getitem__, written.tolist()), strict=True
        ):
            parts[place] = text
        styled = np.flatnonzero(replaced.flags & known.PLAIN == 0)
        surface = items.surface[item]
        for place in styled.tolist():
            number, target = int(surface[place]), int(written[place])
            if replaced.flags[place] & known.SINGLE:
                text = self._single(batch, items, int(item[place]), replaced, place, target)
            else:
                key = number, int(replaced.language[place]) << 32 | target
                text = cased.get(key, "")
                if not text:
                    text = self._styled(self._surfaces.styles[number], replaced, place, target)
                    cased[key] = text
            parts[part[place]] = text
        for place in np.flatnonzero(items.width[item] > 1).tolist():
            end = int(part[place]) + 2 * int(items.width[item[place]]) - 1
            parts[part[place] + 1 : end] = [""] * (end - int(part[place]) - 1)
        if self._joined.any():
            self._join(parts, batch, items, replaced)

    def _styled(self, style: Style, replaced: Replaced, place: int, target: int) -> str:
        language = self._dictionary.languages[replaced.language[place]]
        text = self._dictionary.targets[target]
        return apply_casing(text, style.casing, language) + style.suffix

    def _single(
        self, batch: Batch, items: Items, item: int, replaced: Replaced, place: int, target: int
    ) -> str:
        """Write in place of `I` or `A`, whose capital may be due to its place or to nothing."""
        if batch.shouted[items.text[item]]:
            casing = Casing.UPPER
        else:
            casing = Casing.TITLE if items.initial[item] else Casing.LOWER
        style = self._surfaces.styles[items.surface[item]]
        return self._styled(Style(casing, style.suffix), replaced, place, target)

    def _join(self, parts: list[str], batch: Batch, items: Items, replaced: Replaced) -> None:
        """Drop the space between two adjacent words of one language written without spaces.

        It stays next to what is not of such a script, as the Latin letters of a Thai `CD`.
        """
        item = replaced.item
        chunk = items.chunk[item]
        follows = chunk[:-1] + items.width[item[:-1]] == chunk[1:]
        same = replaced.language[1:] == replaced.language[:-1]
        same &= items.text[item[1:]] == items.text[item[:-1]]
        for place in np.flatnonzero(follows & same & self._joined[replaced.language[:-1]]).tolist():
            between = int(batch.chunk_part[chunk[place + 1]]) - 1
            if not batch.is_text[items.text[item[place]]] or parts[between] != " ":
                continue
            # a phrase stands in its first part; the others are empty
            left = parts[int(batch.chunk_part[chunk[place]])]
            if is_no_space_script(left[-1:]) and is_no_space_script(parts[between + 1][:1]):
                parts[between] = ""


def _chunks_of(items: Items, item: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return all chunks of some items."""
    widths = items.width[item]
    starts = np.cumsum(widths) - widths
    total = int(widths.sum())
    chunks: NDArray[np.int64] = np.repeat(items.chunk[item] - starts, widths)
    return chunks + np.arange(total)


def _texts(batch: Batch, parts: list[str], changed: NDArray[np.bool_]) -> list[str | list[str]]:
    """Return the new texts; those in which nothing changed are the given ones."""
    texts: list[str | list[str]] = [
        field.text if isinstance(field.text, str) else list(field.text) for field in batch.fields
    ]
    places = np.flatnonzero(changed)
    borders = (batch.first_part[places].tolist(), batch.first_part[places + 1].tolist())
    is_text = batch.is_text[places].tolist()
    for text, joined, first, end in zip(places.tolist(), is_text, *borders, strict=True):
        if joined:
            texts[text] = "".join(parts[first:end])
        else:
            texts[text] = parts[first + 1 : end : 2]
    return texts
