"""Write the stored predictions of a study as XTREME's submission folders."""

import sys
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.step import FAILED
from polystilts.commands.studies import load_study
from polystilts.evaluation.submission import TARGETS, folder_name
from polystilts.evaluation.submission_contents import LanguageRows
from polystilts.evaluation.submission_export import (
    remove_stale,
    write_labels,
    write_predictions,
)
from polystilts.provenance.manifest import read_key
from polystilts.study.cells import Cell
from polystilts.study.graph import Graph
from polystilts.study.records import evaluation_splits


def export_study(study: str, output: Path | None, options: Sequence[str]) -> int:
    """Write the labels once and the predictions of every cell; print the folders of predictions.

    Of several selections of checkpoints the study's first is written.

    They lie below `output` (default: `results/<study>/export`): `labels/<task>/`, and
    `<encoder>/<arm>/<intermediate>/seed-<n>/predictions/<task>/`. What is not there is named on
    stderr, and so are targets that XTREME does not have. Returns the exit status: failed if there
    was nothing to export.

    Raises:
        ConfigError: there is no such study.
        PolystiltsError: rows or predictions are damaged, or do not belong together.
    """
    graph = load_study(study, options)
    root = output or Path(graph.paths.root, "export")
    targets = [name for name in graph.selection.targets if name in TARGETS]
    for name in graph.selection.targets:
        if name not in targets:
            _say(f"left out: {name} is not one of XTREME's targets")
    prepared = {name: rows for name in targets if (rows := _rows(graph, name))}
    for target, rows in prepared.items():
        write_labels(target, rows, root / "labels")
    written: dict[Path, None] = {}
    for cell in graph.study.cells:
        if cell.target not in targets:
            continue
        names = (cell.encoder, cell.arm, cell.intermediate, f"seed-{cell.seed}", "predictions")
        folder = root.joinpath(*names)
        if cell.target in prepared and _export(graph, cell, prepared[cell.target], folder):
            written[folder] = None
        else:
            remove_stale(folder / folder_name(cell.target))
    for folder in written:
        print(folder)
    return 0 if written else FAILED


def _rows(graph: Graph, target: str) -> list[LanguageRows]:
    """Return the test rows of a target; none, and a message, where they are not prepared."""
    manifest = Path(graph.paths.task_manifest(target))
    if not manifest.is_file():
        _say(f"missing: the rows of {target} ({manifest}); its predictions are left out")
        return []
    is_retrieval = graph.study.registry[target].family == "retrieval"
    rows = []
    for split in evaluation_splits(graph.study, target):
        name, language = split["split"], split["language"]
        if name == "test" and language is not None:
            pairs = Path(graph.paths.task(target, "test-pairs", language)) if is_retrieval else None
            path = Path(graph.paths.task(target, "test", language))
            rows.append(LanguageRows(language, path, pairs))
    return rows


def _export(graph: Graph, cell: Cell, rows: Sequence[LanguageRows], folder: Path) -> bool:
    wildcards = cell.wildcards()
    predictions = Path(graph.paths.predictions.format(**wildcards))
    if not predictions.is_file():
        _say(f"missing: {predictions}")
        return False
    manifest = Path(graph.paths.predictions_manifest.format(**wildcards))
    if read_key(manifest) != graph.keys.key("predict", wildcards):
        _say(f"note: {predictions} was computed under other settings or code than the study's now")
    primary = graph.selection.selections[0]
    lacking = write_predictions(cell.target, predictions, rows, folder, primary)
    if lacking:
        _say(f"missing: {predictions} has no test predictions for {', '.join(lacking)}")
    return len(lacking) < len(rows)


def _say(message: str) -> None:
    print(message, file=sys.stderr)
