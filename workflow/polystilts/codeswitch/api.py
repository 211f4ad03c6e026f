"""Code-switching of texts from Python, with dictionaries as they are published.

Import this module itself: the package's `__init__` is part of the code of every step that switches.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.example import Example, Span
from polystilts.codeswitch.files.dictionaries import lexicons_for, read_dictionaries
from polystilts.codeswitch.files.recipes import RATE
from polystilts.codeswitch.files.rows import identity_of
from polystilts.codeswitch.outcome import Outcome, SwitchedText
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.lexicon.store import load

File = str | PathLike[str]


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
        dataset: str = "",
        split: str = "",
        family: str = "",
        single_words: bool = False,
        facts: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Compile dictionaries.

        Args:
            lexicons: tables as `polystilts.lexicon.store.load` returns them, by language.
            recipe: what is switched and how.
            dataset, split: names that enter every decision.
            family: the task family, for a recipe that protects by task.
            single_words: whether a word is only ever replaced by one word.
            facts: what is known about the dictionaries.
        """
        self.recipe = recipe
        self.facts = facts or {}
        self.switcher = Switcher(
            lexicons,
            recipe,
            dataset=dataset,
            split=split,
            family=family,
            single_words=single_words,
        )

    @classmethod
    def from_dictionaries(
        cls,
        dictionaries: Mapping[str, File],
        recipe: Recipe | Mapping[str, Any] | None = None,
        *,
        dataset: str = "",
        split: str = "",
        family: str = "",
        single_words: bool = False,
        **settings: Any,
    ) -> "CodeSwitcher":
        """Read dictionaries, one file a language: `{"de": "en-de.txt"}`.

        Args:
            dictionaries: language code -> file in a published format (MUSE, FreeDict, …), or a
                lexicon of a study.
            recipe: a recipe, or a mapping of its keys; None: the defaults, at rate 0.3.
            dataset, split, family, single_words: see the constructor.
            settings: keys of the recipe that win over those of `recipe`: `rate=0.5, seed=1`.

        Raises:
            ConfigError: a key or a value of the recipe is wrong.
            InputError: a file cannot be read as a dictionary of its language.
        """
        made = _recipe(recipe, settings)
        files = {code: Path(path) for code, path in dictionaries.items()}
        read = read_dictionaries(files, made)
        return cls(
            read.tables,
            made,
            dataset=dataset,
            split=split,
            family=family,
            single_words=single_words,
            facts=read.facts,
        )

    @classmethod
    def from_lexicons(
        cls,
        folder: File,
        recipe: Recipe | Mapping[str, Any] | None = None,
        *,
        dataset: str = "",
        split: str = "",
        family: str = "",
        single_words: bool = False,
        **settings: Any,
    ) -> "CodeSwitcher":
        """Read the lexicons of a study, `results/<study>/lexicons`; see `from_dictionaries`."""
        made = _recipe(recipe, settings)
        tables = load(lexicons_for(Path(folder), made).values())
        return cls(
            tables,
            made,
            dataset=dataset,
            split=split,
            family=family,
            single_words=single_words,
        )

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


def _recipe(recipe: Recipe | Mapping[str, Any] | None, settings: Mapping[str, Any]) -> Recipe:
    if isinstance(recipe, Recipe):
        values = {name: getattr(recipe, name) for name in recipe.__dataclass_fields__}
    else:
        values = dict(recipe or {"rate": RATE})
    return Recipe.from_mapping({**values, **settings})
