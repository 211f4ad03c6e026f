"""The page that `polystilts plan STUDY` prints."""

from typing import IO

from rich.box import SIMPLE_HEAD
from rich.table import Table

from polystilts.planning.costs import Device, Plan
from polystilts.planning.print_needs import console_for, human

_STEP_NAMES = {"predict": "predict, retrieval included"}


def print_plan(plan: Plan, device: Device, at_once: int, file: IO[str]) -> None:
    """Print jobs by step, what sharing saves, device hours and disk, and their assumptions."""
    console = console_for(file)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("step")
    table.add_column("jobs", justify="right")
    table.add_column("without sharing", justify="right")
    table.add_column("GPU-hours", justify="right")
    table.add_column("not counted", overflow="fold")
    for stage in plan.stages:
        table.add_row(
            _STEP_NAMES.get(stage.step, stage.step),
            str(stage.jobs),
            "" if stage.unshared is None else str(stage.unshared),
            _hours(stage.hours, bool(stage.unknown)),
            ", ".join(stage.unknown),
        )
    known = [stage.hours for stage in plan.stages if stage.hours is not None]
    incomplete = any(stage.unknown for stage in plan.stages)
    jobs = sum(stage.jobs for stage in plan.stages)
    table.add_section()
    table.add_row("all", str(jobs), "", _hours(sum(known) if known else None, incomplete), "")
    console.print(table)
    console.print(f"cells: {plan.cells}")
    console.print(
        f"GPU-hours: operations over {device.peak / 1e12:.0f} TFLOP/s × {device.utilisation:.0%};"
        " mean lengths from published data; queueing and loading not counted"
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


def _hours(hours: float | None, incomplete: bool) -> str:
    if hours is None:
        return "?" if incomplete else ""
    digits = 0 if hours >= 100 else 1 if hours >= 1 else 3
    return f"{'≥ ' if incomplete else ''}{hours:.{digits}f}"
