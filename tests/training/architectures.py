"""Small encoders of every architecture, written and named as their publishers do.

The tokenizers are of the published kinds: the same models, normalisers, pre-tokenizers, pair
templates and special tokens, over the few words of `LINES`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor, nn
from transformers import (
    BertConfig,
    BertForPreTraining,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    ModernBertConfig,
    ModernBertForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

from polystilts.provenance.manifest import write_manifest
from polystilts.training.encoder import WEIGHTS
from training.tiny import LINES

SHAPE: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "initializer_range": 0.2,
}
WORDS = sorted({word for line in LINES for word in line.split(" ")})
CHARACTERS = sorted({character for word in WORDS for character in word})
BYTES = [f"<0x{value:02X}>" for value in range(256)]


def _specials(*tokens: str) -> list[AddedToken]:
    return [AddedToken(token, normalized=False, special=True) for token in tokens]


def _pieces(*more: str) -> list[tuple[str, float]]:
    """Every word is a piece, every character too; `▁` marks the start of a word."""
    words = [(f"▁{word}", -4.0) for word in WORDS]
    return words + [(piece, -9.0) for piece in dict.fromkeys(["▁", *CHARACTERS, *more])]


def xlmr_tokenizer(*more: str) -> Tokenizer:
    """Unigram under NFKC; Metaspace; `<s> A </s></s> B </s>`; the mask comes last."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = [*((token, 0.0) for token in special), *_pieces(*more), ("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    tokenizer.add_special_tokens(_specials(*special, "<mask>"))
    return tokenizer


