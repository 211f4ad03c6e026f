"""Readers of published bilingual dictionaries, English on the source side."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.sources.lines import read_filled_lines, read_lines


@dataclass(frozen=True)
class Entry:
    """One translation as listed, surrounding white space removed."""

    source: str
    target: str
    line: int


Reader = Callable[[Sequence[Path], Counter[str]], Iterator[Entry]]


def read_muse(files: Sequence[Path], counts: Counter[str]) -> Iterator[Entry]:
    """MUSE: one pair a line, source and target separated by a tab or by one space.

    Both separators occur, also within one file; where a line has a tab, spaces belong to the
    words. Otherwise the first white space separates (MUSE's sources are single words).

    Raises:
        InputError: a line that holds one word only, or more than one tab.
    """
    for path in files:
        for number, line in read_filled_lines(path, counts):
            fields = line.split("\t") if "\t" in line else line.strip().split(None, 1)
            if len(fields) != 2:
                reason = f"expected a word and its translation, found {line.strip()!r}."
                raise InputError(path, reason, number)
            yield Entry(fields[0].strip(), fields[1].strip(), number)


def read_tsv(files: Sequence[Path], counts: Counter[str]) -> Iterator[Entry]:
    """One pair a line, source TAB target; columns after the second are ignored (lines counted).

    Raises:
        InputError: a line without a tab.
    """
    for path in files:
        for number, line in read_filled_lines(path, counts):
            fields = line.split("\t")
            if len(fields) < 2:
                reason = f"expected source, tab, target; found {line.strip()!r}."
                raise InputError(path, reason, number)
            counts["lines with columns after the second"] += len(fields) > 2
            yield Entry(fields[0].strip(), fields[1].strip(), number)


def read_panlex_swadesh(files: Sequence[Path], counts: Counter[str]) -> Iterator[Entry]:
    """PanLex Swadesh lists: an English and a foreign file, line n of both is concept n.

    Synonyms are separated by tabs; every English one is paired with every foreign one. Concepts
    without a word on one side are counted.

    Raises:
        ConfigError: there are not two files.
        InputError: the files differ in length.
    """
    if len(files) != 2:
        reason = f"needs an English and a foreign file, got {len(files)}"
        raise ConfigError(f"reader `panlex_swadesh` {reason}")
    english_file, foreign_file = files
    english = list(read_lines(english_file, counts))
    foreign = list(read_lines(foreign_file, counts))
    if len(english) != len(foreign):
        reason = f"{len(foreign)} concepts, but {english_file.name} has {len(english)}."
        raise InputError(foreign_file, reason)
    for (number, sources), (_, targets) in zip(english, foreign, strict=True):
        if not sources.strip() or not targets.strip():
            counts["concepts without a translation"] += 1
            continue
        for source in sources.split("\t"):
            for target in targets.split("\t"):
                yield Entry(source.strip(), target.strip(), number)


READERS: Mapping[str, Reader] = {
    "muse": read_muse,
    "panlex_swadesh": read_panlex_swadesh,
    "tsv": read_tsv,
}
