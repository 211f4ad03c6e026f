"""From logits to the predictions of each family."""

import json
from typing import Any

import pyarrow as pa
import pytest
import torch
from torch import Tensor

from polystilts.evaluation.families import classification, span_qa, tagging
from polystilts.training.inputs import Encoded
from training.tiny import (
    LONG,
    NLI,
    SENTENCES,
    SETTINGS,
    TAGS,
    classification_rows,
    question_rows,
    tagging_rows,
    tokenizer,
)

TOKENS = tokenizer()


def test_the_most_probable_label_and_its_probability() -> None:
    rows = classification_rows(3)
    encoded = classification.encode(rows, TOKENS, SETTINGS, NLI)
    logits = [torch.tensor([0.0, 2.0, 0.0]), torch.zeros(3), torch.tensor([0.0, 0.0, 5.0])]
    columns = classification.decode(encoded, rows, logits, NLI)
    assert columns["gold"] == NLI
    assert columns["prediction"] == ["neutral", "entailment", "contradiction"]
    assert columns["score"][0] == pytest.approx(float(logits[0].softmax(0)[1]))
    assert columns["score"][1] == pytest.approx(1 / 3)


def test_split_sentences_are_joined_with_one_tag_a_word() -> None:
    sentences = [*SENTENCES, ("the cats see gardens", "DET SYM VERB NOUN")]
    rows = tagging_rows(sentences)
    encoded = tagging.encode(rows, TOKENS, SETTINGS, TAGS)
    assert len(encoded.unit(2)) == 2
    starts = encoded.rows("starts").tolist()
    expected = [[(7 * i + 3 * w) % 3 for w in range(len(words.split()))] for i, (words, _) in
                enumerate(sentences)]  # fmt: skip
    logits: list[Tensor] = []
    for number in range(encoded.examples):
        tags = iter(expected[number])
        for i in encoded.unit(number):
            scores = torch.randn(len(encoded.inputs[i]), 3, generator=torch.manual_seed(i))
            for start in starts[i]:
                scores[start] = torch.tensor([0.0, 0.0, 0.0])
                scores[start, next(tags)] = 4.0
            logits.append(scores)
    columns = tagging.decode(encoded, rows, logits, TAGS)
    assert columns["prediction"] == [" ".join(TAGS[t] for t in tags) for tags in expected]
    assert columns["gold"] == [tags for _, tags in sentences], "an unknown tag stays in the gold"
    best = float(torch.tensor([4.0, 0.0, 0.0]).softmax(0)[0])
    assert columns["score"] == pytest.approx([best] * 4)


def span_logits(encoded: Encoded, marks: dict[tuple[int, int, int], float]) -> list[Tensor]:
    """Zero logits but for marks: (window, context token, 0 for start or 1 for end) → score."""
    logits = [torch.zeros(len(tokens), 2) for tokens in encoded.inputs]
    for (window, token, end), score in marks.items():
        logits[window][int(encoded.numbers("shift")[window]) + token, end] = score
    return logits


def question(context: str, answer: str | None = None) -> pa.Table:
    return question_rows([("who ?", context, answer)])


def decoded(context: str, marks: dict[tuple[int, int, int], float], **settings: int) -> Any:
    rows = question(context)
    encoded = span_qa.encode(rows, TOKENS, SETTINGS | settings, [])
    columns = span_qa.decode(encoded, rows, span_logits(encoded, marks), [])
    return {name: values[0] for name, values in columns.items()}


def test_an_answer_is_cut_from_the_context_by_offsets() -> None:
    answer = decoded("the  Cat  sees a dog.", {(0, 3, 0): 2.0, (0, 4, 1): 3.0}, max_length=40)
    context = "the  Cat  sees a dog."
    assert answer["prediction"] == context[answer["start"] : answer["end"]]
    assert answer["prediction"] == answer["prediction"].strip()
    assert answer["score"] == 5.0
    assert answer["gold"] == "[]"


