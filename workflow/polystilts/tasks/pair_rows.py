"""What all readers of sentence pairs share: columns, label names, the row itself."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polystilts.errors import ConfigError, InputError
from polystilts.sources.lines import read_header
from polystilts.tasks.reader import Options, Row

_FIRST = "Option `rows_per_group: {size}` says that {size} rows each share their first text."

# XNLI's machine-translated training files spell one label differently.
_SPELLINGS = {"contradictory": "contradiction"}


def header(path: Path, lines: Iterator[tuple[int, str]], required: Sequence[str]) -> dict[str, int]:
    """Take the header line and return column name -> position.

    Raises:
        InputError: a required column is missing, or a column is there twice.
    """
    columns = read_header(path, lines, required)
    if len(columns) <= max(columns.values()):
        raise InputError(path, "a column stands twice in the header.", 1, "Which one is meant?")
    return columns


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


class Premises:
    """Rows in groups of option `rows_per_group`, each of which shares its first text.

    For files without ids that are aligned by row across languages; left out, it is 1.

    Raises:
        ConfigError: the option is no whole number from 1.
        InputError: a row's first text is not that of its group, or the last group is not full.
    """

    def __init__(self, options: Options) -> None:
        size = options.get("rows_per_group", 1)
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ConfigError(f"option `rows_per_group` is a whole number from 1, not {size!r}")
        self.size = size
        self._last = (0, 0, "")

    def group(self, path: Path, number: int, row: int, first: str) -> str | None:
        """Return the group of `row` (from 1, at line `number`); None where rows stand alone."""
        group = (row - 1) // self.size + 1
        last_group, last_row, premise = self._last
        if group == last_group and first != premise:
            reason = f"its first text is not that of row {last_row}."
            raise InputError(path, reason, number, _FIRST.format(size=self.size))
        self._last = (group, row, first)
        return str(group) if self.size > 1 else None

    def finish(self, files: Sequence[Path], rows: int) -> None:
        """Check that `rows` are whole groups."""
        if rows % self.size:
            reason = f"{rows} rows are not whole groups."
            raise InputError(files[-1], reason, hint=_FIRST.format(size=self.size))
