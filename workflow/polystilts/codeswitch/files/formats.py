"""The formats of files that can be switched, and which of them a file is in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from polystilts.codeswitch.files import conll, delimited, jsonl, parquet, squad
from polystilts.codeswitch.files.books import Books
from polystilts.codeswitch.files.chunks import COMPRESSED, MARK, open_input
from polystilts.codeswitch.files.request import Block, Piece, Request
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import ConfigError, InputError


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files.

    Attributes:
        name: what `--format` calls it.
        suffixes: of the files that are taken to be in it.
        fields: text fields that a file has by default; None: they have to be named.
        blocks: yields the parts of an input; those of a first copy with what stands in front.
        switch: switches one part.
        write: writes all parts, and yields each when it is written.
        has_copies: whether a row has a place for the number of its copy.
        is_text: whether files may be compressed by gzip.
    """

    name: str
    suffixes: tuple[str, ...]
    fields: tuple[str, ...] | None
    blocks: Callable[[Request, bool], Iterator[Block]]
    switch: Callable[[Block, Request, Switcher, Books], Piece]
    write: Callable[[Iterator[Piece], Request, Path, Path], Iterator[Piece]]
    has_copies: bool = True
    is_text: bool = True


_ALL = (
    Format("jsonl", (".jsonl", ".ndjson"), None, jsonl.blocks, jsonl.switch, jsonl.write),
    Format("csv", (".csv",), None, delimited.csv_blocks, delimited.switch, delimited.write),
    Format("tsv", (".tsv",), None, delimited.tsv_blocks, delimited.switch, delimited.write),
    Format(
        "parquet", (".parquet",), None, parquet.blocks, parquet.switch, parquet.write, is_text=False
    ),
    Format("conll", (".conll", ".bio"), (), conll.conll_blocks, conll.switch, conll.write, False),
    Format("conllu", (".conllu",), (), conll.conllu_blocks, conll.switch, conll.write, False),
    Format("squad", (), squad.FIELDS, squad.blocks, squad.switch, squad.write, False),
)
FORMATS = {format.name: format for format in _ALL}
_BY_SUFFIX = {suffix: format.name for format in _ALL for suffix in format.suffixes}
_JSON = ".json"
_LOOKED_AT = 1 << 16
_HAS_DATA = re.compile(rb'"data"\s*:\s*\[')
_WHOLE_OBJECT = re.compile(rb"\{[^\n]*\}[ \t\r]*(\n|\Z)")


def format_of(path: Path, named: str | None = None) -> Format:
    """Return the format of a file: the one that is named, or that of its suffix.

    A `.json` file is looked into: it may be in SQuAD's layout, or hold an object a line.

    Raises:
        ConfigError: the suffix stands for no format, or the format cannot be compressed.
        InputError: a `.json` file is in neither layout.
    """
    suffix = _suffix(path)
    if named is None and suffix == _JSON:
        named = _json_format(path)
    name = named or _BY_SUFFIX.get(suffix)
    if name is None:
        known = ", ".join([*_BY_SUFFIX, _JSON])
        raise ConfigError(f"{path}: no known format (known are {known}); name it with --format")
    found = FORMATS[name]
    if path.suffix == COMPRESSED and not found.is_text:
        raise ConfigError(f"{path}: {name} files are not compressed as a whole; unpack it")
    return found


def check_output(path: Path, source: Path, format: Format) -> None:
    """Check that an output is named for the format of its input.

    Raises:
        ConfigError: it is named for another one, or is the input.
    """
    if path.exists() and source.exists() and path.samefile(source):
        raise ConfigError(f"{path}: OUTPUT is INPUT; name another file")
    meant = _BY_SUFFIX.get(_suffix(path))
    taken = _BY_SUFFIX.get(_suffix(source))
    if meant is not None and meant not in (format.name, taken):
        reason = f"OUTPUT is written in the format of INPUT, {format.name}"
        raise ConfigError(f"{path}: {reason}; name it for that")
    if path.suffix == COMPRESSED and not format.is_text:
        raise ConfigError(f"{path}: {format.name} files are not compressed as a whole")


def _suffix(path: Path) -> str:
    return path.with_suffix("").suffix if path.suffix == COMPRESSED else path.suffix


def _json_format(path: Path) -> str:
    with open_input(path) as handle:
        start = handle.read(_LOOKED_AT).removeprefix(MARK).lstrip()
    if _HAS_DATA.search(start):
        return "squad"
    if _WHOLE_OBJECT.match(start):
        return "jsonl"
    if start.startswith(b"["):
        reason = "a list of objects, which is not read."
        hint = f"Write one object a line, for example: jq -c '.[]' {path.name} > rows.jsonl"
        raise InputError(path, reason, hint=hint)
    reason = "neither SQuAD's layout (a list `data`) nor one object a line."
    raise InputError(path, reason, hint="Say what it is with --format.")
