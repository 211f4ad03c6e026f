"""Readers of bitext: BUCC's mining files and Tatoeba's line pairs, originals and hub copies.

A reader in READERS yields the sentences of both sides (`id, group, language, text`), its namesake
in PAIR_READERS the gold pairs (`source_id, target_id, group`; the source is the foreign side). An
English sentence's group is its text's digest, so that it is equal wherever the same sentence is
paired; a foreign sentence takes the group of its English partner, or its own id without one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from polystilts.errors import ConfigError, InputError
from polystilts.sources.lines import read_columns, read_filled_lines, read_lines
from polystilts.tasks.bitext_rows import Bitext, pair_rows, sentence_rows
from polystilts.tasks.hub_retrieval import hub_bucc, hub_tatoeba
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.reader import Options, Reader, Row

# (files, language, options, counts) -> the sentences and gold pairs of one language
_Loader: TypeAlias = Callable[[Sequence[Path], str | None, Options, Counter[str]], Bitext]

_ENGLISH = "en"


def bucc(
    files: Sequence[Path], language: str | None, options: Options, counts: Counter[str]
) -> Bitext:
    """BUCC 2018: files are the foreign sentences, the English ones (id TAB sentence), the gold.

    Blank sentences are kept and counted: ids stand in the gold file.

    Raises:
        InputError: an id that occurs twice, on one side or on both, or a gold pair with an
            unknown id.
    """
    if len(files) != 3:
        raise ConfigError(f"reader `bucc` needs foreign, English and gold file, got {len(files)}")
    foreign_file, english_file, gold_file = files
    foreign = _sentences(foreign_file, counts, {}, foreign_file)
    english = _sentences(english_file, counts, foreign, foreign_file)
    pairs: dict[tuple[str, str], None] = {}
    for number, fields in read_columns(gold_file, counts, 2):
        source, target = fields[0].strip(), fields[1].strip()
        if source not in foreign or target not in english:
            unknown = source if source not in foreign else target
            raise InputError(gold_file, f"id {unknown!r} is not in its sentence file.", number)
        counts["repeated gold pairs dropped"] += (source, target) in pairs
        pairs[source, target] = None
    return Bitext(foreign, english, list(pairs))


def tatoeba(
    files: Sequence[Path], language: str | None, options: Options, counts: Counter[str]
) -> Bitext:
    """Tatoeba: two files aligned by line. id = side's language and line number from 1.

    A pair with a blank side is set aside and counted.

    Raises:
        InputError: the files differ in length.
    """
    if len(files) != 2:
        raise ConfigError(f"reader `tatoeba` needs a foreign and an English file, got {len(files)}")
    foreign_file, english_file = files
    foreign = [line.strip() for _, line in read_lines(foreign_file, counts)]
    english = [line.strip() for _, line in read_lines(english_file, counts)]
    if len(foreign) != len(english):
        reason = f"{len(foreign)} lines, but {english_file.name} has {len(english)}."
        raise InputError(foreign_file, reason, hint="The files must be aligned line by line.")
    aligned = enumerate(zip(foreign, english, strict=True), start=1)
    kept = [(number, source, target) for number, (source, target) in aligned if source and target]
    counts["pairs with a blank side set aside"] += len(foreign) - len(kept)
    return Bitext(
        {f"{language}-{number}": source for number, source, _ in kept},
        {f"{_ENGLISH}-{number}": target for number, _, target in kept},
        [(f"{language}-{number}", f"{_ENGLISH}-{number}") for number, _, _ in kept],
    )


def _sentences(
    path: Path, counts: Counter[str], others: Mapping[str, str], others_file: Path
) -> dict[str, str]:
    sentences: dict[str, str] = {}
    for number, line in read_filled_lines(path, counts):
        identifier, tab, text = line.partition("\t")
        if not tab:
            raise InputError(path, "no tab: expected an id, a tab and a sentence.", number)
        identifier = identifier_of(identifier, path, "the sentence", number)
        if identifier in sentences:
            raise InputError(path, f"id {identifier!r} occurs twice.", number)
        if identifier in others:
            reason = f"id {identifier!r} stands in {others_file} too."
            hint = "Gold pairs name sentences by id: put the language before the ids of a side."
            raise InputError(path, reason, number, hint)
        counts["blank texts kept"] += not text.strip()
        sentences[identifier] = text.strip()
    return sentences


def _sentence_reader(load: _Loader) -> Reader:
    def read(
        files: Sequence[Path],
        language: str | None,
        labels: Sequence[str] | None,
        options: Options,
        counts: Counter[str],
    ) -> Iterator[Row]:
        yield from sentence_rows(load(files, language, options, counts), language)

    return read


def _pair_reader(load: _Loader) -> Reader:
    def read(
        files: Sequence[Path],
        language: str | None,
        labels: Sequence[str] | None,
        options: Options,
        counts: Counter[str],
    ) -> Iterator[Row]:
        yield from pair_rows(load(files, language, options, counts))

    return read


_LOADERS: Mapping[str, _Loader] = {
    "bucc": bucc,
    "hub_bucc": hub_bucc,
    "hub_tatoeba": hub_tatoeba,
    "tatoeba": tatoeba,
}
READERS: Mapping[str, Reader] = {name: _sentence_reader(load) for name, load in _LOADERS.items()}
PAIR_READERS: Mapping[str, Reader] = {name: _pair_reader(load) for name, load in _LOADERS.items()}
OPTIONS: Mapping[str, frozenset[str]] = {"hub_bucc": frozenset({"held_out", "part"})}
