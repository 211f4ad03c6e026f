"""`polystilts doctor` and `polystilts plan`: what a study needs and what it will take."""

import sys
from collections.abc import Sequence

from polystilts.commands.step import FAILED
from polystilts.commands.studies import load_study
from polystilts.planning.costs import Device, plan
from polystilts.planning.lengths import assumed_lengths
from polystilts.planning.needs import encoder_need, lacking, needed_files, needs, read_lock
from polystilts.planning.print_needs import is_ready, print_needs
from polystilts.planning.print_plan import print_plan
from polystilts.planning.translations import translated_arms, translations
from polystilts.study.availability import not_available


def diagnose(study: str, options: Sequence[str]) -> int:
    """Print what a study needs; return 1 where something is missing that cannot be fetched."""
    graph = load_study(study, options)
    found = [*needs(needed_files(graph, read_lock(graph))), encoder_need(graph)]
    dictionaries: dict[str, list[str]] = {
        name: [] for name in graph.selection.languages if name != "en"
    } | {
        language: [dictionary.name for dictionary in chosen]
        for language, chosen in graph.study.dictionaries.items()
    }
    print_needs(
        found,
        not_available(graph.study),
        dictionaries,
        translations(graph.study),
        translated_arms(graph.study),
        sys.stdout,
    )
    return 0 if is_ready(found) else FAILED


def estimate(study: str, options: Sequence[str], device: Device, at_once: int) -> int:
    """Print a study's jobs, device hours and disk."""
    graph = load_study(study, options)
    lock = read_lock(graph)
    files = needed_files(graph, lock)
    sizes = {(file.world, file.transfer): file.transferred for file in files}
    expected = lock.expected_rows if lock else _unknown_rows
    estimated = plan(graph, device, at_once, expected, sizes)
    notes = [
        *lacking(graph, files),
        *translated_arms(graph.study),
        *assumed_lengths(graph.study),
    ]
    print_plan(estimated, notes, device, at_once, sys.stdout)
    return 0


def _unknown_rows(task: str, split: str, language: str | None) -> int | None:
    return None
