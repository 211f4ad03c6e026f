"""Heat maps of differences: each arm against the baseline, and arm against arm."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from polystilts.analysis.compare import Difference
from polystilts.analysis.expected import BASELINE
from polystilts.analysis.failed_checks import by_place
from polystilts.analysis.means import OVERALL
from polystilts.report.content import ReportContent
from polystilts.report.gaps import FAILED, FAILED_TO_LEARN, sign

# Text width of an A4 page with usual margins, so that the figure is read at its own size.
_WIDTH_INCHES = 7.4
_ROW_INCHES = 0.225
_PANEL_INCHES = 0.6
_HEAD_INCHES = 0.55
# between the last panel and the caption, and of each line of that
_FOOT_INCHES = 0.3
_LINE_INCHES = 0.125
_LINE_CHARACTERS = 105
_COLOURS = "RdBu"
_MISSING_COLOUR = "#d9d9d9"
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 7.5,
    "svg.hashsalt": "polystilts",
    "hatch.linewidth": 0.5,
}


@dataclass(frozen=True)
class _Panel:
    title: str
    differences: Sequence[Sequence[Difference]]
    limit: float

    @property
    def values(self) -> NDArray[np.float64]:
        """Mean differences (intermediates, targets and their mean); NaN where there is none."""
        return _means(self.differences)


def heatmap(content: ReportContent, average: str = "xtreme") -> Figure:
    """Return the figure: intermediates down, targets and their mean across, one panel a contrast.

    Blue is a gain, red a loss. Each kind of contrast has one colour scale, capped so that one
    large cell does not wash out the rest; the printed numbers are never capped. Cells without a
    paired score are grey and hatched.
    """
    against_baseline = [
        (f"{arm} − baseline", _contrast(content, arm, None, average))
        for arm in content.expected.arms
        if content.expected.intermediates
    ]
    between_arms = [
        (f"{arm} − {reference}", _contrast(content, arm, reference, average))
        for arm, reference in content.pairs
    ]
    panels = [
        _Panel(title, rows, _limit([_means(each) for _, each in group]))
        for group in (against_baseline, between_arms)
        for title, rows in group
    ]
    grid_inches = len(content.expected.intermediates) * _ROW_INCHES
    panel_inches = grid_inches + _PANEL_INCHES
    caption = _caption(content, average)
    foot_inches = _FOOT_INCHES + _LINE_INCHES * (1 + caption.count("\n"))
    height = _HEAD_INCHES + foot_inches + len(panels) * panel_inches - _PANEL_INCHES
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH_INCHES, height), facecolor="white")
        for number, panel in enumerate(panels):
            top = height - _HEAD_INCHES - number * panel_inches
            bottom = (top - grid_inches) / height
            axes = figure.add_axes((0.155, bottom, 0.745, grid_inches / height))
            bar = figure.add_axes((0.915, bottom, 0.014, grid_inches / height))
            _draw(figure, axes, bar, panel, content)
        title = f"{content.study}: difference in test score, points"
        figure.text(0.155, 1 - 0.06 / height, title, fontsize=9.5, va="top")
        figure.text(0.155, 0.05 / height, caption, va="bottom")
    return figure


def save(figure: Figure, path: Path, file_format: str) -> None:
    """Write the figure as `png` (200 dpi) or `svg`; the same figure gives the same bytes."""
    unstable = "Date" if file_format == "svg" else "Software"
    with matplotlib.rc_context(_STYLE):
        figure.savefig(path, format=file_format, dpi=200, metadata={unstable: None})


def _contrast(
    content: ReportContent, arm: str, reference: str | None, average: str
) -> list[list[Difference]]:
    """Return the differences of an arm to another, or to the baseline, as rows of a panel."""
    rows = []
    for name in content.expected.intermediates:
        other = (BASELINE, BASELINE) if reference is None else (reference, name)
        rows.append(
            [content.differences[average, (arm, name), other, column] for column in content.columns]
        )
    return rows


def _means(rows: Sequence[Sequence[Difference]]) -> NDArray[np.float64]:
    return np.array([[np.nan if item.mean is None else item.mean for item in row] for row in rows])


def _limit(groups: Sequence[NDArray[np.float64]]) -> float:
    """Return the end of a colour scale: 2.5 medians, so that a few large cells do not set it."""
    sizes = np.abs(np.concatenate([values.ravel() for values in groups]))
    sizes = sizes[~np.isnan(sizes)]
    return max(1.0, 2.5 * float(np.median(sizes))) if sizes.size else 1.0


def _draw(figure: Figure, axes: Axes, bar: Axes, panel: _Panel, content: ReportContent) -> None:
    norm = TwoSlopeNorm(0.0, -panel.limit, panel.limit)
    values = panel.values
    image = axes.imshow(values, cmap=_COLOURS, norm=norm, aspect="auto")
    rows, columns = values.shape
    for row, line in enumerate(panel.differences):
        for column, difference in enumerate(line):
            _annotate(axes, row, column, difference, panel.limit)
    axes.set_xticks(
        range(columns), ["mean" if name == OVERALL else name for name in content.columns]
    )
    # a check that failed concerns a whole row
    failed = [
        any(content.trained.failed.behind(item.row, item.reference) for item in line)
        for line in panel.differences
    ]
    names = zip(content.expected.intermediates, failed, strict=True)
    axes.set_yticks(range(rows), [f"{name} {FAILED}" if bad else name for name, bad in names])
    axes.set_xticks(np.arange(1, columns) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, rows) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.2)
    if OVERALL in content.columns:
        axes.axvline(columns - 1.5, color="white", linewidth=5)
    axes.tick_params(which="both", length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title(panel.title, loc="left", fontsize=8.5, fontweight="bold", pad=5)
    over = np.nanmax(np.abs(values), initial=0.0) > panel.limit
    colour_bar = figure.colorbar(image, cax=bar, extend="both" if over else "neither")
    colour_bar.outline.set_visible(False)
    colour_bar.ax.tick_params(length=2, labelsize=6.5)


def _annotate(axes: Axes, row: int, column: int, difference: Difference, limit: float) -> None:
    if difference.mean is None:
        corner = (column - 0.5, row - 0.5)
        patch = Rectangle(
            corner, 1, 1, facecolor=_MISSING_COLOUR, edgecolor="white", hatch="////", linewidth=0
        )
        axes.add_patch(patch)
        return
    colour = "white" if abs(difference.mean) > 0.55 * limit else "black"
    text = f"{difference.mean:+z.1f}{sign(difference.mean, difference, failed=False)}"
    axes.text(column, row, text, ha="center", va="center", color=colour)


def _caption(content: ReportContent, average: str) -> str:
    over = "English included" if average == "xtreme" else "without English"
    seeds = len(content.expected.seeds)
    runs = "one seed, no spread" if seeds == 1 else f"mean of {seeds} seeds"
    marks = "Blue: gain, red: loss, hatched: no score, *: something is missing."
    lines = [f"Mean over languages, {over}; {runs}.", marks]
    if content.mean_note:
        lines.append(f"{content.mean_note[0].upper()}{content.mean_note[1:]}.")
    if content.collapsed.trainings:
        lines.append(f"{FAILED_TO_LEARN}.")
    if places := by_place(content.trained.failed.checks):
        text = f"{FAILED} trained on text that failed a leak check: {places}."
        lines += textwrap.wrap(text, _LINE_CHARACTERS)
    if content.note:
        lines.append(content.note)
    return "\n".join(lines)
