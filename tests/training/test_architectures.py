"""Encoders of every architecture load, train and are handed on, by configuration alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM, DebertaV2ForMaskedLM

from polystilts.errors import InputError
from polystilts.evaluation.embedding import mean_of_layer
from polystilts.provenance.manifest import verify
from polystilts.training.encoder import (
    WEIGHTS,
    attention_of,
    load_encoder,
    load_masked_lm,
    mlm_head,
    save_config,
    save_weights,
    weights_of,
)
from polystilts.training.fine_tune import fine_tune
from polystilts.training.inputs import special_ids, token_id
from polystilts.training.intermediate import train_intermediate
from polystilts.training.vocabulary import cut_layers, pieces_used, trim
from training.architectures import (
    ARCHITECTURES,
    deberta_config,
    hidden_states,
    probe,
    publish_mdeberta,
)
from training.tiny import (
    LINES,
    NLI,
    QUESTIONS,
    SENTENCES,
    TAGS,
    TRAINING,
    choice_rows,
    classification_rows,
    question_rows,
    tagging_rows,
    task_record,
    write_rows,
)

WITH_HEAD = [name for name, kind in ARCHITECTURES.items() if kind.masked_lm]
WITHOUT_HEAD = [name for name, kind in ARCHITECTURES.items() if not kind.masked_lm]
ROWS = {
    "classification": (NLI, classification_rows(24)),
    "multiple_choice": ([], choice_rows(8)),
    "tagging": (TAGS, tagging_rows(SENTENCES * 3)),
    "span_qa": ([], question_rows(QUESTIONS * 3)),
}


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("published")
    for name, kind in ARCHITECTURES.items():
        kind.publish(root / name)
    return {name: root / name for name in ARCHITECTURES}


def inputs_for(name: str) -> tuple[Tensor, Tensor]:
    kind = ARCHITECTURES[name]
    return probe(kind.tokenizer(), kind.pad)


def published(folder: Path) -> nn.Module:
    """Return what the library itself makes of a folder, with the attention that it names."""
    config = AutoConfig.from_pretrained(folder)
    attention = "eager" if config.model_type == "deberta-v2" else "sdpa"
    model: nn.Module = AutoModel.from_pretrained(folder, attn_implementation=attention)
    return model


def test_every_layer_is_as_the_library_computes_it(name: str, folders: dict[str, Path]) -> None:
    ids, mask = inputs_for(name)
    ours, theirs = load_encoder(folders[name]), published(folders[name])
    expected = hidden_states(theirs, ids, mask)
    assert len(expected) == 4 and not torch.equal(expected[0], expected[3])
    for mine, golden in zip(hidden_states(ours, ids, mask), expected, strict=True):
        assert torch.equal(mine, golden)


def test_attention_is_fused_where_it_can_be(name: str, folders: dict[str, Path]) -> None:
    """One of the folders asks for flash attention, which a CPU has not."""
    assert attention_of(load_encoder(folders[name])) == ARCHITECTURES[name].attention


def test_special_tokens_are_read_off_the_tokenizer(name: str, folders: dict[str, Path]) -> None:
    tokenizer = Tokenizer.from_file(str(folders[name] / "tokenizer.json"))
    kind = ARCHITECTURES[name]
    assert special_ids(tokenizer) == kind.pair
    assert token_id(tokenizer, "pad") == kind.pad
    ids = tokenizer.encode("the cat", add_special_tokens=False).ids
    assert token_id(tokenizer, "unk") not in ids and len(ids) == 2
    spelled = "[MASK]" if name in ("mbert", "mdeberta") else "<mask>"
    assert [token_id(tokenizer, "mask")] == tokenizer.encode(spelled, add_special_tokens=False).ids


@pytest.mark.parametrize("head", WITH_HEAD)
def test_the_masked_lm_head_scores_as_published(head: str, folders: dict[str, Path]) -> None:
    ids, mask = inputs_for(head)
    model = load_masked_lm(folders[head]).eval()
    oracle = AutoModelForMaskedLM.from_pretrained(
        folders[head], attn_implementation=attention_of(model)
    ).eval()
    with torch.inference_mode():
        expected = oracle(input_ids=ids, attention_mask=mask).logits
        hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
        # as training calls it: on the vectors of hidden tokens alone
        scores = mlm_head(model)(hidden[mask.bool()])
    torch.testing.assert_close(scores, expected[mask.bool()])


@pytest.mark.parametrize("head", WITHOUT_HEAD)
def test_without_a_masked_lm_head_an_mlm_share_is_refused(
    head: str, folders: dict[str, Path]
) -> None:
    with pytest.raises(InputError, match=r"no masked-LM head") as raised:
        load_masked_lm(folders[head])
    message = str(raised.value)
    assert str(folders[head] / WEIGHTS) in message and "mlm_share: 0" in message
    assert "masked words alone" in message


def test_debertas_other_head_takes_the_embeddings(tmp_path: Path) -> None:
    torch.manual_seed(5)
    oracle = DebertaV2ForMaskedLM(deberta_config(90, legacy=False)).eval()
    oracle.save_pretrained(tmp_path)
    model = load_masked_lm(tmp_path).eval()
    ids = torch.tensor([[1, 5, 6, 7, 2]])
    with torch.inference_mode():
        hidden = model.base_model(input_ids=ids).last_hidden_state
        torch.testing.assert_close(mlm_head(model)(hidden), oracle(input_ids=ids).logits)
    assert oracle.get_input_embeddings() is not model.get_input_embeddings()  # type: ignore[operator]
    names = [n for n, _ in nn.ModuleList([model.base_model, mlm_head(model)]).named_parameters()]
    assert not any("embeddings" in n for n in names if n.startswith("1.")), "counted twice"


def test_absolute_positions_are_needed_where_they_are_used(tmp_path: Path) -> None:
    """What mDeBERTa's file may hold for nothing must not be ignored in another DeBERTa's."""
    publish_mdeberta(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"position_biased_input": True}))
    state = load_file(tmp_path / WEIGHTS)
    loaded = load_encoder(tmp_path).state_dict()["embeddings.position_embeddings.weight"]
    assert torch.equal(loaded, state["deberta.embeddings.position_embeddings.weight"])
    del state["deberta.embeddings.position_embeddings.weight"]
    save_file(state, tmp_path / WEIGHTS)
    with pytest.raises(InputError, match="position_embeddings"):
        load_encoder(tmp_path)


def record(name: str, share: float) -> dict[str, Any]:
    return {
        "seed": 1,
        "tasks": {
            family: task_record(family, labels, epochs=1) for family, (labels, _) in ROWS.items()
        },
        "training": TRAINING | {"learning_rate": 1e-3},
        "multi_task": {"size_cap": 1000},
        "mlm": {
            "share": share,
            "probability": 0.3,
            "max_length": 24,
            "batch_tokens": 24,
            "exponent": 0.5,
        },
        "objective": "task",
        "selection": "last",
        "evaluations": None,
        "freeze_embeddings": False,
    }


def test_all_families_train_and_the_encoder_goes_on(
    name: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    """Intermediate training with an MLM share where there is a head, fine-tuning, retrieval."""
    import pyarrow as pa

    folder, kind = folders[name], ARCHITECTURES[name]
    english = {
        f: write_rows(tmp_path / f, {"train": rows})["train"] for f, (_, rows) in ROWS.items()
    }
    texts = write_rows(tmp_path / "text", {"en": pa.table({"text": LINES[:4]})})
    share = 0.3 if kind.masked_lm else 0.0
    output = tmp_path / "intermediate"
    train_intermediate(
        record(name, share), folder, english, english, english, texts, output, tmp_path / "p1", "k1"
    )
    manifest = verify(output / "training.json")
    streams = {loss["stream"] for loss in manifest["progress"]["losses"]}
    assert streams == set(ROWS) | ({"mlm"} if share else set())
    assert set(manifest["english_dev"]) == set(ROWS)

    # the encoder alone, every weight of it, and not as it was
    before, after = load_encoder(folder).state_dict(), load_file(output / WEIGHTS)
    assert set(after) == set(before)
    same = {n for n in before if torch.equal(before[n], after[n])}
    assert not same - {"embeddings.position_ids", "embeddings.token_type_ids"}
    ids, mask = inputs_for(name)
    trained = hidden_states(load_encoder(output), ids, mask)
    golden = hidden_states(published(output), ids, mask)
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(trained, golden, strict=True))

    target = tmp_path / "target"
    settings = {"seed": 2, "intermediate": "mnli", "name": "panx"}
    settings |= {"task": task_record("tagging", TAGS, epochs=1)}
    settings |= {"training": TRAINING, "freeze_embeddings": True}
    settings |= {"selections": ["last"], "evaluations": None}
    tokenizer = folder / "tokenizer.json"
    dev = english["tagging"]
    fine_tune(settings, output, tokenizer, dev, dev, target, tmp_path / "p2", "k2")
    state = load_file(target / WEIGHTS)
    own = {n.removeprefix("encoder.") for n in state if n.startswith("encoder.")}
    assert own == set(before)

    for layer in range(4):
        vectors = mean_of_layer(load_encoder(output).eval(), layer)(ids, mask)
        parts = golden[layer].split(mask.sum(1).tolist())
        torch.testing.assert_close(vectors, torch.stack([part.mean(0) for part in parts]))


def test_training_under_padding_and_bf16_stays_finite(name: str, folders: dict[str, Path]) -> None:
    """Local attention leaves some padding with nothing to attend to, which must not spread."""
    ids, mask = inputs_for(name)
    model = load_encoder(folders[name]).train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    torch.autograd.backward((hidden.float() * mask[..., None]).square().mean())
    assert hidden[mask.bool()].isfinite().all()
    for parameter_name, parameter in model.named_parameters():
        if parameter.grad is not None:
            assert parameter.grad.isfinite().all(), parameter_name


def test_what_is_saved_is_what_was_loaded(
    name: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    model = load_encoder(folders[name])
    save_weights(tmp_path / WEIGHTS, weights_of(model))
    save_config(tmp_path / "config.json", model.config)  # type: ignore[arg-type]
    ids, mask = inputs_for(name)
    again = load_encoder(tmp_path)
    pairs = zip(hidden_states(again, ids, mask), hidden_states(model, ids, mask), strict=True)
    assert all(torch.equal(new, old) for new, old in pairs)
    _, information = AutoModel.from_pretrained(tmp_path, output_loading_info=True)
    missing = {n for n in information["missing_keys"] if "pooler" not in n}
    assert not missing and not information["unexpected_keys"]


def test_the_first_layers_alone(name: str, folders: dict[str, Path], tmp_path: Path) -> None:
    counts = cut_layers(folders[name], tmp_path, 2)
    assert (counts["layers_before"], counts["layers_after"]) == (3, 2)
    assert counts["parameters_after"] < counts["parameters_before"]
    tokenizers = [folder / "tokenizer.json" for folder in (tmp_path, folders[name])]
    assert tokenizers[0].read_bytes() == tokenizers[1].read_bytes()
    ids, mask = inputs_for(name)
    whole, cut = load_encoder(folders[name]), load_encoder(tmp_path)
    expected = hidden_states(whole, ids, mask)[:3]
    if name == "mmbert":  # the norm after the last layer follows the second now
        with torch.inference_mode():
            expected[2] = whole.final_norm(expected[2])  # type: ignore[operator]
    got = hidden_states(cut, ids, mask)
    assert all(torch.equal(mine, golden) for mine, golden in zip(got, expected, strict=True))
    if ARCHITECTURES[name].masked_lm:
        load_masked_lm(tmp_path)
    with pytest.raises(InputError, match="has 3 layers; the first 4"):
        cut_layers(folders[name], tmp_path / "more", 4)


def test_only_the_pieces_that_are_used(name: str, folders: dict[str, Path], tmp_path: Path) -> None:
    """Unigram vocabularies can be trimmed; the others say so."""
    folder = folders[name]
    used = pieces_used(folder / "tokenizer.json", ["the cat"])
    if name in ("mbert", "mmbert"):
        with pytest.raises(InputError, match="only unigram vocabularies") as raised:
            trim(folder, used, tmp_path, 2)
        assert "trim_vocabulary: false" in str(raised.value)
        return
    counts = trim(folder, used, tmp_path, None)
    assert counts["pieces_after"] < 12 < counts["pieces_before"]
    small = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert small.get_vocab_size() == counts["pieces_after"]
    assert token_id(small, "mask") == small.get_vocab_size() - 1
    big = ARCHITECTURES[name].tokenizer()
    ids, fewer = (torch.tensor([t.encode("the cat", "cat").ids]) for t in (big, small))
    mask = torch.ones_like(ids)
    expected = hidden_states(load_encoder(folder), ids, mask)
    got = hidden_states(load_encoder(tmp_path), fewer, mask)
    for mine, golden in zip(got, expected, strict=True):
        torch.testing.assert_close(mine, golden)
    if ARCHITECTURES[name].masked_lm:
        load_masked_lm(tmp_path)


def test_layers_and_embeddings_of_other_names_are_not_left_whole(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    for old, new, what in (("layer.", "block.", "layers"), ("word_", "token_", "embeddings")):
        folder = tmp_path / what
        ARCHITECTURES["xlmr"].publish(folder)
        state = load_file(folder / WEIGHTS)
        save_file({n.replace(old, new): t for n, t in state.items()}, folder / WEIGHTS)
        used = pieces_used(folder / "tokenizer.json", ["the cat"])
        with pytest.raises(InputError, match=f"its {what} are not named"):
            trim(folder, used, tmp_path / "small", 2)
