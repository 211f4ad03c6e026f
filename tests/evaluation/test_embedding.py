"""Sentence vectors: layer, pooling, padding; retrieval targets from file to file."""

import logging
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from polystilts.errors import DamagedFileError
from polystilts.evaluation import inference
from polystilts.evaluation.embedding import default_layer, pairs_path, predict_retrieval
from polystilts.evaluation.splits import EvaluationSplit
from polystilts.provenance.tables import read_table, write_table
from training.tiny import published_xlmr, tokenizer

ENGLISH = ["the cat", "a dog sees the old cat .", "who sees the bird ?"]
FOREIGN = ["el gato", "un perro viejo mira el gato .", "кошка видит собаку"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.mark.parametrize(("layers", "layer"), [(24, 14), (12, 7), (6, 4), (2, 1)])
def test_the_layer_is_carried_over_from_xlm_r_large(layers: int, layer: int) -> None:
    assert default_layer(layers) == layer


def test_the_pairs_of_a_split() -> None:
    assert pairs_path(Path("bucc/test.de.parquet")) == Path("bucc/test-pairs.de.parquet")


def write_sentences(folder: Path) -> list[EvaluationSplit]:
    splits = []
    for split in ("dev", "test"):
        path = folder / f"{split}.es.parquet"
        rows = [("es", f"es-{i}", text) for i, text in enumerate(FOREIGN)]
        rows += [("en", f"en-{i}", text) for i, text in enumerate(ENGLISH)]
        columns = {
            "id": [identifier for _, identifier, _ in rows],
            "group": [identifier[3:] for _, identifier, _ in rows],
            "language": [language for language, _, _ in rows],
            "text": [text for _, _, text in rows],
        }
        write_table(path, pa.table(columns), "k")
        pairs = {
            "source_id": ["es-0", "es-1", "es-2"],
            "target_id": ["en-0", "en-1", "en-2"],
            "group": ["0", "1", "2"],
        }
        write_table(pairs_path(path), pa.table(pairs), "k")
        splits.append(EvaluationSplit(split, "es", path))
    return splits


def record(**changes: Any) -> dict[str, Any]:
    plain = {"target": "tatoeba", "layer": None, "max_length": 64, "precision": "fp32"}
    return plain | changes


def run(folder: Path, settings: dict[str, Any]) -> pa.Table:
    encoder = folder / "encoder"
    output = folder / "predictions.parquet"
    predict_retrieval(
        settings,
        encoder / "encoder.json",
        encoder / "tokenizer.json",
        write_sentences(folder),
        output,
        "k",
    )
    return read_table(output)


def oracle(model: Any, texts: list[str], layer: int) -> torch.Tensor:
    """One sentence at a time, without padding: the mean over all tokens, special ones included."""
    rows = []
    for text in texts:
        ids = torch.tensor([tokenizer().encode(text).ids])
        with torch.inference_mode():
            states = model.base_model(input_ids=ids, output_hidden_states=True).hidden_states
        rows.append(states[layer][0].mean(0))
    return torch.nn.functional.normalize(torch.stack(rows))


@pytest.mark.parametrize(("layer", "used"), [(None, 1), (2, 2)])
@pytest.mark.parametrize("budget", [16384, 1])
def test_tatoeba_by_cosine_of_mean_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layer: int | None, used: int, budget: int
) -> None:
    model = published_xlmr(tmp_path / "encoder")
    monkeypatch.setattr(inference, "_CPU_BATCH_TOKENS", budget)
    table = run(tmp_path, record(layer=layer))
    similarity = oracle(model, ENGLISH, used) @ oracle(model, FOREIGN, used).T
    best = similarity.max(1)
    assert table["id"].to_pylist() == ["en-0", "en-1", "en-2"] * 2
    assert table["gold"].to_pylist() == ["es-0", "es-1", "es-2"] * 2
    assert table["prediction"].to_pylist() == [f"es-{i}" for i in best.indices.tolist()] * 2
    np.testing.assert_allclose(table["score"].to_pylist(), best.values.tolist() * 2, atol=1e-5)
    assert table["split"].to_pylist() == ["dev"] * 3 + ["test"] * 3
    assert set(table["language"].to_pylist()) == {"es"}


def test_bucc_from_files(tmp_path: Path) -> None:
    published_xlmr(tmp_path / "encoder")
    table = run(tmp_path, record(target="bucc"))
    dev = table.slice(0, len(table) // 2)
    pairs = {
        (i, p or g)
        for i, p, g in zip(*(dev[n].to_pylist() for n in ("id", "prediction", "gold")), strict=True)
    }
    assert {("es-0", "en-0"), ("es-1", "en-1"), ("es-2", "en-2")} <= pairs


def test_shortened_sentences_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    published_xlmr(tmp_path / "encoder")
    run(tmp_path, record(max_length=5))
    messages = [r.getMessage() for r in caplog.records if "shortened" in r.getMessage()]
    expected = [
        sum(len(tokenizer().encode(text).ids) > 5 for text in texts) for texts in (ENGLISH, FOREIGN)
    ]
    assert messages == [f"{count} sentences shortened to 5 tokens" for count in expected * 2]


def test_a_damaged_encoder_is_refused(tmp_path: Path) -> None:
    published_xlmr(tmp_path / "encoder")
    (tmp_path / "encoder" / "tokenizer.json").write_text("{}")
    with pytest.raises(DamagedFileError, match=r"tokenizer\.json"):
        run(tmp_path, record())
