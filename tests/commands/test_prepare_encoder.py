"""An encoder is cut as its record says, or the step says that it cannot."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from polystilts.commands.prepare_encoder import main
from polystilts.errors import InputError
from polystilts.provenance.manifest import verify
from polystilts.training.encoder import load_encoder
from training.architectures import ARCHITECTURES
from training.tiny import write_rows

FILES = ("config.json", "model.safetensors", "tokenizer.json")


def prepare(tmp_path: Path, kind: str, **record: Any) -> Path:
    """Run the step on a small encoder of a kind; return its output folder."""
    fetched = tmp_path / "fetched"
    ARCHITECTURES[kind].publish(fetched)
    texts = write_rows(tmp_path / "task", {"train": pa.table({"text": ["the cat"]})})["train"]
    manifest = tmp_path / "prepared" / "encoder.json"
    main(
        [
            *("--key", "k"),
            *("--record", json.dumps(record)),
            *("--fetched", str(fetched / "encoder.json")),
            *("--texts", str(texts)),
            *("--manifest", str(manifest)),
        ]
    )
    facts = verify(manifest)
    assert facts["key"] == "k" and sorted(facts["files"]) == list(FILES)
    return manifest.parent


@pytest.mark.parametrize("kind", list(ARCHITECTURES))
def test_nothing_is_cut_where_nothing_is_asked_for(tmp_path: Path, kind: str) -> None:
    output = prepare(tmp_path, kind, layers=None, trim_vocabulary=False)
    for name in FILES:
        assert (output / name).read_bytes() == (tmp_path / "fetched" / name).read_bytes()


@pytest.mark.parametrize("kind", list(ARCHITECTURES))
def test_the_first_layers_of_any_encoder(tmp_path: Path, kind: str) -> None:
    output = prepare(tmp_path, kind, layers=1, trim_vocabulary=False)
    assert load_encoder(output).config.num_hidden_layers == 1  # type: ignore[union-attr]
    facts = verify(output / "encoder.json")
    assert (facts["layers_before"], facts["layers_after"]) == (3, 1)


@pytest.mark.parametrize("kind", list(ARCHITECTURES))
def test_a_trimmed_vocabulary_or_the_reason_why_not(tmp_path: Path, kind: str) -> None:
    if kind in ("mbert", "mmbert"):
        with pytest.raises(InputError, match=r"only unigram.*`trim_vocabulary: false`"):
            prepare(tmp_path, kind, layers=2, trim_vocabulary=True)
        assert not (tmp_path / "prepared" / "encoder.json").exists()
        return
    output = prepare(tmp_path, kind, layers=2, trim_vocabulary=True)
    facts = verify(output / "encoder.json")
    assert facts["pieces_used"] == 2 and facts["segmentation_differences"] == 0
    config = load_encoder(output).config
    assert config.vocab_size == facts["pieces_after"] < facts["pieces_before"]  # type: ignore[union-attr, operator]
