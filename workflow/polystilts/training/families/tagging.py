"""Token tagging: a label per word, predicted on the word's first piece."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from polystilts.errors import PolystiltsError
from polystilts.training.alignment import word_prefix
from polystilts.training.inputs import Encoded, special_ids, token_id
from polystilts.training.ragged import Integers, Ragged

OVER_INPUTS = True

IGNORED = -100
UNKNOWN_TAG = -1


def encode(
    table: pa.Table, tokenizer: Tokenizer, settings: Mapping[str, object], labels: Sequence[str]
) -> Encoded:
    """Encode rows of `id, tokens, tags`, word by word as XTREME does, each as in running text.

    A sentence longer than `max_length` is split at a word border into several inputs of the same
    example, never shortened. A word without pieces becomes the unknown token; one longer than an
    input is cut to its first pieces (counted). A tag that is not among `labels` (it did not occur
    in training) can never be predicted: it is kept out of the loss and counted as wrong.

    Per input, `starts` are the positions of its words' first pieces, and `tags` their tags.
    """
    index = {label: position for position, label in enumerate(labels)}
    before, _, after = special_ids(tokenizer)
    room = int(str(settings["max_length"])) - len(before) - len(after)
    unknown = token_id(tokenizer, "unk")
    sentences: list[list[str]] = table["tokens"].to_pylist()
    tags: list[list[str]] = table["tags"].to_pylist()
    words = {word for sentence in sentences for word in sentence}
    ordered = sorted(words)
    prefix = word_prefix(tokenizer)
    encodings = tokenizer.encode_batch([prefix + w for w in ordered], add_special_tokens=False)
    pieces = {word: e.ids or [unknown] for word, e in zip(ordered, encodings, strict=True)}
    inputs: list[list[int]] = []
    first_input = [0]
    starts: list[list[int]] = []
    cut_words = 0
    for identifier, sentence, gold in zip(table["id"].to_pylist(), sentences, tags, strict=True):
        if len(sentence) != len(gold):
            raise PolystiltsError(f"{identifier}: {len(sentence)} tokens but {len(gold)} tags")
        ids = list(before)
        heads: list[int] = []
        for word in sentence:
            tokens = pieces[word][:room]
            cut_words += len(pieces[word]) > room
            if heads and len(ids) - len(before) + len(tokens) > room:
                inputs.append(ids + after)
                starts.append(heads)
                ids, heads = list(before), []
            heads.append(len(ids))
            ids.extend(tokens)
        inputs.append(ids + after)
        starts.append(heads)
        first_input.append(len(inputs))
    places = Ragged.of(starts)
    # every word has one first piece, so that words follow one another as their pieces do
    numbers = np.array([index.get(tag, UNKNOWN_TAG) for row in tags for tag in row], np.int32)
    arrays = {"starts": places, "tags": Ragged(numbers, places.first)}
    return Encoded(Ragged.of(inputs), np.array(first_input, np.int64), arrays, cut_words)


def targets(encoded: Encoded, inputs: Integers) -> dict[str, Tensor]:
    """Return `tags`, int64 of shape (inputs, longest).

    Everything but first pieces is −100; a tag unknown to the head is −1.
    """
    starts, tags = encoded.rows("starts"), encoded.rows("tags")
    lengths = encoded.inputs.first[inputs + 1] - encoded.inputs.first[inputs]
    placed = np.full((len(inputs), int(lengths.max())), IGNORED, np.int64)
    words = starts.first[inputs + 1] - starts.first[inputs]
    placed[np.repeat(np.arange(len(inputs)), words), starts.gather(inputs)] = tags.gather(inputs)
    return {"tags": torch.from_numpy(placed)}


def guesses(encoded: Encoded) -> Integers:
    """Return what the same guess every time could get right: the tag of every word."""
    return encoded.rows("tags").values


def weight(batch: Mapping[str, Tensor]) -> int:
    """Return what a batch's summed loss is divided by: its words with a known tag."""
    return int((batch["tags"] >= 0).sum())


def loss(logits: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """Return the summed cross-entropy over the first pieces of words with a known tag."""
    known = batch["tags"] >= 0
    return functional.cross_entropy(logits[known], batch["tags"][known], reduction="sum")


def correct(logits: Tensor, batch: Mapping[str, Tensor]) -> tuple[int, int]:
    """Return how many words have the right tag, and of how many; an unknown tag is never right."""
    labelled = batch["tags"] != IGNORED
    right = (logits.argmax(-1) == batch["tags"]) & labelled
    return int(right.sum()), int(labelled.sum())


class Head(nn.Module):
    """Dropout and a linear layer on every token."""

    def __init__(self, hidden_size: int, labels: int, settings: Mapping[str, object]) -> None:
        super().__init__()
        self.dropout = nn.Dropout(float(str(settings["dropout"])))
        self.out = nn.Linear(hidden_size, labels)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """(inputs, length, hidden) → logits (inputs, length, labels); `mask` is not needed."""
        logits: Tensor = self.out(self.dropout(hidden))
        return logits