def mdeberta_tokenizer(*more: str) -> Tokenizer:
    """Unigram with BERT's special tokens; `[MASK]` stands beyond the model's own pieces."""
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    vocabulary = [*((token, 0.0) for token in special), *_pieces(*more)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"\s{2,}|[\n\r\t]"), " "),
            normalizers.NFC(),
            normalizers.Strip(left=False, right=True),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace("▁", prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    tokenizer.add_special_tokens(_specials(*special, "[MASK]"))
    return tokenizer


def mmbert_tokenizer(*_: str) -> Tokenizer:
    """Gemma's: BPE that falls back to bytes; spaces become `▁`, and none is put before a text."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    merges: dict[tuple[str, str], None] = {}
    for word in [*(f"▁{word}" for word in WORDS), *WORDS]:
        merges.update({(word[:end], word[end]): None for end in range(1, len(word))})
    merged = [left + right for left, right in merges]
    pieces = dict.fromkeys([*special, *BYTES, "▁", *CHARACTERS, *merged])
    tokenizer = Tokenizer(
        models.BPE(
            {piece: number for number, piece in enumerate(pieces)},
            list(merges),
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A <eos>",
        pair="<bos> $A <eos> $B <eos>",
        special_tokens=[("<bos>", 2), ("<eos>", 1)],
    )
    tokenizer.add_special_tokens(_specials(*special))
    return tokenizer


def mbert_tokenizer(*more: str) -> Tokenizer:
    """Cased WordPiece; what does not follow a space begins with `##`."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = [*CHARACTERS, *more]
    pieces = dict.fromkeys([*special, *WORDS, *characters, *(f"##{c}" for c in characters)])
    tokenizer = Tokenizer(
        models.WordPiece({p: number for number, p in enumerate(pieces)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.add_special_tokens(_specials(*special))
    return tokenizer


@dataclass(frozen=True)
class Architecture:
    """One kind of encoder; `publish` writes a folder and `pair` are its special tokens' ids."""

    publish: Callable[[Path], None]
    tokenizer: Callable[..., Tokenizer]
    pair: tuple[list[int], list[int], list[int]]
    pad: int
    attention: str = "sdpa"
    masked_lm: bool = True


def publish_xlmr(folder: Path, tokenizer: Tokenizer | None = None) -> None:
    """Write a masked LM with the pooler and the position numbers that old files have too."""
    tokens = tokenizer or xlmr_tokenizer()
    config = XLMRobertaConfig(
        vocab_size=tokens.get_vocab_size(),
        max_position_embeddings=66,
        type_vocab_size=1,
        **SHAPE,
    )
    pooler = {
        "roberta.pooler.dense.weight": torch.ones(16, 16),
        "roberta.pooler.dense.bias": torch.ones(16),
        "roberta.embeddings.position_ids": torch.arange(66)[None],
    }
    _publish(folder, XLMRobertaForMaskedLM(config), tokens, pooler)


def publish_glot500(folder: Path) -> None:
    """Write an XLM-R whose vocabulary was enlarged after its own mask."""
    publish_xlmr(folder, xlmr_tokenizer("འ", "ꦲ", "ⴰ", "ᱚ"))


def publish_e5(folder: Path) -> None:
    """Write a bare BERT, without prefix or masked-LM head, under XLM-R's tokenizer."""
    tokens = xlmr_tokenizer()
    config = BertConfig(vocab_size=tokens.get_vocab_size(), max_position_embeddings=64, **SHAPE)
    positions = {"embeddings.position_ids": torch.arange(64)[None]}
    _publish(folder, BertModel(config), tokens, positions)


def publish_mbert(folder: Path) -> None:
    """Write a BERT with both its heads, LayerNorm's weights named gamma and beta."""
    tokens = mbert_tokenizer()
    config = BertConfig(vocab_size=tokens.get_vocab_size(), max_position_embeddings=64, **SHAPE)
    _publish(folder, BertForPreTraining(config), tokens, {})
    state = load_file(folder / WEIGHTS)
    names = {
        name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        )
        for name in state
    }
    save_file({names[name]: t for name, t in state.items()}, folder / WEIGHTS, {"format": "pt"})
    _list(folder)


def deberta_config(vocabulary: int, **options: Any) -> DebertaV2Config:
    """Return mDeBERTa-v3's configuration, but for the sizes."""
    relative: dict[str, Any] = {
        "max_position_embeddings": 64,
        "relative_attention": True,
        "position_biased_input": False,
        "pos_att_type": "p2c|c2p",
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "position_buckets": 8,
        "max_relative_positions": -1,
        "type_vocab_size": 0,
    }
    return DebertaV2Config(vocab_size=vocabulary, **relative, **SHAPE, **options)


def publish_mdeberta(folder: Path) -> None:
    """Write a discriminator: its own head, a head that is no use, and more rows than pieces."""
    tokens = mdeberta_tokenizer()
    config = deberta_config(tokens.get_vocab_size() + 7)
    vocabulary = config.vocab_size
    others = {
        "deberta.embeddings.position_embeddings.weight": torch.ones(64, 16),
        "mask_predictions.dense.weight": torch.ones(16, 16),
        "mask_predictions.dense.bias": torch.ones(16),
        "mask_predictions.LayerNorm.weight": torch.ones(16),
        "mask_predictions.LayerNorm.bias": torch.ones(16),
        "mask_predictions.classifier.weight": torch.ones(1, 16),
        "mask_predictions.classifier.bias": torch.ones(1),
        "lm_predictions.lm_head.bias": torch.ones(vocabulary),
        "lm_predictions.lm_head.dense.weight": torch.ones(16, 16),
        "lm_predictions.lm_head.dense.bias": torch.ones(16),
        "lm_predictions.lm_head.LayerNorm.weight": torch.ones(16),
        "lm_predictions.lm_head.LayerNorm.bias": torch.ones(16),
    }
    _publish(folder, DebertaV2Model(config), tokens, others, prefix="deberta.")


def publish_mmbert(folder: Path) -> None:
    """Write a ModernBERT; its configuration says things that only an old library understood."""
    tokens = mmbert_tokenizer()
    config = ModernBertConfig(
        vocab_size=tokens.get_vocab_size(),
        max_position_embeddings=128,
        local_attention=8,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=1,
        cls_token_id=1,
        sep_token_id=1,
        **SHAPE,
    )
    _publish(folder, ModernBertForMaskedLM(config), tokens, {})
    path = folder / "config.json"
    published = json.loads(path.read_text())
    del published["layer_types"], published["rope_parameters"]
    published |= {
        "global_attn_every_n_layers": 3,
        "global_rope_theta": 160000.0,
        "local_rope_theta": 10000.0,
        "reference_compile": True,
        "attn_implementation": "flash_attention_2",
    }
    path.write_text(json.dumps(published))
    _list(folder)


def _publish(
    folder: Path, model: Any, tokens: Tokenizer, others: dict[str, Tensor], prefix: str = ""
) -> None:
    torch.manual_seed(11)
    with torch.no_grad():  # LayerNorm's too, which are all ones and zeros else
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    state = load_file(folder / WEIGHTS)
    state = {prefix + name: tensor for name, tensor in state.items()} | others
    save_file(state, folder / WEIGHTS, {"format": "pt"})
    tokens.save(str(folder / "tokenizer.json"))
    _list(folder)


def _list(folder: Path) -> None:
    names = ["model.safetensors", "config.json", "tokenizer.json"]
    write_manifest(folder / "encoder.json", "e", [folder / name for name in names])


ARCHITECTURES = {
    "xlmr": Architecture(publish_xlmr, xlmr_tokenizer, ([0], [2, 2], [2]), 1),
    "glot500": Architecture(
        publish_glot500, lambda: xlmr_tokenizer("འ", "ꦲ", "ⴰ", "ᱚ"), ([0], [2, 2], [2]), 1
    ),
    "e5": Architecture(publish_e5, xlmr_tokenizer, ([0], [2, 2], [2]), 1, masked_lm=False),
    "mbert": Architecture(publish_mbert, mbert_tokenizer, ([2], [3], [3]), 0),
    "mdeberta": Architecture(
        publish_mdeberta, mdeberta_tokenizer, ([1], [2], [2]), 0, "eager", masked_lm=False
    ),
    "mmbert": Architecture(publish_mmbert, mmbert_tokenizer, ([2], [1], [1]), 0),
}


def probe(tokenizer: Tokenizer, pad: int) -> tuple[Tensor, Tensor]:
    """Return ids and mask of a long and a short input."""
    rows = [tokenizer.encode(text).ids for text in (" ".join(LINES[:3]), "the cat")]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [pad] * (longest - len(row)) for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return ids, (torch.arange(longest) < lengths[:, None]).long()


def hidden_states(model: nn.Module, ids: Tensor, mask: Tensor) -> list[Tensor]:
    """Return every layer's vectors where there is a token, embeddings first."""
    with torch.inference_mode():
        output = model.eval()(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    return [states[mask.bool()] for states in output.hidden_states]
