"""Small dictionaries as published, and switching of files with them."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.files.dictionaries import Dictionaries, read_dictionaries
from polystilts.codeswitch.files.formats import format_of
from polystilts.codeswitch.files.request import Request
from polystilts.codeswitch.files.switching import Copy, Report, switch_file
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.lexicon.schema import SCHEMA
from polystilts.provenance.tables import write_table

WORDS = {
    "de": "dog Hund|house Haus|tree Baum|water Wasser|red rot|walks läuft|sees sieht|big groß"
    "|garden Garten|old alt|cat Katze|drinks trinkt|river Fluss|white weiß",
    "hi": "dog कुत्ता|tree पेड़|water पानी|house घर|sees देखता|garden बगीचा|cat बिल्ली|river नदी",
}
EVERYTHING = Recipe(rate=1.0, reserved=0.0, protect=())
HALF = Recipe(rate=0.5, reserved=0.0, protect=())
TEXT = "The old dog sees a big red house; the cat drinks water by the river, and a dog walks."


def write_dictionaries(folder: Path) -> dict[str, Path]:
    """Write the dictionaries in MUSE's format; return language -> file."""
    paths = {}
    for language, pairs in WORDS.items():
        paths[language] = folder / f"en-{language}.txt"
        paths[language].write_text(pairs.replace("|", "\n") + "\n", encoding="utf-8")
    return paths


@cache
def dictionaries() -> Dictionaries:
    """Return the dictionaries, read once."""
    with TemporaryDirectory() as folder:
        return read_dictionaries(write_dictionaries(Path(folder)), EVERYTHING)


def write_lexicons(folder: Path) -> None:
    """Write the dictionaries as a study's lexicons."""
    for language, table in dictionaries().tables.items():
        codes = pa.array([language] * table.num_rows, SCHEMA.field("language").type)
        whole = table.add_column(0, "language", codes)
        write_table(folder / f"{language}.parquet", whole, "k")


@cache
def switcher(recipe: Recipe = EVERYTHING, single_words: bool = False) -> Switcher:
    """Return a switcher with the dictionaries."""
    tables = dictionaries().tables
    return Switcher(tables, recipe, dataset="", split="", single_words=single_words)


def switch(
    path: Path,
    output: Path,
    fields: Sequence[str] = (),
    recipe: Recipe = EVERYTHING,
    copies: Sequence[Copy] = (Copy(0, 0),),
    workers: int = 1,
    format: str | None = None,
    **request: Any,
) -> Report:
    """Switch a file."""
    asked = Request(path, tuple(fields), with_copy=len(copies) > 1, **request)
    found = format_of(path, format)
    single = bool(asked.tokens) or found.name.startswith("conll")
    return switch_file(asked, output, found, switcher(recipe, single), copies, workers)


def switched_text(text: str, folder: Path, **settings: Any) -> bytes:
    """Return what becomes of a file `input.jsonl` with the field `text`, or other `fields`."""
    path = folder / "input.jsonl"
    path.write_text(text, encoding="utf-8", newline="")
    switch(path, folder / "output.jsonl", settings.pop("fields", ["text"]), **settings)
    return (folder / "output.jsonl").read_bytes()


def rows(count: int) -> list[dict[str, Any]]:
    """Return rows with an id and two texts that no two rows share."""
    words = [pair.split()[0] for pair in WORDS["de"].split("|")]
    found = []
    for number in range(count):
        chosen = [words[(number * 5 + step * (number % 7 + 1)) % len(words)] for step in range(9)]
        found.append(
            {
                "id": f"row-{number}",
                "premise": " ".join(["The", *chosen, str(number)]) + ".",
                "hypothesis": " ".join(reversed(chosen)),
                "label": number % 3,
            }
        )
    return found


def json_lines(found: Sequence[Any]) -> str:
    """Return rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
