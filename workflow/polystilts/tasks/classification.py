"""Readers of sentence-pair classification files.

Every reader yields rows `id, group, text_a, text_b, label` with the label's name. White space
around a text is removed; a text that is blank is kept and counted, since a benchmark's number of
rows is part of its score.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.sources.lines import fields_of, read_columns, read_json, strings_of
from polystilts.tasks import held_out
from polystilts.tasks.held_out import in_part
from polystilts.tasks.hub_pairs import read_hub_pairs
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.nli import read_anli, read_glue_nli, read_nli_text, read_xnli, read_xnli_mt
from polystilts.tasks.nli_json import read_nli_json, read_xnli_json
from polystilts.tasks.option_values import names
from polystilts.tasks.pair_rows import Premises, label_name, pair_row
from polystilts.tasks.paraphrase import read_glue_qqp, read_pawsx
from polystilts.tasks.reader import Options, Reader, Row


def read_pairs(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """XTREME's processed XNLI and PAWS-X: text, text, label without header; id = line number.

    XTREME writes with Python's csv, which wraps a field that holds a quotation mark in quotes and
    doubles the inner ones: such fields are unwrapped and counted. The files of all languages are
    aligned by line, so the line number is also the group, and a blank line inside a file is a row
    that is skipped. Where so many consecutive rows share their first text (XNLI: 3), option
    `rows_per_group` makes them one group. Options `held_out` and `part` take a part of the groups,
    the same in every language.

    Raises:
        InputError: the rows of a group have different first texts, or the last group is not full.
    """
    premises = Premises(options)
    row = 0
    for path in files:
        # Blank lines at the end are no rows: an editor leaves them in one language alone.
        rows_before = row
        for number, fields in read_columns(path, counts, 3):
            row = rows_before + number
            group = premises.group(path, number, row, fields[0]) or str(row)
            if not in_part(group, options, counts):
                continue
            texts = (_unwrapped(fields[0], counts), _unwrapped(fields[1], counts))
            label = label_name(path, number, fields[2], labels, options, counts)
            yield pair_row(str(row), group, texts, label, counts)
    premises.finish(files, row)


def read_numbered_json(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """One JSON object of numbered records: {"0": {"text_a", "text_b", "label"}, …}.

    Options `held_out` and `part` take a part of the first texts with all records that have them.
    """
    for path in files:
        records = read_json(path, counts)
        if not isinstance(records, dict):
            raise InputError(path, "expected an object of numbered records.")
        for key, record in records.items():
            identifier = identifier_of(key, path, "a record")
            where = f"record {identifier!r}"
            first, second = strings_of(record, ("text_a", "text_b"), path, where)
            if not in_part(first.strip(), options, counts):
                continue
            (raw,) = fields_of(record, ("label",), path, where)
            label = label_name(path, None, str(raw), labels, options, counts)
            yield pair_row(identifier, identifier, (first, second), label, counts)


def read_mixture(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    """Several formats one after the other, with one label set.

    Options `readers` and `prefixes` have one entry a file; ids and groups become `prefix:id`.

    Raises:
        ConfigError: not as many readers or prefixes as files, or an unknown reader.
    """
    readers, prefixes = names(options, "readers"), names(options, "prefixes")
    if not len(files) == len(readers) == len(prefixes):
        reason = f"{len(files)} files, {len(readers)} readers, {len(prefixes)} prefixes"
        raise ConfigError(f"reader `mixture`: {reason}; it needs one of each per file")
    simple = sorted(READERS.keys() - {"mixture"})
    for reader in readers:
        if reader not in simple:
            raise ConfigError(f"reader `mixture`: no reader {reader!r}; known: {', '.join(simple)}")
    for path, reader, prefix in zip(files, readers, prefixes, strict=True):
        for row in READERS[reader]([path], language, labels, options, counts):
            yield {**row, "id": f"{prefix}:{row['id']}", "group": f"{prefix}:{row['group']}"}


def _unwrapped(text: str, counts: Counter[str]) -> str:
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text
    inner = text[1:-1]
    if '"' in inner.replace('""', ""):
        return text
    counts["quoted fields unwrapped"] += 1
    return inner.replace('""', '"')


READERS: Mapping[str, Reader] = {
    "anli": read_anli,
    "glue_nli": read_glue_nli,
    "glue_qqp": read_glue_qqp,
    "hub_pairs": read_hub_pairs,
    "mixture": read_mixture,
    "nli_json": read_nli_json,
    "nli_text": read_nli_text,
    "numbered_json": read_numbered_json,
    "pairs": read_pairs,
    "pawsx": read_pawsx,
    "xnli": read_xnli,
    "xnli_json": read_xnli_json,
    "xnli_mt": read_xnli_mt,
}

_LABEL_NAMES = frozenset({"label_names"})
_HUB = _LABEL_NAMES | held_out.OPTIONS | {"names", "group", "rows_per_group"}
OPTIONS: Mapping[str, frozenset[str]] = {
    "glue_qqp": _LABEL_NAMES,
    "hub_pairs": _HUB,
    "mixture": frozenset({"readers", "prefixes", "names"}),
    "numbered_json": _LABEL_NAMES | held_out.OPTIONS,
    "pairs": _LABEL_NAMES | held_out.OPTIONS | {"rows_per_group"},
    "pawsx": _LABEL_NAMES,
    "xnli": _LABEL_NAMES,
    "xnli_json": _LABEL_NAMES,
    "xnli_mt": _LABEL_NAMES,
}
