"""What a reader has to know beside the tables: the trainings, and how their weights are chosen."""

from collections.abc import Iterable, Iterator
from statistics import fmean

from rich.console import Console
from rich.text import Text

from polystilts.analysis.equal_arms import RATIOS
from polystilts.analysis.failed_checks import FailedCheck
from polystilts.analysis.selections import UPPER_BOUND, SelectionMean
from polystilts.evaluation.selections import LAST, ORACLE
from polystilts.report.content import ReportContent
from polystilts.report.gaps import FAILED


def print_warnings(console: Console, content: ReportContent) -> None:
    """Print in which trainings the arms differ in more than their text; nothing if in none."""
    warnings = content.trained.warnings
    if warnings:
        title = f"WARNING: {content.study}: arms differ in more than their text"
        _print(console, content, title, warnings, "bold red")


def print_remarks(console: Console, content: ReportContent) -> None:
    """Print failed leak checks, how selections compare, what arms cost, what failed to learn."""
    if checks := content.trained.failed.checks:
        title = f"{content.study}: failed leak checks ({len(checks)})"
        _print(console, content, title, _check_lines(checks))
    if len({item.selection for item in content.selections}) > 1:
        title = f"{content.study}: selections of checkpoints"
        _print(console, content, title, _selection_lines(content.selections))
    if content.trained.table.num_rows:
        title = f"{content.study}: trainings ({content.trained.table.num_rows})"
        _print(console, content, title, _training_lines(content))


def _print(
    console: Console,
    content: ReportContent,
    title: str,
    lines: Iterable[str],
    style: str = "bold",
) -> None:
    console.print(Text(title, style=style))
    if content.note:
        console.print(Text(content.note, style="italic"))
    for line in lines:
        console.print(Text(line))
    console.print()


def _check_lines(checks: Iterable[FailedCheck]) -> Iterator[str]:
    """Yield a line per check: what its failing means, then where it failed, with the figures."""
    yield f"{FAILED} marks the scores of models trained on such text, in part or as a whole."
    kinds: dict[tuple[str, str], list[str]] = {}
    for item in checks:
        found = kinds.setdefault((item.check, item.meaning), [])
        found.append(f"{item.place} ({item.figure})")
    for (check, meaning), places in kinds.items():
        yield f"{check}: {meaning}. Failed in {'; '.join(places)}."


def _selection_lines(selections: Iterable[SelectionMean]) -> Iterator[str]:
    """Yield a line per target: the mean over all its languages and the difference to `last`."""
    yield "mean test score over cells and languages, in percent (paired difference to `last`)"
    targets: dict[str, list[str]] = {}
    names = set()
    for item in selections:
        names.add(item.selection)
        if item.average == "xtreme":
            change = item.difference if item.selection != LAST else None
            shown = "" if change is None else f" ({change:+z.1f})"
            part = f"{item.selection} {item.mean:.1f}{shown}"
            targets.setdefault(item.target, []).append(part)
    for target, parts in targets.items():
        yield f"{target}: {', '.join(parts)}"
    if ORACLE in names:
        yield f"{ORACLE}: {UPPER_BOUND}; it is in no table, mean or difference."


def _training_lines(content: ReportContent) -> Iterator[str]:
    """Yield what an arm's trainings cost beside those of the reference, and which collapsed."""
    costs: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in content.trained.table.to_pylist():
        if not row["fine_tune"] and row["arm"] != row["reference_arm"]:
            arms = costs.setdefault((row["arm"], row["reference_arm"]), {})
            for name in RATIOS:
                if (ratio := row[f"{name}_ratio"]) is not None:
                    arms.setdefault(name, []).append(ratio)
    for (arm, reference), found in costs.items():
        parts = (f"{name.replace('_', ' ')} ×{fmean(each):.2f}" for name, each in found.items())
        yield f"{arm} over {reference}, mean of intermediate trainings: {', '.join(parts)}"
    yield from content.trained.notes
    collapsed = content.collapsed.lines()
    if collapsed:
        number = f"{len(collapsed)} of {content.trained.table.num_rows} trainings"
        yield (
            f"{number} failed to learn: they are not above chance on English dev. They are still"
            " included in every mean:"
        )
        yield from collapsed
    else:
        yield "All trained heads are above chance on English dev."
