"""Encoders as Hugging Face folders: `config.json`, `model.safetensors`, `tokenizer.json`.

Weights are read from safetensors alone and no code comes with them. A folder may hold the weights
of the bare encoder or of the encoder with a head. What differs between architectures (the names of
modules, the prefix of the encoder's weights, which weights are tied) is asked of the library.
"""

import inspect
import os
import re
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, PretrainedConfig
from transformers.models.auto.auto_factory import _BaseAutoModelClass

from polystilts.errors import InputError, PolystiltsError
from polystilts.provenance.atomic import atomic_path

WEIGHTS = "model.safetensors"
CONFIG = "config.json"

# They number positions from the padding's id on, which leaves the first of them unused.
_POSITIONS_AFTER_PADDING = ("camembert", "roberta", "xlm-roberta", "xlm-roberta-xl")
# The head of a discriminator that was trained to find replaced tokens (ELECTRA, DeBERTa-v3).
_DISCRIMINATOR = ("mask_predictions.", "discriminator_predictions.")


def load_config(folder: Path) -> PretrainedConfig:
    """Read an encoder's configuration without running any code that a folder may bring."""
    if not (folder / CONFIG).is_file():
        raise InputError(folder / CONFIG, "there is no encoder configuration.")
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )
    except (ValueError, OSError) as error:
        reason = f"no encoder can be built from it ({_first_line(error)})."
        hint = "It has to be of an architecture that the installed `transformers` knows."
        raise InputError(folder / CONFIG, reason, hint=hint) from None
    # weights are kept and optimised in fp32, whatever they were published in
    config.dtype = torch.float32
    return config


def load_encoder(folder: Path) -> nn.Module:
    """Return the bare encoder with its weights; a masked-LM head in the file is left out."""
    config = load_config(folder)
    encoder = build_encoder(config)
    state = _read_weights(folder)
    prefix = f"{encoder.base_model_prefix}."
    if any(name.startswith(prefix) for name in state):
        state = {n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)}
    _load_strictly(encoder, state, folder)
    return encoder


def build_encoder(config: PretrainedConfig) -> nn.Module:
    """Return an encoder with fresh weights, without the pooler that only BERT's own tasks use."""
    model_class = _class_of(AutoModel, config)
    has_pooler = "add_pooling_layer" in inspect.signature(model_class.__init__).parameters
    options = {"add_pooling_layer": False} if has_pooler else {}
    encoder: nn.Module = AutoModel.from_config(
        config, attn_implementation=_attention_for(model_class), **options
    )
    return encoder


def attention_of(model: nn.Module) -> str:
    """Return how attention is computed: `sdpa` (torch's fused kernels), or `eager` without them.

    It is `sdpa` for every architecture that has it. DeBERTa's relative positions have not: it is
    slower than others of its size and keeps (heads, length, length) scores per input and layer.
    """
    return str(model.config._attn_implementation)  # type: ignore[union-attr]


def position_limit(config: PretrainedConfig) -> int:
    """Return how many tokens, special ones included, an input may have; 512 of XLM-R's 514."""
    unused = 0
    if config.model_type in _POSITIONS_AFTER_PADDING:
        unused = int(config.pad_token_id or 0) + 1
    return int(config.max_position_embeddings) - unused


def check_length(config: PretrainedConfig, longest: int) -> None:
    """Raise PolystiltsError where inputs of so many tokens have more than the encoder's positions.

    On a GPU they would end in an assertion of the device that names no cause.
    """
    limit = position_limit(config)
    if longest > limit:
        raise PolystiltsError(
            f"inputs have up to {longest} tokens, but the encoder has positions for {limit}: "
            f"set `max_length` to at most {limit}."
        )


def _class_of(factory: type[_BaseAutoModelClass], config: PretrainedConfig) -> type[nn.Module]:
    """Return the class that a factory builds for a configuration."""
    chosen: type[nn.Module] = factory._model_mapping[type(config)]
    return chosen


def _attention_for(model_class: type[nn.Module]) -> str:
    """Return what to ask for, whatever the published configuration would have (flash attention)."""
    return "sdpa" if getattr(model_class, "_supports_sdpa", False) else "eager"


def load_masked_lm(folder: Path) -> nn.Module:
    """Return the encoder under its pretrained masked-LM head.

    Raises:
        InputError: the weights have none; a head with fresh weights would unlearn the encoder.
    """
    config = load_config(folder)
    state = _read_weights(folder)
    if type(config) not in AutoModelForMaskedLM._model_mapping:
        raise _no_head(folder, f"`{config.model_type}` has no masked-LM head")
    if any(name.startswith(_DISCRIMINATOR) for name in state):
        raise _no_head(folder, "they are a discriminator's, with no masked-LM head of use")
    attention = _attention_for(_class_of(AutoModelForMaskedLM, config))
    model: nn.Module = AutoModelForMaskedLM.from_config(config, attn_implementation=attention)
    prefix = f"{model.base_model_prefix}."
    if all(name.startswith(prefix) for name in state):
        raise _no_head(folder, "they have no masked-LM head")
    if not any(name.startswith(prefix) for name in state):
        raise _no_head(folder, "they are a bare encoder's, with no masked-LM head")
    _load_strictly(model, state, folder)
    return model


def _no_head(folder: Path, why: str) -> InputError:
    reason = f"masked-LM steps cannot be taken with these weights: {why}."
    hint = (
        "Set `mlm_share: 0` in the arms of this encoder, and leave out arms that learn by masked "
        "words alone."
    )
    return InputError(folder / WEIGHTS, reason, hint=hint)


