"""Collect the scores of all cells into one table, and the trainings behind them into another."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from polystilts.analysis.equal_arms import equality
from polystilts.analysis.expected import BASELINE
from polystilts.analysis.failed_checks import FailedChecks, read_failed_checks
from polystilts.analysis.matrix import collect
from polystilts.analysis.training_table import training_table
from polystilts.analysis.trainings import Place, read_training
from polystilts.commands.step import run, step_parser
from polystilts.errors import ConfigError
from polystilts.provenance.manifest import require_key, write_manifest
from polystilts.provenance.tables import write_table


def main(argv: Sequence[str] | None = None) -> None:
    parser = step_parser(__doc__)
    parser.add_argument("--results", type=Path, required=True, help="the study's folder")
    parser.add_argument("--output", type=Path, required=True, help="a manifest comes beside it")
    parser.add_argument("--trainings", type=Path, required=True, help="written beside the output")
    parser.add_argument(
        "--corpora",
        nargs="*",
        default=[],
        type=_named,
        metavar="CORPUS/TASK=KEY",
        help="the corpora that the arms train on, below the study's folder, with their keys",
    )
    arguments = parser.parse_args(argv)
    record, folder = arguments.record, arguments.results
    failed = _failed_checks(record, folder, dict(arguments.corpora))
    matrix = collect((folder / "scores" / name for name in _cells(record)), failed)
    trainings = [read_training(folder / name, place) for place, name in _trainings(record)]
    findings = equality(trainings, record["references"], record["controls"])
    write_table(arguments.output, matrix, arguments.key)
    table = training_table(trainings, record["references"], record["controls"], failed)
    write_table(arguments.trainings, table, arguments.key)
    write_manifest(
        arguments.output.with_suffix(".json"),
        arguments.key,
        [arguments.output, arguments.trainings],
        warnings=list(findings.warnings),
        notes=list(findings.notes),
        failed_checks=failed.facts(),
        not_available=record["not_available"],
    )
    for line in findings.warnings:
        print(f"warning: arms differ in more than their text: {line}", file=sys.stderr)
    for item in failed.checks:
        line = f"{item.place}: {item.check} ({item.figure}): {item.meaning}"
        print(f"warning: failed leak check: {line}", file=sys.stderr)


def _failed_checks(
    record: Mapping[str, Any], folder: Path, keys: Mapping[str, str]
) -> FailedChecks:
    """Return the failed checks of the corpora behind the cells, which must have their keys.

    Raises:
        ConfigError: no key was given for a corpus.
        DamagedFileError: a corpus was written under another key, or is missing.
    """

    def sheet_of(corpus: str, task: str) -> Path:
        name, path = f"{corpus}/{task}", folder / "corpora" / corpus / task / "train.json"
        if name not in keys:
            raise ConfigError(f"--corpora gives no key for {name}")
        require_key(path, keys[name])
        return path

    return read_failed_checks(sheet_of, record["corpora"])


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"`{text}` is not of the form CORPUS/TASK=KEY")
    return name, value


def _rows(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (arm, intermediate) of the baseline and of every treated row that is not left out."""
    yield BASELINE, BASELINE
    for arm in record["arms"]:
        for name in record["intermediates"]:
            if name not in record["left_out"].get(arm, {}):
                yield arm, name


def _cells(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the score file of every cell that the study consists of."""
    for arm, intermediate in _rows(record):
        for target in record["targets"]:
            for seed in record["seeds"]:
                yield f"{record['encoder']}/{arm}/{intermediate}/{target}/seed-{seed}.parquet"


def _trainings(record: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield every training that the cells rest on, and its manifest."""
    encoder = record["encoder"]
    fine_tunes = dict.fromkeys(name for name in record["fine_tunes"].values() if name)
    for arm, intermediate in _rows(record):
        for seed in record["seeds"]:
            row = f"{encoder}/{arm}/{intermediate}"
            if intermediate != BASELINE:
                place = Place(encoder, arm, intermediate, "", seed)
                yield place, f"intermediate/{row}/seed-{seed}/training.json"
            for name in fine_tunes:
                place = Place(encoder, arm, intermediate, name, seed)
                yield place, f"targets/{row}/{name}/seed-{seed}/training.json"


if __name__ == "__main__":
    run(main)
