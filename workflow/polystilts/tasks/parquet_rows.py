"""Reading the Parquet files of hub repositories: columns, types and nulls checked, rows streamed.

A shape says what a column holds: `str`, `int`, `[shape]` for a list, `{"field": shape}` for a
struct with these fields at least, a tuple for one of several. Rows count from 1; where an error
names a line, it is the row.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from polystilts.errors import InputError

Shape: TypeAlias = "type | list[Shape] | dict[str, Shape] | tuple[Shape, ...]"

_ROWS = 1024
_AGAIN = "Fetch it again."
# What pyarrow raises for damaged files; text that is not UTF-8 is a ValueError.
_ERRORS = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)


@dataclass(frozen=True)
class Description:
    """A file's columns, and the names of class labels by column where the file says them."""

    columns: tuple[str, ...]
    class_names: Mapping[str, tuple[str, ...]]


def describe(path: Path) -> Description:
    """Return what a Parquet file says of itself; the hub's `datasets` writes names of labels.

    Raises:
        InputError: no such file, no Parquet, or metadata that cannot be read.
    """
    with _opened(path) as file:
        schema = file.schema_arrow
    try:
        metadata = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = metadata["info"]["features"] if metadata else {}
        names = {column: _class_names(feature) for column, feature in features.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        reason = "the metadata `huggingface` of its schema cannot be read."
        raise InputError(path, reason, hint=_AGAIN) from None
    return Description(tuple(schema.names), {column: n for column, n in names.items() if n})


def read_parquet(path: Path, shapes: Mapping[str, Shape]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row from 1, its values by column), reading no other columns than asked for.

    Raises:
        InputError: no such file, no Parquet, a column that is missing or of another type, a null,
            or bytes that cannot be decoded; the column and, where it is known, the row are named.
    """
    with _opened(path) as file:
        _check_columns(path, file.schema_arrow, shapes)
        before = 0
        for batch in _batches(path, file, list(shapes)):
            columns = [_values(path, before, name, batch.column(name)) for name in shapes]
            for row, values in enumerate(zip(*columns, strict=True), start=before + 1):
                yield row, dict(zip(shapes, values, strict=True))
            before += batch.num_rows


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    if not path.is_file():
        raise InputError(path, "there is no such file.", hint="Check the mirror and the `files`.")
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        _ = file.schema_arrow  # which may be damaged where the rest of the footer is not
    except _ERRORS as error:
        raise InputError(path, f"unreadable Parquet ({_first(error)}).", hint=_AGAIN) from None
    with file:
        yield file


def _check_columns(path: Path, schema: pa.Schema, shapes: Mapping[str, Shape]) -> None:
    for name, shape in shapes.items():
        if schema.names.count(name) != 1:
            found = ", ".join(schema.names) or "none"
            raise InputError(path, f"no column `{name}`, or several; its columns are {found}.")
        kind = schema.field(name).type
        if not _fits(kind, shape):
            raise InputError(path, f"column `{name}` is {kind}, expected {_words(shape)}.")


def _fits(kind: pa.DataType, shape: Shape) -> bool:
    if isinstance(shape, tuple):
        return any(_fits(kind, one) for one in shape)
    if isinstance(shape, list):
        listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
        return bool(listed or pa.types.is_fixed_size_list(kind)) and _fits(
            kind.value_type, shape[0]
        )
    if isinstance(shape, dict):
        return bool(pa.types.is_struct(kind)) and all(
            kind.get_field_index(name) >= 0 and _fits(kind.field(name).type, inner)
            for name, inner in shape.items()
        )
    if pa.types.is_dictionary(kind):
        return _fits(kind.value_type, shape)
    if shape is str:
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
    return bool(pa.types.is_integer(kind))


def _words(shape: Shape) -> str:
    if isinstance(shape, tuple):
        return " or ".join(map(_words, shape))
    if isinstance(shape, list):
        return f"a list of {_words(shape[0])}"
    if isinstance(shape, dict):
        return "(" + ", ".join(f"{name}: {_words(inner)}" for name, inner in shape.items()) + ")"
    return "text" if shape is str else "whole numbers"


def _batches(path: Path, file: pq.ParquetFile, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    try:
        batches = file.iter_batches(batch_size=_ROWS, columns=names)
        while (batch := next(batches, None)) is not None:
            yield batch
    except _ERRORS as error:
        column = _unreadable(file, names)
        reason = f"column `{column}` is unreadable ({_first(error)})."
        raise InputError(path, reason, hint=_AGAIN) from None


def _unreadable(file: pq.ParquetFile, names: Sequence[str]) -> str:
    for name in names:
        try:
            for _ in file.iter_batches(batch_size=_ROWS, columns=[name]):
                pass
        except _ERRORS:
            return name
    return ", ".join(names)


def _values(path: Path, before: int, name: str, column: pa.Array) -> list[Any]:
    values = []
    try:
        for value in column:
            values.append(value.as_py())
    except _ERRORS as error:
        reason = f"column `{name}` cannot be decoded ({_first(error)})."
        raise InputError(path, reason, before + len(values) + 1, _AGAIN) from None
    for row, value in enumerate(values, start=before + 1):
        if _holds_null(value):
            raise InputError(path, f"column `{name}` has no value.", row)
    return values


def _holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_null, value.values()))
    if isinstance(value, list):
        return None in value or any(isinstance(v, dict | list) and _holds_null(v) for v in value)
    return value is None


def _class_names(feature: Any) -> tuple[str, ...]:
    """Return the names of the first class label in a feature; lists wrap their elements."""
    if isinstance(feature, list):
        return _class_names(feature[0]) if feature else ()
    if not isinstance(feature, dict):
        return ()
    if feature.get("_type") == "ClassLabel":
        names = feature["names"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TypeError("names of a class label are a list of strings")
        return tuple(names)
    return _class_names(feature.get("feature"))


def _first(error: BaseException) -> str:
    """Return the first line of an error's text, without what cannot be printed."""
    line = str(error).partition("\n")[0].strip() or type(error).__name__
    return "".join(c if c.isprintable() else "?" for c in line)[:200].rstrip(".")
