"""A head that looks at one token gets the same from a last layer that computes only this one."""

from pathlib import Path

import pytest
import torch

from polystilts.training.encoder import load_encoder
from polystilts.training.families import classification
from polystilts.training.first_token import first_token_alone, only_what_is_pooled
from polystilts.training.inputs import load_tokenizer, token_id
from training.architectures import ARCHITECTURES, probe
from training.tiny import SETTINGS


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_logits_and_gradients_are_the_same(tmp_path: Path, architecture: str) -> None:
    ARCHITECTURES[architecture].publish(tmp_path)
    tokenizer = load_tokenizer(tmp_path / "tokenizer.json")
    ids, mask = probe(tokenizer, token_id(tokenizer, "pad"))
    encoder = load_encoder(tmp_path).eval()
    torch.manual_seed(3)
    head = classification.Head(int(encoder.config.hidden_size), 3, SETTINGS).eval()  # type: ignore[union-attr, arg-type]

    def computed(shortened: bool) -> tuple[torch.Tensor, dict[str, torch.Tensor], int]:
        encoder.zero_grad()
        with only_what_is_pooled(encoder, head) if shortened else torch.enable_grad():
            hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits = head(hidden, mask)
        (logits * torch.arange(3)).sum().backward()
        gradients = {n: p.grad.clone() for n, p in encoder.named_parameters() if p.grad is not None}
        return logits.detach(), gradients, hidden.shape[1]

    expected, expected_gradients, length = computed(False)
    found, gradients, shortened = computed(True)
    # ModernBERT is built otherwise and computes all tokens
    assert shortened == (length if architecture == "mmbert" else 1)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    assert gradients.keys() == expected_gradients.keys()
    for name, gradient in expected_gradients.items():
        torch.testing.assert_close(gradients[name], gradient, atol=1e-4, rtol=1e-3, msg=name)


def test_other_heads_and_later_calls_see_all_tokens(tmp_path: Path) -> None:
    ARCHITECTURES["xlmr"].publish(tmp_path)
    tokenizer = load_tokenizer(tmp_path / "tokenizer.json")
    ids, mask = probe(tokenizer, token_id(tokenizer, "pad"))
    encoder = load_encoder(tmp_path).eval()
    mean = classification.Head(16, 3, SETTINGS | {"pool": "mean"})
    with only_what_is_pooled(encoder, mean):
        whole = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    with pytest.raises(KeyError), first_token_alone(encoder):
        raise KeyError
    after = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    assert whole.shape[1] == ids.shape[1]
    assert torch.equal(whole, after)
