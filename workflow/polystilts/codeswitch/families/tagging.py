"""Switching of tagged sentences: `tokens`, `tags`; one token is replaced by one token."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.engine import Engine, Scan
from polystilts.codeswitch.switcher import Span, Switched, switch, untouched
from polystilts.codeswitch.wordmap import Example

SINGLE_WORDS = True
COLUMNS = ("tokens",)


def switch_rows(
    table: pa.Table, engine: Engine, dataset: str, copy: int
) -> Iterator[tuple[dict[str, Any], list[Switched]]]:
    """Yield per row the new tokens and the switched sentence they came from.

    Translations of several words are set aside in this family, and a token is switched only if it
    is a word from end to end: `dog's`, `-LRB-` and `n't` stay. The new tokens are cut out of the
    new sentence by the offset map, so that every tag keeps its token.
    """
    for identity, tokens in zip(table["id"].to_pylist(), table["tokens"].to_pylist(), strict=True):
        example = Example(engine, dataset, identity, copy)
        scan = engine.scan(" ".join(tokens))
        if not example.is_switched():
            yield {"tokens": tokens}, [untouched(scan)]
            continue
        spans = _spans(tokens)
        (word_map,) = example.maps("tokens")
        part = switch(scan, _partial(scan, spans), spans, engine=engine, word_map=word_map)
        offsets = part.offsets
        borders = (offsets.span(start, end) for start, end in spans)
        yield {"tokens": [part.text[start:end] for start, end in borders]}, [part]


def _spans(tokens: list[str]) -> list[Span]:
    spans = []
    start = 0
    for token in tokens:
        spans.append((start, start + len(token)))
        start += len(token) + 1
    return spans


def _partial(scan: Scan, spans: list[Span]) -> list[Span]:
    """Return the words that are less, or more, than one whole token."""
    whole = set(spans)
    words = ((start, start + form.length) for start, form, _ in scan.words)
    return [word for word in words if word not in whole]
