"""What a training says of itself."""

import pytest
import torch

from polystilts.training.progress import Progress, note_precision

CPU = torch.device("cpu")


def test_a_change_of_precision_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(computed_in="bf16 on cuda")
    note_precision(progress, CPU, None)
    assert progress.computed_in == "bf16 on cuda, then fp32 on cpu"
    assert "bf16 on cuda so far, goes on in fp32 on cpu" in capsys.readouterr().err
    again = Progress(computed_in="fp32 on cpu")
    note_precision(again, CPU, None)
    assert again.computed_in == "fp32 on cpu"
    assert capsys.readouterr().err == ""
