"""Inputs run in batches of like length give what they give alone."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from polystilts.evaluation import inference
from polystilts.evaluation.inference import run
from polystilts.training.encoder import load_encoder
from polystilts.training.ragged import Ragged
from training.tiny import published_xlmr

CPU = torch.device("cpu")
INPUTS = Ragged.of([[0, *range(5, 5 + size), 2] for size in (3, 17, 1, 3, 30, 8, 0)])


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("budget", [16384, 40, 1])
def test_batched_as_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pooled: bool, budget: int
) -> None:
    published_xlmr(tmp_path)
    encoder = load_encoder(tmp_path).eval()
    shapes: list[tuple[int, ...]] = []

    def forward(ids: Tensor, mask: Tensor) -> Tensor:
        shapes.append(tuple(ids.shape))
        hidden: Tensor = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return hidden[:, 0] if pooled else hidden

    monkeypatch.setattr(inference, "_CPU_BATCH_TOKENS", budget)
    results = run(forward, INPUTS, 1, CPU, None)
    assert all(rows == 1 or rows * length <= budget for rows, length in shapes)
    assert sum(rows for rows, _ in shapes) == len(INPUTS)
    for tokens, result in zip(INPUTS.tolist(), results, strict=True):
        with torch.inference_mode():
            ids = torch.tensor([tokens])
            alone = encoder(input_ids=ids).last_hidden_state[0]
        assert result.dtype == torch.float32
        torch.testing.assert_close(result, alone[0] if pooled else alone, atol=1e-5, rtol=1e-5)


def test_bf16_comes_back_as_float32(tmp_path: Path) -> None:
    published_xlmr(tmp_path)
    encoder = load_encoder(tmp_path).eval()

    def forward(ids: Tensor, mask: Tensor) -> Tensor:
        hidden: Tensor = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return torch.nn.functional.linear(hidden[:, 0], torch.eye(16))

    plain, half = (run(forward, INPUTS, 1, CPU, kind) for kind in (None, torch.bfloat16))
    assert all(row.dtype == torch.float32 for row in half)
    torch.testing.assert_close(half, plain, atol=0.1, rtol=0.05)
    assert not torch.equal(torch.stack(half), torch.stack(plain))


def test_nothing_to_run() -> None:
    assert run(lambda ids, mask: ids, Ragged.of([]), 1, CPU, None) == []
