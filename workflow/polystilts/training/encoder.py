"""Encoders as Hugging Face folders: `config.json`, `model.safetensors`, `tokenizer.json`.

Weights are read from safetensors alone and no code comes with them. A folder may hold the weights
of the bare encoder or of the encoder with its masked-LM head.
"""

import inspect
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, PretrainedConfig

from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path

WEIGHTS = "model.safetensors"
CONFIG = "config.json"


def load_config(folder: Path) -> PretrainedConfig:
    """Read an encoder's configuration without running any code that a folder may bring."""
    if not (folder / CONFIG).is_file():
        raise InputError(folder / CONFIG, "there is no encoder configuration.")
    config: PretrainedConfig = AutoConfig.from_pretrained(
        folder, trust_remote_code=False, local_files_only=True
    )
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
    model_class = AutoModel._model_mapping[type(config)]  # the class, to look at its signature
    has_pooler = "add_pooling_layer" in inspect.signature(model_class.__init__).parameters
    options = {"add_pooling_layer": False} if has_pooler else {}
    encoder: nn.Module = AutoModel.from_config(config, **options)
    return encoder


def load_masked_lm(folder: Path) -> nn.Module:
    """Return the encoder under its pretrained masked-LM head."""
    model: nn.Module = AutoModelForMaskedLM.from_config(load_config(folder))
    state = _read_weights(folder)
    if not any(name.startswith(f"{model.base_model_prefix}.") for name in state):
        reason = "these weights have no masked-LM head, which an MLM share needs."
        raise InputError(folder / WEIGHTS, reason, hint="Set `mlm_share: 0` for this encoder.")
    _load_strictly(model, state, folder)
    return model


def mlm_head(model: nn.Module) -> nn.Module:
    """Return the module that turns hidden vectors into scores over the vocabulary."""
    for name in ("lm_head", "cls"):
        head = getattr(model, name, None)
        if isinstance(head, nn.Module):
            return head
    raise TypeError(f"{type(model).__name__} has no known masked-LM head")


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


def _present_name(name: str) -> str:
    for old, new in ((".gamma", ".weight"), (".beta", ".bias")):
        if name.endswith(f"LayerNorm{old}"):
            return name.removesuffix(old) + new
    return name


def _load_strictly(model: nn.Module, state: dict[str, Tensor], folder: Path) -> None:
    """Load all weights; only those that are tied to another may be missing."""
    tied = _tied(model)
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [name for name in missing if name not in tied and _matters(name)]
    unexpected = [name for name in unexpected if _matters(name)]
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
    with atomic_path(path) as temporary:
        save_file(stored, temporary, metadata={"format": "pt"})


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
    """Return the first GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
