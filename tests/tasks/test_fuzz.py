"""Every reader on damaged input: an error that names the file, or valid rows; nothing else.

POLYSTILTS_FUZZ sets the number of damaged inputs a reader meets (default 100).
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from polystilts.errors import ConfigError, InputError
from polystilts.tasks.rows import PAIR_SCHEMA, SCHEMAS, problem, to_table, unique
from tasks.samples import SAMPLES, Content, Sample, write

CASES = int(os.environ.get("POLYSTILTS_FUZZ", "100"))
FAMILIES = ("classification", "multiple_choice", "retrieval", "span_qa", "tagging", "text")
STRANGE = (
    *("\x00", "\ufeff", "\u2028", "\u200c", "\u202e", "𝒳", "é", "\t", "\r\n", '"', '""', ","),
    *(" ", "-", "_", "-1", "9" * 20, "9" * 5000, "NaN", "null", "[]", "{}", "\\ud83d", ")", "(<"),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, -1, 0, 10**9, "", " ", "\x00", "x" * 3000, b"\xff", 1.5, True, [], {"a": 1}),
    *([None], [""], [-1], [[1]], ["a", "b"], {"text": []}, {"text": ["a"], "answer_start": [0]}),
    *({"text": ["a"], "answer_start": []}, {"label": ["A"], "text": []}, [[1, 2, 3]], [[0, 0]]),
)


def families() -> Mapping[str, Any]:
    return {family: import_module(f"polystilts.tasks.{family}") for family in FAMILIES}


READERS = sorted(name for module in families().values() for name in module.READERS)


def test_every_reader_is_fuzzed() -> None:
    assert sorted(SAMPLES) == READERS
    for name, sample in SAMPLES.items():
        assert name in families()[sample.family].READERS


def read(name: str, sample: Sample, files: list[Path]) -> list[dict[str, Any]]:
    """Read files as a task is prepared from them, and check every row."""
    family = families()[sample.family]
    counts: Counter[str] = Counter()
    given = (files, sample.language, sample.labels, sample.options)
    rows = list(unique(family.READERS[name](*given, counts), counts))
    for row in rows:
        assert problem(sample.family, row, sample.labels) is None, row
    to_table(rows, SCHEMAS[sample.family])
    assert min(counts.values(), default=0) >= 0
    if hasattr(family, "PAIR_READERS"):
        pairs = list(family.PAIR_READERS[name](*given, Counter()))
        to_table(pairs, PAIR_SCHEMA)
        ids = {row["id"] for row in rows}
        assert all({pair["source_id"], pair["target_id"]} <= ids for pair in pairs)
    return rows


@pytest.mark.parametrize("name", READERS)
def test_the_sample_is_valid(tmp_path: Path, name: str) -> None:
    assert read(name, SAMPLES[name], SAMPLES[name].write(tmp_path))


@pytest.mark.parametrize("name", READERS)
def test_damaged_input_is_refused_or_read_as_valid_rows(folder: Path, name: str) -> None:
    sample = SAMPLES[name]
    outcomes: Counter[str] = Counter()
    for case in range(CASES):
        source = random.Random(f"{name}:{case}")
        victim = source.choice(list(sample.files))
        files = []
        for file, content in sample.files.items():
            path = folder / file
            files.append(path)
            if file == victim:
                damage(path, content, source)
            else:
                write(path, content)
        try:
            read(name, sample, files)
            outcomes["read"] += 1
        except (InputError, ConfigError) as error:
            assert str(error).startswith(str(folder)) or isinstance(error, ConfigError), error
            outcomes["refused"] += 1
        except Exception as error:
            raise AssertionError(f"{name}, case {case}: {error!r}") from error
    assert outcomes["refused"] > CASES // 20  # the damage is damage


def damage(path: Path, content: Content, source: random.Random) -> None:
    """Write a file that is damaged in one to three ways."""
    if isinstance(content, pa.Table) and source.random() < 0.5:
        _write_odd_table(path, content, source)
        return
    data = bytearray(write(path, content).read_bytes())
    kinds = BYTES if isinstance(content, pa.Table) else BYTES + LINES
    for _ in range(source.randint(1, 3)):
        data = source.choice(kinds)(data, source)
    path.write_bytes(data)


def _flip(data: bytearray, source: random.Random) -> bytearray:
    for _ in range(source.choice((1, 1, 4, 32))):
        if data:
            data[source.randrange(len(data))] ^= 1 << source.randrange(8)
    return data


def _cut(data: bytearray, source: random.Random) -> bytearray:
    end = source.randrange(len(data) + 1)
    return data[:end] if source.random() < 0.7 else data[end:]


def _remove(data: bytearray, source: random.Random) -> bytearray:
    start = source.randrange(len(data) + 1)
    return data[:start] + data[start + source.randint(1, 40) :]


def _repeat(data: bytearray, source: random.Random) -> bytearray:
    start = source.randrange(len(data) + 1)
    end = start + source.randint(1, 200)
    return data[:end] + data[start:]


def _insert(data: bytearray, source: random.Random) -> bytearray:
    place = source.randrange(len(data) + 1)
    if source.random() < 0.5:
        return data[:place] + source.choice(STRANGE).encode() + data[place:]
    code = source.randrange(0x110000)
    character = chr(code) if not 0xD800 <= code < 0xE000 else "?"
    return data[:place] + character.encode() + data[place:]


def _lines(change: Callable[[list[bytes], random.Random], None]) -> Callable[..., bytearray]:
    def changed(data: bytearray, source: random.Random) -> bytearray:
        lines = bytes(data).split(b"\n")
        change(lines, source)
        return bytearray(b"\n".join(lines))

    return changed


def _drop_line(lines: list[bytes], source: random.Random) -> None:
    del lines[source.randrange(len(lines))]


def _double_line(lines: list[bytes], source: random.Random) -> None:
    place = source.randrange(len(lines))
    lines.insert(place, lines[place])


def _swap_lines(lines: list[bytes], source: random.Random) -> None:
    one, other = source.randrange(len(lines)), source.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _blank_line(lines: list[bytes], source: random.Random) -> None:
    lines.insert(source.randrange(len(lines) + 1), source.choice((b"", b" ", b"\t", b"\t\t\r")))


def _swap_fields(lines: list[bytes], source: random.Random) -> None:
    place = source.randrange(len(lines))
    separator = next((mark for mark in (b"\t", b", ", b" ", b",") if mark in lines[place]), b":")
    fields = lines[place].split(separator)
    one, other = source.randrange(len(fields)), source.randrange(len(fields))
    fields[one], fields[other] = fields[other], fields[one]
    if source.random() < 0.3:
        del fields[source.randrange(len(fields))]
    lines[place] = separator.join(fields)


BYTES = (_flip, _cut, _remove, _repeat, _insert)
LINES = tuple(map(_lines, (_drop_line, _double_line, _swap_lines, _blank_line, _swap_fields)))


def _write_odd_table(path: Path, table: pa.Table, source: random.Random) -> None:
    """Write valid Parquet whose columns are not what the format promises."""
    columns = {name: table[name].to_pylist() for name in table.column_names}
    for _ in range(source.randint(1, 2)):
        name = source.choice(list(columns))
        values = columns[name]
        kind = source.randrange(5)
        if kind == 0:
            columns.pop(name)
        elif kind == 1:
            columns[name] = [source.choice(ODD_VALUES)] * len(values)
        elif kind == 2:
            values[source.randrange(len(values))] = source.choice(ODD_VALUES)
        elif kind == 3:
            other = source.choice(list(columns))
            columns[name], columns[other] = columns[other], columns[name]
        else:
            columns[name] = [_odd_inside(value, source) for value in values]
        if not columns:
            break
    arrays = {name: _array(values, table, name) for name, values in columns.items()}
    metadata = dict(table.schema.metadata or {})
    if source.random() < 0.2:
        metadata = {b"huggingface": source.choice((b"{", b"[]", b'{"info": 1}', b"\xff", b"{}"))}
    changed = pa.table(arrays) if arrays else table.select([])
    if source.random() < 0.1:
        changed = changed.slice(0, 0)
    pq.write_table(changed.replace_schema_metadata(metadata), path)


def _odd_inside(value: Any, source: random.Random) -> Any:
    """Return a value of about the same shape, with something else inside."""
    if isinstance(value, list) and value:
        value = list(value)
        value[source.randrange(len(value))] = source.choice((*ODD_VALUES[:8], value[0]))
        return value[: source.randint(0, len(value))]
    if isinstance(value, dict) and value:
        key = source.choice(list(value))
        return value | {key: _odd_inside(value[key], source)}
    if isinstance(value, str):
        place = source.randint(0, len(value))
        return value[:place] + source.choice(STRANGE) + value[place:]
    return source.choice(ODD_VALUES[:4])


def _array(values: list[Any], table: pa.Table, name: str) -> pa.Array:
    """Return values as the column's type, as what they are, or as text."""
    kinds = [table.schema.field(name).type] if name in table.column_names else []
    for kind in (*kinds, None):
        try:
            return pa.array(values, kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            continue
    return pa.array([str(value) for value in values])
