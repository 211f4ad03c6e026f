"""Masked language modelling: which tokens are hidden in which step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from polystilts.errors import PolystiltsError
from polystilts.provenance.hashing import unit_hash
from polystilts.training.inputs import Encoded, encode_pairs, one_input_each, pad
from polystilts.training.ragged import Integers, Ragged
from polystilts.training.token_store import SpecialTokens

UNMASKED = -100  # the target where nothing is hidden
_MASK_SHARE = 0.8
_RANDOM_SHARE = 0.1


@dataclass(frozen=True)
class MaskedText:
    """Lines of text as token ids, and what masking needs to know of the vocabulary.

    `sizes` counts the lines of each language, in the order in which they stand in `inputs`.
    """

    inputs: Ragged
    sizes: Mapping[str, int]
    probability: float
    seed: int
    pad_id: int
    mask_id: int
    vocabulary: int
    special: frozenset[int]

    def masked_batch(self, examples: Sequence[int], draw: int) -> dict[str, Tensor]:
        """Return `input_ids`, `attention_mask` and `target` (UNMASKED where nothing is hidden).

        Of the chosen tokens 80 % become the mask, 10 % a random token, 10 % stay (BERT's rule).
        The choice depends on the seed, `draw` and the examples' numbers alone. At least one token
        is hidden where there is one to hide.
        """
        ids, mask = pad(self.inputs, np.asarray(examples, np.int64), self.pad_id)
        generator = np.random.default_rng(unit_hash("mask", self.seed, draw, *examples))
        chance = torch.from_numpy(generator.random(ids.shape))
        action = torch.from_numpy(generator.random(ids.shape))
        random_ids = torch.from_numpy(generator.integers(0, self.vocabulary, ids.shape))
        maskable = (mask == 1) & ~torch.isin(ids, torch.tensor(sorted(self.special)))
        chosen = maskable & (chance < self.probability)
        if maskable.any() and not chosen.any():
            chosen.view(-1)[maskable.view(-1).nonzero()[0]] = True
        target = torch.where(chosen, ids, UNMASKED)
        hidden = torch.where(chosen & (action < _MASK_SHARE), self.mask_id, ids)
        swapped = chosen & (action >= 1 - _RANDOM_SHARE)
        return {
            "input_ids": torch.where(swapped, random_ids, hidden),
            "attention_mask": mask,
            "target": target,
        }


def encode_lines(
    texts: Mapping[str, Sequence[str]], tokenizer: Tokenizer, max_length: int
) -> Encoded:
    """Encode the lines of all languages, in alphabetical order, shortened to `max_length`."""
    lines = [(line, None) for language in sorted(texts) for line in texts[language]]
    inputs, truncated = encode_pairs(tokenizer, lines, max_length)
    return Encoded(inputs, one_input_each(inputs), {}, truncated)


def masked_text(
    inputs: Ragged, sizes: Mapping[str, int], tokens: SpecialTokens, probability: float, seed: int
) -> MaskedText:
    """Return lines of text to be masked, for a tokenizer that has a mask.

    Raises:
        PolystiltsError: it has none.
    """
    if tokens.mask is None:
        raise PolystiltsError("the tokenizer has no `mask` token, which masked text needs")
    special = frozenset(tokens.special)
    return MaskedText(
        inputs, sizes, probability, seed, tokens.pad, tokens.mask, tokens.vocabulary, special
    )


def smoothed_order(sizes: Mapping[str, int], exponent: float, seed: int, count: int) -> list[int]:
    """Return `count` line numbers, languages drawn with probability ∝ size^exponent.

    Within a language lines come in shuffled order, again and again. Numbers run through the
    languages in alphabetical order, as in `masked_text`. The exponent of XLM-R is 0.3.
    """
    names = sorted(sizes)
    shares = np.array([float(sizes[name]) ** exponent for name in names])
    generator = np.random.default_rng(unit_hash("mlm", seed))
    drawn = generator.choice(len(names), size=count, p=shares / shares.sum())
    firsts = np.cumsum([0, *(sizes[name] for name in names)])
    order = np.empty(count, dtype=np.int64)
    for language, name in enumerate(names):
        places = np.flatnonzero(drawn == language)
        passes = -(-len(places) // sizes[name])
        lines = [generator.permutation(sizes[name]) for _ in range(passes)]
        if lines:
            order[places] = firsts[language] + np.concatenate(lines)[: len(places)]
    return [int(i) for i in order]


def token_batches(order: Sequence[int], lengths: Integers, tokens: int) -> list[tuple[int, ...]]:
    """Cut an order of lines into batches of about `tokens` real tokens, like lengths together."""
    batches: list[tuple[int, ...]] = []
    pool = 4096
    sizes = lengths.tolist()
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=sizes.__getitem__)
        batch: list[int] = []
        size = 0
        for line in part:
            batch.append(line)
            size += sizes[line]
            if size >= tokens:
                batches.append(tuple(batch))
                batch, size = [], 0
        if batch:
            batches.append(tuple(batch))
    generator = np.random.default_rng(unit_hash("batches", len(order), tokens))
    return [batches[i] for i in generator.permutation(len(batches))]
