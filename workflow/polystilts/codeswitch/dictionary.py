"""Candidate tables: per English word, the languages that have it and what they offer."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import PolystiltsError

Lexicon = Mapping[str, Mapping[str, Sequence[str]]]
Targets = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """What may replace one source word.

    Attributes:
        source: the word as the lexicons list it.
        languages: codes of the languages that have the word, in alphabetical order.
        candidates: their translations, as listed. Every decision is taken on these.
        written: what is written for each candidate: the candidate itself, or in the control
            `shuffled-dictionary` the wrong word that stands in for it. It is empty for a candidate
            that equals its source: drawing that leaves the text as it is.
        senses: the number of candidates per language.
        loss: why nothing can be drawn (`self` or `multiword`), or None.
    """

    source: str
    languages: tuple[str, ...]
    candidates: tuple[tuple[str, ...], ...]
    written: tuple[tuple[str, ...], ...]
    senses: tuple[int, ...]
    loss: str | None


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Entries by source word, with counts of what was read and set aside per language.

    `counts[language]` has `sources` and `translations` (usable ones), `phrases` (source entries of
    several words, which are not looked up), `self` (translations equal to their source),
    `multiword` (translations of several words, where the family takes single words only), and
    `repaired_nfkc` (translations rewritten in Unicode normal form KC).
    """

    entries: Mapping[str, Entry]
    languages: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class _Draft:
    languages: list[str] = field(default_factory=list)
    candidates: list[tuple[str, ...]] = field(default_factory=list)
    written: list[tuple[str, ...]] = field(default_factory=list)
    losses: set[str] = field(default_factory=set)


def chosen_languages(lexicon: Lexicon, recipe: Recipe) -> tuple[str, ...]:
    """Return the languages to draw from, in alphabetical order.

    Raises:
        PolystiltsError: the recipe names a language without lexicon, or there is none at all.
    """
    if not lexicon:
        raise PolystiltsError("code-switching needs at least one lexicon; none was given.")
    if recipe.languages is None:
        return tuple(sorted(lexicon))
    for language in recipe.languages:
        if language not in lexicon:
            raise PolystiltsError(
                f"recipe: no lexicon for the language `{language}`; there are lexicons for "
                f"{', '.join(sorted(lexicon))}. Add one under `lexicons`, or drop the language."
            )
    return tuple(sorted(set(recipe.languages)))


def normal_targets(entries: Mapping[str, Sequence[str]]) -> tuple[Targets, int]:
    """Return one language's translations in Unicode normal form KC, and how many changed.

    XLM-R's tokenizer normalises in the same way, so that anything else would be lost inside it.
    Spaces become single; doubles and empty translations go.
    """
    normal: Targets = {}
    changed = 0
    for source, targets in entries.items():
        kept: list[str] = []
        for target in targets:
            stable = unicodedata.normalize("NFKC", target)
            changed += stable != target
            stable = " ".join(stable.split())
            if stable and stable not in kept:
                kept.append(stable)
        if kept:
            normal[unicodedata.normalize("NFC", source)] = kept
    return normal, changed


def is_self(source: str, target: str) -> bool:
    """Say whether a translation is its source word, whatever the casing."""
    return source == target or source.casefold() == target.casefold()


def compile_dictionary(
    targets: Mapping[str, Targets],
    recipe: Recipe,
    *,
    single_words: bool,
    wrong: Mapping[str, Targets] | None = None,
    repaired: Mapping[str, int] | None = None,
) -> Dictionary:
    """Return the candidate table for one recipe.

    Args:
        targets: normal translations by language and source word, from `normal_targets`.
        recipe: says what becomes of translations that equal their source.
        single_words: keep translations of one word only.
        wrong: for every translation in `targets`, in the same order, the word to write instead.
        repaired: counts from `normal_targets` by language, for the record.
    """
    drafts: dict[str, _Draft] = {}
    counts: dict[str, dict[str, int]] = {}
    for language in sorted(targets):
        count: Counter[str] = Counter()
        for source, listed in targets[language].items():
            if " " in source:
                count["phrases"] += 1
                continue
            draft = drafts.setdefault(source, _Draft())
            kept = _usable(source, listed, recipe, single_words, count, draft.losses)
            if kept:
                written = wrong[language][source] if wrong else listed
                draft.languages.append(language)
                draft.candidates.append(tuple(listed[i] for i in kept))
                draft.written.append(
                    tuple("" if is_self(source, listed[i]) else written[i] for i in kept)
                )
                count["sources"] += 1
                count["translations"] += len(kept)
        names = ("sources", "translations", "phrases", "self", "multiword")
        counts[language] = {name: count[name] for name in names}
        counts[language]["repaired_nfkc"] = (repaired or {}).get(language, 0)
    entries = {source: _entry(source, draft) for source, draft in drafts.items()}
    return Dictionary(entries, tuple(sorted(targets)), counts)


def _usable(
    source: str,
    listed: Sequence[str],
    recipe: Recipe,
    single_words: bool,
    count: Counter[str],
    losses: set[str],
) -> list[int]:
    kept = []
    for index, target in enumerate(listed):
        loss = None
        if is_self(source, target):
            count["self"] += 1
            loss = None if recipe.keep_self else "self"
        elif single_words and " " in target:
            count["multiword"] += 1
            loss = "multiword"
        if loss is None:
            kept.append(index)
        else:
            losses.add(loss)
    return kept


def _entry(source: str, draft: _Draft) -> Entry:
    loss = None
    if not draft.candidates:
        loss = "multiword" if "multiword" in draft.losses else "self"
    return Entry(
        source=source,
        languages=tuple(draft.languages),
        candidates=tuple(draft.candidates),
        written=tuple(draft.written),
        senses=tuple(map(len, draft.candidates)),
        loss=loss,
    )
