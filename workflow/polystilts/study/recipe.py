"""A recipe of code-switching as a configuration states it.

`polystilts.codeswitch.recipe` says what each field does; a test holds the two together.
"""

from pydantic import Field

from polystilts.policies import (
    CleanCopy,
    Curriculum,
    LanguageChoice,
    Protected,
    RateOf,
    Sense,
    Spaces,
    Tagging,
    Unit,
)
from polystilts.study.fields import Count, Less, Model, Part, Positive, Share


class Recipe(Model):
    """Parameters of code-switching."""

    rate: Part = Field(description="The share of an example's words that is replaced.")
    rate_of: RateOf = Field(
        "words", description="Of which words: all, those not protected, those with a translation."
    )
    examples: Part = Field(1.0, description="The share of examples that is switched at all.")
    units: list[Unit] = Field(
        ["word", "phrase"], min_length=1, description="What is replaced, the longest first."
    )
    lemma: bool = Field(True, description="A word without entry takes that of its base form.")
    consistency: Share = Field(
        1.0, description="The share of words with one replacement throughout an example."
    )
    protect: list[Protected] = Field(
        ["names", "numbers", "negation", "quantifiers"],
        description="Classes of words that stay English, or `task` alone: those listed for it.",
    )
    languages: list[str] | None = Field(
        None, min_length=1, description="null: all that have a dictionary."
    )
    held_out: list[str] = Field([], description="Languages that are never drawn.")
    language_choice: LanguageChoice = Field(
        "per-word", description="How often a language is drawn; `stay`: kept with a probability."
    )
    stay: Less = Field(0.0, description="The probability of `language_choice: stay`.")
    language_weights: dict[str, Positive] | None = Field(
        None, description="Weights of the draw; 1 where none is given."
    )
    senses: list[Sense] = Field(
        ["uniform"], min_length=1, description="Factors of the draw among translations."
    )
    reserved: Less = Field(
        0.1, description="The share of words, by hash, that no recipe ever switches."
    )
    tagging: Tagging = Field(
        "open-class", description="Which words of tagged sentences are switched."
    )
    spaces: Spaces = Field(
        "keep", description="Between two replacements in a language that is written without."
    )
    clean_copy: CleanCopy = Field(
        "replace", description="`append`: copy 0 is English, the drawn copies follow it."
    )
    copies: Count = Field(1, description="Fresh draws; epoch e reads copy e mod all copies.")
    curriculum: Curriculum = Field(
        "none", description="Over the copies the rate rises, or the surest words come first."
    )
    keep_self: bool = Field(False, description="A translation equal to its word may be drawn.")
    seed: int = 0
