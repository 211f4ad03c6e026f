"""The word map of an example: which words are tried, and what they become."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from polystilts.codeswitch import decisions
from polystilts.codeswitch.dictionary import Entry
from polystilts.codeswitch.engine import Engine, Form, Scan
from polystilts.provenance.hashing import unit_hash


class Choice(NamedTuple):
    """A decision to replace: the dictionary's source word, the language, and what to write."""

    source: str
    language: str
    target: str


@dataclass(slots=True)
class WordMap:
    """Draws for the words of one example, or of one of its fields.

    A shared map decides once per word type. Two source words never become the same word of the
    same language in it, since that would blur a difference the label may hang on: the word that
    comes later stays English and is counted as a `collision`. Without sharing, every occurrence is
    drawn on its own, by its ordinal in the text.
    """

    base: int
    shared: bool
    _draws: dict[int, int] = field(default_factory=dict)
    _choices: dict[int, Choice | str] = field(default_factory=dict)
    _taken: dict[tuple[str, str], int] = field(default_factory=dict)

    def draws(self, scan: Scan) -> Sequence[int]:
        """Return one 64-bit draw per word of a text; a word is tried if its draw passes."""
        if not self.shared:
            return decisions.stream(self.base, len(scan.words))
        known, base = self._draws, self.base
        draws = []
        for _, form, _ in scan.words:
            draw = known.get(form.unit)
            if draw is None:
                draw = known[form.unit] = decisions.mix(base, form.unit)
            draws.append(draw)
        return draws

    def choose(self, form: Form, entry: Entry, draw: int) -> Choice | str:
        """Return what a tried word becomes, or the reason why it stays: `self`, `collision`."""
        if self.shared and form.unit in self._choices:
            return self._choices[form.unit]
        language, sense = decisions.choose(draw, len(entry.languages), entry.senses)
        code, target = entry.languages[language], entry.written[language][sense]
        choice: Choice | str = Choice(entry.source, code, target) if target else "self"
        if self.shared:
            if target:
                candidate = entry.candidates[language][sense].casefold()
                if self._taken.setdefault((code, candidate), form.unit) != form.unit:
                    choice = "collision"
            self._choices[form.unit] = choice
        return choice

    def extended(self) -> "WordMap":
        """Return a map that knows this one's decisions; its own stay unknown to this one."""
        return WordMap(
            self.base,
            self.shared,
            dict(self._draws),
            dict(self._choices),
            dict(self._taken),
        )


@dataclass(frozen=True, slots=True)
class Example:
    """One example in one copy: where all its draws start.

    Attributes:
        engine: dictionary and recipe.
        dataset: name of the data set.
        identity: the example's id, or its group where a group is switched as one.
        copy: number of the copy.
    """

    engine: Engine
    dataset: str
    identity: str
    copy: int

    def is_switched(self) -> bool:
        """Say whether this example is among the share of examples that are switched."""
        return self._base("example") < self.engine.example_gate

    def maps(self, *fields: str) -> tuple[WordMap, ...]:
        """Return one word map per field: one and the same where the recipe shares it."""
        if self.engine.recipe.consistency == "shared":
            return (self.shared_map(),) * len(fields)
        return tuple(WordMap(self._base(name), shared=False) for name in fields)

    def shared_map(self, field_group: str = "all") -> WordMap:
        """Return a map that decides once per word type, whatever the recipe's consistency."""
        return WordMap(self._base(field_group), shared=True)

    def _base(self, field_name: str) -> int:
        seed = self.engine.recipe.seed
        return unit_hash(seed, self.dataset, self.identity, self.copy, field_name)
