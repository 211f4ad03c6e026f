"""PanLex Swadesh lists: an English and a foreign file, line n of both is concept n."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.entries import Entry
from polystilts.sources.lines import read_lines


def read_panlex_swadesh(
    files: Sequence[Path], language: str, counts: Counter[str]
) -> Iterator[Entry]:
    """Yield every English synonym of a concept with every foreign one.

    Synonyms are separated by tabs. Concepts without a word on one side are counted.

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
