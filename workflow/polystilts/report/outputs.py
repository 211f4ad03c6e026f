"""Writes and prints the report of one study."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from polystilts.analysis.failed_checks import FailedChecks
from polystilts.errors import InputError
from polystilts.provenance.atomic import atomic_path, write_text
from polystilts.provenance.manifest import read_manifest, verify_file, write_manifest
from polystilts.provenance.tables import read_table
from polystilts.report import files
from polystilts.report.content import ReportContent, Trained, report_content
from polystilts.report.csv_files import (
    differences_csv,
    scores_csv,
    selections_csv,
    table_csv,
    trainings_csv,
)
from polystilts.report.figures import heatmap, save
from polystilts.report.tables import print_report


def write(
    matrix: Path, trainings: Path, output: Path, record: Mapping[str, Any], key: str
) -> list[Path]:
    """Write the report's files and return their paths.

    Args:
        matrix: `matrix.parquet`, with its manifest beside it.
        trainings: `trainings.parquet`, which the same manifest lists.
        output: folder for the files, made if need be.
        record: as for `report_content`.
        key: content key, kept in the manifest.
    """
    content = _content(matrix, trainings, record)
    text = io.StringIO()
    print_report(content, text)
    write_text(output / files.SCORES, scores_csv(content))
    write_text(output / files.TABLE, table_csv(content))
    write_text(output / files.DIFFERENCES, differences_csv(content))
    write_text(output / files.SELECTIONS, selections_csv(content))
    write_text(output / files.TRAININGS, trainings_csv(content))
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    write_text(output / files.TEXT, "".join(f"{line}\n" for line in lines))
    figure = heatmap(content)
    for name, file_format in ((files.HEATMAP_PNG, "png"), (files.HEATMAP_SVG, "svg")):
        with atomic_path(output / name) as temporary:
            save(figure, temporary, file_format)
    paths = [output / name for name in files.REPORT_FILES]
    manifest = output / files.MANIFEST
    listed = [path for path in paths if path != manifest]
    facts = {"study": content.study, "world": content.world}
    write_manifest(manifest, key, listed, **facts, not_available=list(content.not_available))
    return paths


def print_tables(matrix: Path, trainings: Path, record: Mapping[str, Any], file: IO[str]) -> None:
    """Print the report's tables, coloured and fitted where `file` is a terminal."""
    print_report(_content(matrix, trainings, record), file)


def _content(matrix: Path, trainings: Path, record: Mapping[str, Any]) -> ReportContent:
    table, manifest = read_table(matrix), matrix.with_suffix(".json")
    verify_file(trainings, manifest)
    facts = read_manifest(manifest)
    for name in ("warnings", "notes", "failed_checks"):
        if name not in facts:
            hint = "An older version wrote it? Run the study again."
            raise InputError(manifest, f"the field `{name}` is missing.", hint=hint)
    trained = Trained(
        read_table(trainings),
        tuple(facts["warnings"]),
        tuple(facts["notes"]),
        FailedChecks.from_facts(facts["failed_checks"]),
    )
    return report_content(table, record, trained)
