"""Sentence vectors: layer, pooling, padding; retrieval targets from file to file."""

import logging
import socket
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from polystilts.errors import DamagedFileError, PolystiltsError
from polystilts.evaluation import embedding, inference
from polystilts.evaluation.embedding import (
    Embedder,
    default_layer,
    mean_of_layer,
    pairs_path,
    predict_retrieval,
)
from polystilts.evaluation.splits import EvaluationSplit
from polystilts.provenance.tables import read_table, write_table
from polystilts.training.encoder import load_encoder
from training.tiny import (
    probe_batch,
    published_bert,
    published_xlmr,
    tokenizer,
)

ENGLISH = ["the cat", "a dog sees the old cat .", "who sees the bird ?"]
FOREIGN = ["el gato", "un perro viejo mira el gato .", "кошка видит собаку"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)


@pytest.mark.parametrize(
    ("layers", "layer"), [(24, 14), (12, 7), (6, 4), (18, 10), (4, 2), (3, 2), (2, 1), (1, 1)]
)
def test_the_layer_is_carried_over_from_xlm_r_large(layers: int, layer: int) -> None:
    """Halves go to the even number, as Python rounds: 3.5 to 4, 10.5 to 10."""
    assert default_layer(layers) == layer


@pytest.mark.parametrize("publish", [published_xlmr, published_bert])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_layer_counts_from_the_embeddings_and_layers_above_it_are_not_run(
    tmp_path: Path, publish: Any, layer: int
) -> None:
    model = publish(tmp_path).base_model
    ids, mask = probe_batch()
    encoder: Any = load_encoder(tmp_path).eval()
    forward = mean_of_layer(encoder, layer)
    with torch.inference_mode():
        states = model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        found = forward(ids, mask)
    assert len(states) == 3
    expected = torch.stack([states[layer][0].mean(0), states[layer][1, :3].mean(0)])
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)
    assert len(encoder.encoder.layer) == layer


def test_vectors_are_averaged_in_full_precision(tmp_path: Path) -> None:
    published_xlmr(tmp_path)
    forward = mean_of_layer(load_encoder(tmp_path).bfloat16().eval(), 1)
    with torch.inference_mode():
        assert forward(*probe_batch()).dtype == torch.float32


def test_an_encoder_of_another_kind_keeps_its_layers() -> None:
    """What is in its last hidden state may have passed one more norm; so it is not cut."""
    states = [torch.full((1, 2, 3), float(layer)) for layer in range(4)]

    class Other(torch.nn.Module):
        config = type("Config", (), {"model_type": "other"})

        def forward(self, output_hidden_states: bool, **inputs: Any) -> Any:
            assert output_hidden_states
            return type("Output", (), {"hidden_states": states, "last_hidden_state": None})

    vector = mean_of_layer(Other(), 2)(torch.ones(1, 2), torch.ones(1, 2))
    assert vector.tolist() == [[2.0, 2.0, 2.0]]


def test_the_pairs_of_a_split() -> None:
    assert pairs_path(Path("bucc/test.de.parquet")) == Path("bucc/test-pairs.de.parquet")


def write_sentences(folder: Path, english: Sequence[str] = ENGLISH) -> list[EvaluationSplit]:
    splits = []
    for split in ("dev", "test"):
        path = folder / f"{split}.es.parquet"
        rows = [("es", f"es-{i}", text) for i, text in enumerate(FOREIGN)]
        rows += [("en", f"en-{i}", text) for i, text in enumerate(english)]
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
    plain = {"retriever": "tatoeba", "layer": None, "max_length": 64, "precision": "fp32"}
    return plain | {"selections": ["last"]} | changes


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
    table = run(tmp_path, record(retriever="bucc"))
    dev = table.slice(0, len(table) // 2)
    pairs = {
        (i, p or g)
        for i, p, g in zip(*(dev[n].to_pylist() for n in ("id", "prediction", "gold")), strict=True)
    }
    assert {("es-0", "en-0"), ("es-1", "en-1"), ("es-2", "en-2")} <= pairs


class Vectors:
    """Stands for an encoder: a vector is made of a sentence's length and its last word."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self.batches.append(len(ids))
        length = mask.sum(1)
        return torch.stack([length, ids.gather(1, length[:, None] - 2)[:, 0]], 1).float()


@pytest.mark.parametrize("chunk", [1, 3, 5, 1000])
def test_vectors_stand_in_the_order_of_the_sentences(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, chunk: int
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(embedding, "_CHUNK_SENTENCES", chunk)
    tokens, forward = tokenizer(), Vectors()
    texts = [" ".join(["cat", "dog", "bird", "old"][: i % 4 + 1]) for i in range(11)]
    embed = Embedder(forward, tokens, 5, 2, torch.device("cpu"), None)
    found = embed(texts)
    ids = [tokens.encode(text).ids for text in texts]
    shortened = [i if len(i) <= 5 else [*i[:4], i[-1]] for i in ids]
    assert found.dtype == np.float32
    assert found.tolist() == [[len(i), i[-2]] for i in shortened]
    assert sum(forward.batches) == 11 and max(forward.batches) <= chunk
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [f"{ids.count(ids[3])} sentences shortened to 5 tokens"]
    assert embed([]).shape == (0, 2)


def test_vectors_are_held_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What numpy holds at its peak is the array that is returned."""
    monkeypatch.setattr(embedding, "_CHUNK_SENTENCES", 100)
    width = 4096
    embed = Embedder(
        lambda ids, mask: torch.ones(len(ids), width),
        tokenizer(),
        16,
        width,
        torch.device("cpu"),
        None,
    )
    embed(["the cat"])
    tracemalloc.start()
    found = embed(["the cat", "a dog"] * 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.nbytes == 4 * width * 2000
    assert found.nbytes <= peak < 1.02 * found.nbytes


def test_the_layer_stands_in_the_predictions(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    published_xlmr(tmp_path / "encoder")
    for layer, stands in ((None, b"1"), (2, b"2"), (0, b"0")):
        assert run(tmp_path, record(layer=layer)).schema.metadata[b"polystilts.layer"] == stands
    assert "mean of layer 1 of 2" in caplog.text
    with pytest.raises(PolystiltsError, match="layer 3 of an encoder that has 2"):
        run(tmp_path, record(layer=3))


def test_no_more_tokens_than_the_encoder_has_positions_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    published_xlmr(tmp_path / "encoder")
    english = [*ENGLISH[:2], " ".join(["cat"] * 100)]
    splits = write_sentences(tmp_path, english)
    encoder = tmp_path / "encoder"
    predict_retrieval(
        record(max_length=512),
        encoder / "encoder.json",
        encoder / "tokenizer.json",
        splits,
        tmp_path / "predictions.parquet",
        "k",
    )
    assert "1 sentences shortened to 64 tokens" in caplog.text


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


def test_rows_carry_the_name_of_the_primary_selection(tmp_path: Path) -> None:
    published_xlmr(tmp_path / "encoder")
    table = run(tmp_path, record(selections=["averaged"]))
    assert set(table["selection"].to_pylist()) == {"averaged"}