def mlm_head(model: nn.Module) -> nn.Module:
    """Return a module that turns hidden vectors, (…, hidden), into scores, (…, vocabulary)."""
    for name in ("lm_head", "cls"):  # RoBERTa's, BERT's
        head = getattr(model, name, None)
        if isinstance(head, nn.Module):
            return head
    transform, decoder = getattr(model, "head", None), getattr(model, "decoder", None)
    if isinstance(transform, nn.Module) and isinstance(decoder, nn.Module):  # ModernBERT's
        return nn.Sequential(transform, decoder)
    over_embeddings = getattr(model, "lm_predictions", None)
    if isinstance(over_embeddings, nn.Module):  # DeBERTa's with `legacy: false`
        return _HeadOverEmbeddings(over_embeddings, model.get_input_embeddings())  # type: ignore[operator]
    raise TypeError(f"{type(model).__name__} has no known masked-LM head")


class _HeadOverEmbeddings(nn.Module):
    """A masked-LM head that is handed the word embeddings with every call."""

    def __init__(self, head: nn.Module, embeddings: nn.Module) -> None:
        super().__init__()
        self.head = head
        self.embeddings = embeddings

    def forward(self, hidden: Tensor) -> Tensor:
        scores: Tensor = self.head(hidden, self.embeddings)
        return scores


def _read_weights(folder: Path) -> dict[str, Tensor]:
    """Read a folder's weights, LayerNorm's in their present names (older files say gamma, beta)."""
    path = folder / WEIGHTS
    if not path.is_file():
        hint = "Weights are read from safetensors alone, never from pickles."
        raise InputError(path, "there are no weights.", hint=hint)
    try:
        state = load_file(path)
    except SafetensorError as error:
        raise InputError(path, f"not a readable safetensors file ({error}).") from None
    return {_present_name(name): tensor for name, tensor in state.items()}


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), repr(error))


def _present_name(name: str) -> str:
    for old, new in ((".gamma", ".weight"), (".beta", ".bias")):
        if name.endswith(f"LayerNorm{old}"):
            return name.removesuffix(old) + new
    return name


def _load_strictly(model: nn.Module, state: dict[str, Tensor], folder: Path) -> None:
    """Load all weights; only those that are tied to another may be missing."""
    tied = _tied(model)
    # DeBERTa-v3's files hold absolute positions, which its relative ones replaced
    ignored = getattr(model, "_keys_to_ignore_on_load_unexpected", None) or []
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [name for name in missing if name not in tied and _matters(name)]
    unexpected = [
        name
        for name in unexpected
        if _matters(name) and not any(re.search(pattern, name) for pattern in ignored)
    ]
    if missing or unexpected:
        reason = f"the weights do not fit: missing {missing[:3]}, unexpected {unexpected[:3]}."
        raise InputError(folder / WEIGHTS, reason)
    tie = getattr(model, "tie_weights", None)
    if tie is not None:
        tie()


def _tied(model: nn.Module) -> frozenset[str]:
    """Return the names of weights that are another's under this model's configuration."""
    return frozenset(getattr(model, "all_tied_weights_keys", ()))


def _matters(name: str) -> bool:
    """Tell whether a weight has a place here.

    Position numbers have none, nor have BERT's pooler and its next-sentence head, which published
    files hold beside the encoder.
    """
    parts = name.split(".")
    return parts[-1] != "position_ids" and not {"pooler", "seq_relationship"} & set(parts)


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Return a model's weights, those that are tied to others left out."""
    tied = _tied(model)
    return {name: tensor for name, tensor in model.state_dict().items() if name not in tied}


def save_weights(path: Path, state: dict[str, Tensor]) -> None:
    """Write tensors as safetensors, atomically."""
    stored = {name: tensor.detach().to("cpu").contiguous() for name, tensor in state.items()}
    try:
        with atomic_path(path) as temporary:
            save_file(stored, temporary, metadata={"format": "pt"})
    except (OSError, SafetensorError) as error:
        raise PolystiltsError(
            f"{path} could not be written ({error}). Make room and run again: it goes on from its "
            "last checkpoint."
        ) from None


def save_config(path: Path, config: PretrainedConfig) -> None:
    """Write an encoder's configuration."""
    with atomic_path(path) as temporary:
        temporary.write_text(config.to_json_string(), encoding="utf-8")


def precision(name: str, device: torch.device) -> torch.dtype | None:
    """Return the autocast type for `fp32`, `bf16` or `auto`, or None for plain fp32.

    `auto` takes bf16 on a GPU that computes in it and on a CPU with AVX512-BF16 or AMX, where it
    was measured 2.4 to 2.8 times faster; elsewhere bf16 on a CPU is slower than fp32.
    """
    if name == "fp32":
        return None
    if name == "bf16":
        return torch.bfloat16
    if name != "auto":
        raise ValueError(f"no precision {name!r}: fp32, bf16 or auto")
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    return torch.bfloat16 if _cpu_has_bf16() else None


def _cpu_has_bf16() -> bool:
    checks: list[Any] = [
        getattr(torch.cpu, "_is_avx512_bf16_supported", None),
        getattr(torch.cpu, "_is_amx_tile_supported", None),
    ]
    return any(check() for check in checks if check is not None)


def pick_device() -> torch.device:
    """Return this process's GPU where there is one, else the CPU; torchrun numbers processes."""
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")
