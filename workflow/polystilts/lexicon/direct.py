"""Reading one dictionary without a study: what the stand-alone command is given."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.ingestion import ingest
from polystilts.lexicon.normal_form import coverage, table_of
from polystilts.lexicon.readers.panlex import CODES
from polystilts.lexicon.recognition import recognise
from polystilts.lexicon.scripts import SCRIPTS
from polystilts.lexicon.store import COLUMNS, load
from polystilts.provenance.hashing import file_digest
from polystilts.sources.archives import extract

_STRICT = GatePolicy()
_CODE = re.compile("[a-z]{2,3}")
_NOT_AGAIN = "the gate and the language: they were checked when the lexicon was built"


@dataclass(frozen=True)
class Direct:
    """A dictionary that was read.

    Attributes:
        table: the columns `source`, `target`, `rank`, `agreement` and `pos`, as `store.load` has
            them.
        facts: `language`, `reader`, `files` (-> sha256), `pairs` read, `kept`, `rejected` by
            reason, `noticed`, `counts` of the reader, `language_check`, `not_checked` (a line for
            each thing), and how much can be looked up; ready for JSON.
    """

    table: pa.Table
    facts: Mapping[str, Any]


def read_dictionary(path: Path, language: str, gate: GatePolicy = _STRICT) -> Direct:
    """Read a lexicon of a study (Parquet), or a dictionary in a published format.

    The format is recognised (see `recognition`); one that is published in gzip may stay so. A
    published dictionary goes through the checks of the workflow. What cannot be checked, as for a
    language that nothing is known about, stands in the facts and is no error.

    Args:
        path: the file; where a dictionary has several, one of them.
        language: the code of the language that the dictionary translates English into.
        gate: what is let through; a lexicon of a study has been through its own.

    Raises:
        InputError: no such file, an unknown format, a damaged file, another language, nothing that
            passes the gate.
    """
    _check_code(path, language)
    if path.suffix == ".parquet":
        return _lexicon(path, language)
    if path.suffix == ".gz" and path.is_file():
        return _unpacked(path, language, gate)
    return _published(path, language, gate)


def lexicons_in(folder: Path) -> dict[str, Path]:
    """Return language -> `<language>.parquet` for the lexicons in a folder, by language.

    Raises:
        InputError: there is none.
    """
    files = sorted(folder.glob("*.parquet"))
    found = {path.stem: path for path in files if _CODE.fullmatch(path.stem)}
    if not found:
        hint = "A study has its lexicons in results/<study>/lexicons."
        raise InputError(folder, "no lexicons (`<language>.parquet`) in this folder.", hint=hint)
    return found


def _check_code(path: Path, language: str) -> None:
    hint = "Languages are two-letter codes as in XTREME: `de`, `sw`, `zh`."
    for code, others in CODES.items():
        if language in others:
            reason = f"read as {language!r}, which is {code!r} here."
            raise InputError(path, reason, hint=f"Give it as {code!r}. {hint}")
    if not _CODE.fullmatch(language):
        raise InputError(path, f"read as {language!r}, which is no code of a language.", hint=hint)


def _lexicon(path: Path, language: str) -> Direct:
    ((found, table),) = load([path]).items()
    if found != language:
        reason = f"a lexicon of {found!r}, read as {language!r}."
        raise InputError(path, reason, hint=f"Give it as {found!r}, or another file.")
    facts = {
        "language": language,
        "reader": "lexicon",
        "files": {path.name: file_digest(path)},
        "pairs": len(table),
        "kept": len(table),
        "rejected": {},
        "noticed": {},
        "counts": {},
        "language_check": None,
        "not_checked": [_NOT_AGAIN],
    }
    return Direct(table, facts)


def _published(path: Path, language: str, policy: GatePolicy) -> Direct:
    published = recognise(path)
    gate = Gate(language, policy)
    try:
        ingestion = ingest(gate, published.reader, published.files[-1].name, published.files)
    except ConfigError as error:  # of the reader, about the files or the language
        raise InputError(path, f"{error}.") from None
    check = ingestion.check
    unchecked = (
        [f"the language: {check.verdict}"] if check.verdict.startswith("not checked") else []
    )
    if language not in SCRIPTS:
        unchecked.append(f"the script: not known for {language!r}")
    facts = {
        "language": language,
        "reader": published.reader,
        "files": _digests(published.files),
        **coverage(gate),
        **ingestion.facts(),
        "noticed": dict(+gate.noticed),
        "not_checked": unchecked,
    }
    return Direct(table_of(gate).select(list(COLUMNS)), facts)


def _digests(files: Sequence[Path]) -> dict[str, str]:
    """Return sha256 by file, named from the folder that all of them are below."""
    folder = Path(os.path.commonpath([file.parent for file in files]))
    return {file.relative_to(folder).as_posix(): file_digest(file) for file in files}


def _unpacked(path: Path, language: str, policy: GatePolicy) -> Direct:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path.stem
        extract(path, {path.stem: file})
        try:
            direct = _published(file, language, policy)
        except InputError as error:
            raise InputError(path, error.reason, error.line, error.hint) from None
    return replace(direct, facts={**direct.facts, "files": {path.name: file_digest(path)}})
