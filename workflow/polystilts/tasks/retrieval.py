"""Readers of bitext: BUCC's mining files and Tatoeba's line pairs.

A reader in READERS yields the sentences of both sides (`id, group, language, text`), its namesake
in PAIR_READERS the gold pairs (`source_id, target_id, group`; the source is the foreign side). An
English sentence's group is its text's digest, so that it is equal wherever the same sentence is
paired; a foreign sentence takes the group of its English partner, or its own id without one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.provenance.hashing import digest
from polystilts.sources.lines import read_columns, read_filled_lines, read_lines
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.reader import Options, Reader, Row

_ENGLISH = "en"


def read_bucc(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """BUCC 2018: files are the foreign sentences, the English ones (id TAB sentence), the gold.

    Blank sentences are kept and counted: ids stand in the gold file.

    Raises:
        InputError: an id that occurs twice, on one side or on both, or a gold pair with an
            unknown id.
    """
    foreign, english, pairs = _bucc(files, counts)
    partners = dict(reversed(pairs))
    for identifier, text in foreign.items():
        group = digest(english[partners[identifier]]) if identifier in partners else identifier
        yield _row(identifier, group, str(language), text)
    for identifier, text in english.items():
        yield _row(identifier, digest(text), _ENGLISH, text)


def read_bucc_pairs(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """The gold pairs of `read_bucc`."""
    _, english, pairs = _bucc(files, counts)
    for source, target in pairs:
        yield {"source_id": source, "target_id": target, "group": digest(english[target])}


def read_tatoeba(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Tatoeba: two files aligned by line. id = side's language and line number from 1.

    A pair with a blank side is set aside and counted.

    Raises:
        InputError: the files differ in length.
    """
    pairs = _tatoeba(files, counts)
    for number, foreign, english in pairs:
        yield _row(f"{language}-{number}", digest(english), str(language), foreign)
    for number, _, english in pairs:
        yield _row(f"{_ENGLISH}-{number}", digest(english), _ENGLISH, english)


def read_tatoeba_pairs(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """The gold pairs of `read_tatoeba`."""
    for number, _, english in _tatoeba(files, counts):
        source, target = f"{language}-{number}", f"{_ENGLISH}-{number}"
        yield {"source_id": source, "target_id": target, "group": digest(english)}


def _bucc(
    files: Sequence[Path], counts: Counter[str]
) -> tuple[dict[str, str], dict[str, str], list[tuple[str, str]]]:
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
    return foreign, english, list(pairs)


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


def _tatoeba(files: Sequence[Path], counts: Counter[str]) -> list[tuple[int, str, str]]:
    if len(files) != 2:
        raise ConfigError(f"reader `tatoeba` needs a foreign and an English file, got {len(files)}")
    foreign_file, english_file = files
    foreign = [line.strip() for _, line in read_lines(foreign_file, counts)]
    english = [line.strip() for _, line in read_lines(english_file, counts)]
    if len(foreign) != len(english):
        reason = f"{len(foreign)} lines, but {english_file.name} has {len(english)}."
        raise InputError(foreign_file, reason, hint="The files must be aligned line by line.")
    aligned = enumerate(zip(foreign, english, strict=True), start=1)
    pairs = [(number, source, target) for number, (source, target) in aligned if source and target]
    counts["pairs with a blank side set aside"] += len(foreign) - len(pairs)
    return pairs


def _row(identifier: str, group: str, language: str, text: str) -> Row:
    return {"id": identifier, "group": group, "language": language, "text": text}


READERS: Mapping[str, Reader] = {"bucc": read_bucc, "tatoeba": read_tatoeba}
PAIR_READERS: Mapping[str, Reader] = {"bucc": read_bucc_pairs, "tatoeba": read_tatoeba_pairs}
OPTIONS: Mapping[str, frozenset[str]] = {}
