"""A sample of a task's texts: enough to tell a wrong tokenizer, little enough to be free."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

_MOST_ROWS = 200
_MOST_CHARACTERS = 100_000
_TEXT_COLUMNS = ("text", "text_a", "text_b", "context", "question")

Words = Sequence[str]


@dataclass(frozen=True)
class Sample:
    """Running texts, and sentences that come as words, of one language."""

    language: str
    texts: Sequence[str] = ()
    sentences: Sequence[Words] = ()


def sample_of(table: pa.Table, language: str) -> Sample:
    """Return texts of a family's rows: at most 200 rows, spread evenly, and 100,000 characters."""
    step = max(1, -(-len(table) // _MOST_ROWS))
    chosen = table.take(pa.array(range(0, len(table), step), pa.int64()))
    columns = set(chosen.column_names)
    texts = [text for name in _TEXT_COLUMNS if name in columns for text in chosen[name].to_pylist()]
    if "choices" in columns:
        texts += [choice for choices in chosen["choices"].to_pylist() for choice in choices]
    sentences = chosen["tokens"].to_pylist() if "tokens" in columns else []
    return Sample(
        language,
        list(_up_to(_MOST_CHARACTERS, [text for text in texts if text])),
        list(_up_to(_MOST_CHARACTERS, sentences)),
    )


def _up_to(characters: int, items: Sequence[Any]) -> Iterator[Any]:
    """Yield texts, or sentences of words, until they have so many characters."""
    for item in items:
        yield item
        characters -= len(item) if isinstance(item, str) else sum(map(len, item))
        if characters <= 0:
            return
