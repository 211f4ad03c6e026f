"""Computing no more of the last layer than what a head looks at.

A head that takes the first token's vector needs the other tokens of the last layer as keys and
values alone. The layer's output projection, its norms and its feed-forward part, three quarters of
what it multiplies, are then computed for one token. Logits and gradients are the same.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from torch import Tensor, nn


def only_what_is_pooled(encoder: nn.Module, head: nn.Module) -> AbstractContextManager[None]:
    """Let an encoder compute what a head takes from its last layer: one token, or all."""
    pools_first = getattr(head, "pooling", None) == "first"
    return first_token_alone(encoder) if pools_first else nullcontext()


@contextmanager
def first_token_alone(encoder: nn.Module) -> Iterator[None]:
    """Let an encoder return the last layer of the first token, (inputs, 1, hidden).

    Of encoders that are built like BERT (XLM-R, DeBERTa); others return all tokens as ever.
    """
    output = _output_of_last_attention(encoder)
    if output is None:
        yield
        return
    handle = output.register_forward_pre_hook(_keep_first)
    try:
        yield
    finally:
        handle.remove()


def _output_of_last_attention(encoder: nn.Module) -> nn.Module | None:
    """Return what projects the last layer's attended values and adds what went into the layer."""
    layers: Any = getattr(getattr(encoder, "encoder", None), "layer", None)
    attention = getattr(layers[-1], "attention", None) if layers else None
    found = getattr(attention, "output", None)
    return found if isinstance(found, nn.Module) else None


def _keep_first(module: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(tensor[:, :1] for tensor in given)
