"""Lexicons as tables."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from polystilts.errors import InputError
from polystilts.lexicon.memory import returned_memory
from polystilts.lexicon.schema import SCHEMA
from polystilts.provenance.tables import read_table

COLUMNS = ("source", "target", "rank", "agreement", "pos")
_HINT = "Build it again: a run of its study does."


def load(paths: Iterable[Path]) -> dict[str, pa.Table]:
    """Return language -> table of the lexicons that `build` wrote, one file a language.

    The columns are `source`, `target`, `rank` and `agreement` (int32) and `pos` (UPOS names with
    spaces between them, null where unknown), as `normal_form.table_of` describes them; rows stand
    in the order of the dictionary, those of a source together and by rank.

    Raises:
        DamagedFileError: a file is missing, or is not what was written.
        InputError: a file is no lexicon of this form, or two are of one language.
    """
    lexicons: dict[str, pa.Table] = {}
    places: dict[str, Path] = {}
    for path in paths:
        with returned_memory():
            language, table = _read(path)
        if language in places:
            reason = f"a lexicon of {language!r}, and so is {places[language]}."
            raise InputError(path, reason, hint="Give one file for each language.")
        places[language] = path
        lexicons[language] = table
    return lexicons


def _read(path: Path) -> tuple[str, pa.Table]:
    table = read_table(path, ["language", *COLUMNS])
    wrong = [
        name
        for name in ("language", *COLUMNS)
        if name not in table.column_names
        or table.schema.field(name).type != SCHEMA.field(name).type
    ]
    if wrong:
        reason = f"no lexicon of this version: it lacks {', '.join(wrong)}."
        raise InputError(path, reason, hint=_HINT)
    languages = table["language"].unique().to_pylist()
    if len(languages) != 1:
        found = ", ".join(map(str, languages)) or "no pair"
        raise InputError(path, f"a lexicon is of one language; this has {found}.", hint=_HINT)
    return languages[0], table.select(list(COLUMNS))
