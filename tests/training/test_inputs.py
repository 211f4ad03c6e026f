"""Token ids of texts and pairs."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from polystilts.errors import DamagedFileError, InputError, PolystiltsError
from polystilts.provenance.manifest import write_manifest
from polystilts.training.inputs import (
    encode_pairs,
    load_tokenizer,
    pad,
    special_ids,
    token_id,
)
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
    assert inputs[0] == [0, *cat, 2, 2, *who, 2]
    assert inputs[1] == [0, *who, 2, 2, *cat, 2]
    assert inputs[2] == [0, *tokens.encode("the cat", add_special_tokens=False).ids, 2]
    assert shortened == 2
    assert len(tokens.encode(*pairs[0]).ids) == 12, "truncation must not stay switched on"


def test_padding() -> None:
    ids, mask = pad([[0, 5, 2], [0, 2]], 1)
    assert ids.tolist() == [[0, 5, 2], [0, 2, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 1, 0]]


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
