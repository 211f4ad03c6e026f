"""Labels of hub repositories: numbers whose names stand in the file or in an option, or names."""

from collections.abc import Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.tasks.option_values import names
from polystilts.tasks.parquet_rows import Description
from polystilts.tasks.reader import Options

UNLABELLED = -1


def class_names(description: Description, column: str, options: Options) -> tuple[str, ...]:
    """Return the names of a column's numbers: those in the file, else those of option `names`.

    Copies of a file may have lost what it said of itself; where both are there, the file is right.
    """
    return description.class_names.get(column, ()) or tuple(names(options, "names"))


def named(path: Path, row: int, column: str, value: int | str, known: Sequence[str]) -> str:
    """Return the name of a label as it stands in a file.

    Raises:
        InputError: a number without a name.
    """
    if isinstance(value, str):
        return value
    if not 0 <= value < len(known):
        expected = f"0 to {len(known) - 1} ({', '.join(known)})" if known else "names of labels"
        hint = "Option `names` lists the names of labels in order, for files that do not say them."
        raise InputError(path, f"`{column}` holds {value}, expected {expected}.", row, hint)
    return known[value]
