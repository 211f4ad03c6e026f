"""Switching of items with choices: `context`, `question` (or null), `choices`, `label`."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.leaks.choices import ChoiceLeak
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.rows import Columns, Rows

SINGLE_WORDS = False
COLUMNS = ("context", "question", "choices")
ALSO_READ = ("label",)

# A choice that is a fixed phrase of the task (Cosmos QA, Huang et al. 2019) and no answer.
_FIXED_CHOICES = frozenset({"none of the above choices"})


def examples(columns: Columns) -> Rows:
    """Return one example an item.

    All choices of an item share one word map at one rate, in every recipe: choices are compared
    with each other, and a word they have in common must not tell them apart. A HellaSwag context
    holds both its parts and the mark-up `[header]`, `[title]`, `[step]`, which is never switched.
    """
    read = (columns[name] for name in ("id", *COLUMNS))
    return Rows.one_each(
        [
            Example(
                identity,
                (Field(context), Field(question or ""), *map(_choice, choices)),
            )
            for identity, context, question, choices in zip(*read, strict=True)
        ]
    )


def new_columns(columns: Columns, rows: Rows, outcome: Outcome) -> Columns:
    """Return the switched texts."""
    texts, first = outcome.texts, outcome.first_text.tolist()
    return {
        "context": [texts[place] for place in first[:-1]],
        "question": [
            None if old is None else texts[place + 1]
            for old, place in zip(columns["question"], first, strict=False)
        ],
        "choices": [texts[start + 2 : end] for start, end in pairwise(first)],
    }


def checks(languages: Sequence[str]) -> dict[str, Any]:
    """Return the empty check of choices against their switched words."""
    return {"choice": ChoiceLeak()}


def check(found: Mapping[str, Any], columns: Columns, rows: Rows, outcome: Outcome) -> None:
    """Add one copy of some items to the check."""
    first = outcome.first_text.tolist()
    spans = [slice(start + 2, end) for start, end in pairwise(first)]
    found["choice"].add(
        [-1 if label is None else int(label) for label in columns["label"]],
        [outcome.switched[span] for span in spans],
        [outcome.words[span] for span in spans],
    )


def _choice(text: str) -> Field:
    is_fixed = text.strip(" .").lower() in _FIXED_CHOICES
    return Field(text, protected=[(0, len(text))] if is_fixed else (), is_choice=True)
