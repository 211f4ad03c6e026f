"""The pairs of all lexicons as columns of numbers; every string is looked at once."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from polystilts.codeswitch.dictionaries.senses import PARTS_OF_SPEECH

_AT_ONCE = 64
# Of pairs, of sources, or of translations: one row each.
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs as columns of equal length, language by language.

    Attributes:
        entry: the number of the source.
        language: the number of the language.
        target: the number of the translation.
        meaning: equal for translations of one language that differ in casing alone.
        is_self: whether the translation is the source, but for casing.
        is_multiword: whether the translation has several words.
        rank, agreement: see `senses.Candidates`.
        parts: bit set of parts of speech; 0 where none is named.
    """

    entry: Numbers
    language: NDArray[np.int16]
    target: Numbers
    meaning: NDArray[np.int64]
    is_self: Flags
    is_multiword: Flags
    rank: NDArray[np.int32]
    agreement: NDArray[np.int32]
    parts: NDArray[np.uint8]

    def take(self, places: NDArray[np.int64]) -> "Pairs":
        """Return some pairs, by their places."""
        return Pairs(*(getattr(self, name)[places] for name in Pairs.__slots__))


@dataclass(frozen=True, slots=True)
class Read:
    """What lexicons hold.

    Attributes:
        sources: all different sources, in Unicode normal form C, in the order of the lexicons.
        targets: all translations, in the form of `stable_target`; those that became equal stand
            here several times, but pairs name one of them alone.
        phrases: the sources of several words.
        pairs: every pair once.
        counts: per language `phrases`, `repaired_nfkc` and `merged`; see `dictionary.Dictionary`.
    """

    sources: list[str]
    targets: list[str]
    phrases: list[str]
    pairs: Pairs
    counts: list[dict[str, int]]


def stable_target(target: str) -> str:
    """Return a translation in Unicode normal form KC with single spaces.

    XLM-R's tokenizer normalises in the same way, so that anything else would be lost inside it.
    """
    if target.isascii() or unicodedata.is_normalized("NFKC", target):
        return target if "  " not in target else " ".join(target.split())
    return " ".join(unicodedata.normalize("NFKC", target).split())


def normal_lists(table: pa.Table) -> dict[str, list[str]]:
    """Return a lexicon as source -> translations, in the forms that are compiled."""
    normal: dict[str, list[str]] = {}
    for source, target in zip(
        table["source"].to_pylist(), table["target"].to_pylist(), strict=True
    ):
        listed = normal.setdefault(unicodedata.normalize("NFC", source), [])
        stable = stable_target(target)
        if stable and stable not in listed:
            listed.append(stable)
    return normal


def read_pairs(tables: Sequence[pa.Table]) -> Read:
    """Return the pairs of lexicons, one per language, as numbers.

    Pairs whose translation is empty are left out, and so are those that became equal to another.
    """
    entry, english = _encoded(_column(tables, "source"))
    target, listed = _encoded(_column(tables, "target"))
    sizes = [table.num_rows for table in tables]
    language = np.repeat(np.arange(len(tables), dtype=np.int16), sizes)
    entry, english, sources = _normal_sources(entry, english)
    targets = _strings(listed)
    new = _stable(listed, targets)
    is_new = np.zeros(len(listed), bool)
    is_new[list(new)] = True
    changed = is_new[target]
    if new:
        target = _joined(listed, new)[target]
        listed = _rewritten(listed, new)
    folded_sources, folded = _folded(english, sources), _folded(listed, targets)
    cased = np.flatnonzero(_flags(pc.not_equal(folded, listed)))
    without_case = _strings(_taken(folded, cased))
    fold = _joined(listed, dict(zip(cased.tolist(), without_case, strict=True)))
    is_self = pc.equal(_taken(folded_sources, entry), _taken(folded, target))
    pairs = Pairs(
        entry=entry,
        language=language,
        target=target,
        meaning=fold[target].astype(np.int64) << 8 | language,
        is_self=_flags(is_self),
        is_multiword=_flags(pc.match_substring(listed, " "))[target],
        rank=_integers(tables, "rank"),
        agreement=_integers(tables, "agreement"),
        parts=_parts(_column(tables, "pos")),
    )
    is_phrase = _flags(pc.match_substring(english, " "))
    kept, merged = _each_once(pairs, len(english), len(listed))
    filled = _numbers(pc.binary_length(listed)) > 0
    if not filled.all():
        kept = kept[filled[target[kept]]]
    counted = zip(
        _count_sources(pairs, is_phrase, len(tables)),
        np.bincount(language, changed, len(tables)).astype(int).tolist(),
        np.bincount(language[merged], minlength=len(tables)).tolist(),
        strict=True,
    )
    return Read(
        sources=sources,
        targets=targets,
        phrases=[sources[place] for place in np.flatnonzero(is_phrase).tolist()],
        pairs=pairs if len(kept) == len(entry) else pairs.take(kept),
        counts=[
            {"phrases": phrases, "repaired_nfkc": repaired, "merged": lost}
            for phrases, repaired, lost in counted
        ],
    )


def _column(tables: Sequence[pa.Table], name: str) -> pa.Array:
    chunks = [chunk for table in tables for chunk in table[name].cast(pa.string()).chunks]
    return pa.concat_arrays(chunks) if chunks else pa.nulls(0, pa.string())


def _integers(tables: Sequence[pa.Table], name: str) -> NDArray[np.int32]:
    chunks = [chunk for table in tables for chunk in table[name].cast(pa.int32()).chunks]
    return _numbers(pa.concat_arrays(chunks) if chunks else pa.nulls(0, pa.int32()))


# `pa.array`, `to_numpy` and Python's own values as arguments load pandas, which takes 0.3 s.
def _numbers(array: pa.Array) -> Numbers:
    return np.asarray(np.from_dlpack(array), np.int32)


