"""Whether tags can be read off the languages of switched tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.sheet.association import (
    SIGNIFICANCE,
    Counts,
    chi_square,
    encode,
    entropy,
    mean,
    mean_chi_square,
    ratio,
    rounded,
)

# share of the smaller entropy that tag and language may have in common
INFORMATION = 0.05
# tags that a sheet lists; the rest is summed up
TAGS_LISTED = 50


@dataclass(slots=True)
class TagLeak:
    """Whether the language of a switched token tells its tag.

    Attributes:
        languages: `languages[k - 1]` is the language of code k.
        tokens: per tag, tokens by code: int64[1 + languages], English first.
    """

    languages: tuple[str, ...]
    tokens: dict[str, Counts] = field(default_factory=dict)

    def add(self, tags: Sequence[str], codes: NDArray[np.int16]) -> None:
        """Count tokens with their tags; a code of −1, no language, counts as English."""
        width = len(self.languages) + 1
        names, tag = encode(tags)
        cells = tag * width + np.maximum(codes, 0)
        table = np.bincount(cells, minlength=len(names) * width).reshape(len(names), width)
        for name, row in zip(names, table, strict=True):
            self.tokens[name] = self.tokens.get(name, np.zeros(width, np.int64)) + row

    def merge(self, other: "TagLeak") -> None:
        """Add the tokens of another part of the corpus.

        Raises:
            ValueError: its codes stand for other languages.
        """
        if self.languages != other.languages:
            raise ValueError("parts with different languages cannot be merged")
        for name, row in other.tokens.items():
            self.tokens[name] = self.tokens.get(name, np.zeros_like(row)) + row

    def sheet(self, *others: "TagLeak") -> dict[str, Any]:
        """Return how much tag and language of the switched tokens have in common.

        `information` is their mutual information, less what chance makes of none (df / 2n ln 2
        bits, Miller 1955), over the smaller of both entropies: 0 nothing, 1 one gives the other.
        Passed: it is at most 0.05, or a chi-square test of independence has p ≥ 0.001. Which tags
        are switched at all is a matter of the recipe: `tags` has the share of each, the 50 most
        frequent first by name, the others in `other_tags`.

        Args:
            others: the same tokens in the other copies.
        """
        names = sorted(self.tokens, key=lambda name: (-int(self.tokens[name].sum()), name))
        # int64[copies, tags, 1 + languages]
        tables = np.array(
            [[copy.tokens[name] for name in names] for copy in (self, *others)], np.int64
        ).reshape(1 + len(others), len(names), len(self.languages) + 1)
        test = mean_chi_square([chi_square(table[None, :, 1:]) for table in tables])
        known = [shared for table in tables if (shared := _information(table[:, 1:])) is not None]
        information, passed = None, None
        if known and test.p_value is not None:
            information = max(0.0, mean(known))
            passed = information <= INFORMATION or test.p_value >= SIGNIFICANCE
        table = tables.sum(axis=0)
        switched = table[:, 1:]
        listed, rest = table[:TAGS_LISTED], table[TAGS_LISTED:]
        return {
            "passed": passed,
            "threshold": {"information": INFORMATION, "p_value": SIGNIFICANCE},
            "copies": len(tables),
            "tokens": int(tables[0].sum()),
            "information": rounded(information),
            "p_value": rounded(test.p_value),
            "cramers_v": rounded(test.cramers_v),
            "languages": dict(zip(self.languages, switched.sum(axis=0).tolist(), strict=True)),
            "tags": {
                name: _tag_sheet(row) for name, row in zip(names[:TAGS_LISTED], listed, strict=True)
            },
            "other_tags": {"number": len(rest), **_tag_sheet(rest.sum(axis=0))},
        }


def _information(switched: Counts) -> float | None:
    """Return the share that tag and language have in common, below 0 if less than by chance."""
    test = chi_square(switched[None])
    tags, languages = entropy(switched.sum(axis=1)), entropy(switched.sum(axis=0))
    joint = entropy(switched.ravel())
    if not (test.freedom and tags and languages and joint is not None):
        return None
    by_chance = test.freedom / (2 * int(switched.sum()) * np.log(2))
    return float((tags + languages - joint - by_chance) / min(tags, languages))


def _tag_sheet(row: Counts) -> dict[str, Any]:
    tokens, switched = int(row.sum()), int(row[1:].sum())
    return {"tokens": tokens, "switched": switched, "share": ratio(switched, tokens)}
