"""Accuracy on English dev, and whether a training is above chance."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor, nn

from polystilts.training.batches import Batch
from polystilts.training.examination import at_chance, dev_accuracy
from polystilts.training.families import classification, multiple_choice, span_qa, tagging
from polystilts.training.fine_tune import fine_tune
from polystilts.training.inputs import Encoded
from polystilts.training.streams import TaskStream
from training.tiny import (
    CPU,
    NLI,
    QUESTIONS,
    SENTENCES,
    SETTINGS,
    TAGS,
    TRAINING,
    choice_rows,
    classification_rows,
    published_xlmr,
    question_rows,
    read_json,
    tagging_rows,
    task_record,
    tokenizer,
    write_rows,
)

TOKENS = tokenizer()


class Answering(nn.Module):
    """Stands for a trained model: its logits are a function of a batch's tokens."""

    def __init__(self, answer: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.answer = answer

    def logits(self, name: str, batch: Batch) -> Tensor:
        joined = torch.cat([self.answer(ids) for ids, _ in batch.parts])
        return joined if batch.order is None else joined[batch.order]


def examined(
    family: ModuleType, encoded: Encoded, answer: Callable[[Tensor], Tensor]
) -> dict[str, Any]:
    trainee: Any = Answering(answer)
    stream = TaskStream(trainee, "task", family, [encoded], 1)
    return dict(dev_accuracy(stream, encoded, CPU))


def pairs(count: int) -> Encoded:
    return classification.encode(classification_rows(count), TOKENS, SETTINGS, NLI)


def by_first_word(ids: Tensor) -> Tensor:
    """Read the label off the first word, as it stands in `classification_rows`."""
    words = [
        TOKENS.encode(word, add_special_tokens=False).ids[0] for word in ("cat", "dog", "bird")
    ]
    return (ids[:, 1:2] == torch.tensor(words)).float()


def test_a_right_answer_to_everything() -> None:
    found = examined(classification, pairs(200), by_first_word)
    assert found == {
        "accuracy": 100.0,
        "n": 200,
        "chance": pytest.approx(100 * 67 / 200),
        "collapsed": False,
    }


def test_accuracy_counts_what_is_right() -> None:
    """Every third label is right: 67 of 200, and no better than chance."""

    def wrong(ids: Tensor) -> Tensor:
        return by_first_word(ids) * torch.tensor([1.0, -1.0, -1.0])

    found = examined(classification, pairs(200), wrong)
    assert found["accuracy"] == pytest.approx(100 * 67 / 200)
    assert found["collapsed"]


def always(family: ModuleType, encoded: Encoded) -> Callable[[Tensor], Tensor]:
    """Return the most frequent answer of a family that its head knows, as logits."""
    if family is span_qa:
        ends = zip(encoded.numbers("start").tolist(), encoded.numbers("end").tolist(), strict=True)
        ((start, end), _), *_ = Counter(ends).most_common(1)

        def span(ids: Tensor) -> Tensor:
            logits = torch.zeros(*ids.shape, 2)
            if max(start, end) < ids.shape[1]:
                logits[:, start, 0] = logits[:, end, 1] = 1.0
            return logits

        return span
    if family is tagging:
        known = [tag for tag in encoded.rows("tags").values.tolist() if tag >= 0]
        tag = Counter(known).most_common(1)[0][0]
        one_hot = torch.eye(len(TAGS))[tag]
        return lambda ids: one_hot.expand(*ids.shape, len(TAGS))
    label = Counter(encoded.numbers("label").tolist()).most_common(1)[0][0]
    if family is classification:
        return lambda ids: torch.eye(len(NLI))[label].expand(len(ids), len(NLI))
    raise AssertionError(family)


# most words have a tag that did not occur in training
UNKNOWN = [*SENTENCES[:2], ("dog sees cat a bird house the cat", " ".join(["SYM"] * 8))]
DEV = {
    "classification": (classification, pairs(31)),
    "tagging": (tagging, tagging.encode(tagging_rows(SENTENCES), TOKENS, SETTINGS, TAGS)),
    "unknown tags": (tagging, tagging.encode(tagging_rows(UNKNOWN), TOKENS, SETTINGS, TAGS)),
    "span_qa": (span_qa, span_qa.encode(question_rows(QUESTIONS * 2), TOKENS, SETTINGS, [])),
}


@pytest.mark.parametrize("name", DEV)
def test_chance_is_what_the_most_frequent_answer_gets(name: str) -> None:
    family, encoded = DEV[name]
    found = examined(family, encoded, always(family, encoded))
    assert 0 < found["chance"] < 100
    assert found["accuracy"] == pytest.approx(found["chance"])
    assert found["collapsed"]


def test_the_unit_is_the_familys() -> None:
    words = sum(len(words.split()) for words, _ in SENTENCES)
    assert (
        examined(tagging, DEV["tagging"][1], lambda ids: torch.zeros(*ids.shape, 3))["n"] == words
    )
    windows = DEV["span_qa"][1]
    assert windows.counts()["windows"] > 0
    found = examined(span_qa, windows, lambda ids: torch.zeros(*ids.shape, 2))
    assert found["n"] == len(windows.inputs)


def test_multiple_choice_by_the_place_of_the_right_choice() -> None:
    """`choice_rows` has two choices, the first one right, and three, the second one right."""
    rows = choice_rows(9)
    encoded = multiple_choice.encode(rows, TOKENS, SETTINGS, [])
    assert np.bincount(encoded.numbers("label")).tolist() == [5, 4]
    cat = TOKENS.encode("cat", add_special_tokens=False).ids[0]

    def first(ids: Tensor) -> Tensor:
        """The first choice is `cat`, and stands before the end."""
        length = (ids != 1).sum(1)
        return (ids.gather(1, length[:, None] - 2) == cat).float()

    found = examined(multiple_choice, encoded, first)
    assert found["n"] == 9
    assert found["chance"] == pytest.approx(100 * 5 / 9)
    assert found["accuracy"] == pytest.approx(100 * 5 / 9)
    assert found["collapsed"]


@pytest.mark.parametrize(
    ("n", "chance", "least"),
    [
        (100, 1 / 3, 42),
        (100, 1 / 2, 59),
        (300, 1 / 3, 115),
        (300, 1 / 2, 165),
        (1000, 1 / 4, 274),
        (3000, 1 / 2, 1546),
        (3000, 7 / 10, 2142),
    ],
)
def test_the_bound_is_that_of_the_binomial_distribution(n: int, chance: float, least: int) -> None:
    """`least` right answers have a probability of at most 5 % under chance (scipy.stats.binom).

    The normal distribution may take one hit less for enough.
    """
    assert not at_chance(least / n, chance, n)
    assert at_chance((least - 2) / n, chance, n)
    assert at_chance(chance, chance, n)


def test_nothing_is_above_certainty() -> None:
    assert at_chance(1.0, 1.0, 50), "all of dev has one label"
    assert at_chance(0.0, 0.0, 50)


def random_labels(count: int, seed: int) -> pa.Table:
    """Rows whose labels have nothing to do with their texts."""
    rows = classification_rows(count)
    draw = np.random.default_rng(seed).integers(0, 3, count)
    labels = pa.array([NLI[label] for label in draw])
    return rows.set_column(rows.column_names.index("label"), "label", labels)


@pytest.mark.parametrize("learnable", [True, False])
def test_a_training_on_random_labels_is_flagged_and_a_good_one_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], learnable: bool
) -> None:
    published_xlmr(tmp_path / "encoder")
    files = {
        "train": classification_rows(60) if learnable else random_labels(60, 1),
        "dev": classification_rows(90) if learnable else random_labels(90, 2),
    }
    rows = write_rows(tmp_path / "xnli", files)
    record = {
        "seed": 1,
        "intermediate": "mnli",
        "name": "xnli",
        "task": task_record("classification", NLI, epochs=6),
        "training": TRAINING,
        "selections": ["last"],
        "evaluations": 1,
        "freeze_embeddings": False,
    }
    encoder = tmp_path / "encoder"
    fine_tune(
        record, encoder, encoder / "tokenizer.json", rows["train"], rows["dev"], tmp_path / "m",
        tmp_path / "p", "k",
    )  # fmt: skip
    found = read_json(tmp_path / "m" / "training.json")["english_dev"]["xnli"]
    assert found["n"] == 90
    assert found["collapsed"] == (not learnable), found
    assert ("WARNING: xnli was not learned" in capsys.readouterr().err) == (not learnable)
