"""Encoders come from and go to Hugging Face folders unchanged."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    BertForMaskedLM,
    ModernBertConfig,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
    XLMRobertaForSequenceClassification,
    XLMRobertaModel,
)

from polystilts.errors import InputError, PolystiltsError
from polystilts.training.encoder import (
    WEIGHTS,
    build_encoder,
    check_length,
    load_config,
    load_encoder,
    load_masked_lm,
    mlm_head,
    position_limit,
    precision,
    save_config,
    save_weights,
    weights_of,
)
from training.tiny import bert_config, probe_batch, published_bert, published_xlmr, xlmr_config


def vectors(model: torch.nn.Module) -> torch.Tensor:
    ids, mask = probe_batch()
    with torch.inference_mode():
        return model.eval()(input_ids=ids, attention_mask=mask).last_hidden_state


@pytest.mark.parametrize("publish", [published_xlmr, published_bert])
def test_a_published_encoder_gives_the_same_vectors(tmp_path: Path, publish) -> None:  # type: ignore[no-untyped-def]
    original = publish(tmp_path)
    assert torch.equal(vectors(load_encoder(tmp_path)), vectors(original.base_model))


@pytest.mark.parametrize("publish", [published_xlmr, published_bert])
def test_a_published_masked_lm_gives_the_same_scores(tmp_path: Path, publish) -> None:  # type: ignore[no-untyped-def]
    publish(tmp_path)
    ids, mask = probe_batch()
    model = load_masked_lm(tmp_path).eval()
    oracle = AutoModelForMaskedLM.from_pretrained(tmp_path).eval()
    with torch.inference_mode():
        expected = oracle(input_ids=ids, attention_mask=mask).logits
        hidden = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
        torch.testing.assert_close(mlm_head(model)(hidden), expected)


@pytest.mark.parametrize("publish", [published_xlmr, published_bert])
def test_saved_weights_are_read_by_hugging_face(tmp_path: Path, publish) -> None:  # type: ignore[no-untyped-def]
    publish(tmp_path / "published")
    model = load_masked_lm(tmp_path / "published")
    folder = tmp_path / "own"
    save_weights(folder / WEIGHTS, weights_of(model))
    save_config(folder / "config.json", load_config(tmp_path / "published"))
    ids, mask = probe_batch()
    again = AutoModelForMaskedLM.from_pretrained(folder).eval()
    bare, information = AutoModel.from_pretrained(
        folder, add_pooling_layer=False, output_loading_info=True
    )
    assert type(again) in (XLMRobertaForMaskedLM, BertForMaskedLM)
    assert not information["missing_keys"]
    assert torch.equal(vectors(bare), vectors(load_encoder(folder)))
    with torch.inference_mode():
        scores = again(input_ids=ids, attention_mask=mask).logits
        assert torch.equal(scores, model.eval()(input_ids=ids, attention_mask=mask).logits)


def test_tied_weights_are_stored_once(tmp_path: Path) -> None:
    published_xlmr(tmp_path)
    model = load_masked_lm(tmp_path)
    stored = weights_of(model)
    assert sum(tensor.numel() for tensor in stored.values()) == sum(
        parameter.numel() for parameter in model.parameters()
    ) + sum(buffer.numel() for name, buffer in model.named_buffers() if name in stored)
    save_weights(tmp_path / "own" / WEIGHTS, stored)
    save_config(tmp_path / "own" / "config.json", load_config(tmp_path))
    again = load_masked_lm(tmp_path / "own")
    assert again.get_output_embeddings().weight is again.get_input_embeddings().weight  # type: ignore[operator]


def test_a_head_of_its_own_is_stored_and_must_be_there(tmp_path: Path) -> None:
    published_xlmr(tmp_path, tie_word_embeddings=False)
    model = load_masked_lm(tmp_path)
    decoder = model.get_output_embeddings().weight  # type: ignore[operator]
    assert not torch.equal(decoder, model.get_input_embeddings().weight)  # type: ignore[operator]
    save_weights(tmp_path / WEIGHTS, weights_of(model))
    assert torch.equal(decoder, load_masked_lm(tmp_path).get_output_embeddings().weight)  # type: ignore[operator]
    state = load_file(tmp_path / WEIGHTS)
    del state["lm_head.decoder.weight"]
    save_file(state, tmp_path / WEIGHTS)
    with pytest.raises(InputError, match=r"missing \['lm_head\.decoder\.weight'\]"):
        load_masked_lm(tmp_path)


def test_a_bare_encoder_goes_from_phase_to_phase(tmp_path: Path) -> None:
    encoder = build_encoder(xlmr_config(40))
    assert not any("pooler" in name for name in encoder.state_dict())
    save_weights(tmp_path / WEIGHTS, encoder.state_dict())
    save_config(tmp_path / "config.json", encoder.config)
    assert torch.equal(vectors(load_encoder(tmp_path)), vectors(encoder))
    with pytest.raises(InputError, match="no masked-LM head") as raised:
        load_masked_lm(tmp_path)
    assert "mlm_share: 0" in str(raised.value)


def test_a_pooler_in_the_file_is_left_out(tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = XLMRobertaModel(xlmr_config(40), add_pooling_layer=True)
    model.save_pretrained(tmp_path)
    assert any("pooler" in name for name in load_file(tmp_path / WEIGHTS))
    assert torch.equal(vectors(load_encoder(tmp_path)), vectors(model))


def test_weights_under_their_old_names_are_read(tmp_path: Path) -> None:
    original = published_bert(tmp_path)
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in load_file(tmp_path / WEIGHTS).items()
    }
    assert any(name.endswith("gamma") for name in old)
    save_file(old, tmp_path / WEIGHTS)
    assert torch.equal(vectors(load_encoder(tmp_path)), vectors(original.base_model))


def test_weights_that_do_not_fit_are_named(tmp_path: Path) -> None:
    published_xlmr(tmp_path)
    state = load_file(tmp_path / WEIGHTS)
    norm = "roberta.embeddings.LayerNorm.weight"
    save_file({name: t for name, t in state.items() if name != norm}, tmp_path / WEIGHTS)
    for load in (load_encoder, load_masked_lm):
        with pytest.raises(InputError, match="LayerNorm") as raised:
            load(tmp_path)
        assert str(tmp_path / WEIGHTS) in str(raised.value)
    save_file(state | {"roberta.extra.weight": torch.ones(1)}, tmp_path / WEIGHTS)
    with pytest.raises(InputError, match="unexpected"):
        load_encoder(tmp_path)


def test_a_classifier_is_no_masked_lm(tmp_path: Path) -> None:
    XLMRobertaForSequenceClassification(xlmr_config(40)).save_pretrained(tmp_path)
    load_encoder(tmp_path)
    with pytest.raises(InputError, match="lm_head"):
        load_masked_lm(tmp_path)


def test_only_safetensors_are_read(tmp_path: Path) -> None:
    model = published_xlmr(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match="safetensors"):
        load_encoder(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"PK\x03\x04 a pickle in disguise")
    with pytest.raises(InputError, match="not a readable safetensors file"):
        load_encoder(tmp_path)


def test_no_code_of_a_folder_is_run(tmp_path: Path) -> None:
    published_xlmr(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "own.py").write_text("raise SystemExit('code of the folder was run')")
    with pytest.raises(InputError, match=r"no encoder can be built.*transformers") as raised:
        load_config(tmp_path)
    assert str(tmp_path / "config.json") in str(raised.value)
    with pytest.raises(InputError, match="no encoder configuration"):
        load_config(tmp_path / "elsewhere")


def test_positions_of_an_encoder() -> None:
    assert position_limit(xlmr_config(100)) == 64  # of 66: XLM-R counts from its padding's id, 1
    assert position_limit(bert_config(100)) == 64
    # as published: XLM-R, and ModernBERT, which has no table of positions
    assert position_limit(XLMRobertaConfig(max_position_embeddings=514)) == 512
    assert position_limit(ModernBertConfig()) == 8192
    check_length(xlmr_config(100), 64)
    with pytest.raises(PolystiltsError, match=r"up to 65 tokens.*positions for 64.*`max_length`"):
        check_length(xlmr_config(100), 65)


def test_positions_are_enough_for_the_limit_and_for_no_more(tmp_path: Path) -> None:
    for publish in (published_xlmr, published_bert):
        publish(tmp_path / publish.__name__)
        encoder = load_encoder(tmp_path / publish.__name__)
        limit = position_limit(encoder.config)  # type: ignore[arg-type]
        ids = torch.full((1, limit), 7)
        encoder(input_ids=ids, attention_mask=torch.ones_like(ids))
        more = torch.full((1, limit + 1), 7)
        with pytest.raises((IndexError, RuntimeError)):
            encoder(input_ids=more, attention_mask=torch.ones_like(more))


def test_precision_on_a_cpu() -> None:
    cpu = torch.device("cpu")
    assert precision("fp32", cpu) is None
    assert precision("bf16", cpu) is torch.bfloat16
    assert precision("auto", cpu) in (None, torch.bfloat16)
    with pytest.raises(ValueError, match="no precision 'fp16'"):
        precision("fp16", cpu)
