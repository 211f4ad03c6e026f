"""What all readers of sentence pairs share: columns, label names, the row itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.tasks.reader import Options, Row

# XNLI's machine-translated training files spell one label differently.
_SPELLINGS = {"contradictory": "contradiction"}


def split_exactly(path: Path, number: int, line: str, width: int) -> list[str]:
    """Return a line's fields.

    Raises:
        InputError: there are more or fewer than `width`.
    """
    fields = line.split("\t")
    if len(fields) != width:
        reason = f"{len(fields)} tab-separated columns, expected {width}."
        raise InputError(path, reason, number)
    return fields


def label_name(
    path: Path,
    number: int | None,
    raw: str,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> str:
    """Return the name of a label as it stands in a file: respelled, then by `label_names`.

    Raises:
        InputError: the name is not one of `labels`.
        ConfigError: option `label_names` is no mapping.
    """
    names = options.get("label_names", {})
    if not isinstance(names, Mapping):
        raise ConfigError(f"option `label_names` maps a file's labels to names, not {names!r}")
    label = raw.strip()
    if label in _SPELLINGS:
        label = _SPELLINGS[label]
        counts["labels respelled"] += 1
    label = str(names.get(label, label))
    if not label or (labels is not None and label not in labels):
        expected = ", ".join([*names, *(labels or ())])
        hint = (
            "XTREME's own test files have their labels removed: use the original files."
            " Option `label_names` maps a file's labels to the task's."
        )
        raise InputError(path, f"unknown label {raw!r}, expected {expected}.", number, hint)
    return label


def pair_row(
    identifier: str, group: str, texts: tuple[str, str], label: str, counts: Counter[str]
) -> Row:
    """Return the canonical row of a pair; blank texts are counted."""
    text_a, text_b = texts[0].strip(), texts[1].strip()
    counts["blank texts kept"] += (not text_a) + (not text_b)
    return {"id": identifier, "group": group, "text_a": text_a, "text_b": text_b, "label": label}
