"""Chunk F1 follows seqeval 0.0.12: on IOB2 like any seqeval, on bare tags unlike newer ones."""

import random
from itertools import groupby
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score

from evaluation.seqeval_releases import old_seqeval
from polystilts.evaluation.metrics.chunks import as_runs, chunk_scores

UPOS = [
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"),
]
IOB2 = ["O", *(f"{prefix}-{kind}" for prefix in "BI" for kind in ("PER", "ORG", "LOC"))]

# beginnings and ends that no scheme allows, tags with several hyphens, tags that only look like O
MALFORMED = [
    *("O", "B", "I", "E", "S", ".", "B-", "I-A", "E-A", "S-A", "B-A-B", "I-B", "L-B"),
    *("O-A", ".-B", "OB", "-", "ا-A", "名詞"),
]

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


def runs(sentences: list[list[str]], apart: str = "") -> set[tuple[int, int, int, str]]:
    """Bare tags read the other way: runs of one tag, each by itself that begins with `apart`."""
    found = set()
    for number, tags in enumerate(sentences):
        position = 0
        for tag, run in groupby(tags):
            length = len(list(run))
            sizes = [1] * length if apart and tag.startswith(apart) else [length]
            for size in sizes:
                found.add((number, position, size, tag))
                position += size
    return found


@pytest.fixture(scope="module")
def published() -> ModuleType:
    return old_seqeval()


@pytest.mark.parametrize("tags", [IOB2, UPOS, MALFORMED], ids=["iob2", "upos", "malformed"])
@pytest.mark.parametrize("seed", range(3))
def test_long_texts_equal_seqeval_0_0_12(published: ModuleType, tags: list[str], seed: int) -> None:
    draw = random.Random(seed)
    gold = [draw.choices(tags, k=draw.randint(0, 30)) for _ in range(400)]
    predicted = [[t if draw.random() < 0.7 else draw.choice(tags) for t in s] for s in gold]
    expected = [
        getattr(published, f"{name}_score")(gold, predicted)
        for name in ("precision", "recall", "f1")
    ]
    assert 0 < expected[2] < 1
    assert list(chunk_scores(gold, predicted)[:3]) == expected


@pytest.mark.parametrize("tags", [IOB2, UPOS, MALFORMED], ids=["iob2", "upos", "malformed"])
def test_every_sentence_equals_seqeval_0_0_12(published: ModuleType, tags: list[str]) -> None:
    @given(tagged_sentences(tags))
    def compare(sentences: Tagged) -> None:
        gold, predicted = split(sentences)
        found = chunk_scores(gold, predicted)
        assert found.precision == published.precision_score(gold, predicted)
        assert found.recall == published.recall_score(gold, predicted)
        assert found.f1 == published.f1_score(gold, predicted)
        assert found.gold_chunks == len(set(published.get_entities(gold)))

    compare()


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
    wanted, proposed = runs(gold, apart="S"), runs(predicted, apart="S")
    correct = len(wanted & proposed)
    scores = chunk_scores(gold, predicted)
    assert scores.precision == pytest.approx(correct / len(proposed))
    assert scores.recall == pytest.approx(correct / len(wanted))
    assert scores.gold_chunks == len(wanted)


@given(tagged_sentences(UPOS))
def test_corrected_chunks_are_runs_whatever_their_letter(sentences: Tagged) -> None:
    gold, predicted = split(sentences)
    wanted, proposed = runs(gold), runs(predicted)
    scores = chunk_scores(gold, predicted, as_runs)
    assert scores.precision == pytest.approx(len(wanted & proposed) / len(proposed))
    assert scores.recall == pytest.approx(len(wanted & proposed) / len(wanted))


def test_corrected_chunks_leave_out_what_is_outside() -> None:
    assert chunk_scores([["O", "X", "O"]], [["O", "X", "X"]], as_runs).gold_chunks == 1


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
    assert chunk_scores([["I-A", "S-A", "I-A", "E-A", "I-A"]], [["O"] * 5]).gold_chunks == 4


def test_a_chunk_does_not_reach_into_the_next_sentence() -> None:
    gold = [["NOUN", "NOUN"], ["NOUN"]]
    assert chunk_scores(gold, gold).gold_chunks == 2
    assert chunk_scores(gold, [["NOUN", "NOUN"], ["VERB"]]).precision == 0.5


def test_an_empty_sentence_changes_nothing() -> None:
    gold, predicted = [["B-A", "I-A"], ["O"]], [["B-A", "I-A"], ["B-A"]]
    expected = chunk_scores(gold, predicted)
    assert chunk_scores([gold[0], [], gold[1]], [predicted[0], [], predicted[1]]) == expected


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
