"""Finding the examples of one file in another by their text, whatever tokeniser went over it.

XNLI-MT's English is MNLI's, tokenised: `product and geography.` has become `product and
geography .`, quotation marks, brackets and entities are written in another way. Texts are compared
by their letters and digits alone.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

from polystilts.provenance.hashing import unit_hash
from polystilts.tasks.reader import Row

# brackets as the Penn Treebank's tokenisers write them: -LRB-, -RSB- …
_BRACKETS = re.compile(r"-[LR][RSC]B-", re.IGNORECASE)
_NO_LETTERS = re.compile(r"[\W_]+")


def squeezed(text: str) -> str:
    """Return a text's letters and digits in lower case; a text without any is returned stripped."""
    # entities of entities occur: &amp;quot;
    plain = html.unescape(html.unescape(text)) if "&" in text else text
    plain = _BRACKETS.sub(" ", plain)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
    return _NO_LETTERS.sub("", plain).lower() or text.strip()


def text_key(texts: Iterable[str | None]) -> int:
    """Return a 64-bit hash of an example's texts, equal for those that compare equal."""
    return unit_hash(*(squeezed(text or "") for text in texts))


def ids_by_text(
    texts: Sequence[Sequence[str | None]], labels: Sequence[object], rows: Iterable[Row]
) -> tuple[list[str | None], int]:
    """Return for every pair of texts the id of the row with the same, or None.

    Of several rows with the same texts the first with the same label is taken, or else the first.

    Args:
        texts: the texts of each example.
        labels: its label.
        rows: canonical rows of pairs of texts, with labels.

    Returns:
        The ids, and how many rows there were.
    """
    wanted = [text_key(pair) for pair in texts]
    asked = set(wanted)
    first: dict[int, str] = {}
    labelled: dict[tuple[int, object], str] = {}
    number = 0
    for row in rows:
        number += 1
        key = text_key((row["text_a"], row["text_b"]))
        if key in asked:
            first.setdefault(key, row["id"])
            labelled.setdefault((key, row["label"]), row["id"])
    found = [
        labelled.get((key, label), first.get(key))
        for key, label in zip(wanted, labels, strict=True)
    ]
    return found, number
