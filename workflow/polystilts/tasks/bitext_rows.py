"""Sentences of two languages with their gold pairs, as canonical rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from polystilts.provenance.hashing import digest
from polystilts.tasks.reader import Row

_ENGLISH = "en"


@dataclass(frozen=True)
class Bitext:
    """Texts by id on both sides, and gold pairs of ids (foreign, English)."""

    foreign: Mapping[str, str]
    english: Mapping[str, str]
    pairs: Sequence[tuple[str, str]]


def sentence_rows(bitext: Bitext, language: str | None) -> Iterator[Row]:
    """Yield the rows of all sentences, the foreign ones first.

    An English sentence's group is its text's digest, a foreign one's that of its (first) English
    partner, or its own id without one.
    """
    partners = dict(reversed(bitext.pairs))
    for identifier, text in bitext.foreign.items():
        partner = partners.get(identifier)
        group = identifier if partner is None else digest(bitext.english[partner])
        yield _row(identifier, group, str(language), text)
    for identifier, text in bitext.english.items():
        yield _row(identifier, digest(text), _ENGLISH, text)


def pair_rows(bitext: Bitext) -> Iterator[Row]:
    """Yield the rows of all gold pairs."""
    for source, target in bitext.pairs:
        group = digest(bitext.english[target])
        yield {"source_id": source, "target_id": target, "group": group}


def _row(identifier: str, group: str, language: str, text: str) -> Row:
    return {"id": identifier, "group": group, "language": language, "text": text}