def test_the_space_before_a_word_is_no_part_of_the_answer() -> None:
    answer = decoded("the cat sees a dog.", {(0, 1, 0): 2.0, (0, 2, 1): 3.0})
    assert (answer["start"], answer["end"]) == (4, 12)
    assert answer["prediction"] == "cat sees"
    dog = decoded("the cat sees a dog.", {(0, 4, 0): 2.0, (0, 4, 1): 3.0})
    assert dog["prediction"] == "dog"
    assert dog["prediction_xtreme"] == "dog"


def test_gold_answers_are_kept_as_json() -> None:
    rows = question("the cat", "cat")
    encoded = span_qa.encode(rows, TOKENS, SETTINGS, [])
    columns = span_qa.decode(encoded, rows, span_logits(encoded, {}), [])
    assert json.loads(str(columns["gold"][0])) == ["cat"]


def test_an_end_before_its_start_is_no_answer() -> None:
    marks = {(0, 3, 0): 9.0, (0, 1, 1): 9.0, (0, 3, 1): 1.0}
    answer = decoded("the cat sees a dog.", marks)
    assert answer["prediction"] == "a"
    assert answer["score"] == 10.0


def test_an_answer_has_at_most_thirty_pieces() -> None:
    context = " ".join(["dog"] * 60)
    exact = decoded(context, {(0, 5, 0): 9.0, (0, 34, 1): 9.0}, max_length=100)
    assert exact["prediction"].split() == ["dog"] * 30
    longer = decoded(context, {(0, 5, 0): 9.0, (0, 35, 1): 9.0}, max_length=100)
    assert longer["score"] == 9.0


def test_the_best_window_answers() -> None:
    marks = {(0, 1, 0): 2.0, (0, 1, 1): 2.0, (1, 4, 0): 3.0, (1, 4, 1): 3.0}
    context = f"{LONG} the house ."
    answer = decoded(context, marks, max_length=18, doc_stride=6)
    rows = question(context)
    encoded = span_qa.encode(rows, TOKENS, SETTINGS | {"max_length": 18, "doc_stride": 6}, [])
    left, right = encoded.rows("spans")[1][4].tolist()
    assert answer["prediction"] == context[left:right].strip()


@pytest.mark.parametrize(("token", "owner"), [(9, 0), (10, 0), (11, 1), (12, 1)])
def test_a_start_counts_in_the_window_that_shows_it_with_most_context(
    token: int, owner: int
) -> None:
    """Windows of 14 pieces over pieces 0-13 and 8-21: piece 10 has 3 pieces to its right in the
    first and 2 to its left in the second, piece 11 has 2 and 3."""
    context = " ".join(["dog"] * 22)
    length = 14 + 3 + len(TOKENS.encode("who ?", add_special_tokens=False).ids) + 1
    settings = {"max_length": length, "doc_stride": 8}
    encoded = span_qa.encode(question(context), TOKENS, SETTINGS | settings, [])
    assert encoded.rows("spans").lengths().tolist() == [14, 14]
    places = {0: token, 1: token - 8}
    for window, place in places.items():
        marks = {(window, place, 0): 9.0, (window, place, 1): 9.0}
        answer = decoded(context, marks, **settings)
        assert (answer["score"] == 18.0) == (window == owner)
        if window == owner:
            assert (answer["start"], answer["end"]) == (4 * token, 4 * token + 3)


def test_both_ends_are_among_the_twenty_best() -> None:
    """The twenty best ends lie before the twenty best starts; the 21st end would fit."""
    context = " ".join(["dog"] * 50)
    marks = {(0, 20 + i, 0): 5.0 + i / 100 for i in range(20)}
    marks |= {(0, i, 1): 5.0 + i / 100 for i in range(20)}
    marks[0, 45, 1] = 4.0
    answer = decoded(context, marks, max_length=100)
    assert answer["prediction"] == "", "no start lies before an end"
    marks[0, 45, 1] = 9.0
    assert decoded(context, marks, max_length=100)["prediction"] != ""
