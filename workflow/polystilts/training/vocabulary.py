"""Smaller encoders: only the first layers, and only the pieces that a study's texts need.

A unigram tokenizer takes the most probable path through a text. All pieces of that path are kept,
no other path gains a piece, and the price of an unknown character is held, so the texts that
`used` was collected from are cut into the same pieces as before.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tokenizers import Tokenizer

from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path, write_json, write_text

_CONFIG, _WEIGHTS, _TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
_TEXTS_AT_ONCE = 1000
_LAYER = re.compile(r"(?:^|\.)layers?\.(\d+)\.")
_BYTE_PIECE = re.compile(r"<0x[0-9A-F]{2}>")
_EMBEDDINGS = ("embeddings.word_embeddings.weight", "embeddings.tok_embeddings.weight")
_ONE_ROW_PER_PIECE = (
    *_EMBEDDINGS,
    "lm_head.bias",
    "cls.predictions.bias",
    "decoder.bias",
    "decoder.weight",
)


def pieces_used(tokenizer_file: Path, texts: Iterable[str]) -> list[int]:
    """Return the ids, ascending, of all pieces in `texts`, special tokens not included.

    A text must be given as training will give it to the tokenizer: the two sides of a pair, or
    the words of a tagged sentence, are texts of their own.
    """
    return sorted({i for ids in _segmented(_load(tokenizer_file), texts) for i in ids})


def segmentation_differences(original: Path, trimmed: Path, texts: Iterable[str]) -> int:
    """Return how many texts two `tokenizer.json` files cut into different pieces.

    An unknown piece equals an unknown piece only.
    """
    first, second = _load(original), _load(trimmed)
    first_names, second_names = _names(first), _names(second)
    differing = 0
    for batch in _batches(texts):
        pairs = zip(_segmented(first, batch), _segmented(second, batch), strict=True)
        differing += sum(
            [first_names[i] for i in before] != [second_names[i] for i in after]
            for before, after in pairs
        )
    return differing


def cut_layers(encoder_folder: Path, output: Path, layers: int) -> dict[str, Any]:
    """Write the encoder with all its pieces and its first `layers` layers, as fp32.

    Whatever comes after the last layer (ModernBERT's norm, a masked-LM head) comes after the last
    that is left.

    Returns:
        Counts for the report: layers and parameters, before and after.

    Raises:
        InputError: the encoder has not so many layers, or they have no names that are known here.
    """
    config = _read_json(encoder_folder / _CONFIG)
    layers_before = _check_layers(encoder_folder, config, layers)
    if not (encoder_folder / _TOKENIZER).is_file():
        raise InputError(encoder_folder / _TOKENIZER, "there is no tokenizer.")
    with atomic_path(output / _TOKENIZER) as temporary:
        shutil.copyfile(encoder_folder / _TOKENIZER, temporary)
    write_json(output / _CONFIG, _cut_config(config, layers))
    before, after = _write_weights(encoder_folder, output, None, layers)
    return {
        "layers_before": layers_before,
        "layers_after": layers,
        "parameters_before": before,
        "parameters_after": after,
    }


def trim(
    encoder_folder: Path, used: Sequence[int], output: Path, layers: int | None
) -> dict[str, Any]:
    """Write the encoder with the pieces `used` and its first `layers` layers (None: all) as fp32.

    Pieces keep their order and get consecutive ids. Special tokens, byte pieces, ids that the
    configuration names, all ids up to the padding's (RoBERTa counts positions from it) and the
    least probable piece (it sets the price of an unknown character) are kept as well.

    Returns:
        Counts for the report: pieces, layers and parameters, before and after.

    Raises:
        InputError: the tokenizer is not a unigram one, or the encoder has not so many layers.
    """
    config = _read_json(encoder_folder / _CONFIG)
    tokenizer = _read_json(encoder_folder / _TOKENIZER)
    layers_before = _check_layers(encoder_folder, config, layers)
    layers_after = layers_before if layers is None else layers
    kept = _kept_ids(encoder_folder, config, tokenizer, used)
    new_id = {old: new for new, old in enumerate(kept)}

    write_text(
        output / _TOKENIZER,
        json.dumps(_trimmed_tokenizer(tokenizer, new_id), ensure_ascii=False),
    )
    write_json(output / _CONFIG, _trimmed_config(config, new_id, layers_after))
    before, after = _write_weights(encoder_folder, output, kept, layers_after)
    return {
        "pieces_used": len(set(used)),
        "pieces_before": int(config["vocab_size"]),
        "pieces_after": len(kept),
        "layers_before": layers_before,
        "layers_after": layers_after,
        "parameters_before": before,
        "parameters_after": after,
    }


def _check_layers(folder: Path, config: dict[str, Any], layers: int | None) -> int:
    """Return how many layers the encoder has, after making sure that they are enough."""
    if not isinstance(config.get("num_hidden_layers"), int):
        reason = "it does not say `num_hidden_layers`, so that nothing can be cut."
        raise InputError(folder / _CONFIG, reason, hint="Set `layers: null` for this encoder.")
    there: int = config["num_hidden_layers"]
    if layers is not None and not 1 <= layers <= there:
        reason = f"the encoder has {there} layers; the first {layers} were asked for."
        raise InputError(folder / _CONFIG, reason)
    return there


def _kept_ids(
    folder: Path, config: dict[str, Any], tokenizer: dict[str, Any], used: Sequence[int]
) -> list[int]:
    model = tokenizer["model"]
    if model.get("type") != "Unigram":
        reason = f"a {model.get('type')} tokenizer; only unigram vocabularies can be trimmed."
        hint = "Set `trim_vocabulary: false` for this encoder; `freeze_embeddings` saves memory."
        raise InputError(folder / _TOKENIZER, reason, hint=hint)
    vocabulary = model["vocab"]
    added = {token["id"] for token in tokenizer["added_tokens"]}
    beyond = [i for i in used if i not in added and not 0 <= i < len(vocabulary)]
    if beyond:
        raise InputError(folder / _TOKENIZER, f"it has no pieces with the ids {beyond[:3]}.")
    kept = set(used) | added | set(_token_ids(config).values())
    kept |= set(range(config.get("pad_token_id") or 0))
    kept.add(min(range(len(vocabulary)), key=lambda i: vocabulary[i][1]))
    if model.get("unk_id") is not None:
        kept.add(model["unk_id"])
    if model.get("byte_fallback"):
        kept |= {i for i, (piece, _) in enumerate(vocabulary) if _BYTE_PIECE.fullmatch(piece)}
    return sorted(kept)


def _trimmed_tokenizer(tokenizer: dict[str, Any], new_id: dict[int, int]) -> dict[str, Any]:
    model = tokenizer["model"]
    vocabulary = [entry for i, entry in enumerate(model["vocab"]) if i in new_id]
    unknown = model.get("unk_id")
    unk_id = None if unknown is None else new_id[unknown]
    return {
        **tokenizer,
        "added_tokens": [
            {**token, "id": new_id[token["id"]]} for token in tokenizer["added_tokens"]
        ],
        "post_processor": _renumbered(tokenizer.get("post_processor"), new_id),
        "model": {**model, "vocab": vocabulary, "unk_id": unk_id},
    }


def _renumbered(processor: dict[str, Any] | None, new_id: dict[int, int]) -> dict[str, Any] | None:
    """Return a post-processor with the new ids of its special tokens."""
    if processor is None:
        return None
    match processor["type"]:
        case "TemplateProcessing":
            special = {
                name: {**token, "ids": [new_id[i] for i in token["ids"]]}
                for name, token in processor["special_tokens"].items()
            }
            return {**processor, "special_tokens": special}
        case "BertProcessing" | "RobertaProcessing":
            ends = {end: [processor[end][0], new_id[processor[end][1]]] for end in ("sep", "cls")}
            return {**processor, **ends}
        case "Sequence":
            parts = [_renumbered(part, new_id) for part in processor["processors"]]
            return {**processor, "processors": parts}
        case _:
            return processor  # the other kinds (ByteLevel) name no ids


def _trimmed_config(config: dict[str, Any], new_id: dict[int, int], layers: int) -> dict[str, Any]:
    renumbered = {name: new_id[i] for name, i in _token_ids(config).items()}
    return {**_cut_config(config, layers), **renumbered, "vocab_size": len(new_id)}


def _cut_config(config: dict[str, Any], layers: int) -> dict[str, Any]:
    """Return the configuration of the first layers; ModernBERT's lists what each attends to."""
    cut = {**config, "num_hidden_layers": layers, "dtype": "float32"}
    if isinstance(config.get("layer_types"), list):
        cut["layer_types"] = config["layer_types"][:layers]
    return cut


def _token_ids(config: dict[str, Any]) -> dict[str, int]:
    """Return the entries of a configuration that are token ids."""
    return {
        name: value
        for name, value in config.items()
        if name.endswith("_token_id") and isinstance(value, int)
    }


def _write_weights(
    folder: Path, output: Path, kept: Sequence[int] | None, layers: int
) -> tuple[int, int]:
    """Write the kept rows (None: all) and layers as fp32.

    Returns:
        The numbers of parameters, before and after.

    Raises:
        InputError: no name is a layer's, or none is the embeddings', so that nothing would be cut.
    """
    rows = None if kept is None else torch.tensor(kept)
    tensors: dict[str, torch.Tensor] = {}
    numbered = embedded = False
    before = 0
    with safe_open(folder / _WEIGHTS, framework="pt") as stored:
        for name in stored.keys():  # noqa: SIM118 (it is no mapping)
            tensor = stored.get_tensor(name)
            before += tensor.numel()
            layer = _LAYER.search(name)
            numbered = numbered or layer is not None
            if layer and int(layer[1]) >= layers:
                continue
            embedded = embedded or name.endswith(_EMBEDDINGS)
            if rows is not None and name.endswith(_ONE_ROW_PER_PIECE):
                tensor = tensor[rows]
            whole = tensor.to(torch.float32) if tensor.is_floating_point() else tensor
            tensors[name] = whole.contiguous()
    if not numbered or (rows is not None and not embedded):
        what = "embeddings" if numbered else "layers"
        reason = f"its {what} are not named as those of the encoders that can be cut."
        hint = "Set `layers: null` and `trim_vocabulary: false` for this encoder."
        raise InputError(folder / _WEIGHTS, reason, hint=hint)
    with atomic_path(output / _WEIGHTS) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    return before, sum(tensor.numel() for tensor in tensors.values())


def _segmented(tokenizer: Tokenizer, texts: Iterable[str]) -> Iterator[list[int]]:
    for batch in _batches(texts):
        encodings = tokenizer.encode_batch_fast(batch, add_special_tokens=False)
        yield from (encoding.ids for encoding in encodings)


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _TEXTS_AT_ONCE)):
        yield batch


def _names(tokenizer: Tokenizer) -> dict[int, str]:
    return {i: piece for piece, i in tokenizer.get_vocab().items()}


def _load(path: Path) -> Tokenizer:
    if not path.is_file():
        raise InputError(path, "there is no tokenizer.")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(path, "the encoder has no such file.")
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
