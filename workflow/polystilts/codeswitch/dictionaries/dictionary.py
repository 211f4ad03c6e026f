"""Candidate tables: per English word, the languages that have it and what they offer, as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes, mix, salt
from polystilts.codeswitch.dictionaries.hash_set import HashSet
from polystilts.codeswitch.dictionaries.pairs import Pairs, Read, read_pairs
from polystilts.codeswitch.dictionaries.senses import BY_PART_OF_SPEECH, Candidates, cumulative
from polystilts.codeswitch.engine import losses
from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import ConfigError
from polystilts.lexicon.memory import returned_memory

MOST_PHRASE_WORDS = 4
_PHRASE = salt("purpose", "phrase")
# Per source word and translation, the word to write instead.
Wrong = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All lexicons of a recipe, joined by English word.

    An entry is an English word or phrase; it has one slot per language with a usable translation,
    in the order of `languages`; a slot has candidates, in the order of the lexicon.

    Attributes:
        languages: codes in alphabetical order; numbers below are places here.
        sources: the words, by entry.
        entries: entry by word.
        loss: per entry why nothing can be drawn (`losses`), or NONE.
        slot_first: slots of entry e are slot_first[e]:slot_first[e + 1].
        slot_language: per slot.
        candidate_first: candidates of slot s are candidate_first[s]:candidate_first[s + 1].
        bounds: see `senses.cumulative`.
        target: per candidate, the place of the translation in `targets`.
        written: per candidate, what is written for it: the same, or in the control
            `shuffled-dictionary` another; -1 for a candidate that equals its source.
        meaning: per candidate, equal for translations of one language that differ in casing alone.
        targets: all translations in Unicode normal form KC.
        phrase_words: lower-case words of phrases -> number.
        phrases: by number of words, from 2 on without a gap, the hashes of the phrases.
        counts: per language `sources`, `translations` (usable ones), `phrases` (sources of several
            words), `self` (translations equal to their source), `multiword` (translations of
            several words, where single ones are asked for), `repaired_nfkc` (translations
            rewritten in Unicode normal form KC), `merged` (pairs that became equal thereby).
    """

    languages: tuple[str, ...]
    sources: list[str]
    entries: Mapping[str, int]
    loss: NDArray[np.int8]
    slot_first: NDArray[np.int64]
    slot_language: NDArray[np.int16]
    candidate_first: NDArray[np.int64]
    bounds: NDArray[np.float64]
    target: NDArray[np.int32]
    written: NDArray[np.int32]
    meaning: NDArray[np.int64]
    targets: list[str]
    phrase_words: Mapping[str, int]
    phrases: Mapping[int, HashSet]
    counts: Mapping[str, Mapping[str, int]]


def chosen_languages(lexicons: Mapping[str, pa.Table], recipe: Recipe) -> tuple[str, ...]:
    """Return the languages to draw from, in alphabetical order.

    Raises:
        ConfigError: the recipe names a language without lexicon, or there is none at all.
    """
    if not lexicons:
        raise ConfigError("code-switching needs at least one dictionary; none was given.")
    wanted = recipe.languages if recipe.languages is not None else tuple(lexicons)
    # where languages are named, those held out need no dictionary: they are only recorded
    held_out = recipe.held_out if recipe.languages is None else ()
    for language in (*wanted, *held_out, *(recipe.language_weights or ())):
        if language not in lexicons:
            raise ConfigError(
                f"recipe: no dictionary for the language `{language}`; there are dictionaries for "
                f"{', '.join(sorted(lexicons))}. Give one, or drop the language."
            )
    chosen = tuple(sorted(set(wanted) - set(recipe.held_out)))
    if not chosen:
        raise ConfigError("recipe: `held_out` leaves no language to draw from.")
    return chosen


def compile_dictionary(
    lexicons: Mapping[str, pa.Table],
    recipe: Recipe,
    *,
    single_words: bool,
    wrong: Mapping[str, Wrong] | None = None,
) -> Dictionary:
    """Return the candidate tables for one recipe.

    Args:
        lexicons: per language a table `source, target, rank, agreement, pos`; see
            `polystilts.lexicon.store`.
        recipe: the languages, the senses, what becomes of translations equal to their source.
        single_words: keep translations of one word only.
        wrong: per language, for every translation the word to write instead.

    Raises:
        ConfigError: see `chosen_languages`.
    """
    languages = chosen_languages(lexicons, recipe)
    with returned_memory():
        read = read_pairs([lexicons[language] for language in languages])
    pairs, sources, targets = read.pairs, read.sources, read.targets
    usable = _usable(pairs, recipe, single_words)
    loss = _entry_losses(pairs, usable, len(sources), single_words)
    places = np.flatnonzero(usable)
    # languages stay in order within an entry
    kept = pairs.take(places[np.argsort(pairs.entry[places], kind="stable")])
    slots, candidates = _slots(kept, len(languages))
    written = kept.target
    if wrong is not None:
        written, targets = _wrong_targets(kept, wrong, languages, sources, targets)
    phrase_words, phrases = _phrases(read.phrases, recipe)
    counts = _counts(read, kept.language, slots, languages, single_words)
    del read, pairs, usable, places  # room for what follows
    with_parts = BY_PART_OF_SPEECH in recipe.senses or single_words
    return Dictionary(
        languages=languages,
        sources=sources,
        entries=dict(zip(sources, range(len(sources)), strict=True)),
        loss=loss,
        slot_first=np.searchsorted(kept.entry[slots], np.arange(len(sources) + 1)),
        slot_language=kept.language[slots],
        candidate_first=candidates.slot_first,
        bounds=cumulative(candidates, recipe.senses, with_parts),
        target=kept.target,
        written=np.where(kept.is_self, -1, written).astype(np.int32),
        meaning=kept.meaning,
        targets=targets,
        phrase_words=phrase_words,
        phrases=phrases,
        counts=counts,
    )


