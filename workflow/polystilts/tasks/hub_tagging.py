"""Reader of tagged sentences from hub repositories: `google/xtreme` udpos and PAN-X."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.tasks.class_labels import class_names, named
from polystilts.tasks.option_values import flag
from polystilts.tasks.parquet_rows import Shape, describe, read_parquet
from polystilts.tasks.reader import Options, Row
from polystilts.tasks.tag_rows import check_tags, tag_row

_TAGS = ("pos_tags", "ner_tags", "upos")
_ENGLISH = "en"


def read_hub_tags(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Parquet with `tokens` and `pos_tags` or `ner_tags`; numbers are named by file or `names`.

    id = number of the sentence; group = the same with the language before it, or without where
    option `parallel` says that sentences are aligned across languages. A column `langs` (PAN-X)
    must hold the language alone. Tokens are as published: the hub's udpos has the words of split
    tokens and none of XTREME's cleaning.

    Raises:
        InputError: malformed Parquet, not as many tags as tokens, an unknown tag, or a token of
            another language.
    """
    code = language or _ENGLISH
    before = "" if flag(options, "parallel") else f"{code}:"
    rows_before = sentence = 0
    for path in files:
        description = describe(path)
        column = next((name for name in _TAGS if name in description.columns), _TAGS[0])
        known = class_names(description, column, options)
        shapes: dict[str, Shape] = {"tokens": [str], column: ([int], [str])}
        shapes |= {"langs": [str]} if "langs" in description.columns else {}
        for row, values in read_parquet(path, shapes):
            sentence = rows_before + row
            tags = [named(path, row, column, tag, known).strip() for tag in values[column]]
            tokens = [token.strip() for token in values["tokens"]]
            if len(tags) != len(tokens):
                raise InputError(path, f"{len(tags)} tags for {len(tokens)} tokens.", row)
            for other in values.get("langs", ()):
                if other != code:
                    reason = f"a token of language {other!r}, expected {code!r}."
                    raise InputError(path, reason, row, "Is it the file of another language?")
            check_tags(path, row, tags, labels, "in the sentence")
            yield from tag_row(str(sentence), f"{before}{sentence}", tokens, tags, counts)
        rows_before = sentence
