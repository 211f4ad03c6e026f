"""What a reader of dictionaries yields, and what a reader is."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One translation as listed, surrounding white space removed.

    `line` is the line of the first file that the reader was given where the pair stands; None
    where it has no single place. `pos` has the parts of speech that the dictionary states for the
    pair, as `parts_of_speech` writes them; None where it states none that is known there.
    """

    source: str
    target: str
    line: int | None
    pos: str | None = None


# A reader takes the files of one dictionary, the language it is read for (a two-letter code), and
# the counter for everything that it leaves out or mends. English is on the source side. The
# translations of a word come in the order of their ranks. Nothing but an InputError or a
# ConfigError leaves a reader, whatever the files hold.
Reader = Callable[[Sequence[Path], str, Counter[str]], Iterator[Entry]]