def _usable(pairs: Pairs, recipe: Recipe, single_words: bool) -> NDArray[np.bool_]:
    usable = (
        pairs.is_self | ~pairs.is_multiword if single_words else np.ones(len(pairs.entry), bool)
    )
    return usable if recipe.keep_self else usable & ~pairs.is_self


def _entry_losses(
    pairs: Pairs, usable: NDArray[np.bool_], entries: int, single_words: bool
) -> NDArray[np.int8]:
    loss = np.full(entries, losses.NO_ENTRY, np.int8)  # of sources with blank translations alone
    loss[pairs.entry[pairs.is_self]] = losses.SELF
    if single_words:
        loss[pairs.entry[pairs.is_multiword & ~pairs.is_self]] = losses.MULTIWORD
    loss[pairs.entry[usable]] = losses.NONE
    return loss


def _slots(pairs: Pairs, languages: int) -> tuple[NDArray[np.int64], Candidates]:
    """Return the first candidate of every slot, and the candidates for `senses`."""
    slot_of = pairs.entry * np.int64(languages) + pairs.language
    is_first = np.ones(len(slot_of), bool)
    is_first[1:] = slot_of[1:] != slot_of[:-1]
    first = np.flatnonzero(is_first)
    bounds = np.append(first, len(slot_of))
    return first, Candidates(pairs.rank, pairs.agreement, pairs.parts, pairs.meaning, bounds)


def _wrong_targets(
    pairs: Pairs,
    wrong: Mapping[str, Wrong],
    languages: Sequence[str],
    sources: list[str],
    targets: list[str],
) -> tuple[NDArray[np.int32], list[str]]:
    """Return per pair the number of the word that is written for it, and all words."""
    number = dict(zip(targets, range(len(targets)), strict=True))
    columns = (pairs.entry.tolist(), pairs.language.tolist(), pairs.target.tolist())
    words = (
        wrong[languages[language]][sources[entry]][targets[target]]
        for entry, language, target in zip(*columns, strict=True)
    )
    written = np.array([number.setdefault(word, len(number)) for word in words], np.int32)
    return written, list(number)


def _counts(
    read: Read,
    usable: NDArray[np.int16],
    slots: NDArray[np.int64],
    languages: Sequence[str],
    single_words: bool,
) -> dict[str, dict[str, int]]:
    """Return the counts of every language; `usable` are the languages of usable pairs."""
    pairs, size = read.pairs, len(languages)
    is_multiword = pairs.is_multiword & ~pairs.is_self
    counted = {
        "sources": np.bincount(usable[slots], minlength=size),
        "translations": np.bincount(usable, minlength=size),
        "self": np.bincount(pairs.language[pairs.is_self], minlength=size),
        "multiword": np.bincount(pairs.language[is_multiword], minlength=size) * single_words,
    }
    return {
        language: {
            "phrases": read.counts[place]["phrases"],
            "repaired_nfkc": read.counts[place]["repaired_nfkc"],
            "multiword": int(counted["multiword"][place]),
            "merged": read.counts[place]["merged"],
            "self": int(counted["self"][place]),
            "sources": int(counted["sources"][place]),
            "translations": int(counted["translations"][place]),
        }
        for place, language in enumerate(languages)
    }


def phrase_hash(first: NDArray[np.int32]) -> Hashes:
    """Return the hash of phrases that begin with the words of these numbers."""
    return mix(first.astype(np.uint64), _PHRASE)


def continued(hashes: Hashes, word: NDArray[np.int32]) -> Hashes:
    """Return the hashes of phrases that go on with another word."""
    return mix(hashes, word.astype(np.uint64))


def _phrases(sources: Iterable[str], recipe: Recipe) -> tuple[dict[str, int], dict[int, HashSet]]:
    """Return the words of phrases, numbered, and the hashes of phrases by number of words."""
    listed: dict[int, list[str]] = {n: [] for n in range(2, MOST_PHRASE_WORDS + 1)}
    if "phrase" in recipe.units or "entity" in recipe.units:
        for source in sources:
            words = source.lower().split()
            if len(words) in listed:
                listed[len(words)] += words
    different = dict.fromkeys(chain.from_iterable(listed.values()))
    number = dict(zip(different, range(len(different)), strict=True))
    hashes: dict[int, HashSet] = {}
    for width, flat in listed.items():
        numbers = np.fromiter(map(number.__getitem__, flat), np.int32, len(flat))
        columns = numbers.reshape(-1, width).T
        running = phrase_hash(columns[0])
        for column in columns[1:]:
            running = continued(running, column)
        hashes[width] = HashSet(np.unique(running))
    return number, hashes if number else {}
