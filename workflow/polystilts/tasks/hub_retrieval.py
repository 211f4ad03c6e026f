"""Readers of bitext from hub repositories: `mteb/BUCC` and `google/xtreme` tatoeba.

Rows, pairs, groups as those of the original files (tasks/retrieval.py); ids are made of the row's
number, which in BUCC is the original id.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.tasks.bitext_rows import Bitext
from polystilts.tasks.held_out import in_part
from polystilts.tasks.parquet_rows import Shape, read_parquet
from polystilts.tasks.reader import Options

_ENGLISH = "en"
_BUCC: dict[str, Shape] = {"sentence1": [str], "sentence2": [str], "gold": [[int]]}


def hub_bucc(
    files: Sequence[Path], language: str | None, options: Options, counts: Counter[str]
) -> Bitext:
    """`mteb/BUCC`: one row with all sentences of both sides, gold pairs of numbers from 1.

    It is BUCC's training set, which XTREME calls test; there is no sample set. Options `held_out`
    and `part` (dev, test) cut it in two: sentences that are linked by gold pairs go together, by a
    hash of their first English text, all others by a hash of their own.

    Raises:
        InputError: not one row, a gold pair that is none, or a number without a sentence.
    """
    parts = [_bucc_file(path, str(language), options, counts) for path in files]
    return Bitext(
        {key: text for part in parts for key, text in part.foreign.items()},
        {key: text for part in parts for key, text in part.english.items()},
        [pair for part in parts for pair in part.pairs],
    )


def hub_tatoeba(
    files: Sequence[Path], language: str | None, options: Options, counts: Counter[str]
) -> Bitext:
    """`google/xtreme` tatoeba: one row a pair. Both texts end in a newline, which is removed."""
    foreign: dict[str, str] = {}
    english: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    rows_before = number = 0
    for path in files:
        shapes: dict[str, Shape] = {"source_sentence": str, "target_sentence": str}
        for row, values in read_parquet(path, shapes):
            number = rows_before + row
            source, target = (values[name].strip() for name in shapes)
            if not source or not target:
                counts["pairs with a blank side set aside"] += 1
                continue
            pair = f"{language}-{number}", f"{_ENGLISH}-{number}"
            foreign[pair[0]], english[pair[1]] = source, target
            pairs.append(pair)
        rows_before = number
    return Bitext(foreign, english, pairs)


def _bucc_file(path: Path, language: str, options: Options, counts: Counter[str]) -> Bitext:
    rows = [values for _, values in read_parquet(path, _BUCC)]
    if len(rows) != 1:
        reason = f"{len(rows)} rows, expected one with all sentences."
        raise InputError(path, reason, hint="`mteb/bucc-bitext-mining` has gold pairs alone.")
    foreign = _numbered(rows[0]["sentence1"], language, counts)
    english = _numbered(rows[0]["sentence2"], _ENGLISH, counts)
    pairs: dict[tuple[str, str], None] = {}
    for position, numbers in enumerate(rows[0]["gold"], start=1):
        if len(numbers) != 2:
            raise InputError(path, f"gold pair {position} is {numbers}, expected two numbers.")
        pair = _key(language, numbers[0]), _key(_ENGLISH, numbers[1])
        if pair[0] not in foreign or pair[1] not in english:
            reason = f"gold pair {position} is {numbers}, which are not numbers of sentences."
            raise InputError(path, reason, hint="Sentences count from 1.")
        counts["repeated gold pairs dropped"] += pair in pairs
        pairs[pair] = None
    heads = _heads(pairs)
    foreign, english = (
        {
            key: text
            for key, text in side.items()
            if in_part(english[heads[key]] if key in heads else text, options, counts)
        }
        for side in (foreign, english)
    )
    return Bitext(foreign, english, [pair for pair in pairs if pair[0] in foreign])


def _numbered(sentences: Sequence[str], language: str, counts: Counter[str]) -> dict[str, str]:
    texts = {_key(language, number): text.strip() for number, text in enumerate(sentences, 1)}
    counts["blank texts kept"] += sum(not text for text in texts.values())
    return texts


def _key(language: str, number: int) -> str:
    return f"{language}-{number:09d}"


def _heads(pairs: Mapping[tuple[str, str], None]) -> dict[str, str]:
    """Return the first English sentence of all that a sentence is linked to by gold pairs."""
    links: dict[str, list[str]] = {}
    for source, target in pairs:
        links.setdefault(source, []).append(target)
        links.setdefault(target, []).append(source)
    heads: dict[str, str] = {}
    for head in sorted(target for _, target in pairs):
        waiting = [] if head in heads else [head]
        while waiting:
            key = waiting.pop()
            if key not in heads:
                heads[key] = head
                waiting += links[key]
    return heads
