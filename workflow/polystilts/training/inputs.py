"""Token ids of a data set, grouped by example, and their padding into tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Encoding, Tokenizer

from polystilts.errors import InputError, PolystiltsError
from polystilts.provenance.manifest import verify_file


@dataclass(frozen=True)
class Encoded:
    """A data set as token ids. The unit of batching is the example.

    An example owns one input (a pair, a sentence), one per choice, or one per window; `units[i]`
    are its positions in `inputs`. `labels[i]` and `details` are the family's own.
    """

    ids: list[str]
    inputs: list[list[int]]
    units: list[range]
    labels: list[Any]
    truncated: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)

    def lengths(self) -> list[int]:
        """Return per example the length in tokens of its longest input."""
        return [max(len(self.inputs[i]) for i in unit) for unit in self.units]

    def tokens(self) -> int:
        return sum(map(len, self.inputs))

    def counts(self) -> dict[str, int]:
        """Return what a reader of the study must know about the inputs."""
        return {
            "examples": len(self.units),
            "inputs": len(self.inputs),
            "tokens": self.tokens(),
            "truncated": self.truncated,
        }


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a `tokenizer.json` with neither truncation nor padding switched on.

    Raises:
        InputError: there is none.
        DamagedFileError: it is not what the encoder's manifest beside it lists.
    """
    if not path.is_file():
        raise InputError(path, "there is no tokenizer.")
    verify_file(path, path.with_name("encoder.json"))
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encode_pairs(
    tokenizer: Tokenizer, pairs: Sequence[tuple[str, str | None]], max_length: int
) -> tuple[list[list[int]], int]:
    """Encode texts or pairs with special tokens; return their ids and how many were shortened.

    A pair that is too long loses tokens from the end of its longer side, one at a time.
    """
    tokenizer.enable_truncation(max_length, strategy="longest_first")
    batch = [first if second is None else (first, second) for first, second in pairs]
    encodings: list[Encoding] = tokenizer.encode_batch(batch)
    tokenizer.no_truncation()
    return [e.ids for e in encodings], sum(bool(e.overflowing) for e in encodings)


def token_id(tokenizer: Tokenizer, name: str) -> int:
    """Return the id of a special token, `pad`, `unk` or `mask`, in XLM-R's or BERT's spelling."""
    for spelling in (f"<{name}>", f"[{name.upper()}]"):
        identifier = tokenizer.token_to_id(spelling)
        if identifier is not None:
            return int(identifier)
    raise PolystiltsError(f"the tokenizer has no `{name}` token")


def special_ids(tokenizer: Tokenizer) -> tuple[list[int], list[int], list[int]]:
    """Return the special tokens before a text, between the texts of a pair, and after the last.

    They are read off the tokenizer's own template, as encoders differ in it (XLM-R puts two
    separators between a pair).
    """
    pair: Encoding = tokenizer.encode("a", "a")
    inner = [i for i, special in enumerate(pair.special_tokens_mask) if not special]
    first = [i for i in inner if pair.sequence_ids[i] == 0]
    second = [i for i in inner if pair.sequence_ids[i] == 1]
    return (
        pair.ids[: first[0]],
        pair.ids[first[-1] + 1 : second[0]],
        pair.ids[second[-1] + 1 :],
    )


def pad(inputs: Sequence[Sequence[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return `input_ids` and `attention_mask`, both int64 of shape (inputs, longest)."""
    longest = max(map(len, inputs))
    ids = torch.full((len(inputs), longest), pad_id, dtype=torch.long)
    mask = torch.zeros((len(inputs), longest), dtype=torch.long)
    for row, tokens in enumerate(inputs):
        ids[row, : len(tokens)] = torch.tensor(tokens, dtype=torch.long)
        mask[row, : len(tokens)] = 1
    return ids, mask
