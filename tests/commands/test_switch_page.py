"""The page on code-switching says what the command does: its example, the recipe, the sheet."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from polystilts.codeswitch.english.protection import BY_TASK, word_classes
from polystilts.codeswitch.recipe import Recipe
from polystilts.commands.cli import main
from repository import REPOSITORY

PAGE = (REPOSITORY / "docs" / "code-switching.md").read_text(encoding="utf-8")
TOP = {"words", "switched_words", "realised_rate", "load_seconds", "cpu_seconds", "sheet"}


def section(title: str) -> str:
    """Return the text under a heading."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def keys(title: str) -> dict[str, str]:
    """Return the keys of the tables under a heading, each with the rest of its row."""
    found = {}
    for row in re.findall(r"^\| (`.*)$", section(title), re.MULTILINE):
        first, _, rest = row.partition(" | ")
        found.update(dict.fromkeys(re.findall("`([^`]+)`", first), rest))
    return found


@pytest.fixture
def example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[str, str, str, dict[str, Any]]:
    """Return what the page says comes out, what does, the summary and the statistics."""
    blocks = re.findall(r"```\n(.*?)```", section("An example"), re.DOTALL)
    rows, german, turkish, command, expected, summary = blocks
    monkeypatch.chdir(tmp_path)
    for name, text in (("pairs.jsonl", rows), ("en-de.txt", german), ("en-tr.txt", turkish)):
        Path(name).write_text(text, encoding="utf-8")
    _, *arguments = command.replace("\\\n", " ").split()
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    printed = capsys.readouterr()
    assert printed.err == summary
    written = Path("switched.jsonl").read_text("utf-8")
    return expected, written, summary, json.loads(Path("stats.json").read_text("utf-8"))


def test_the_example(example: tuple[str, str, str, dict[str, Any]]) -> None:
    expected, written, summary, stats = example
    assert written == expected
    assert f"{stats['switched_words']} of {stats['words']} words" in summary


def test_the_keys_of_the_statistics(example: tuple[str, str, str, dict[str, Any]]) -> None:
    *_, stats = example
    assert stats.keys() == TOP
    assert keys("The data sheet").keys() == (TOP - {"sheet"}) | stats["sheet"].keys()
    rows = keys("The data sheet")
    for part in stats["sheet"]["account"]:
        assert f"`{part}`" in rows["account"]
    for facts in stats["sheet"]["languages"].values():
        for part in (*facts, *facts["dictionary"]):
            assert f"`{part}`" in rows["languages"]


def test_the_recipe() -> None:
    rows = keys("The recipe")
    assert list(rows) == [field.name for field in fields(Recipe)]
    recipe = Recipe(rate=0.3)
    for name, row in rows.items():
        default = getattr(recipe, name)
        values, _, explained = row.partition(" | ")
        if isinstance(default, bool):
            assert f"({str(default).lower()})" in values
        elif isinstance(default, str):
            assert f"(`{default}`)" in values
        elif isinstance(default, tuple) and default:
            assert f"({', '.join(f'`{part}`' for part in default)})" in values
        elif name != "rate" and isinstance(default, int | float):
            assert re.search(rf"\({default:g}(\.0)?\)", values), name
        if name == "protect":
            for known in (BY_TASK, *word_classes()):
                assert f"`{known}`" in values + explained
