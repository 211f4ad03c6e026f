"""The files of an encoder folder: which are needed, what they must be, and their copying."""

import json
import shutil
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer

from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
FILES = (CONFIG, WEIGHTS, TOKENIZER)

# What docs/methods.md has too. They keep every tensor's name: a masked-LM head that was never
# trained must not come out of a conversion.
CONVERT_WEIGHTS = (
    'python -c "import torch; from safetensors.torch import save_file; '
    "weights = torch.load('pytorch_model.bin', map_location='cpu', weights_only=True); "
    "save_file({name: tensor.contiguous().clone() for name, tensor in weights.items()}, "
    "'model.safetensors', {'format': 'pt'})\""
)
CONVERT_TOKENIZER = (
    'python -c "from transformers import AutoTokenizer; '
    "AutoTokenizer.from_pretrained('.').save_pretrained('.')\""
)
PICKLED = "the weights are pickled, and a pickle can run any program when it is read."
CONVERT_HINT = (
    f"In a folder with a copy that you trust run `{CONVERT_WEIGHTS}` and, where there is no "
    f"`tokenizer.json`, `pip install sentencepiece protobuf` and `{CONVERT_TOKENIZER}`; then set "
    "`source` to that folder."
)


def copy_encoder(folder: Path, output: Path) -> dict[str, Any]:
    """Check the encoder in `folder` and copy its three files; return facts for its manifest.

    Raises:
        InputError: a file is missing or damaged, the weights are pickled, or the encoder needs
            code of its own.
    """
    config = check_config(folder / CONFIG)
    tensors = check_weights(folder / WEIGHTS)
    pieces = check_tokenizer(folder / TOKENIZER)
    for name in FILES:
        with atomic_path(output / name) as temporary:
            shutil.copyfile(folder / name, temporary)
    return {"model_type": config["model_type"], "tensors": tensors, "pieces": pieces}


def check_config(path: Path) -> dict[str, Any]:
    """Return the configuration after making sure that it asks for no code of its own."""
    _must_exist(path, "Name a folder in Hugging Face layout.")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(path, f"not readable as JSON ({error}).") from None
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise InputError(path, "an encoder's configuration names its `model_type`.")
    if "auto_map" in config:
        reason = "it asks for program code that comes with the weights; none is ever run."
        raise InputError(path, reason, hint="Choose an encoder of a published architecture.")
    return config


def check_weights(path: Path) -> int:
    """Return the number of tensors in a safetensors file after reading its header."""
    if not path.exists() and path.with_name(f"{WEIGHTS}.index.json").exists():
        reason = "the weights are split over several files; one file is needed."
        raise InputError(path, reason, hint="Save the model again with a larger shard size.")
    if not path.exists() and any(path.parent.glob("pytorch_model*.bin")):
        raise InputError(path, PICKLED, hint=CONVERT_HINT)
    _must_exist(path, "Name a folder in Hugging Face layout.")
    try:
        with safe_open(path, framework="numpy") as tensors:
            return len(tensors.keys())
    except SafetensorError as error:
        raise InputError(path, f"not a whole safetensors file ({error}).") from None


def check_tokenizer(path: Path) -> int:
    """Return the number of pieces, special tokens included, of a readable `tokenizer.json`."""
    hint = f"Run `pip install sentencepiece protobuf` and, in its folder, `{CONVERT_TOKENIZER}`."
    _must_exist(path, hint)
    try:
        return int(Tokenizer.from_file(str(path)).get_vocab_size())
    except Exception as error:  # the library raises nothing narrower
        raise InputError(path, f"not a tokenizer that can be read ({error}).") from None


def _must_exist(path: Path, hint: str) -> None:
    if not path.is_file():
        raise InputError(path, f"the encoder has no `{path.name}`.", hint=hint)
