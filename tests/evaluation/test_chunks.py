"""Chunk F1 follows seqeval 0.0.12: on IOB2 like any seqeval, on bare tags unlike newer ones."""

import random
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score

from polystilts.evaluation.metrics.chunks import chunk_scores, find_chunks

UPOS = [
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
]
IOB2 = ["O", *(f"{prefix}-{kind}" for prefix in "BI" for kind in ("PER", "ORG", "LOC"))]

Tagged = list[tuple[list[str], list[str]]]


def tagged_sentences(tags: list[str]) -> st.SearchStrategy[Tagged]:
    """Sentences with gold and predicted tags, agreeing more often than not."""
    tag = st.sampled_from(tags)
    token = st.one_of(tag.map(lambda one: (one, one)), st.tuples(tag, tag))
    sentence = st.lists(token, min_size=1, max_size=12)
    return st.lists(
        sentence.map(lambda pairs: ([a for a, _ in pairs], [b for _, b in pairs])),
        min_size=1,
        max_size=5,
    )


def split(sentences: Tagged) -> tuple[list[list[str]], list[list[str]]]:
    return [gold for gold, _ in sentences], [predicted for _, predicted in sentences]


def runs(sentences: list[list[str]]) -> set[tuple[int, int, int, str]]:
    """Bare tags read the other way: runs of one tag, but each tag in S- by itself."""
    found = set()
    for number, tags in enumerate(sentences):
        position = 0
        for tag, run in groupby(tags):
            length = len(list(run))
            sizes = [1] * length if tag.startswith("S") else [length]
            for size in sizes:
                found.add((number, position, size, tag))
                position += size
    return found


@given(tagged_sentences(IOB2))
def test_iob2_equals_current_seqeval(sentences: Tagged) -> None:
    gold, predicted = split(sentences)
    scores = chunk_scores(gold, predicted)
    assert scores.f1 == pytest.approx(f1_score(gold, predicted, zero_division=0))
    assert scores.precision == pytest.approx(precision_score(gold, predicted, zero_division=0))
    assert scores.recall == pytest.approx(recall_score(gold, predicted, zero_division=0))


@given(tagged_sentences(UPOS))
def test_bare_tags_are_runs(sentences: Tagged) -> None:
    gold, predicted = split(sentences)
    wanted, proposed = runs(gold), runs(predicted)
    correct = len(wanted & proposed)
    scores = chunk_scores(gold, predicted)
    assert scores.precision == pytest.approx(correct / len(proposed))
    assert scores.recall == pytest.approx(correct / len(wanted))
    assert scores.gold_chunks == len(wanted)


@pytest.mark.parametrize(
    ("gold", "predicted", "precision", "recall", "f1"),
    [
        # One coordinating conjunction tagged as subordinating: seqeval >= 0.0.16 says 1.0.
        (
            "DET NOUN CCONJ NOUN NOUN VERB PUNCT",
            "DET NOUN SCONJ NOUN NOUN VERB PUNCT",
            5 / 6,
            5 / 6,
            5 / 6,
        ),
        # One wrong noun in a run costs the whole run.
        ("NOUN NOUN NOUN PUNCT", "NOUN NOUN VERB PUNCT", 1 / 3, 1 / 2, 0.4),
        # The rest are values that seqeval 0.0.12 itself returned.
        (
            "DET NOUN NOUN SCONJ SYM SYM INTJ INTJ VERB PUNCT",
            "DET NOUN VERB SCONJ SYM SYM INTJ X VERB PUNCT",
            0.6,
            0.75,
            2 / 3,
        ),
        (
            "B-PER I-PER O I-LOC I-LOC B-LOC O S-ORG E-ORG",
            "B-PER I-LOC O I-LOC B-LOC I-LOC O S-ORG E-ORG",
            1 / 3,
            0.4,
            4 / 11,
        ),
        ("I-PER I-PER O", "B-PER I-PER O", 1.0, 1.0, 1.0),
    ],
)
def test_golden_values(
    gold: str, predicted: str, precision: float, recall: float, f1: float
) -> None:
    scores = chunk_scores([gold.split()], [predicted.split()])
    assert scores[:3] == pytest.approx((precision, recall, f1))


def test_single_token_chunks_of_one_type_stay_apart() -> None:
    # "S-" ends what is before it and what it is, even between equal types.
    tags = ["I-PER", "S-PER", "I-PER", "E-PER", "I-PER"]
    assert find_chunks([tags]) == {("PER", 0, 0), ("PER", 1, 1), ("PER", 2, 3), ("PER", 4, 4)}


def test_a_chunk_does_not_reach_into_the_next_sentence() -> None:
    assert len(find_chunks([["NOUN", "NOUN"], ["NOUN"]])) == 2


def test_nothing_found_scores_zero() -> None:
    assert chunk_scores([["O", "O"]], [["O", "O"]])[:3] == (0.0, 0.0, 0.0)


@given(tagged_sentences(UPOS), st.randoms(use_true_random=False))
def test_order_of_sentences_is_irrelevant(sentences: Tagged, shuffler: random.Random) -> None:
    before = chunk_scores(*split(sentences))
    shuffler.shuffle(sentences)
    assert chunk_scores(*split(sentences)) == before


@given(tagged_sentences(IOB2))
def test_swapping_gold_and_prediction_swaps_precision_and_recall(sentences: Tagged) -> None:
    gold, predicted = split(sentences)
    there, back = chunk_scores(gold, predicted), chunk_scores(predicted, gold)
    assert (there.precision, there.recall) == (back.recall, back.precision)
    assert there.f1 == pytest.approx(back.f1)


def test_a_lost_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="sentence 2: 2 gold tags, 1 predicted"):
        chunk_scores([["X"], ["X", "X"]], [["X"], ["X"]])
