"""Code-switching of texts from Python, with dictionaries as they are published.

Import this module itself: the package's `__init__` is part of the code of every step that switches.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast

import pyarrow as pa

from polystilts.codeswitch.example import Example, Span
from polystilts.codeswitch.files.dictionaries import (
    lexicons_for,
    naming_languages,
    read_dictionaries,
)
from polystilts.codeswitch.files.recipes import RATE
from polystilts.codeswitch.files.rows import identity_of
from polystilts.codeswitch.outcome import Outcome, SwitchedText
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.lexicon.store import load
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

File = str | PathLike[str]


class Texts(TypedDict, total=False):
    """What a switcher is told about its texts.

    Attributes:
        dataset, split: names that enter every decision; by default empty.
        family: the task family, for a recipe that protects by task.
        single_words: whether a word is only ever replaced by one word.
    """

    dataset: str
    split: str
    family: str
    single_words: bool


class Settings(Texts, total=False):
    """The same, and keys of a recipe: `Recipe` says what each does."""

    rate: float
    rate_of: RateOf
    examples: float
    units: Sequence[Unit]
    lemma: bool
    consistency: float
    protect: Sequence[str]
    languages: Sequence[str] | None
    held_out: Sequence[str]
    language_choice: LanguageChoice
    stay: float
    language_weights: Mapping[str, float] | None
    senses: Sequence[Sense]
    reserved: float
    tagging: Tagging
    spaces: Spaces
    clean_copy: CleanCopy
    copies: int
    curriculum: Curriculum
    keep_self: bool
    seed: int


class CodeSwitcher:
    """A recipe and its dictionaries, ready for texts.

    Attributes:
        recipe: what is switched and how.
        languages: codes of the languages it may draw.
        facts: per language, what is known about its dictionary: file hashes, pairs read and kept,
            rejections by reason, what could not be checked.
    """

    def __init__(
        self,
        lexicons: Mapping[str, pa.Table],
        recipe: Recipe,
        *,
        facts: Mapping[str, Mapping[str, Any]] | None = None,
        **texts: Unpack[Texts],
    ) -> None:
        """Compile dictionaries.

        Args:
            lexicons: tables as `polystilts.lexicon.store.load` returns them, by language.
            recipe: what is switched and how.
            facts: what is known about the dictionaries.
            texts: see `Texts`.
        """
        self.recipe = recipe
        self.facts = facts or {}
        told: Texts = {"split": "", **texts}
        self.switcher = Switcher(lexicons, recipe, **told)

    @classmethod
    def from_dictionaries(
        cls,
        dictionaries: Mapping[str, File],
        recipe: Recipe | Mapping[str, Any] | None = None,
        **settings: Unpack[Settings],
    ) -> "CodeSwitcher":
        """Read dictionaries, one file a language: `{"de": "en-de.txt"}`.

        Args:
            dictionaries: language code -> file in a published format (MUSE, FreeDict, …), or a
                lexicon of a study.
            recipe: a recipe, or a mapping of its keys; None: the defaults, at rate 0.3.
            settings: keys of the recipe that win over those of `recipe`: `rate=0.5, seed=1`; and
                what is known of the texts: `dataset`, `split`, `family`, `single_words`.

        Raises:
            ConfigError: a key or a value of the recipe is wrong.
            InputError: a file cannot be read as a dictionary of its language.
        """
        made, texts = _made(recipe, settings)
        files = {code: Path(path) for code, path in dictionaries.items()}
        read = read_dictionaries(files, made)
        return cls(read.tables, made, facts=read.facts, **texts)

    @classmethod
    def from_lexicons(
        cls,
        folder: File,
        recipe: Recipe | Mapping[str, Any] | None = None,
        **settings: Unpack[Settings],
    ) -> "CodeSwitcher":
        """Read the lexicons of a study, `results/<study>/lexicons`; see `from_dictionaries`."""
        made, texts = _made(recipe, settings)
        files = lexicons_for(Path(folder), made)
        return cls(load(files.values()), naming_languages(made, files), **texts)

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that may be drawn."""
        return self.switcher.languages

    def switch(
        self,
        text: str,
        protected: Sequence[Span] = (),
        anchors: Sequence[Span] = (),
        *,
        identity: str | None = None,
        copy: int = 0,
    ) -> SwitchedText:
        """Return a text with some of its words replaced.

        Args:
            text: an English text.
            protected: character spans in which nothing is replaced.
            anchors: character spans that must be found again, such as answers; words inside are
                replaced as any other.
            identity: what the decisions depend on besides the text's words; None: the text, so that
                different texts are switched independently and equal ones alike.
            copy: number of the draw.

        Returns:
            `text`; `map`, whose `span(start, end)` says where characters of the source went; and
            `events`, the replacements.
        """
        chosen = identity_of([text]) if identity is None else identity
        return self.switcher.switch(text, protected, anchors, identity=chosen, copy=copy)

    def switch_examples(
        self, examples: Sequence[Example], copies: Sequence[int] = (0,)
    ) -> list[Outcome]:
        """Return the outcome of many examples at once, one a copy: the fast way."""
        return self.switcher.switch_examples(examples, copies)


def _made(recipe: Recipe | Mapping[str, Any] | None, settings: Settings) -> tuple[Recipe, Texts]:
    """Return the recipe with the keys among the settings laid over it, and the other settings."""
    if isinstance(recipe, Recipe):
        values = {name: getattr(recipe, name) for name in recipe.__dataclass_fields__}
    else:
        values = dict(recipe or {"rate": RATE})
    texts = {name: value for name, value in settings.items() if name in Texts.__annotations__}
    over = {name: value for name, value in settings.items() if name not in texts}
    return Recipe.from_mapping({**values, **over}), cast(Texts, texts)
