"""Switching of tagged sentences: `tokens`, `tags`; one token is replaced by one token."""

from collections.abc import Mapping, Sequence
from typing import Any

from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.leaks.tags import TagLeak
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.rows import Columns, Rows

SINGLE_WORDS = True
COLUMNS = ("tokens",)
ALSO_READ = ("tags",)


def examples(columns: Columns) -> Rows:
    """Return one example a sentence.

    Translations of several words are set aside in this family, and a token is switched only if it
    is a word from end to end: `dog's`, `-LRB-` and `n't` stay. So every tag keeps its token.
    """
    read = (columns[name] for name in ("id", "tokens", "tags"))
    return Rows.one_each(
        [
            Example(identity, (Field(tokens, tags=tags),))
            for identity, tokens, tags in zip(*read, strict=True)
        ]
    )


def new_columns(columns: Columns, rows: Rows, outcome: Outcome) -> Columns:
    """Return the new tokens."""
    for old, new in zip(columns["tokens"], outcome.texts, strict=True):
        assert len(old) == len(new)
    return {"tokens": outcome.texts}


def checks(languages: Sequence[str]) -> dict[str, Any]:
    """Return the empty check of tags against languages."""
    return {"tag": TagLeak(tuple(languages))}


def check(found: Mapping[str, Any], columns: Columns, rows: Rows, outcome: Outcome) -> None:
    """Add one copy of some sentences to the check."""
    found["tag"].add([tag for tags in columns["tags"] for tag in tags], outcome.codes)
