"""The page that `polystilts plan STUDY` prints."""

from collections.abc import Iterable, Sequence
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.table import Table

from polystilts.planning.costs import Device, Plan
from polystilts.planning.print_needs import console_for, human

_STEP_NAMES = {"predict": "predict, retrieval included"}


def print_plan(
    plan: Plan, notes: Iterable[str], device: Device, at_once: int, file: IO[str]
) -> None:
    """Print jobs by step, what sharing saves, device hours and disk, and their assumptions.

    `notes` are lines about what the study does not get, its translations, and its tasks.
    """
    console = console_for(file)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("step")
    table.add_column("jobs", justify="right")
    table.add_column("GPU-hours", justify="right")
    table.add_column("plain jobs", justify="right")
    table.add_column("plain GPU-hours", justify="right")
    table.add_column("not counted", overflow="fold")
    for stage in plan.stages:
        table.add_row(
            _STEP_NAMES.get(stage.step, stage.step),
            str(stage.jobs),
            _hours(stage.hours, bool(stage.unknown)),
            "" if stage.plain_jobs is None else str(stage.plain_jobs),
            _hours(stage.plain_hours, bool(stage.unknown)),
            ", ".join(stage.unknown),
        )
    incomplete = any(stage.unknown for stage in plan.stages)
    jobs = sum(stage.jobs for stage in plan.stages)
    hours = _sum([stage.hours for stage in plan.stages])
    plain = _sum([stage.plain_hours for stage in plan.stages])
    table.add_section()
    table.add_row("all", str(jobs), _hours(hours, incomplete), "", _hours(plain, incomplete), "")
    console.print(table)
    console.print(f"cells: {plan.cells}")
    for line in notes:
        console.print(line)
    attention = "included" if plan.counts_attention else "not counted, as the shape is unknown"
    console.print(
        f"GPU-hours: operations over {device.peak / 1e12:.0f} TFLOP/s × {device.utilisation:.0%};"
        f" mean lengths from published data; attention {attention};"
        " queueing, loading and examinations on dev not counted"
    )
    console.print(
        "plain: every cell trains for itself, and every input is padded to its task's max_length"
    )
    disk = plan.disk
    more = f" and {disk.unknown_sources} files of unknown size" if disk.unknown_sources else ""
    console.print(f"disk, downloads: {human(disk.sources)}{more}")
    console.print(f"disk, weights kept: {human(disk.kept_weights)}")
    console.print(
        f"disk, weights and checkpoints of {at_once} trainings at once:"
        f" {human(disk.passing_weights)}"
    )
    if disk.kept_weights is not None and disk.passing_weights is not None:
        peak = disk.sources + disk.kept_weights + disk.passing_weights
        console.print(f"disk at its fullest: {human(peak)}{more}, and unpacked and prepared data")


def _sum(hours: Sequence[float | None]) -> float | None:
    known = [number for number in hours if number is not None]
    return sum(known) if known else None


def _hours(hours: float | None, incomplete: bool) -> str:
    if hours is None:
        return "?" if incomplete else ""
    digits = 0 if hours >= 100 else 1 if hours >= 1 else 3
    return f"{'≥ ' if incomplete else ''}{hours:.{digits}f}"
