"""Large CSV files with a header line, read in blocks of rows."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from polystilts.errors import InputError

BLOCK = 1 << 22  # bytes
_LONGEST_HEADER = 1 << 16


def read_blocks(path: Path, columns: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    """Yield the named columns of a file; no value of them may be missing.

    Fields may be quoted and hold line ends; quotes in them are doubled.

    Raises:
        InputError: no such file, a column that is missing, rows that do not fit the header or the
            types, text that is not UTF-8.
    """
    _check_header(path, columns)
    try:
        # Given a path, Arrow would read up to 32 blocks ahead.
        with path.open("rb") as handle:
            yield from arrow_csv.open_csv(
                handle,
                # one thread: Arrow then names the row of an error, and blocks come in order
                read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=list(columns),
                    column_types=dict(columns),
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeDecodeError) as error:
        reason = f"not a readable CSV table ({_first_line(error)})."
        raise InputError(path, reason, hint="Fetch it again.") from None


def _check_header(path: Path, columns: Mapping[str, pa.DataType]) -> None:
    if not path.is_file():
        raise InputError(path, "there is no such file.", hint="Check the mirror and the `files`.")
    with path.open("rb") as handle:
        raw = handle.readline(_LONGEST_HEADER)
    try:
        header = next(csv.reader([raw.decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(path, f"no readable header line ({error}).", 1) from None
    missing = [name for name in columns if name not in header]
    if missing or len(set(header)) != len(header):
        found = ", ".join(header[:20]) or "nothing"
        lacking = f"lacks {', '.join(missing)}" if missing else "names a column twice"
        reason = f"the header {lacking}: expected {', '.join(columns)}; found {found}."
        raise InputError(path, reason, 1)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
