"""Token ids of texts and pairs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from polystilts.errors import DamagedFileError, InputError, PolystiltsError
from polystilts.provenance.manifest import write_manifest
from polystilts.training.inputs import (
    Array,
    Encoded,
    encode_pairs,
    load_tokenizer,
    pad,
    special_ids,
    token_id,
)
from polystilts.training.ragged import Ragged
from training.tiny import tokenizer


def bert_tokenizer() -> Tokenizer:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat"]
    tokens = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    tokens.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokens


def test_special_tokens_are_read_off_the_template() -> None:
    assert special_ids(tokenizer()) == ([0], [2, 2], [2])
    assert special_ids(bert_tokenizer()) == ([2], [3], [3])


def test_special_tokens_by_either_spelling() -> None:
    assert [token_id(tokenizer(), name) for name in ("pad", "unk")] == [1, 3]
    assert [token_id(bert_tokenizer(), name) for name in ("pad", "unk", "mask")] == [0, 1, 4]
    with pytest.raises(PolystiltsError, match="no `pad` token"):
        token_id(Tokenizer(models.WordPiece({"a": 0}, unk_token="a")), "pad")


def test_a_long_pair_loses_the_end_of_its_longer_side() -> None:
    tokens = tokenizer()
    pairs = [("the cat sees a small dog", "who?"), ("who?", "the cat sees a small dog")]
    inputs, shortened = encode_pairs(tokens, [*pairs, ("the cat", None)], 10)
    cat = tokens.encode("the cat sees a", add_special_tokens=False).ids
    who = tokens.encode("who?", add_special_tokens=False).ids
    assert inputs.tolist() == [
        [0, *cat, 2, 2, *who, 2],
        [0, *who, 2, 2, *cat, 2],
        [0, *tokens.encode("the cat", add_special_tokens=False).ids, 2],
    ]
    assert shortened == 2
    assert len(tokens.encode(*pairs[0]).ids) == 12, "truncation must not stay switched on"


def test_padding() -> None:
    inputs = Ragged.of([[0, 5, 2], [0, 2], [0, 6, 7, 2]])
    ids, mask = pad(inputs, np.array([0, 1]), 1)
    assert ids.tolist() == [[0, 5, 2], [0, 2, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 1, 0]]
    assert ids.dtype == mask.dtype == torch.int64
    ids, mask = pad(inputs, np.array([1, 2, 1]), 9)
    assert ids.tolist() == [[0, 2, 9, 9], [0, 6, 7, 2], [0, 2, 9, 9]]
    assert mask.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 0, 0]]


def windowed() -> Encoded:
    """Three examples of one, three and two inputs."""
    inputs = Ragged.of([[0, 2], [0, 5, 2], [0, 5, 6, 7, 2], [0, 2], [0, 5, 5, 2], [0, 5, 2]])
    arrays: dict[str, Array] = {"number": np.arange(6), "rows": Ragged.of([[1]] * 6)}
    return Encoded(inputs, np.array([0, 1, 4, 6]), arrays, truncated=2)


def test_an_example_owns_its_inputs() -> None:
    encoded = windowed()
    assert encoded.examples == 3
    assert [list(encoded.unit(i)) for i in range(3)] == [[0], [1, 2, 3], [4, 5]]
    assert encoded.inputs_of([2, 0]).tolist() == [4, 5, 0]
    assert encoded.lengths() == [2, 5, 4]
    assert encoded.counts() == {
        "examples": 3,
        "inputs": 6,
        "windows": 3,
        "tokens": 19,
        "truncated": 2,
    }
    single = Encoded(Ragged.of([[0, 2], [0, 5, 2]]), np.arange(3), {})
    assert single.inputs_of((1, 0)).tolist() == [1, 0]
    assert Encoded(Ragged.of([]), np.zeros(1, int), {}).lengths() == []


def test_numbers_are_not_taken_for_rows_of_them() -> None:
    encoded = windowed()
    assert encoded.numbers("number").tolist() == list(range(6))
    assert encoded.rows("rows").tolist() == [[1]] * 6
    with pytest.raises(TypeError, match="`rows` holds rows of numbers"):
        encoded.numbers("rows")
    with pytest.raises(TypeError, match="`number` holds numbers, not rows"):
        encoded.rows("number")


def test_a_tokenizer_file_keeps_neither_truncation_nor_padding(tmp_path: Path) -> None:
    tokens = tokenizer()
    tokens.enable_truncation(4)
    tokens.enable_padding(length=40)
    tokens.save(str(tmp_path / "tokenizer.json"))
    loaded = load_tokenizer(tmp_path / "tokenizer.json")
    assert len(loaded.encode("the cat sees a small dog").ids) == 8
    with pytest.raises(InputError, match="no tokenizer"):
        load_tokenizer(tmp_path / "elsewhere.json")


def test_a_tokenizer_is_compared_with_its_encoders_manifest(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    tokenizer().save(str(path))
    write_manifest(tmp_path / "encoder.json", "k", [path])
    load_tokenizer(path)
    path.write_text(path.read_text("utf-8").replace("NFKC", "NFC", 1), "utf-8")
    with pytest.raises(DamagedFileError, match=r"tokenizer\.json: .* encoder\.json"):
        load_tokenizer(path)
