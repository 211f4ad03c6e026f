"""Chunks of many texts at once: the same as one by one, whatever stands around them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from codeswitch.worlds import switcher, texts
from polystilts.codeswitch.decisions import mix
from polystilts.codeswitch.engine.chunks import (
    HashTable,
    chunk_hashes,
    codes_of,
    kinds_of,
    plain_chunks,
)
from polystilts.codeswitch.engine.reading import read
from polystilts.codeswitch.engine.surfaces import Surfaces
from polystilts.codeswitch.english.words import chunked
from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.recipe import Recipe

DICTIONARY = switcher().dictionary
# all that plain and other texts differ by, and borders that stand in a text
written = st.one_of(texts, st.text("abIT's-._@#[]<>&;:/w1 \n\0\x7fé\u0301", max_size=40))
tokens = st.lists(st.text("ab'-.1é ", max_size=4), max_size=5)


def surfaces() -> Surfaces:
    return Surfaces(DICTIONARY, Recipe(rate=0.5), ())


@settings(deadline=None)  # the first word loads the table of base forms
@given(st.lists(st.one_of(written, tokens), max_size=6))
def test_texts_are_cut_together_as_each_is_alone(given_texts: list[str | list[str]]) -> None:
    known = surfaces()
    batch = read([Example("1", tuple(map(Field, given_texts)))], known)
    surface_of = {number: surface for surface, number in known.rows.items()}
    for place, text in enumerate(given_texts):
        joined = text if isinstance(text, str) else " ".join(text)
        expected = chunked(text)[1::2] if isinstance(text, str) else text
        chunks = range(batch.first_chunk[place], batch.first_chunk[place + 1])
        assert batch.text(place) == joined
        assert [joined[start:end] for start, end in batch.spans(place)] == expected
        assert [batch.chunk(chunk) for chunk in chunks] == expected
        assert [surface_of[int(batch.surface[chunk])] for chunk in chunks] == expected
        if isinstance(text, str) and expected:
            assert batch.before(np.array(chunks)) == chunked(text)[:-1:2]


@given(st.lists(st.text("abAB'-", min_size=1, max_size=70), min_size=2, max_size=9), st.text("xy "))
def test_a_chunk_has_one_hash_wherever_it_stands(chunks: list[str], before: str) -> None:
    hashes: dict[str, set[int]] = {}
    for text in (" ".join(chunks), before + " é " + " ".join(reversed(chunks))):
        codes = codes_of(text)
        start, end = plain_chunks(kinds_of(codes))
        for first, last, value in zip(start, end, chunk_hashes(codes, start, end), strict=True):
            hashes.setdefault(text[first:last], set()).add(int(value))
    assert all(len(values) == 1 for values in hashes.values())
    assert len(set().union(*hashes.values())) == len(hashes) if hashes else True


def test_anagrams_and_repetitions_have_different_hashes() -> None:
    pieces = ["ab", "ba", "abc", "cab", "bca", "a" * 64, "a" * 65, "ab" * 40, "ba" * 40]
    text = " ".join([*pieces, *(f"w{number}" for number in range(5000))])
    codes = codes_of(text)
    hashes = chunk_hashes(codes, *plain_chunks(kinds_of(codes)))
    assert len(np.unique(hashes)) == len(pieces) + 5000


def test_what_a_full_table_cannot_keep_is_asked_again() -> None:
    table = HashTable()
    hashes = mix(np.arange(1, 3_000_001, dtype=np.uint64), np.uint64(7))
    numbers = np.arange(len(hashes), dtype=np.int32)
    table.learn(hashes, numbers)
    found = table.look_up(hashes)
    kept = found >= 0
    assert (found[kept] == numbers[kept]).all()
    assert 0 < kept.sum() < len(hashes)
    table.learn(hashes, numbers[::-1].copy())
    assert (table.look_up(hashes) == found).all()
