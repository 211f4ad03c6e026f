"""One vector per input from its token vectors."""

from torch import Tensor


def pool(hidden: Tensor, mask: Tensor, how: str) -> Tensor:
    """(inputs, length, hidden) → (inputs, hidden).

    `first` takes the vector of the first special token; `mean` averages over all tokens that are
    not padding, special tokens included, as XTREME's retrieval does.
    """
    if how == "first":
        return hidden[:, 0]
    if how == "mean":
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        return (hidden * weights).sum(1) / weights.sum(1)
    raise ValueError(f"pooling is `first` or `mean`, not `{how}`")
