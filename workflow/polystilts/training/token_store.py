"""Tokenised data, made once per data, tokenizer and settings, and mapped into memory by all jobs.

A file holds one record batch per copy of the data, every array of an `Encoded` as one list. Its
name carries the digest of all that it depends on, so that a file that is there is the right one,
and files that no study asks for any more may be deleted at any time.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from tokenizers import Tokenizer

from polystilts.provenance.atomic import atomic_path
from polystilts.provenance.code import code_digest
from polystilts.provenance.hashing import digest, file_digest
from polystilts.provenance.lock import exclusive
from polystilts.provenance.manifest import is_current, read_manifest, write_manifest
from polystilts.training.inputs import Array, Encoded, load_tokenizer, token_id
from polystilts.training.ragged import Integers, Ragged

_ABOUT = b"polystilts.encoded"
_VALUES, _FIRST = ".values", ".first"
_MASKS = ("<mask>", "[MASK]")


@dataclass(frozen=True)
class SpecialTokens:
    """What batching and masking need to know of a tokenizer.

    `mask` is None where it has none; `special` are the ids that are never masked, and `vocabulary`
    is the number of ids.
    """

    pad: int
    mask: int | None
    special: tuple[int, ...]
    vocabulary: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "SpecialTokens":
        added = tokenizer.get_added_tokens_decoder()
        return cls(
            pad=token_id(tokenizer, "pad"),
            mask=next((i for i, token in added.items() if token.content in _MASKS), None),
            special=tuple(sorted(i for i, token in added.items() if token.special)),
            vocabulary=tokenizer.get_vocab_size(),
        )


@dataclass(frozen=True)
class Tokenised:
    """Copies of a data set as token ids, and the facts that their maker stated."""

    copies: list[Encoded]
    tokens: SpecialTokens
    facts: dict[str, Any]


Made = tuple[Sequence[Encoded], Mapping[str, Any]]


@dataclass(frozen=True)
class TokenStore:
    """The tokenised data of a study in one tokenizer; without a folder nothing is stored."""

    tokenizer_file: Path
    folder: Path | None = None

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, which is loaded only where something is to be tokenised."""
        return load_tokenizer(self.tokenizer_file)

    @cached_property
    def embeddings(self) -> int:
        """The number of tokens that the encoder beside the tokenizer has embeddings for."""
        path = self.tokenizer_file.with_name("config.json")
        return int(json.loads(path.read_text(encoding="utf-8"))["vocab_size"])

    @cached_property
    def _tokenizer_digest(self) -> str:
        return file_digest(self.tokenizer_file)

    def get(
        self,
        name: str,
        code: Sequence[str],
        ingredients: Mapping[str, object],
        make: Callable[[Tokenizer], Made],
    ) -> Tokenised:
        """Return tokenised data, made now unless it is there.

        Args:
            name: how the file's name begins.
            code: the modules that turn rows into inputs.
            ingredients: all that the result depends on besides the tokenizer and the code.
            make: returns the copies and what else is to be stated about them.
        """
        if self.folder is None:
            copies, facts = make(self.tokenizer)
            return Tokenised(list(copies), SpecialTokens.of(self.tokenizer), dict(facts))
        key = digest(
            {
                "code": code_digest((__name__, *code)),
                "tokenizer": self._tokenizer_digest,
                "embeddings": self.embeddings,
                "ingredients": ingredients,
            }
        )
        path = self.folder / f"{name}-{key}.arrow"
        manifest = path.with_suffix(".json")
        with exclusive(path.with_suffix(".lock")):
            if not is_current(manifest, key, quietly=True):
                copies, facts = make(self.tokenizer)
                with atomic_path(path) as temporary:
                    _write(temporary, copies)
                tokens = vars(SpecialTokens.of(self.tokenizer))
                write_manifest(manifest, key, [path], facts=dict(facts), tokens=tokens)
                print(f"tokenised {name}: {path.name}", file=sys.stderr, flush=True)
        found = read_manifest(manifest)
        tokens = found["tokens"] | {"special": tuple(found["tokens"]["special"])}
        return Tokenised(_read(path), SpecialTokens(**tokens), found["facts"])


def _write(path: Path, copies: Sequence[Encoded]) -> None:
    about = {
        "truncated": [copy.truncated for copy in copies],
        "widths": {
            name: array.values.shape[1:]
            for name, array in copies[0].arrays.items()
            if isinstance(array, Ragged)
        },
    }
    columns = [_columns(copy) for copy in copies]
    fields = [
        pa.field(n, pa.large_list(pa.from_numpy_dtype(a.dtype))) for n, a in columns[0].items()
    ]
    schema = pa.schema(fields, metadata={_ABOUT: json.dumps(about).encode()})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for arrays in columns:
            row = [
                pa.LargeListArray.from_arrays(pa.array([0, array.size], pa.int64()), array.ravel())
                for array in arrays.values()
            ]
            writer.write_batch(pa.record_batch(row, schema=schema))


def _columns(copy: Encoded) -> dict[str, Integers]:
    columns: dict[str, Integers] = {"first_input": copy.first_input}
    for name, array in {"inputs": copy.inputs, **copy.arrays}.items():
        if isinstance(array, Ragged):
            columns |= {name + _VALUES: array.values, name + _FIRST: array.first}
        else:
            columns[name] = array
    return columns


def _read(path: Path) -> list[Encoded]:
    """Map a file into memory; nothing of it is copied."""
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        about = json.loads(reader.schema.metadata[_ABOUT])
        batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
    return [
        _encoded(batch, about["widths"], truncated)
        for batch, truncated in zip(batches, about["truncated"], strict=True)
    ]


def _encoded(batch: pa.RecordBatch, widths: Mapping[str, Sequence[int]], truncated: int) -> Encoded:
    columns: dict[str, Integers] = {
        name: column.flatten().to_numpy(zero_copy_only=True)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    arrays: dict[str, Array] = {}
    for name in dict.fromkeys(name.removesuffix(_VALUES).removesuffix(_FIRST) for name in columns):
        if name + _VALUES in columns:
            values = columns[name + _VALUES].reshape(-1, *widths.get(name, ()))
            arrays[name] = Ragged(values, columns[name + _FIRST])
        else:
            arrays[name] = columns[name]
    inputs, first_input = arrays.pop("inputs"), arrays.pop("first_input")
    assert isinstance(inputs, Ragged) and isinstance(first_input, np.ndarray)
    return Encoded(inputs, first_input, arrays, truncated)
