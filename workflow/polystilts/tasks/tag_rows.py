"""What all readers of tagged sentences share: the check of tags, the row itself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.tasks.reader import Row


def check_tags(
    path: Path, number: int, tags: Sequence[str], labels: Sequence[str] | None, where: str
) -> None:
    """Check tags; `where` says what they stand in.

    Raises:
        InputError: an empty tag, or one that is not of the tag set.
    """
    for tag in tags:
        if not tag or (labels is not None and tag not in labels):
            expected = f", expected one of {', '.join(labels)}" if labels else ""
            raise InputError(path, f"unknown tag {tag!r} {where}{expected}.", number)


def tag_row(
    identifier: str, group: str, tokens: list[str], tags: list[str], counts: Counter[str]
) -> Iterator[Row]:
    """Yield the canonical row of a sentence, without tokens that have no characters (counted)."""
    kept = [(token, tag) for token, tag in zip(tokens, tags, strict=True) if token]
    counts["tokens without characters dropped"] += len(tokens) - len(kept)
    counts["tokens with white space inside"] += sum(len(token.split()) > 1 for token, _ in kept)
    if not kept:
        counts["empty sentences skipped"] += 1
        return
    yield {
        "id": identifier,
        "group": group,
        "tokens": [token for token, _ in kept],
        "tags": [tag for _, tag in kept],
    }
