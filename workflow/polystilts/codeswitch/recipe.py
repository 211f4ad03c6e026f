"""A recipe: the parameters of one way to code-switch."""

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, get_args

from polystilts.codeswitch.protection import word_classes
from polystilts.errors import PolystiltsError

Consistency = Literal["shared", "independent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How much is switched, what is left alone, and from which hash the decisions come.

    Attributes:
        rate: share of the eligible words that are replaced, in (0, 1]. A word is eligible when it
            is not protected and an allowed language has a usable translation.
        examples: share of the examples that are switched at all, in (0, 1].
        consistency: `shared` replaces a word in the same way wherever it occurs in an example
            (premise and hypothesis, context and question, all choices); `independent` draws every
            occurrence on its own, except that the choices of an item always share one map.
        protect: classes of words that stay English: `names`, and the word lists beside this module.
        languages: codes that may be drawn; None stands for every language with a lexicon.
        copies: how many times the corpus is drawn anew; epoch e reads copy e mod copies.
        seed: enters every decision.
        keep_self: whether a translation that equals its source word may be drawn. Drawing one
            leaves the text as it is and is counted as lost to `self`; otherwise such entries are
            set aside before the draw.

    Raises:
        PolystiltsError: a value is of the wrong type or out of range.
    """

    rate: float
    examples: float = 1.0
    consistency: Consistency = "shared"
    protect: tuple[str, ...] = ("names", "numbers")
    languages: tuple[str, ...] | None = None
    copies: int = 1
    seed: int = 0
    keep_self: bool = False

    def __post_init__(self) -> None:
        for name in ("rate", "examples"):
            share = getattr(self, name)
            if not _is_number(share) or not 0.0 < share <= 1.0:
                raise _bad(name, share, "is a share above 0 and at most 1")
        if self.consistency not in get_args(Consistency):
            raise _bad("consistency", self.consistency, "is `shared` or `independent`")
        for name in ("copies", "seed"):
            if isinstance(getattr(self, name), bool) or not isinstance(getattr(self, name), int):
                raise _bad(name, getattr(self, name), "is a whole number")
        if self.copies < 1:
            raise _bad("copies", self.copies, "is at least 1")
        if not isinstance(self.keep_self, bool):
            raise _bad("keep_self", self.keep_self, "is true or false")
        if self.languages is not None and not (self.languages and _are_names(self.languages)):
            raise _bad("languages", self.languages, "is a list of language codes, or is left out")
        if not _are_names(self.protect):
            raise _bad("protect", self.protect, "is a list of word classes")
        for name in self.protect:
            if name not in word_classes():
                raise _bad("protect", name, _suggest(name, word_classes()))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Recipe":
        """Return the recipe of a configuration's mapping; lists stand for tuples.

        Raises:
            PolystiltsError: a key is unknown, `rate` is missing, or a value is wrong.
        """
        known = {field.name: field for field in fields(cls)}
        for name in values:
            if name not in known:
                raise PolystiltsError(f"recipe: unknown key `{name}`; {_suggest(name, known)}.")
        for name, field in known.items():
            if field.default is MISSING and name not in values:
                raise PolystiltsError(f"recipe: the key `{name}` is missing.")
        return cls(**{name: _tuple(value) for name, value in values.items()})


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


def _bad(name: str, value: object, rule: str) -> PolystiltsError:
    return PolystiltsError(f"recipe: `{name}` {rule}; it was given {value!r}.")
