"""Rows of each family as token ids, targets and losses."""

from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import normalizers
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from polystilts.errors import PolystiltsError
from polystilts.training.families import classification, multiple_choice, span_qa, tagging
from polystilts.training.inputs import Encoded
from training.tiny import (
    LONG,
    NLI,
    QUESTIONS,
    SETTINGS,
    TAGS,
    choice_rows,
    classification_rows,
    question_rows,
    tagging_rows,
    tokenizer,
)

TOKENS = tokenizer()


def pieces(text: str) -> list[int]:
    return list(TOKENS.encode(text, add_special_tokens=False).ids)


def units(encoded: Encoded) -> list[list[int]]:
    return [list(encoded.unit(example)) for example in range(encoded.examples)]


def all_targets(family: ModuleType, encoded: Encoded) -> dict[str, Tensor]:
    """Return the targets of the whole data set."""
    owners = len(encoded.inputs) if family.OVER_INPUTS else encoded.examples
    targets: dict[str, Tensor] = family.targets(encoded, np.arange(owners))
    return targets


def ends_of(encoded: Encoded) -> list[tuple[int, int]]:
    """Return the first and last token of every window's answer."""
    return list(
        zip(encoded.numbers("start").tolist(), encoded.numbers("end").tolist(), strict=True)
    )


def test_classification_pairs_and_single_texts() -> None:
    encoded = classification.encode(classification_rows(6), TOKENS, SETTINGS, NLI)
    inputs = encoded.inputs.tolist()
    assert inputs[0] == [0, *pieces("cat sees"), 2]
    assert inputs[1] == [0, *pieces("dog sees sees"), 2, 2, *pieces("the house ."), 2]
    assert encoded.numbers("label").tolist() == [0, 1, 2, 0, 1, 2]
    assert units(encoded) == [[i] for i in range(6)]
    assert classification.targets(encoded, np.array([4, 0]))["label"].tolist() == [1, 0]
    assert classification.guesses(encoded).tolist() == [0, 1, 2, 0, 1, 2]


def test_shortened_pairs_are_counted() -> None:
    rows = classification_rows(6)
    lengths = [len(i) for i in classification.encode(rows, TOKENS, SETTINGS, NLI).inputs]
    limit = sorted(lengths)[-2]
    encoded = classification.encode(rows, TOKENS, SETTINGS | {"max_length": limit}, NLI)
    assert encoded.truncated == sum(length > limit for length in lengths) > 0
    assert max(map(len, encoded.inputs)) == limit
    assert encoded.counts() == {
        "examples": 6,
        "inputs": 6,
        "windows": 0,
        "tokens": sum(min(length, limit) for length in lengths),
        "truncated": encoded.truncated,
    }


def test_a_label_outside_the_set_is_named() -> None:
    with pytest.raises(PolystiltsError, match=r"\['neutral'\] are not among"):
        classification.encode(classification_rows(6), TOKENS, SETTINGS, ["entailment", NLI[2]])


def test_every_choice_is_an_input_of_its_example() -> None:
    encoded = multiple_choice.encode(choice_rows(2), TOKENS, SETTINGS, [])
    context = pieces("the cat sees a dog who sees ?")
    inputs = encoded.inputs.tolist()
    assert inputs[0] == [0, *context, 2, 2, *pieces("cat"), 2]
    assert inputs[1] == [0, *context, 2, 2, *pieces("dog ."), 2]
    third = [0, *pieces("the cat sees a dog"), 2, 2, *pieces("a bird in the house"), 2]
    assert inputs[4] == third
    assert units(encoded) == [[0, 1], [2, 3, 4]]
    targets = multiple_choice.targets(encoded, np.array([1, 0]))
    assert targets["label"].tolist() == [1, 0]
    assert targets["choices"].tolist() == [3, 2]
    assert multiple_choice.guesses(encoded).tolist() == [0, 1]
    assert encoded.truncated == 0
    assert encoded.counts()["windows"] == 3


def test_a_long_context_loses_its_front() -> None:
    settings = SETTINGS | {"max_length": 12}
    encoded = multiple_choice.encode(choice_rows(1), TOKENS, settings, [])
    context = pieces("the cat sees a dog who sees ?")
    for tokens, choice in zip(encoded.inputs.tolist(), ["cat", "dog ."], strict=True):
        end = pieces(choice)
        assert tokens == [0, *context[-(8 - len(end)) :], 2, 2, *end, 2]
    assert encoded.truncated == 2


