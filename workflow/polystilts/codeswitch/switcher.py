"""The switcher: replaces words of texts and keeps account of every character and word."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from polystilts.codeswitch.collection import without_collection
from polystilts.codeswitch.decisions import example_hashes
from polystilts.codeswitch.dictionaries.dictionary import (
    Dictionary,
    Wrong,
    chosen_languages,
    compile_dictionary,
)
from polystilts.codeswitch.dictionaries.shuffled import Shuffled, derange_lexicons
from polystilts.codeswitch.engine.controls import WRITTEN
from polystilts.codeswitch.engine.decide import Decider
from polystilts.codeswitch.engine.items import find_items
from polystilts.codeswitch.engine.quota import MOST_EXAMPLES
from polystilts.codeswitch.engine.reading import read
from polystilts.codeswitch.engine.rebuild import Rebuilder
from polystilts.codeswitch.engine.surfaces import Surfaces
from polystilts.codeswitch.english.lemmas import readings
from polystilts.codeswitch.english.protection import classes_of
from polystilts.codeswitch.example import Example, Field, Span
from polystilts.codeswitch.outcome import Outcome, SwitchedText
from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import ConfigError

_MOST_SURFACES = 1 << 20


class Switcher:
    """Switches texts by one recipe with one set of lexicons.

    Its decisions are functions of (recipe's seed, data set, split, example's id, copy, word or
    place) and of nothing else. What it remembers between calls only saves time.
    """

    def __init__(
        self,
        lexicons: Mapping[str, pa.Table],
        recipe: Recipe,
        *,
        dataset: str = "",
        split: str = "train",
        family: str = "",
        single_words: bool = False,
        treatment: str = "code-switched",
    ) -> None:
        """Compile the lexicons.

        Args:
            lexicons: translations by language code; see `polystilts.lexicon.store.load`.
            recipe: what is switched and how.
            dataset, split: they enter every decision.
            family: the task family, for recipes that protect by task.
            single_words: replace by single words only.
            treatment: `code-switched` or one of the controls; see `controls`.

        Raises:
            ConfigError: a language without lexicon, an unknown treatment, or no protection listed
                for the task.
        """
        if treatment not in WRITTEN:
            known = ", ".join(WRITTEN)
            raise ConfigError(f"unknown treatment `{treatment}`; known are {known}.")
        self._written = WRITTEN[treatment]
        self.recipe = recipe
        self.shuffled: Mapping[str, Shuffled] = {}
        wrong: dict[str, Wrong] | None = None
        if self._written == "shuffled":
            languages = chosen_languages(lexicons, recipe)
            chosen = {code: lexicons[code] for code in languages}
            self.shuffled = derange_lexicons(chosen, recipe.seed)
            wrong = {code: shuffled.words for code, shuffled in self.shuffled.items()}
        self.dictionary: Dictionary = compile_dictionary(
            lexicons, recipe, single_words=single_words, wrong=wrong
        )
        self.languages = self.dictionary.languages
        self._dataset, self._split = dataset, split
        self._classes = classes_of(recipe.protect, dataset, family)
        self._decider = Decider(self.dictionary, recipe)
        self._start_table()

    def _start_table(self) -> None:
        self._surfaces = Surfaces(self.dictionary, self.recipe, self._classes)
        self._rebuilder = Rebuilder(self._surfaces, self._written)

    def prepare(self) -> None:
        """Load what is else loaded at the first word, so that processes to be forked share it."""
        if self.recipe.lemma or self.recipe.reserved:
            readings("word")

    def switch(
        self,
        text: str,
        protected: Sequence[Span] = (),
        anchors: Sequence[Span] = (),
        *,
        identity: str = "",
        copy: int = 0,
    ) -> SwitchedText:
        """Replace words of one text.

        Args:
            text: the text.
            protected: character spans; a word that overlaps one stays.
            anchors: character spans that must be found again exactly, such as answers. The map
                gives their new borders, and the text between them is the switched form of the
                anchor and nothing else.
            identity, copy: what the decisions are drawn from; the default for `identity` is the
                text itself.
        """
        example = Example(identity or text, (Field(text, protected, anchors),))
        (outcome,) = self.switch_examples([example], [copy])
        return outcome.switched_text(0)

    def switch_examples(
        self, examples: Sequence[Example], copies: Sequence[int] = (0,)
    ) -> list[Outcome]:
        """Switch examples, at most 65,536 at once, and return one outcome per copy."""
        if len(examples) > MOST_EXAMPLES:
            raise ValueError(f"{len(examples)} examples at once; {MOST_EXAMPLES} are possible")
        if len(self._surfaces.styles) > _MOST_SURFACES:
            self._start_table()
        with without_collection():
            return self._switch(examples, copies)

    def _switch(self, examples: Sequence[Example], copies: Sequence[int]) -> list[Outcome]:
        batch = read(examples, self._surfaces)
        items = find_items(batch, self._surfaces)
        table = self._surfaces.table()
        identities = (example.identity for example in examples)
        hashes = example_hashes(identities, self.recipe.seed, self._dataset, self._split)
        return [
            self._rebuilder.rebuild(
                batch, items, self._decider.decide(batch, items, table, hashes, copy)
            )
            for copy in copies
        ]
