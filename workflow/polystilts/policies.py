"""Closed lists: the names that a configuration may give to treatments and policies.

Validation reads them here. The room that does the work maps each name to what it does, and tests
hold the two equal, so that a name without an entry there cannot be configured.

Content keys leave this module out (see `polystilts.provenance.code`): a new name changes no result.
So there is nothing here but names and what is declared of them, and what a step uses of it, the
name that was chosen or a field of a treatment, stands in its record.
"""

from enum import StrEnum
from typing import Literal, NamedTuple, Self

RateOf = Literal["words", "unprotected", "eligible"]
Unit = Literal["word", "phrase", "entity"]
LanguageChoice = Literal["per-word", "per-sentence", "per-example", "stay"]
Sense = Literal["uniform", "rank", "agreement", "part-of-speech", "round-trip"]
Tagging = Literal["open-class", "any-class"]
Spaces = Literal["keep", "join"]
CleanCopy = Literal["replace", "append"]
Curriculum = Literal["none", "ramp", "easy-first"]
Protected = Literal[
    "task",
    "names",
    "numbers",
    "negation",
    "quantifiers",
    "comparatives",
    "function-words",
    "modals",
    "question-words",
    "temporal",
]
Kept = Literal["none", "intermediate", "all"]
ChineseScript = Literal["simplified", "traditional", "keep"]
# which checkpoint a target is predicted with, and which one an intermediate task hands on
TargetSelection = Literal["last", "best-english-dev", "averaged", "oracle"]
IntermediateSelection = Literal["last", "best-english-dev", "averaged", "at-english-dev"]

CorpusStep = Literal["code_switch", "translate"]
Objective = Literal["task", "masked-lm"]


class _Declared(NamedTuple):
    """What is declared of a treatment.

    Attributes:
        meaning: what it is, in a phrase.
        step: the step that makes its corpora; None: it trains on the English data.
        objective: what is learned from the data: the `task`, or `masked-lm` alone.
        corpus: the treatment whose corpora it trains on; None: its own.
        control_of: the treatment that it writes as many words as, but wrong ones; None: of none.
    """

    meaning: str
    step: CorpusStep | None = "code_switch"
    objective: Objective = "task"
    corpus: str | None = None
    control_of: str | None = None


class Treatment(StrEnum):
    """How an arm treats the training data of its intermediate tasks."""

    meaning: str
    step: CorpusStep | None
    objective: Objective
    _corpus: str | None
    _control_of: str | None

    ENGLISH = "english", _Declared("the English data as they are", step=None)
    CODE_SWITCHED = "code-switched", _Declared("words replaced by their translations")
    SHUFFLED_DICTIONARY = (
        "shuffled-dictionary",
        _Declared(
            "control: for every translation the same wrong word of its language",
            control_of="code-switched",
        ),
    )
    RANDOM_TRANSLATION = (
        "random-translation",
        _Declared(
            "control: at every occurrence another wrong word of the language",
            control_of="code-switched",
        ),
    )
    IDENTITY = "identity", _Declared("control: everything is decided, and no word is changed")
    TRANSLATED = (
        "translated",
        _Declared("whole examples replaced by translations that exist", step="translate"),
    )
    MLM_ONLY = (
        "code-switched-mlm-only",
        _Declared(
            "masked words of the code-switched text are predicted, and no task is learned",
            objective="masked-lm",
            corpus="code-switched",
        ),
    )

    def __new__(cls, name: str, declared: _Declared) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning, member.step, member.objective, *others = declared
        member._corpus, member._control_of = others
        return member

    @property
    def takes_recipe(self) -> bool:
        """Whether a recipe says which examples or words are treated."""
        return self.step is not None

    @property
    def corpus(self) -> "Treatment":
        """The treatment whose corpora it trains on: its own, or that of another one."""
        return self if self._corpus is None else _treatment(self._corpus)

    @property
    def control_of(self) -> "Treatment | None":
        """The treatment that this is a control of, with wrong words in place of translations."""
        return None if self._control_of is None else _treatment(self._control_of)


def _treatment(name: str) -> Treatment:
    # not `Treatment(name)`: type checkers ask for the second argument of `__new__` there
    return next(treatment for treatment in Treatment if treatment == name)
