"""Stored predictions and task rows as the folders that XTREME's evaluate.py reads; test only."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.errors import InputError, PolystiltsError
from polystilts.evaluation.selections import LAST, ORACLE
from polystilts.evaluation.submission import file_name, folder_name
from polystilts.evaluation.submission_contents import (
    LanguageRows,
    label_content,
    prediction_content,
)
from polystilts.provenance.atomic import write_json, write_text
from polystilts.provenance.tables import read_table


def write_labels(target: str, tests: Sequence[LanguageRows], folder: Path) -> None:
    """Write the labels of a target below `folder`, one file a language.

    Raises:
        DamagedFileError: the rows are not what was written.
        PolystiltsError: a label cannot stand in such a file.
    """
    written = {file_name(target, test.language): label_content(target, test) for test in tests}
    _write(folder / folder_name(target), written)


def write_predictions(
    target: str,
    predictions: Path,
    tests: Sequence[LanguageRows],
    folder: Path,
    selection: str = LAST,
) -> list[str]:
    """Write a cell's test predictions below `folder`; return the languages it has none for.

    Predictions of other selections than `selection` are not exported.

    Question answering has XTREME's decoding (`prediction_xtreme`), BUCC the pairs that reach the
    threshold tuned on dev.

    Raises:
        DamagedFileError: the predictions or the rows are not what was written.
        InputError: the predictions are of other rows than the task's, or none is of the selection.
        ValueError: the selection is the oracle, whose rows are nobody's submission.
    """
    if selection == ORACLE:
        raise ValueError("the oracle has seen dev labels of target languages: it is not exported")
    everything = read_table(predictions)
    table = everything.filter(pc.equal(everything["selection"], selection))
    if not table.num_rows:
        others = ", ".join(sorted(map(str, pc.unique(everything["selection"]).to_pylist())))
        reason = f"no predictions of the selection `{selection}`, only of {others or 'none'}."
        raise InputError(predictions, reason, hint="Run the study again.")
    written, lacking = {}, []
    for test in tests:
        splits = _splits(table, test.language)
        if "test" not in splits:
            lacking.append(test.language)
            continue
        try:
            content = prediction_content(target, test, splits)
        except PolystiltsError as error:
            raise InputError(predictions, f"language {test.language}: {error}") from None
        written[file_name(target, test.language)] = content
    _write(folder / folder_name(target), written)
    return lacking


def remove_stale(folder: Path, kept: Sequence[str] = ()) -> None:
    """Remove the test files of an earlier export, but for those named."""
    for pattern in ("test-*.tsv", "test-*.json"):
        for path in folder.glob(pattern):
            if path.name not in kept:
                path.unlink()


def _write(folder: Path, files: Mapping[str, Any]) -> None:
    """Write lines as text and everything else as JSON."""
    for name, content in files.items():
        if name.endswith(".json"):
            write_json(folder / name, content)
        else:
            write_text(folder / name, "".join(f"{line}\n" for line in content))
    remove_stale(folder, list(files))


def _splits(table: pa.Table, language: str) -> dict[str, pa.Table]:
    rows = table.filter(pc.equal(table["language"], language))
    return {
        split: rows.filter(pc.equal(rows["split"], split))
        for split in pc.unique(rows["split"]).to_pylist()
    }
