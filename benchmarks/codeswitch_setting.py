"""What the parts of the code-switcher's benchmark have in common: text, dictionaries, blocks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.sheet.tally import Tally
from polystilts.codeswitch.switcher import Switcher

BLOCK = 4096
RATE = 0.3

Block = list[tuple[str, str]]


@dataclass(frozen=True)
class Bench:
    """What every part measures on."""

    data: Path
    repeats: int
    words: int
    texts: list[str]
    files: Mapping[str, Path]
    lexicons: Mapping[str, pa.Table]


def blocks_of(texts: Iterable[str], prefix: str = "") -> list[Block]:
    named = [(f"{prefix}{number}", text) for number, text in enumerate(texts)]
    return [named[first : first + BLOCK] for first in range(0, len(named), BLOCK)]


def examples_of(block: Block) -> list[Example]:
    return [Example(identity, (Field(text),)) for identity, text in block]


@dataclass(frozen=True)
class Switch:
    """The work of one process: blocks of named texts in, new texts and counts out."""

    switcher: Switcher

    def __call__(self, block: Block) -> tuple[list[Any], Tally]:
        tally = Tally(self.switcher.languages)
        (outcome,) = self.switcher.switch_examples(examples_of(block))
        tally.add(outcome)
        return outcome.texts, tally
