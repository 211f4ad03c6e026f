"""Token ids of a data set, grouped by example, and their padding into tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer

from polystilts.errors import InputError, PolystiltsError
from polystilts.provenance.manifest import verify_file
from polystilts.training.ragged import Integers, Ragged

Array = Integers | Ragged


@dataclass(frozen=True)
class Encoded:
    """A data set as token ids. The unit of batching is the example.

    An example owns one input (a pair, a sentence), one per choice, or one per window: example i
    owns the inputs from `first_input[i]` up to `first_input[i + 1]`. `arrays` are the family's own:
    numbers per example or per input, or rows of them.
    """

    inputs: Ragged
    first_input: Integers
    arrays: Mapping[str, Array]
    truncated: int = 0

    @property
    def examples(self) -> int:
        return len(self.first_input) - 1

    def unit(self, example: int) -> range:
        """Return the inputs of an example."""
        return range(int(self.first_input[example]), int(self.first_input[example + 1]))

    def inputs_of(self, examples: Sequence[int]) -> Integers:
        """Return the inputs of some examples, in their order."""
        if len(self.inputs) == self.examples:
            return np.asarray(examples, np.int64)
        return np.concatenate([np.arange(*_ends(self.unit(i))) for i in examples])

    def numbers(self, name: str) -> Integers:
        """Return one of the family's arrays of numbers."""
        array = self.arrays[name]
        if isinstance(array, Ragged):
            raise TypeError(f"`{name}` holds rows of numbers")
        return array

    def rows(self, name: str) -> Ragged:
        """Return one of the family's arrays of rows."""
        array = self.arrays[name]
        if not isinstance(array, Ragged):
            raise TypeError(f"`{name}` holds numbers, not rows of them")
        return array

    def lengths(self) -> list[int]:
        """Return per example the length in tokens of its longest input."""
        if not self.examples:
            return []
        longest: list[int] = np.maximum.reduceat(
            self.inputs.lengths(), self.first_input[:-1]
        ).tolist()
        return longest

    def tokens(self) -> int:
        return len(self.inputs.values)

    def counts(self) -> dict[str, int]:
        """Return what a reader of the study must know about the inputs.

        `windows` are the inputs beyond one per example: further windows of a long context, parts of
        a long sentence, other choices.
        """
        return {
            "examples": self.examples,
            "inputs": len(self.inputs),
            "windows": len(self.inputs) - self.examples,
            "tokens": self.tokens(),
            "truncated": self.truncated,
        }


def _ends(unit: range) -> tuple[int, int]:
    return unit.start, unit.stop


def one_input_each(inputs: Ragged) -> Integers:
    """Return `first_input` where every example owns one input."""
    return np.arange(len(inputs) + 1)


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
) -> tuple[Ragged, int]:
    """Encode texts or pairs with special tokens; return their ids and how many were shortened.

    A pair that is too long loses tokens from the end of its longer side, one at a time.
    """
    tokenizer.enable_truncation(max_length, strategy="longest_first")
    batch = [first if second is None else (first, second) for first, second in pairs]
    encodings: list[Encoding] = tokenizer.encode_batch(batch)
    tokenizer.no_truncation()
    cut = sum(bool(e.overflowing) for e in encodings)
    return Ragged.of(e.ids for e in encodings), cut


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


def pad(inputs: Ragged, rows: Integers, pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return `input_ids` and `attention_mask` of some inputs, int64 of shape (rows, longest)."""
    lengths = inputs.first[rows + 1] - inputs.first[rows]
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, pad_id, np.int64)
    ids[mask] = inputs.gather(rows)
    return torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64))
