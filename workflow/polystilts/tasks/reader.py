"""What every reader of a task family is: a function from published files to canonical rows."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Options = Mapping[str, Any]

# (files, language or None for English-only splits, label set or None, options, counts) -> rows.
# `counts` receives what was repaired or set aside; malformed input raises InputError.
Reader = Callable[
    [Sequence[Path], str | None, Sequence[str] | None, Options, Counter[str]], Iterator[Row]
]
