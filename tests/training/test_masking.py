"""Masked language modelling: what is hidden, and which lines are shown."""

from collections import Counter

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models

from polystilts.errors import PolystiltsError
from polystilts.training.masking import (
    MaskedText,
    encode_lines,
    masked_text,
    smoothed_order,
    token_batches,
)
from polystilts.training.ragged import Ragged
from polystilts.training.token_store import SpecialTokens
from training.tiny import LINES, tokenizer

_VOCABULARY = 1000


def long_lines(probability: float) -> MaskedText:
    """200 lines of 1002 ids below 1000; 0, 1, 2 and 999 are special."""
    generator = np.random.default_rng(0)
    lines = [[0, *generator.integers(3, 999, 1000 - 2 * (i % 5)).tolist(), 2] for i in range(200)]
    special = frozenset({0, 1, 2, 999})
    return MaskedText(Ragged.of(lines), {"en": 200}, probability, 7, 1, 999, _VOCABULARY, special)


def test_eighty_ten_ten() -> None:
    text = long_lines(0.15)
    batch = text.masked_batch(range(200), draw=0)
    plain = torch.full_like(batch["input_ids"], 1)
    for row, line in enumerate(text.inputs.tolist()):
        plain[row, : len(line)] = torch.tensor(line)
    chosen = batch["target"] != -100
    words = (plain != 1) & (plain != 0) & (plain != 2)
    assert not (chosen & ~words).any(), "special tokens and padding must not be hidden"
    assert torch.equal(batch["input_ids"][~chosen], plain[~chosen])
    assert torch.equal(batch["target"][chosen], plain[chosen])
    assert float(chosen.sum() / words.sum()) == pytest.approx(0.15, abs=0.005)
    shown, original = batch["input_ids"][chosen], plain[chosen]
    masked, kept = shown == 999, shown == original
    assert float(masked.float().mean()) == pytest.approx(0.8, abs=0.01)
    assert float(kept.float().mean()) == pytest.approx(0.1, abs=0.01)
    random = shown[~masked & ~kept]
    assert len(random) / len(shown) == pytest.approx(0.1, abs=0.01)
    assert float(random.float().mean()) == pytest.approx(_VOCABULARY / 2, rel=0.05)


def test_masks_depend_on_seed_draw_and_examples_alone() -> None:
    text = long_lines(0.15)
    first = text.masked_batch([3, 4], draw=0)
    torch.manual_seed(99)
    np.random.seed(99)
    again = text.masked_batch([3, 4], draw=0)
    assert all(torch.equal(first[name], again[name]) for name in first)
    for other in (text.masked_batch([3, 4], draw=1), text.masked_batch([4, 3], draw=0)):
        assert not torch.equal(first["target"], other["target"])


def test_at_least_one_token_is_hidden() -> None:
    text = long_lines(0.0)
    target = text.masked_batch([0, 1], draw=0)["target"]
    assert int((target != -100).sum()) == 1


def test_a_batch_without_words_hides_nothing() -> None:
    lines = Ragged.of([[0, 2], [0, 2]])
    empty = MaskedText(lines, {"en": 2}, 0.5, 1, 1, 999, 1000, frozenset({0, 1, 2}))
    batch = empty.masked_batch([0, 1], draw=0)
    assert (batch["target"] == -100).all()
    assert batch["input_ids"].tolist() == [[0, 2], [0, 2]]


def test_lines_are_encoded_language_after_language() -> None:
    tokens = tokenizer()
    lines = encode_lines({"es": LINES[4:5], "en": LINES[:2]}, tokens, 6)
    text = masked_text(lines.inputs, {"en": 2, "es": 1}, SpecialTokens.of(tokens), 0.15, 1)
    assert dict(text.sizes) == {"en": 2, "es": 1}
    assert text.inputs.lengths().tolist() == [6, 6, 6]
    assert text.inputs.tolist() == [
        [*tokens.encode(line).ids[:5], 2] for line in (LINES[0], LINES[1], LINES[4])
    ]
    assert lines.truncated == 3
    assert (text.pad_id, text.mask_id) == (1, tokens.token_to_id("<mask>"))
    assert text.vocabulary == tokens.get_vocab_size()
    assert {tokens.id_to_token(i) for i in text.special} == {
        "<s>", "<pad>", "</s>", "<unk>", "<mask>",
    }  # fmt: skip
    assert len(tokens.encode(LINES[0]).ids) > 6, "truncation must not stay switched on"


def test_a_tokenizer_without_a_mask_cannot_mask() -> None:
    words = {"[PAD]": 0, "[UNK]": 1, "a": 2}
    tokens = SpecialTokens.of(Tokenizer(models.WordPiece(words, unk_token="[UNK]")))
    assert tokens.mask is None
    with pytest.raises(PolystiltsError, match="no `mask` token"):
        masked_text(Ragged.of([[2]]), {"en": 1}, tokens, 0.15, 1)


def test_languages_are_drawn_by_their_smoothed_sizes() -> None:
    sizes = {"en": 900, "sw": 100}
    for exponent, english in ((1.0, 0.9), (0.3, 900**0.3 / (900**0.3 + 100**0.3)), (0.0, 0.5)):
        order = smoothed_order(sizes, exponent, seed=1, count=4000)
        assert np.mean([i < 900 for i in order]) == pytest.approx(english, abs=0.03)
    counts = Counter(i for i in smoothed_order(sizes, 0.0, 1, 4000) if i >= 900)
    assert set(counts) == set(range(900, 1000))
    assert max(counts.values()) - min(counts.values()) <= 1, "lines come round and round"


def test_batches_of_tokens_cover_the_order() -> None:
    generator = np.random.default_rng(1)
    lengths = generator.integers(3, 60, 500)
    order = generator.integers(0, 500, 5000).tolist()
    batches = token_batches(order, lengths, 512)
    assert Counter(i for batch in batches for i in batch) == Counter(order)
    sizes = [sum(int(lengths[i]) for i in batch) for batch in batches]
    assert max(sizes) < 512 + 60
    assert sum(size >= 512 for size in sizes) >= len(sizes) - 2
    longest = [len(batch) * max(int(lengths[i]) for i in batch) for batch in batches]
    assert sum(sizes) / sum(longest) > 0.95
