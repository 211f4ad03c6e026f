"""A recipe: the parameters of one way to code-switch."""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_args

from polystilts.codeswitch.english.protection import BY_TASK, word_classes
from polystilts.errors import ConfigError
from polystilts.policies import (
    CleanCopy,
    Curriculum,
    LanguageChoice,
    RateOf,
    Sense,
    Spaces,
    Tagging,
    Unit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How much is switched, into what, what is left alone, and where the decisions come from.

    Attributes:
        rate: share of an example's words that are replaced, in (0, 1].
        rate_of: what it is a share of: all `words`; the `unprotected` ones (content words, where
            `function-words` are protected); or the `eligible` ones, which moreover have a usable
            translation. An example that holds too few eligible words falls short, and that is
            counted.
        examples: share of the examples that are switched at all, in (0, 1].
        units: what may be replaced: a `word`; a `phrase` of two to four words that a dictionary
            lists, the longest first; an `entity`, a word or phrase that a dictionary lists with a
            capital. Entities are switched even where `names` are protected.
        lemma: whether a word without entry may take the entry of its base form.
        consistency: κ, the share of word types that are replaced in the same way wherever they
            occur in an example (premise and hypothesis, context and question, all choices): 1 is
            one word map, 0 draws every occurrence on its own. The choices of an item always share
            one map.
        protect: classes of words that stay English (`names` and the word lists beside this module),
            or `task` alone: the classes that are listed for the task or its family.
        languages: codes that may be drawn; None stands for every language with a lexicon.
        held_out: codes that may not be drawn although there is a lexicon.
        language_choice: how the language of a replacement is drawn among those that have the word:
            anew `per-word`, once `per-sentence` or `per-example` (a word that this language lacks
            takes the next one of the sentence's own order), or `stay`: each word keeps the language
            before it with probability `stay`.
        stay: that probability, in [0, 1).
        language_weights: code -> weight of the draw, 1 where none is given.
        senses: how a translation is drawn among those of one language: factors that are multiplied;
            `uniform`, or more on a better `rank`, on the `agreement` of several dictionaries, on
            the same `part-of-speech`, on a `round-trip` back to the word.
        reserved: share of the source words, by hash of their base form alone, that are never
            switched in any recipe or seed, so that word-level probes have words to look at that no
            training has touched.
        tagging: in tagged sentences switch only words of an `open-class` tag, or of `any-class`.
        spaces: around replacements in languages written without spaces `keep` the English spaces,
            or `join` two adjacent ones of the same language where both sides of the space are of
            a script without spaces.
        clean_copy: `replace` the English text, or `append` the copies to a copy 0 that is English.
        copies: how many times the corpus is drawn anew; epoch e reads copy e mod all copies.
        curriculum: over the copies, the rate rises evenly to the full one (`ramp`), or words of
            which dictionaries are surest come first (`easy-first`); or `none`.
        keep_self: whether a translation that equals its source word may be drawn. Drawing one
            leaves the text as it is and is counted as lost to `self`; otherwise such entries are
            set aside before the draw.
        seed: enters every decision but the reservation.

    Raises:
        ConfigError: a value is of the wrong type or out of range.
    """

    rate: float
    rate_of: RateOf = "words"
    examples: float = 1.0
    units: tuple[Unit, ...] = ("word", "phrase")
    lemma: bool = True
    consistency: float = 1.0
    protect: tuple[str, ...] = ("names", "numbers", "negation", "quantifiers")
    languages: tuple[str, ...] | None = None
    held_out: tuple[str, ...] = ()
    language_choice: LanguageChoice = "per-word"
    stay: float = 0.0
    language_weights: Mapping[str, float] | None = None
    senses: tuple[Sense, ...] = ("uniform",)
    reserved: float = 0.1
    tagging: Tagging = "open-class"
    spaces: Spaces = "keep"
    clean_copy: CleanCopy = "replace"
    copies: int = 1
    curriculum: Curriculum = "none"
    keep_self: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("rate", "examples"):
            if not _is_number(getattr(self, name)) or not 0.0 < getattr(self, name) <= 1.0:
                raise _bad(name, getattr(self, name), "is a share above 0 and at most 1")
        if not _is_number(self.consistency) or not 0.0 <= self.consistency <= 1.0:
            raise _bad("consistency", self.consistency, "is a share from 0 to 1")
        for name in ("reserved", "stay"):
            if not _is_number(getattr(self, name)) or not 0.0 <= getattr(self, name) < 1.0:
                raise _bad(name, getattr(self, name), "is a share of at least 0 and below 1")
        for name in ("copies", "seed"):
            if isinstance(getattr(self, name), bool) or not isinstance(getattr(self, name), int):
                raise _bad(name, getattr(self, name), "is a whole number")
        if self.copies < 1:
            raise _bad("copies", self.copies, "is at least 1")
        for name in ("lemma", "keep_self"):
            if not isinstance(getattr(self, name), bool):
                raise _bad(name, getattr(self, name), "is true or false")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise _bad(name, getattr(self, name), _suggest(getattr(self, name), known))
        for name, known in _LISTS.items():
            _check_list(name, getattr(self, name), known)
        _check_list("protect", self.protect, (BY_TASK, *word_classes()), may_be_empty=True)
        if BY_TASK in self.protect and len(self.protect) > 1:
            raise _bad("protect", self.protect, f"holds `{BY_TASK}` alone, or classes")
        if self.stay and self.language_choice != "stay":
            raise _bad("stay", self.stay, "needs `language_choice: stay`")
        self._check_languages()

    def _check_languages(self) -> None:
        if self.languages is not None and not (self.languages and _are_names(self.languages)):
            raise _bad("languages", self.languages, "is a list of language codes, or is left out")
        if not _are_names(self.held_out):
            raise _bad("held_out", self.held_out, "is a list of language codes")
        both = sorted(set(self.held_out) & set(self.languages or ()))
        if both:
            raise _bad("held_out", self.held_out, f"shares {', '.join(both)} with `languages`")
        weights = self.language_weights
        if weights is not None and not (
            isinstance(weights, Mapping)
            and all(_is_number(weight) and weight > 0 for weight in weights.values())
        ):
            raise _bad("language_weights", weights, "gives a number above 0 per language code")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Recipe":
        """Return the recipe of a configuration's mapping; lists stand for tuples.

        Raises:
            ConfigError: a key is unknown, `rate` is missing, or a value is wrong.
        """
        known = {field.name: field for field in fields(cls)}
        for name in values:
            if name not in known:
                raise ConfigError(f"recipe: unknown key `{name}`; {_suggest(name, known)}.")
        for name, field in known.items():
            if field.default is MISSING and name not in values:
                raise ConfigError(f"recipe: the key `{name}` is missing.")
        return cls(**{name: _tuple(value) for name, value in values.items()})


_CHOICES = {
    "rate_of": get_args(RateOf),
    "language_choice": get_args(LanguageChoice),
    "tagging": get_args(Tagging),
    "spaces": get_args(Spaces),
    "clean_copy": get_args(CleanCopy),
    "curriculum": get_args(Curriculum),
}
_LISTS = {"units": get_args(Unit), "senses": get_args(Sense)}


def _check_list(
    name: str, values: object, known: Collection[str], may_be_empty: bool = False
) -> None:
    if not _are_names(values) or not (values or may_be_empty):
        raise _bad(name, values, f"is a list of {', '.join(known)}")
    for value in values:  # type: ignore[attr-defined]
        if value not in known:
            raise _bad(name, value, _suggest(value, known))


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_names(values: object) -> bool:
    return isinstance(values, tuple) and all(isinstance(value, str) and value for value in values)


def _suggest(name: object, known: Any) -> str:
    nearest = difflib.get_close_matches(str(name), list(known), n=1)
    listed = ", ".join(sorted(known))
    return f"did you mean `{nearest[0]}`?" if nearest else f"known are {listed}"


def _bad(name: str, value: object, rule: str) -> ConfigError:
    return ConfigError(f"recipe: `{name}` {rule}; it was given {value!r}.")
