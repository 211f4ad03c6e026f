"""Tables show the right numbers, fit the terminal, and explain what is missing."""

import io
import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from polystilts.report.content import SYNTHETIC_NOTE, report_content
from polystilts.report.tables import print_report

WIDTHS = [200, 100, 70, 44, 30]


def printed(matrix: pa.Table, record: dict[str, Any], width: int | None = None) -> str:
    text = io.StringIO()
    print_report(report_content(matrix, record), text, width)
    return text.getvalue()


def section(text: str, title: str) -> str:
    """Return the first table whose title begins like this, with the lines that belong to it."""
    parts = re.split(r"\n\s*\n(?=tiny)", text)
    return next(part for part in parts if part.startswith(title))


def cells(table: str, row: str) -> list[str]:
    [line] = [line for line in table.splitlines() if re.match(rf"{row}\s", line)]
    return line.split()[1:]


def test_values_and_differences_to_the_baseline(make_matrix: Any, record: Any) -> None:
    switched = section(printed(make_matrix(), record), "tiny, arm code-switched")
    assert cells(switched, "baseline") == ["50.0", "60.0", "30.0", "46.7"]
    shown = cells(switched, "mnli")
    assert shown[::2] == ["52.3", "62.3", "32.3", "49.0"]
    assert shown[1::2] == ["+2.3"] * 4
    english = section(printed(make_matrix(), record), "tiny, arm english")
    assert cells(english, "all")[:2] == ["48.8", "-1.2"]


def test_differences_between_arms(make_matrix: Any, record: Any) -> None:
    text = printed(make_matrix(), record)
    tables = re.findall(r"tiny: code-switched − english.*?\n\s*\n", text, flags=re.S)
    assert ["English included" in table for table in tables] == [True, False]
    assert all(cells(table, "squad") == ["+3.7"] * 4 for table in tables)
    assert all("One seed: no spread" in table for table in tables)


def test_spread_is_shown_with_several_seeds(make_matrix: Any, record: Any) -> None:
    text = printed(make_matrix(seeds=(1, 2, 3)), {**record, "seeds": [1, 2, 3]})
    table = section(text, "tiny: code-switched − english")
    # The fabricated gain grows by half a point per seed.
    assert cells(table, "mnli") == ["+4.2", "±0.5"] * 4
    assert "One seed" not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_fit_the_width_without_losing_a_number(
    make_matrix: Any, record: Any, width: int
) -> None:
    text = printed(make_matrix(), record, width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    numbers = re.findall(r"[+-]?\d+\.\d", text)
    assert sorted(numbers) == sorted(
        re.findall(r"[+-]?\d+\.\d", printed(make_matrix(), record, 200))
    )


def test_every_table_of_a_synthetic_world_says_so(make_matrix: Any, record: Any) -> None:
    text = printed(make_matrix(), record)
    assert text.count(SYNTHETIC_NOTE) == len(re.findall(r"^tiny", text, flags=re.M)) == 4
    assert SYNTHETIC_NOTE not in printed(make_matrix(), {**record, "world": "real"})


def test_missing_cells_are_shown_with_a_reason(make_matrix: Any, record: Any) -> None:
    absent = {("english", "mnli", "xnli"), ("code-switched", "squad", "udpos", "ru")}
    absent |= {("code-switched", "all", target) for target in record["targets"]}
    text = printed(make_matrix(absent=absent), record)
    english = section(text, "tiny, arm english")
    assert cells(english, "mnli")[0] == "–"
    assert "– no scores (1 of 16 cells): mnli × xnli" in english
    assert "* 2 of 3 targets, without xnli (1 of 16 cells): mnli × average" in english
    switched = section(text, "tiny, arm code-switched")
    assert cells(switched, "squad")[2].endswith("*")
    assert "* 1 of 2 languages, without ru (1 of 16 cells): squad × udpos" in switched
    assert "– no scores (3 of 16 cells): all × every target" in switched
    pair = section(text, "tiny: code-switched − english")
    assert "– no paired scores (4 of 12 cells): mnli × xnli; all × every target" in pair
    assert "* 1 of 2 languages, without ru (1 of 12 cells): squad × udpos" in pair
    assert cells(pair, "all") == ["–"] * 4


def test_a_study_of_the_baseline_alone_still_prints(make_matrix: Any, record: Any) -> None:
    text = printed(make_matrix(), {**record, "arms": ["none"], "intermediates": ["none"]})
    assert cells(text, "baseline") == ["50.0", "60.0", "30.0", "46.7"]


def test_colour_on_a_terminal_only(
    make_matrix: Any, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    print_report(report_content(make_matrix(), record), terminal)
    assert "\x1b[" in terminal.getvalue()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert max(map(len, plain.splitlines())) <= 90
    assert "\x1b" not in printed(make_matrix(), record)


def test_no_minus_zero(make_matrix: Any, record: Any) -> None:
    matrix = make_matrix()
    treated = pc.not_equal(matrix["arm"], "none")
    barely = pc.if_else(treated, 49.99999, 50.0)
    flat = matrix.set_column(matrix.column_names.index("value"), "value", barely)
    text = printed(flat, record)
    assert "+0.0" in text
    assert "-0.0" not in text