def _array(strings: Iterable[str]) -> pa.Array:
    builder = pa.lib.StringBuilder()
    builder.append_values(strings)
    return builder.finish()


def _taken(values: pa.Array, places: Numbers | NDArray[np.int64]) -> pa.Array:
    buffer = pa.py_buffer(np.ascontiguousarray(places, np.int64))
    return values.take(pa.Array.from_buffers(pa.int64(), len(places), [None, buffer]))


def _flags(array: pa.Array) -> Flags:
    flags: Flags = np.from_dlpack(array.cast(pa.uint8())).view(np.bool_)
    return flags


def _rewritten(values: pa.Array, new: dict[int, str]) -> pa.Array:
    """Return strings with others at some places, which stand in order."""
    flags = np.zeros(len(values), bool)
    flags[list(new)] = True
    buffer = pa.py_buffer(np.packbits(flags, bitorder="little"))
    mask = pa.Array.from_buffers(pa.bool_(), len(flags), [None, buffer])
    return pc.replace_with_mask(values, mask, _array(new.values()))


def _strings(array: pa.Array) -> list[str]:
    strings: list[str] = array.to_pylist()
    return strings


def _encoded(column: pa.Array) -> tuple[Numbers, pa.Array]:
    """Return each row's place among the different values, and these."""
    encoded = column.dictionary_encode(null_encoding="encode")
    return _numbers(encoded.indices), encoded.dictionary


def _normal_sources(entry: Numbers, sources: pa.Array) -> tuple[Numbers, pa.Array, list[str]]:
    """Return sources in Unicode normal form C, still each once; most often they are already."""
    strings = _strings(sources)
    if pc.all(pc.string_is_ascii(sources)).as_py() is not False:
        return entry, sources, strings
    if unicodedata.is_normalized("NFC", "\n".join(strings)):
        return entry, sources, strings
    normal = [unicodedata.normalize("NFC", source) for source in strings]
    number, sources = _encoded(_array(normal))
    return number[entry], sources, _strings(sources)


def _stable(targets: pa.Array, strings: list[str]) -> dict[int, str]:
    """Write into `strings` what `stable_target` makes of them; return what changed, by place."""
    is_plain = pc.and_not(pc.string_is_ascii(targets), pc.match_substring(targets, "  "))
    new = _changed(strings, ~_flags(is_plain), stable_target)
    for place, stable in new.items():
        strings[place] = stable
    return new


def _changed(strings: list[str], which: Flags, change: Callable[[str], str]) -> dict[int, str]:
    """Return what becomes of those of some strings that a change does not leave as they are.

    The change is one that leaves several lines as they are if, and only if, it leaves each.
    """
    new = {}
    places = np.flatnonzero(which).tolist()
    for first in range(0, len(places), _AT_ONCE):
        several = places[first : first + _AT_ONCE]
        together = "\n".join([strings[place] for place in several])
        if change(together) != together:
            for place in several:
                changed = change(strings[place])
                if changed != strings[place]:
                    new[place] = changed
    return new


def _joined(values: pa.Array, new: dict[int, str]) -> Numbers:
    """Return numbers of strings, the places of some, that are equal where the strings are.

    Args:
        values: the strings, different but for some that `new` rewrites or that nobody uses.
        new: what they are rewritten to, by place.
    """
    number = np.arange(len(values), dtype=np.int32)
    if not new:
        return number
    texts = dict.fromkeys(new.values())
    places = np.fromiter(new, np.int64, len(new))
    of_text = dict(zip(texts, range(len(texts)), strict=True))
    text = np.fromiter(map(of_text.__getitem__, new.values()), np.int64, len(new))
    # a text stands for itself where it is listed as it is, else the last one rewritten to it does
    leader = np.zeros(len(texts), np.int32)
    leader[text] = places
    at = pc.index_in(values, value_set=_array(list(texts)))
    is_listed = _flags(at.is_valid()).copy()
    is_listed[places] = False
    listed = np.flatnonzero(is_listed)
    same = np.frombuffer(at.buffers()[1], np.int32)[at.offset :][listed]
    leader[same] = listed
    number[listed] = leader[same]
    number[places] = leader[text]
    return number


def _folded(values: pa.Array, strings: list[str]) -> pa.Array:
    """Return strings, given in both forms, without case; ASCII is folded in one go."""
    others = ~_flags(pc.string_is_ascii(values))
    return _rewritten(pc.ascii_lower(values), _changed(strings, others, str.casefold))


def _parts(column: pa.Array) -> NDArray[np.uint8]:
    if column.null_count == len(column):
        return np.zeros(len(column), np.uint8)
    places, named = _encoded(column)
    bits = [
        sum(1 << bit for bit, part in enumerate(PARTS_OF_SPEECH) if part in (name or "").split())
        for name in named.to_pylist()
    ]
    return np.array(bits, np.uint8)[places]


def _each_once(
    pairs: Pairs, entries: int, targets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places where a pair of a language stands first, and those where it does again."""
    key = (pairs.language * np.int64(entries) + pairs.entry) * np.int64(targets) + pairs.target
    ordered = np.sort(key)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.arange(len(key)), np.zeros(0, np.int64)
    order = np.argsort(key, kind="stable")
    again = np.zeros(len(key), bool)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    return np.flatnonzero(~again), np.flatnonzero(again)


def _count_sources(pairs: Pairs, which: Flags, languages: int) -> list[int]:
    """Return how many of the sources in question every language has."""
    at = np.flatnonzero(which[pairs.entry])
    different = np.unique(pairs.entry[at] * np.int64(languages) + pairs.language[at])
    counts: list[int] = np.bincount(different % languages, minlength=languages).tolist()
    return counts
