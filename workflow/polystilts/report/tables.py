"""Readable tables: intermediates × targets per arm, and the differences between arms."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from polystilts.analysis.expected import BASELINE
from polystilts.analysis.means import OVERALL
from polystilts.evaluation.score_rows import XTREME
from polystilts.report.content import ReportContent
from polystilts.report.gaps import gap_lines, sign
from polystilts.report.remarks import print_remarks, print_warnings

PLAIN_WIDTH = 160
ROW_NAMES = {BASELINE: "baseline"}
COLUMN_NAMES = {OVERALL: "mean"}
_UNLIMITED = 10_000
AVERAGE_NAMES = {
    "xtreme": "mean over languages, English included (XTREME's average)",
    "transfer": "mean over languages without English (transfer)",
}

Parts = tuple[str, str]
Texts = Mapping[tuple[str, str], Parts]


def print_report(content: ReportContent, file: IO[str], width: int | None = None) -> None:
    """Print all tables: coloured and as wide as the terminal, plain where `file` is none.

    `width` is for output that is not a terminal; by default 160 columns.
    """
    terminal = file.isatty()
    console = Console(
        file=file,
        width=width or (None if terminal else PLAIN_WIDTH),
        no_color=not terminal,
        highlight=False,
        emoji=False,
        markup=False,
        soft_wrap=False,
    )
    print_warnings(console, content)
    for arm in content.expected.arms or (BASELINE,):
        _print_values(console, content, arm)
    for average in AVERAGE_NAMES:
        for arm, reference in content.pairs:
            _print_pair(console, content, arm, reference, average)
    print_remarks(console, content)
    for line in content.not_available:
        console.print(line)
    targets = tuple(f"not available: {name} in " for name in content.expected.targets)
    if any(line.startswith(targets) for line in content.not_available):
        console.print("(a target's averages are over the study's languages that it has)")


def _print_values(console: Console, content: ReportContent, arm: str) -> None:
    means = content.means["xtreme", XTREME]
    columns = content.columns
    baseline = (BASELINE, BASELINE)
    treated = [(arm, name) for name in content.expected.intermediates if arm != BASELINE]
    rows = [baseline, *treated]
    cells = {(row[1], column): means[(*row, column)] for row in rows for column in columns}
    texts: dict[tuple[str, str], Parts] = {}
    for (name, column), cell in cells.items():
        value = "" if cell.value is None else f"{cell.value:.1f}"
        change = None
        if name != BASELINE:
            change = content.differences["xtreme", (arm, name), baseline, column].mean
        failed = bool(content.trained.failed.behind((arm, name)))
        second = "" if change is None else _signed(change)
        texts[name, column] = (value + sign(cell.value, cell, failed), second)

    title = f"{content.study}, arm {arm}: test scores in percent, difference to the baseline"
    _print_table(console, content, title, AVERAGE_NAMES["xtreme"], texts)
    by_cell = {place: (cell.value, cell) for place, cell in cells.items()}
    for line in gap_lines(by_cell, ROW_NAMES, content.trained.failed.behind(*treated)):
        console.print(Text(line))
    console.print()


def _print_pair(
    console: Console, content: ReportContent, arm: str, reference: str, average: str
) -> None:
    cells = {
        (name, column): content.differences[average, (arm, name), (reference, name), column]
        for name in content.expected.intermediates
        for column in content.columns
    }
    texts: dict[tuple[str, str], Parts] = {}
    failed = content.trained.failed
    for place, cell in cells.items():
        value = "" if cell.mean is None else _signed(cell.mean)
        spread = "" if cell.spread is None else f"±{cell.spread:.1f}"
        mark = sign(cell.mean, cell, bool(failed.behind(cell.row, cell.reference)))
        texts[place] = (value + mark, spread)

    title = f"{content.study}: {arm} − {reference}, paired difference in points"
    _print_table(console, content, title, AVERAGE_NAMES[average], texts)
    if len(content.expected.seeds) == 1:
        console.print(Text("One seed: no spread, and no interval."))
    else:
        console.print(Text("±: standard deviation over seeds; intervals are in differences.csv."))
    by_cell = {place: (cell.mean, cell) for place, cell in cells.items()}
    compared = {row for cell in cells.values() for row in (cell.row, cell.reference)}
    for line in gap_lines(by_cell, ROW_NAMES, failed.behind(*compared)):
        console.print(Text(line))
    console.print()


def _print_table(
    console: Console, content: ReportContent, title: str, subtitle: str, texts: Texts
) -> None:
    console.print(Text(title, style="bold"))
    console.print(Text(subtitle))
    if content.mean_note:
        console.print(Text(content.mean_note))
    if content.note:
        console.print(Text(content.note, style="italic"))
    for table in _fitting(console, content.columns, texts):
        console.print(table)


def _fitting(console: Console, columns: Sequence[str], texts: Texts) -> Iterator[Table]:
    """Yield the widest form that fits: side by side, stacked, or cut into several tables."""
    unlimited = console.options.update(width=_UNLIMITED)
    for stacked in (False, True):
        table = _table(columns, texts, stacked)
        if Measurement.get(console, unlimited, table).maximum <= console.width:
            yield table
            return
    if len(columns) == 1:
        yield table
        return
    half = (len(columns) + 1) // 2
    yield from _fitting(console, columns[:half], texts)
    yield from _fitting(console, columns[half:], texts)


def _table(columns: Sequence[str], texts: Texts, stacked: bool) -> Table:
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, padding=(0, 0 if stacked else 1), show_edge=False
    )
    table.add_column("intermediate", no_wrap=True)
    for column in columns:
        table.add_column(COLUMN_NAMES.get(column, column), justify="right", no_wrap=True)
    width = max(len(texts[place][1]) for place in texts if place[1] in columns)
    for row in dict.fromkeys(row for row, _ in texts):
        cells = [_text(texts[row, column], stacked, width) for column in columns]
        table.add_row(ROW_NAMES.get(row, row), *cells, end_section=row == BASELINE)
    return table


def _text(parts: Parts, stacked: bool, width: int) -> Text:
    first, second = parts
    text = Text(first, style=_style(first))
    if stacked and second:
        text.append("\n" + second, style=_style(second))
    elif not stacked and width:
        text.append(" " + second.rjust(width), style=_style(second))
    return text


def _signed(points: float) -> str:
    return f"{points:+z.1f}"


def _style(number: str) -> str:
    # Blue and orange stay apart for the colour-blind, as green and red do not.
    if number.startswith("+"):
        return "dodger_blue2"
    return "dark_orange3" if number.startswith("-") else ""
