"""A trimmed encoder cuts the study's texts as before and computes the same vectors for them."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from polystilts.errors import InputError
from polystilts.training.vocabulary import (
    cut_layers,
    pieces_used,
    segmentation_differences,
    trim,
)

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = [("▁cat", -3.0), ("▁dog", -3.5), ("▁sun", -4.0), ("▁moon", -4.5), ("s", -5.0)]
LETTERS = [(letter, -8.0) for letter in "▁acdgmnotu"]
RARE = [("ж", -14.0)]
TEXTS = ["cats dog", "ж cat", "q cats", ""]


def make_tokenizer(
    pieces: list[tuple[str, float]], path: Path, byte_fallback: bool = False
) -> Path:
    vocabulary = [*((token, 0.0) for token in SPECIAL), *pieces, ("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=byte_fallback))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in [*SPECIAL, "<mask>"]])
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return path


def make_encoder(
    folder: Path, pieces: list[tuple[str, float]], byte_fallback: bool = False
) -> Path:
    """Write an encoder that has only what trimming looks at."""
    make_tokenizer(pieces, folder / "tokenizer.json", byte_fallback)
    rows = len(pieces) + 5
    config = {
        "model_type": "xlm-roberta",
        "vocab_size": rows,
        "num_hidden_layers": 3,
        "pad_token_id": 1,
        "mask_token_id": rows - 1,
    }
    (folder / "config.json").write_text(json.dumps(config))
    weights = {
        "embeddings.word_embeddings.weight": torch.arange(rows * 2.0).reshape(rows, 2).half(),
        **{f"encoder.layer.{n}.output.dense.weight": torch.full((2,), n * 1.0) for n in range(3)},
    }
    save_file(weights, folder / "model.safetensors")
    return folder


def test_only_what_the_texts_need_is_kept(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", [*WORDS, *LETTERS, *RARE])
    used = pieces_used(encoder / "tokenizer.json", ["cats dog"])
    counts = trim(encoder, used, tmp_path / "small", layers=2)

    tokenizer = Tokenizer.from_file(str(tmp_path / "small" / "tokenizer.json"))
    kept = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    # the rarest piece stays, as the price of an unknown character hangs on it
    names = [*SPECIAL, "▁cat", "▁dog", "s", "ж", "<mask>"]
    assert kept == [(name, i) for i, name in enumerate(names)]
    assert counts == {
        "pieces_used": 3,
        "pieces_before": 21,
        "pieces_after": 9,
        "layers_before": 3,
        "layers_after": 2,
        "parameters_before": 48,
        "parameters_after": 22,
    }
    config = json.loads((tmp_path / "small" / "config.json").read_text())
    assert (config["vocab_size"], config["num_hidden_layers"]) == (9, 2)
    assert (config["pad_token_id"], config["mask_token_id"]) == (1, 8)

    full = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    weights = load_file(tmp_path / "small" / "model.safetensors")
    rows = weights["embeddings.word_embeddings.weight"]
    assert rows.dtype == torch.float32
    assert [int(row[0]) // 2 for row in rows] == [full.token_to_id(name) for name in names]
    assert not any("layer.2" in name for name in weights)


def test_layers_can_go_while_all_pieces_stay(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", [*WORDS, *LETTERS, *RARE])
    assert cut_layers(encoder, tmp_path / "small", layers=1) == {
        "layers_before": 3,
        "layers_after": 1,
        "parameters_before": 48,
        "parameters_after": 44,
    }
    before, after = encoder / "tokenizer.json", tmp_path / "small" / "tokenizer.json"
    assert after.read_bytes() == before.read_bytes()
    weights = load_file(tmp_path / "small" / "model.safetensors")
    assert {name for name in weights if "layer." in name} == {"encoder.layer.0.output.dense.weight"}
    rows = weights["embeddings.word_embeddings.weight"]
    assert (rows.dtype, rows.shape) == (torch.float32, (21, 2))
    config = json.loads((tmp_path / "small" / "config.json").read_text())
    assert (config["vocab_size"], config["num_hidden_layers"]) == (21, 1)


def test_what_each_layer_attends_to_is_cut_with_the_layers(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", WORDS)
    config = json.loads((encoder / "config.json").read_text())
    kinds = ["full_attention", "sliding_attention", "sliding_attention"]
    (encoder / "config.json").write_text(json.dumps(config | {"layer_types": kinds}))
    cut_layers(encoder, tmp_path / "small", layers=2)
    assert json.loads((tmp_path / "small" / "config.json").read_text())["layer_types"] == kinds[:2]


def test_an_encoder_that_counts_its_layers_otherwise_is_left_alone(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", WORDS)
    (encoder / "config.json").write_text('{"model_type": "distilbert", "n_layers": 3}')
    with pytest.raises(InputError, match=r"does not say `num_hidden_layers`.*`layers: null`"):
        cut_layers(encoder, tmp_path / "small", layers=2)


def test_specials_and_pairs_work_after_renumbering(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", [*WORDS, *LETTERS, *RARE])
    used = pieces_used(encoder / "tokenizer.json", ["dog", "sun"])
    trim(encoder, used, tmp_path / "small", layers=None)
    before = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    after = Tokenizer.from_file(str(tmp_path / "small" / "tokenizer.json"))
    assert before.encode("dog <mask>", "sun").tokens == after.encode("dog <mask>", "sun").tokens
    assert after.encode("dog", "sun").ids == [0, 4, 2, 2, 5, 2]
    assert after.token_to_id("<mask>") == after.get_vocab_size() - 1


def test_texts_that_were_not_counted_are_reported(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", [*WORDS, *LETTERS, *RARE])
    original, trimmed = encoder / "tokenizer.json", tmp_path / "small" / "tokenizer.json"
    trim(encoder, pieces_used(original, TEXTS), tmp_path / "small", None)
    assert segmentation_differences(original, trimmed, TEXTS) == 0
    assert segmentation_differences(original, trimmed, [*TEXTS, "moon", "dog", "moons"]) == 2


def test_the_padding_keeps_its_id_as_positions_are_counted_from_it(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", WORDS)
    config = json.loads((encoder / "config.json").read_text())
    (encoder / "config.json").write_text(json.dumps({**config, "pad_token_id": 6}))
    trim(encoder, [], tmp_path / "small", None)
    assert json.loads((tmp_path / "small" / "config.json").read_text())["pad_token_id"] == 6


def test_byte_pieces_stay_where_they_are_the_fallback(tmp_path: Path) -> None:
    octets = [(f"<0x{i:02X}>", -12.0) for i in range(256)]
    encoder = make_encoder(tmp_path / "full", [*octets, *WORDS, *LETTERS], byte_fallback=True)
    original, trimmed = encoder / "tokenizer.json", tmp_path / "small" / "tokenizer.json"
    trim(encoder, pieces_used(original, ["cat q"]), tmp_path / "small", None)
    assert segmentation_differences(original, trimmed, ["cat q", "ß"]) == 0


pieces = st.dictionaries(
    st.text("▁abcd", min_size=1, max_size=4), st.integers(-20, -1).map(float), max_size=25
)
texts = st.lists(st.text("abcdxy ", max_size=12), min_size=1, max_size=8)


# "abcd" + an unknown "x" would win if the dropped, dearest piece no longer set its price
DEAREST = {"▁": -1.0, "a": -6.0, "bc": -6.0, "dx": -6.0, "abcd": -1.0, "x": -20.0}


@settings(max_examples=100, deadline=None)
@example(vocabulary=DEAREST, texts=["abcdx", "abcd"])
@given(vocabulary=pieces, texts=texts)
def test_trimming_is_lossless_for_the_texts_counted(
    vocabulary: dict[str, float], texts: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        encoder = make_encoder(Path(folder) / "full", sorted(vocabulary.items()))
        original = encoder / "tokenizer.json"
        used = pieces_used(original, texts)
        trim(encoder, used, Path(folder) / "small", None)
        trimmed = Path(folder) / "small" / "tokenizer.json"
        assert segmentation_differences(original, trimmed, texts) == 0


def test_a_trimmed_encoder_gives_the_first_layers_vectors_and_scores(tmp_path: Path) -> None:
    from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

    torch.manual_seed(1)
    full = make_encoder(tmp_path / "full", [*WORDS, *LETTERS, *RARE])
    config = XLMRobertaConfig(
        vocab_size=21,
        hidden_size=8,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        type_vocab_size=1,
        pad_token_id=1,
    )
    model = XLMRobertaForMaskedLM(config).eval()
    model.save_pretrained(full)
    original, trimmed = full / "tokenizer.json", tmp_path / "small" / "tokenizer.json"
    used = pieces_used(original, TEXTS)
    trim(full, used, tmp_path / "small", layers=2)

    small = XLMRobertaForMaskedLM.from_pretrained(tmp_path / "small").eval()
    assert small.config.num_hidden_layers == 2
    before, after = Tokenizer.from_file(str(original)), Tokenizer.from_file(str(trimmed))
    kept = [before.token_to_id(piece) for piece, _ in sorted_pieces(after)]
    model.roberta.encoder.layer = model.roberta.encoder.layer[:2]
    for text in TEXTS:
        with torch.inference_mode():
            expected = model(torch.tensor([before.encode(text).ids])).logits
            got = small(torch.tensor([after.encode(text).ids])).logits
        torch.testing.assert_close(got, expected[..., kept])


def sorted_pieces(tokenizer: Tokenizer) -> list[tuple[str, int]]:
    return sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])


@pytest.mark.parametrize("layers", [0, 4])
def test_layers_the_encoder_lacks_are_refused(tmp_path: Path, layers: int) -> None:
    encoder = make_encoder(tmp_path / "full", WORDS)
    with pytest.raises(InputError, match=f"has 3 layers; the first {layers}"):
        trim(encoder, [4], tmp_path / "small", layers)


def test_other_tokenizers_and_unknown_ids_are_refused(tmp_path: Path) -> None:
    encoder = make_encoder(tmp_path / "full", WORDS)
    with pytest.raises(InputError, match=r"no pieces with the ids \[99\]"):
        trim(encoder, [4, 99], tmp_path / "small", None)
    Tokenizer(models.WordLevel({"a": 0}, unk_token="a")).save(str(encoder / "tokenizer.json"))
    with pytest.raises(InputError, match="WordLevel tokenizer; only unigram"):
        trim(encoder, [0], tmp_path / "small", None)
