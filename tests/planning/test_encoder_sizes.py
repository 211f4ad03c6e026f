"""Every published encoder of config.yaml can be chosen, and is as large as it says."""

import re
from typing import Any

import pytest
import torch
import yaml
from transformers import AutoConfig, AutoModel

from polystilts.commands.workflow import load
from polystilts.planning.sizes import encoder_size
from repository import REPOSITORY
from steps import read_config

XLMR = {"vocab_size": 250002, "max_position_embeddings": 514, "type_vocab_size": 1}
BASE = {"num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
MMBERT = {"vocab_size": 256000, "num_hidden_layers": 22, "intermediate_size": 1152}
PUBLISHED: dict[str, tuple[str, dict[str, Any]]] = {
    "xlmr-base": ("xlm-roberta", {**XLMR, **BASE, "hidden_size": 768}),
    "xlmr-large": (
        "xlm-roberta",
        {
            **XLMR,
            "hidden_size": 1024,
            "num_hidden_layers": 24,
            "num_attention_heads": 16,
            "intermediate_size": 4096,
        },
    ),
    "glot500-base": ("xlm-roberta", {**XLMR, **BASE, "hidden_size": 768, "vocab_size": 401145}),
    "multilingual-e5-small": (
        "bert",
        {**BASE, "hidden_size": 384, "intermediate_size": 1536, "vocab_size": 250037},
    ),
    "mdeberta-v3-base": (
        "deberta-v2",
        {
            **BASE,
            "hidden_size": 768,
            "vocab_size": 251000,
            "relative_attention": True,
            "position_biased_input": False,
            "pos_att_type": "p2c|c2p",
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "position_buckets": 256,
            "type_vocab_size": 0,
        },
    ),
    "mmbert-base": ("modernbert", {**MMBERT, "hidden_size": 768, "num_attention_heads": 12}),
    "mmbert-small": ("modernbert", {**MMBERT, "hidden_size": 384, "num_attention_heads": 6}),
}


@pytest.mark.parametrize("entry", list(PUBLISHED))
def test_an_entry_of_the_catalogue_can_be_chosen_and_planned(entry: str) -> None:
    graph = load(read_config(REPOSITORY, {"study": {"encoder": entry}}))
    encoder = graph.study.encoder
    assert encoder.source.startswith("hub:")
    kind, shape = PUBLISHED[entry]
    with torch.device("meta"):
        model = AutoModel.from_config(AutoConfig.for_model(kind, pad_token_id=0, **shape))
    assert encoder.parameters == sum(p.numel() for p in model.parameters())
    embeddings = model.embeddings.parameters()
    assert encoder.embedding_parameters == sum(p.numel() for p in embeddings)
    size = encoder_size(graph)
    assert size is not None and size.stored == encoder.parameters > size.computing > 0


def test_the_catalogue_is_all_here() -> None:
    entries = yaml.safe_load((REPOSITORY / "config.yaml").read_text())["encoders"]
    assert set(entries) == set(PUBLISHED)
    floating = {name for name in PUBLISHED if "revision" not in entries[name]}
    assert floating == {"glot500-base"}
    assert all(
        re.fullmatch("[0-9a-f]{40}", entries[n]["revision"]) for n in set(PUBLISHED) - floating
    )
