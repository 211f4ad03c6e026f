"""Switching of items with choices: `context`, `question` (or null), `choices`, `label`."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.engine import Engine, Scan
from polystilts.codeswitch.switcher import Switched, switch, untouched
from polystilts.codeswitch.wordmap import Example

SINGLE_WORDS = False
COLUMNS = ("context", "question", "choices")

# A choice that is a fixed phrase of the task (Cosmos QA, Huang et al. 2019) and no answer.
_FIXED_CHOICES = frozenset({"none of the above choices"})


def switch_rows(
    table: pa.Table, engine: Engine, dataset: str, copy: int
) -> Iterator[tuple[dict[str, Any], list[Switched]]]:
    """Yield per row the new values of its columns and the switched texts they came from.

    All choices of an item share one word map at one rate, in every recipe: choices are compared
    with each other, and a word they have in common must not tell them apart. A shared recipe uses
    the same map for context and question. A HellaSwag context holds both its parts and the mark-up
    `[header]`, `[title]`, `[step]`, which is never switched.
    """
    columns = (table[name].to_pylist() for name in ("id", *COLUMNS))
    for identity, context, question, choices in zip(*columns, strict=True):
        example = Example(engine, dataset, identity, copy)
        texts = [context, question or "", *choices]
        scans = [engine.scan(text) for text in texts]
        parts = _switch(example, scans) if example.is_switched() else list(map(untouched, scans))
        values = {
            "context": parts[0].text,
            "question": None if question is None else parts[1].text,
            "choices": [part.text for part in parts[2:]],
        }
        yield values, parts


def _switch(example: Example, scans: list[Scan]) -> list[Switched]:
    engine = example.engine
    names = engine.names(scans)
    context_map, question_map = example.maps("context", "question")
    shared = engine.recipe.consistency == "shared"
    choice_map = context_map if shared else example.shared_map("choices")
    maps = [context_map, question_map, *[choice_map] * (len(scans) - 2)]
    return [
        switch(
            scan,
            [(0, len(scan.text))] if _is_fixed(scan.text) else (),
            engine=engine,
            word_map=word_map,
            names=names,
        )
        for scan, word_map in zip(scans, maps, strict=True)
    ]


def _is_fixed(choice: str) -> bool:
    return choice.strip(" .").lower() in _FIXED_CHOICES