def test_a_choice_longer_than_the_input_keeps_its_beginning() -> None:
    settings = SETTINGS | {"max_length": 6}
    encoded = multiple_choice.encode(choice_rows(2), TOKENS, settings, [])
    assert encoded.inputs[4].tolist() == [0, 2, 2, *pieces("a bird in")[:2], 2]
    assert encoded.truncated == 5


def test_choices_compete_within_their_example() -> None:
    encoded = multiple_choice.encode(choice_rows(2), TOKENS, SETTINGS, [])
    batch = all_targets(multiple_choice, encoded)
    logits = torch.tensor([[1.0], [3.0], [0.5], [2.0], [-1.0]], requires_grad=True)
    expected = functional.cross_entropy(
        torch.tensor([[1.0, 3.0]]), torch.tensor([0])
    ) + functional.cross_entropy(torch.tensor([[0.5, 2.0, -1.0]]), torch.tensor([1]))
    loss = multiple_choice.loss(logits, batch)
    torch.testing.assert_close(loss, expected)
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert multiple_choice.weight(batch) == 2
    assert multiple_choice.correct(logits, batch) == (1, 2)


def test_the_label_stands_on_the_first_piece() -> None:
    encoded = tagging.encode(
        tagging_rows([("the cats sees", "DET NOUN VERB")]), TOKENS, SETTINGS, TAGS
    )
    cats = pieces("cats")
    assert len(cats) > 1
    assert encoded.inputs.tolist() == [[0, *pieces("the"), *cats, *pieces("sees"), 2]]
    rest = [tagging.IGNORED] * (len(cats) - 1)
    expected = [tagging.IGNORED, 0, 1, *rest, 2, tagging.IGNORED]
    assert tagging.targets(encoded, np.array([0]))["tags"].tolist() == [expected]
    assert tagging.guesses(encoded).tolist() == [0, 1, 2], "one guess a word"


def test_a_word_without_pieces_becomes_the_unknown_token() -> None:
    rows = tagging_rows([("the \u200b cat", "DET NOUN NOUN")])
    silent = tokenizer()
    silent.normalizer = normalizers.Replace("\u200b", "")
    encoded = tagging.encode(rows, silent, SETTINGS, TAGS)
    assert silent.encode("\u200b", add_special_tokens=False).ids == []
    assert encoded.inputs.tolist() == [[0, *pieces("the"), 3, *pieces("cat"), 2]]
    assert encoded.rows("starts").tolist() == [[1, 2, 3]]


