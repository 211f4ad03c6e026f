"""Micro-batches of every kind give the loss and the gradients of the padded whole."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor

from polystilts.training.encoder import load_encoder, load_masked_lm
from polystilts.training.families import classification, multiple_choice, span_qa, tagging
from polystilts.training.inputs import Encoded, pad
from polystilts.training.masking import MaskedText, encode_lines, masked_text
from polystilts.training.plan import MLM, Step
from polystilts.training.streams import (
    MaskedTaskStream,
    MaskedTextStream,
    TaskStream,
    Trainee,
    make_batches,
)
from polystilts.training.token_store import SpecialTokens
from training.tiny import (
    LINES,
    NLI,
    QUESTIONS,
    SENTENCES,
    SETTINGS,
    TAGS,
    choice_rows,
    classification_rows,
    published_xlmr,
    question_rows,
    tagging_rows,
    tokenizer,
)

TOKENS = tokenizer()


@dataclass(frozen=True)
class Case:
    """Examples of a family, in the order in which a step takes them."""

    family: ModuleType
    encoded: Encoded
    labels: int
    examples: tuple[int, ...]


def unequal_choices() -> pa.Table:
    """Choices between one word and fifteen, two, three and four of them."""
    choices = [
        ["cat", " ".join(["dog"] * 15)],
        [" ".join(["the cat sees a dog"] * 3), "bird", "a"],
        ["a", "the cat", " ".join(["dog"] * 9), "cat"],
        ["cat", "dog"],
    ]
    rows = choice_rows(4)
    columns = {
        "context": pa.array(["the cat", "a", "who sees the bird", "dog"]),
        "choices": pa.array(choices),
        "label": pa.array([1, 0, 2, 1], pa.int32()),
    }
    for name, column in columns.items():
        rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def cases() -> dict[str, Case]:
    pairs = classification.encode(classification_rows(9), TOKENS, SETTINGS, NLI)
    unknown = [*SENTENCES, ("a cat sees", "SYM NOUN VERB")]
    tagged = tagging.encode(tagging_rows(unknown), TOKENS, SETTINGS, TAGS)
    # the second window of the last question is a short one
    asked = [*QUESTIONS, ("who ?", " ".join(["dog"] * 20), None)]
    questions = span_qa.encode(question_rows(asked), TOKENS, SETTINGS, [])
    choices = multiple_choice.encode(unequal_choices(), TOKENS, SETTINGS, [])
    return {
        "classification": Case(classification, pairs, 3, (4, 0, 7, 2, 8)),
        "tagging": Case(tagging, tagged, 3, (3, 2, 0, 1)),
        "span_qa": Case(span_qa, questions, 2, (2, 1, 3, 0)),
        "multiple_choice": Case(multiple_choice, choices, 0, (2, 0, 3, 1)),
    }


CASES = cases()
Gradients = dict[str, Tensor]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    published_xlmr(folder)
    return folder


def trainee_of(encoder: Path, case: Case) -> Trainee:
    torch.manual_seed(5)
    head = case.family.Head(16, case.labels, SETTINGS)
    return Trainee(load_encoder(encoder), {"task": head}, None).train()


def padded_whole(trainee: Trainee, case: Case) -> tuple[float, Gradients]:
    """Compute all inputs of a step at once, padded to the longest: plain torch, no grouping."""
    unit_of = [list(case.encoded.unit(example)) for example in case.examples]
    rows = np.array([i for unit in unit_of for i in unit])
    ids, mask = pad(case.encoded.inputs, rows, 1)
    hidden = trainee.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    logits = trainee.heads["task"](hidden, mask)
    owners = rows if case.family.OVER_INPUTS else np.array(case.examples)
    targets = case.family.targets(case.encoded, owners)
    loss = case.family.loss(logits, targets) / case.family.weight(targets)
    loss.backward()
    return float(loss.detach()), gradients_of(trainee)


def gradients_of(trainee: Trainee) -> Gradients:
    return {n: p.grad for n, p in trainee.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("limit", [None, 60, 40, 1])
@pytest.mark.parametrize("name", CASES)
def test_micro_batches_give_the_loss_and_gradients_of_the_padded_whole(
    encoder: Path, name: str, limit: int | None
) -> None:
    case = CASES[name]
    expected_loss, expected = padded_whole(trainee_of(encoder, case), case)
    trainee = trainee_of(encoder, case)
    stream = TaskStream(trainee, "task", case.family, [case.encoded], 1)
    batches = stream.micro_batches(Step("task", 0, case.examples), limit)
    total = sum(batch.weight for batch in batches)
    losses = [stream.loss(batch) / total for batch in batches]
    torch.autograd.backward(losses)
    assert sum(float(loss.detach()) for loss in losses) == pytest.approx(expected_loss, rel=1e-5)
    found = gradients_of(trainee)
    assert found.keys() == expected.keys()
    for parameter, gradient in expected.items():
        torch.testing.assert_close(
            found[parameter], gradient, atol=1e-6, rtol=1e-4, msg=f"{parameter}"
        )


@pytest.mark.parametrize("name", CASES)
def test_micro_batches_count_what_they_compute(name: str) -> None:
    case = CASES[name]
    lengths = case.encoded.inputs.lengths()
    inputs = [i for example in case.examples for i in case.encoded.unit(example)]
    real = int(lengths[inputs].sum())
    counts = []
    for limit in (None, 100, 1):
        batches = make_batches(case.encoded, case.examples, case.family, 1, limit)
        counts.append(len(batches))
        assert sum(batch.real_tokens for batch in batches) == real
        done = sum(batch.processed_tokens for batch in batches)
        assert real <= done <= real / 0.95
        assert done == sum(mask.numel() for batch in batches for _, mask in batch.parts)
        shown = sorted(
            ids[row, : int(mask[row].sum())].tolist()
            for batch in batches
            for ids, mask in batch.parts
            for row in range(len(ids))
        )
        assert shown == sorted(case.encoded.inputs[i].tolist() for i in inputs)
    assert counts[0] <= counts[1] < counts[2]
    assert counts[2] == len(inputs if case.family.OVER_INPUTS else case.examples)


def test_windows_of_a_question_may_be_computed_apart() -> None:
    case = CASES["span_qa"]
    first, second = case.encoded.unit(3)
    batches = make_batches(case.encoded, (3,), span_qa, 1, None)
    assert [batch.parts[0][0].tolist() for batch in batches] == [
        [case.encoded.inputs[first].tolist()],
        [case.encoded.inputs[second].tolist()],
    ]
    assert [batch.weight for batch in batches] == [1, 1]


def test_choices_of_an_example_stay_in_one_batch_but_not_under_one_padding() -> None:
    case = CASES["multiple_choice"]
    (batch,) = make_batches(case.encoded, case.examples, multiple_choice, 1, None)
    assert len(batch.parts) > 1
    assert batch.weight == len(case.examples)
    assert batch.order is not None
    joined = [row for ids, mask in batch.parts for row in zip(ids, mask, strict=True)]
    shown = [joined[i][0][joined[i][1] == 1].tolist() for i in batch.order.tolist()]
    inputs = [i for example in case.examples for i in case.encoded.unit(example)]
    assert shown == [case.encoded.inputs[i].tolist() for i in inputs]
    alone = make_batches(case.encoded, (3,), multiple_choice, 1, None)
    assert len(alone[0].parts) == 1
    assert alone[0].order is None


def text_of(lines: Encoded, probability: float = 0.3) -> MaskedText:
    tokens = SpecialTokens.of(TOKENS)
    return masked_text(lines.inputs, {"en": len(lines.inputs)}, tokens, probability, 1)


def test_masked_text_is_split_with_its_masks(encoder: Path) -> None:
    text = text_of(encode_lines({"en": LINES}, TOKENS, 24))
    trainee = Trainee(load_encoder(encoder), {}, load_masked_lm(encoder))
    stream = MaskedTextStream(trainee, text)
    (full,) = stream.micro_batches(Step(MLM, 3, (0, 1, 2, 3)), None)
    parts = stream.micro_batches(Step(MLM, 3, (0, 1, 2, 3)), full.parts[0][0].shape[1] * 3)
    assert [len(part.targets["target"]) for part in parts] == [3, 1]
    assert torch.equal(torch.cat([p.targets["target"] for p in parts]), full.targets["target"])
    for which in (0, 1):
        assert torch.equal(torch.cat([p.parts[0][which] for p in parts]), full.parts[0][which])
    assert full.weight == sum(part.weight for part in parts) > 0


@pytest.mark.parametrize("limit", [None, 40, 1])
def test_the_masked_text_of_a_task_in_groups_is_that_of_the_whole(
    encoder: Path, limit: int | None
) -> None:
    """Which tokens are hidden does not depend on what is computed at once."""
    case = CASES["span_qa"]
    text = text_of(case.encoded)

    def stream() -> tuple[Trainee, MaskedTaskStream]:
        model: Any = load_masked_lm(encoder)
        trainee = Trainee(model.base_model, {}, model).train()
        return trainee, MaskedTaskStream(trainee, [case.encoded], [text])

    whole, _ = stream()
    inputs = case.encoded.inputs_of(case.examples)
    hidden = text.masked_batch(inputs.tolist(), 4)
    scores = whole.language_head(  # type: ignore[misc]
        whole.hidden(hidden["input_ids"], hidden["attention_mask"])
    )
    expected = torch.nn.functional.cross_entropy(scores.transpose(1, 2), hidden["target"])
    expected.backward()  # type: ignore[no-untyped-call]

    trainee, own = stream()
    batches = own.micro_batches(Step("task", 4, case.examples), limit)
    total = sum(batch.weight for batch in batches)
    assert total == int((hidden["target"] != -100).sum())
    losses = [own.loss(batch) / total for batch in batches if batch.weight]
    torch.autograd.backward(losses)
    assert sum(float(loss.detach()) for loss in losses) == pytest.approx(
        float(expected.detach()), rel=1e-5
    )
    found = gradients_of(trainee)
    for name, gradient in gradients_of(whole).items():
        torch.testing.assert_close(found[name], gradient, atol=1e-6, rtol=1e-4, msg=name)
    real = sum(batch.real_tokens for batch in batches)
    assert real == int(case.encoded.inputs.lengths()[inputs].sum())
    assert real >= 0.95 * sum(batch.processed_tokens for batch in batches)
