"""Switching of texts and pairs of texts: `text_a`, `text_b` (or null), `label`."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.engine import Engine
from polystilts.codeswitch.switcher import Switched, switch, untouched
from polystilts.codeswitch.wordmap import Example

SINGLE_WORDS = False
COLUMNS = ("text_a", "text_b")


def switch_rows(
    table: pa.Table, engine: Engine, dataset: str, copy: int
) -> Iterator[tuple[dict[str, Any], list[Switched]]]:
    """Yield per row the new values of its columns and the switched texts they came from.

    Both texts of a pair share one word map, or are drawn independently, as the recipe says.
    """
    columns = (table[name].to_pylist() for name in ("id", "text_a", "text_b"))
    for identity, text_a, text_b in zip(*columns, strict=True):
        example = Example(engine, dataset, identity, copy)
        scans = [engine.scan(text) for text in (text_a, text_b) if text is not None]
        if example.is_switched():
            names = engine.names(scans)
            parts = [
                switch(scan, engine=engine, word_map=word_map, names=names)
                for scan, word_map in zip(scans, example.maps(*COLUMNS), strict=False)
            ]
        else:
            parts = [untouched(scan) for scan in scans]
        texts = [part.text for part in parts]
        yield {"text_a": texts[0], "text_b": texts[1] if text_b is not None else None}, parts