@given(
    st.lists(
        st.lists(
            st.sampled_from(["the", "cats", "dog", "sees", "猫", "gardens"]),
            min_size=1,
            max_size=30,
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(6, 20),
)
def test_split_sentences_have_every_word_once(sentences: list[list[str]], limit: int) -> None:
    rows = tagging_rows([(" ".join(words), " ".join(["DET"] * len(words))) for words in sentences])
    encoded = tagging.encode(rows, TOKENS, SETTINGS | {"max_length": limit}, TAGS)
    assert max(map(len, encoded.inputs)) <= limit
    cut = 0
    inputs, first_pieces = encoded.inputs.tolist(), encoded.rows("starts").tolist()
    for words, unit in zip(sentences, units(encoded), strict=True):
        starts = [first_pieces[i] for i in unit]
        assert sum(map(len, starts)) == len(words)
        joined = [token for i in unit for token in inputs[i][1:-1]]
        cut += sum(len(pieces(word)) > limit - 2 for word in words)
        assert joined == [t for word in words for t in pieces(word)[: limit - 2]]
        assert all(heads[0] == 1 for heads in starts), "an input begins with a word"
    assert encoded.truncated == cut
    assert tagging.weight(all_targets(tagging, encoded)) == sum(map(len, sentences))


def test_an_unknown_tag_is_outside_the_loss_and_never_right() -> None:
    rows = tagging_rows([("the cat", "DET NOUN"), ("a dog", "SYM SYM")])
    encoded = tagging.encode(rows, TOKENS, SETTINGS, TAGS)
    batch = all_targets(tagging, encoded)
    logits = torch.zeros(*batch["tags"].shape, 3)
    logits[0, 1, 0] = 9.0
    expected = -logits[0, 1].log_softmax(-1)[0] - logits[0, 2].log_softmax(-1)[1]
    torch.testing.assert_close(tagging.loss(logits, batch), expected)
    assert tagging.weight(batch) == 2
    assert tagging.correct(logits, batch) == (1, 4)
    alone = tagging.targets(encoded, np.array([1]))
    assert float(tagging.loss(logits[:1], alone)) == 0.0
    assert tagging.correct(logits[:1], alone) == (0, 2)


def test_tokens_and_tags_of_different_number_are_refused() -> None:
    with pytest.raises(PolystiltsError, match="t0: 2 tokens but 1 tags"):
        tagging.encode(tagging_rows([("the cat", "DET")]), TOKENS, SETTINGS, TAGS)


def test_questions_are_read_through_windows() -> None:
    rows = question_rows(QUESTIONS)
    encoded = span_qa.encode(rows, TOKENS, SETTINGS, [])
    assert encoded.truncated == 1, "the third question is longer than eight pieces"
    inputs, ends = encoded.inputs.tolist(), ends_of(encoded)
    first = [0, *pieces("who sees ?"), 2, 2, *pieces("the cat sees a dog ."), 2]
    assert inputs[encoded.unit(0)[0]] == first
    shift = len(pieces("who sees ?")) + 3
    assert [ends[i] for i in encoded.unit(0)] == [(shift, shift + 1)]
    prefix = [0, *pieces("who is in the garden ?"), 2, 2]
    context = pieces(QUESTIONS[1][1])
    width = 24 - len(prefix) - 1
    windows = [inputs[i][len(prefix) : -1] for i in encoded.unit(1)]
    assert [inputs[i][: len(prefix)] for i in encoded.unit(1)] == [prefix] * len(windows)
    for number, window in enumerate(windows):
        assert window == context[number * 9 : number * 9 + width]
    assert len(windows) == 1 + -(-(len(context) - width) // 9)
    assert encoded.counts()["windows"] == len(windows) - 1
    long = inputs[encoded.unit(2)[0]]
    assert long[: 1 + 8] == [0, *pieces(QUESTIONS[2][0])[:8]]
    assert [ends[i] for i in encoded.unit(2)] == [(0, 0)], "no answer"


_TEXT = [*LONG.split(), "gardens", "猫"]


@given(
    st.lists(st.sampled_from(_TEXT), min_size=1, max_size=90),
    st.lists(st.sampled_from(["who", "sees", "the", "cats"]), min_size=1, max_size=9),
    st.integers(0, 9),
    st.integers(1, 20),
    st.integers(0, 20),
)
def test_windows_are_those_of_the_published_code(
    context: list[str], asked: list[str], spare: int, step: int, shared: int
) -> None:
    """XTREME's `squad.py` and jiant take windows from the tokenizer. Its `stride` is how many
    tokens two windows share: the room that a question leaves, less `doc_stride`."""
    question, read = " ".join(asked), " ".join(context)
    length = len(pieces(question))
    settings = {
        "max_question_length": length + spare,
        "doc_stride": step,
        "max_length": 4 + length + spare + step + shared,
    }
    encoded = span_qa.encode(
        question_rows([(question, read, None)]), TOKENS, SETTINGS | settings, []
    )
    published = PreTrainedTokenizerFast(tokenizer_object=tokenizer())(
        question,
        read,
        truncation="only_second",
        max_length=settings["max_length"],
        stride=settings["max_length"] - 4 - length - step,
        return_overflowing_tokens=True,
    )
    assert encoded.truncated == 0
    assert encoded.inputs.tolist() == published["input_ids"]


@pytest.mark.parametrize(
    ("max_length", "doc_stride", "max_question_length", "least"),
    [(128, 120, 48, 172), (128, 128, 64, 196), (64, 128, 48, 180), (64, 60, 64, 128)],
)
def test_a_step_that_would_skip_tokens_or_cut_questions_is_refused(
    max_length: int, doc_stride: int, max_question_length: int, least: int
) -> None:
    settings = {
        "max_length": max_length,
        "doc_stride": doc_stride,
        "max_question_length": max_question_length,
    }
    with pytest.raises(PolystiltsError, match=f"set `max_length` to at least {least}"):
        span_qa.encode(question_rows(QUESTIONS), TOKENS, settings, [])
    span_qa.encode(question_rows(QUESTIONS), TOKENS, settings | {"max_length": least}, [])


_WORDS = ["the", "cats", "dog", "sees", "猫", "gardens", "house", "."]


@given(
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=50),
    st.integers(0, 49),
    st.integers(1, 2),
    st.sampled_from([" ", "  ", "\u00a0"]),
)
def test_every_answer_is_whole_in_a_window(
    words: list[str], place: int, size: int, space: str
) -> None:
    place %= len(words)
    chosen = words[place : place + size]
    context = space.join(words)
    begin = len(space.join([*words[:place], ""]))
    answer = space.join(chosen)
    rows = question_rows([("who sees ?", context, None)])
    column = rows.column_names.index("answers")
    gold = pa.array([[{"start": begin, "text": answer}]], rows.schema.field("answers").type)
    rows = rows.set_column(column, "answers", gold)
    settings = SETTINGS | {"max_length": 40, "doc_stride": 11}
    encoded = span_qa.encode(rows, TOKENS, settings, [])
    found = 0
    shifts, spans = encoded.numbers("shift").tolist(), encoded.rows("spans").tolist()
    for i, (start, end) in enumerate(ends_of(encoded)):
        shift, offsets = shifts[i], spans[i]
        assert len(encoded.inputs[i]) == shift + len(offsets) + 1 <= 40
        if (start, end) != (0, 0):
            found += 1
            left, right = offsets[start - shift][0], offsets[end - shift][1]
            assert context[left:right].strip() == answer
    assert found >= 1
    covered = {(left, right) for offsets in spans for left, right in offsets}
    assert covered == set(TOKENS.encode(context, add_special_tokens=False).offsets)


@pytest.mark.parametrize("answer", ["cat", " cat", "cat ", " cat  "])
def test_white_space_around_an_answer_is_not_a_part_of_it(answer: str) -> None:
    context = "the  cat  sees"
    encoded = span_qa.encode(question_rows([("who ?", context, answer)]), TOKENS, SETTINGS, [])
    shift = int(encoded.numbers("shift")[0])
    start, end = ends_of(encoded)[0]
    shown = encoded.inputs[0][start : end + 1].tolist()
    assert start > shift
    assert pieces("cat")[-1] in shown
    assert pieces("sees")[-1] not in shown


def test_an_answer_torn_by_a_window_is_not_in_it() -> None:
    context = f"{LONG} the house ."
    settings = SETTINGS | {"max_length": 18, "doc_stride": 6}
    long_answer = "a dog , a bird sees the cat , the dog is in the garden"
    encoded = span_qa.encode(question_rows([("who ?", context, long_answer)]), TOKENS, settings, [])
    ends = ends_of(encoded)
    assert len(ends) > 2
    assert set(ends) == {(0, 0)}


def test_span_loss_is_the_mean_of_both_ends() -> None:
    encoded = span_qa.encode(question_rows(QUESTIONS[:1]), TOKENS, SETTINGS, [])
    batch = all_targets(span_qa, encoded)
    longest = len(encoded.inputs[0])
    logits = torch.randn(1, longest, 2, generator=torch.manual_seed(0))
    start, end = ends_of(encoded)[0]
    ends = logits.log_softmax(1)
    torch.testing.assert_close(
        span_qa.loss(logits, batch), -(ends[0, start, 0] + ends[0, end, 1]) / 2
    )
    assert span_qa.weight(batch) == 1
    logits[0, start, 0] = logits[0, end, 1] = 99
    assert span_qa.correct(logits, batch) == (1, 1)
    logits[0, end, 1] = -99
    assert span_qa.correct(logits, batch) == (0, 1)


def test_windows_with_the_same_ends_are_one_guess() -> None:
    items = [("who ?", "the cat", "cat"), ("who ?", "a dog sees", "dog"), ("who ?", "cat", None)]
    items += [("who ?", "the cat sees", "the cat"), ("who sees ?", "the cat", "cat")]
    items += [("who ?", "the cat sees", "the"), ("who ?", "the cat sees", "the cat sees")]
    encoded = span_qa.encode(question_rows(items), TOKENS, SETTINGS, [])
    guesses, ends = span_qa.guesses(encoded).tolist(), ends_of(encoded)
    assert len(set(ends)) == 6
    for one, ends_of_one in zip(guesses, ends, strict=True):
        for other, ends_of_other in zip(guesses, ends, strict=True):
            assert (one == other) == (ends_of_one == ends_of_other)
