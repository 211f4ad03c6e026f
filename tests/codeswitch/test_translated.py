"""Corpora of translations: the examples, and the languages, that code-switching would draw."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from codeswitch.worlds import tables
from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.translated import translate_table
from polystilts.errors import PolystiltsError
from polystilts.tasks.rows import SCHEMAS, to_table
from polystilts.tasks.translated_rows import TranslatedRows

ROWS = 300
LANGUAGES = ("de", "es", "hi")
WORDS = ("dogs", "cats")
# every word has one translation in every language, and it says which one
LEXICONS = tables({code: {word: [f"{word}{code}"] for word in WORDS} for code in LANGUAGES})
SETTINGS: dict[str, Any] = {
    "examples": 0.6,
    "copies": 3,
    "clean_copy": "replace",
    "language_weights": None,
    "seed": 5,
}


def english(family: str) -> pa.Table:
    rows = [
        {
            "id": f"row-{number}",
            "group": f"paragraph-{number // 3}",
            "text_a": "dogs cats",
            "text_b": "dogs",
            "label": "yes",
            "question": "dogs",
            "context": f"{number // 3} cats dogs",
            "answers": [{"start": len(f"{number // 3} "), "text": "cats"}],
        }
        for number in range(ROWS)
    ]
    return to_table(rows, SCHEMAS[family])


def translation(table: pa.Table, language: str, lacking: frozenset[int] = frozenset()) -> Any:
    """Return rows in the opposite order whose words end in the language."""
    rows = [row for number, row in enumerate(table.to_pylist()) if number not in lacking][::-1]
    for row in rows:
        for field in ("text_a", "text_b", "question", "context"):
            if field in row:
                row[field] = " ".join(word + language for word in row[field].split())
        for answer in row.get("answers", ()):
            answer["start"] += len(language)
            answer["text"] += language
    place = np.full(table.num_rows, -1, np.int64)
    ids = table["id"].to_pylist()
    for at, row in enumerate(rows):
        place[ids.index(row["id"])] = at
    missing = {"no row with its id": len(lacking)} if lacking else {}
    return TranslatedRows(
        table.from_pylist(rows, table.schema), place, len(rows), 0, missing, 0, {}
    )


def translated(
    table: pa.Table, family: str, lacking: dict[str, frozenset[int]] | None = None, **settings: Any
) -> tuple[pa.Table, dict[str, Any]]:
    record = {
        "dataset": "t",
        "split": "train",
        "family": family,
        "recipe": SETTINGS | settings,
    }
    found = {
        code: translation(table, code, (lacking or {}).get(code, frozenset())) for code in LANGUAGES
    }
    return translate_table(table, record, found)


def languages_in(texts: list[str]) -> list[str]:
    """Return the language that each text's last word says it is in."""
    last = [text.split()[-1] for text in texts]
    return [next((code for code in LANGUAGES if word.endswith(code)), "en") for word in last]


@pytest.mark.parametrize("weights", [None, {"de": 5.0}])
@pytest.mark.parametrize("clean_copy", ["replace", "append"])
@pytest.mark.parametrize(
    ("family", "column"), [("classification", "text_a"), ("span_qa", "context")]
)
def test_every_example_is_in_the_language_that_its_switched_text_is_in(
    family: str, column: str, clean_copy: str, weights: dict[str, float] | None
) -> None:
    table = english(family)
    shared = {"clean_copy": clean_copy, "language_weights": weights}
    recipe = Recipe.from_mapping(
        {
            **SETTINGS,
            **shared,
            "rate": 1.0,
            "protect": [],
            "reserved": 0.0,
            "language_choice": "per-example",
        }
    )
    switched, _ = switch_table(table, family, "t", LEXICONS, recipe)
    found, sheet = translated(table, family, **shared)
    assert found["language"].to_pylist() == languages_in(switched[column].to_pylist())
    for name in ("id", "group", "copy"):
        assert found[name].equals(switched[name])
    taken = [copy["translated"] for copy in sheet["copies"]]
    assert len(taken) == 3 + (clean_copy == "append")
    assert all(0.45 * ROWS < number < 0.75 * ROWS for number in taken[-3:])
    assert taken[0] == 0 or clean_copy == "replace"


def test_texts_are_those_of_the_language_and_the_rest_stays() -> None:
    table = english("span_qa")
    found, _ = translated(table, "span_qa")
    for number, row in enumerate(found.to_pylist()):
        source = table.slice(number % ROWS, 1).to_pylist()[0]
        code = "" if row["language"] == "en" else row["language"]
        assert row["question"] == f"dogs{code}"
        (answer,) = row["answers"]
        assert row["context"][answer["start"] :].startswith(answer["text"])
        assert answer["text"] == f"cats{code}"
        assert (row["id"], row["group"]) == (source["id"], source["group"])


def test_what_a_language_lacks_is_in_the_next_one_and_nothing_else_changes() -> None:
    table = english("classification")
    whole, _ = translated(table, "classification")
    lacking = frozenset(range(0, ROWS, 4))
    part, sheet = translated(table, "classification", {"de": lacking})
    before, after = whole["language"].to_pylist(), part["language"].to_pylist()
    changed = [n for n, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert changed
    assert {before[n] for n in changed} == {"de"}
    assert {after[n] for n in changed} == {"es", "hi"}
    assert {n % ROWS for n in changed} <= lacking
    german = sheet["languages"]["de"]
    assert german["drawn_but_missing"] == len(changed)
    assert german["translations"] == ROWS - len(lacking)
    assert german["missing"] == {"no row with its id": len(lacking)}
    assert all(copy["english_without_translation"] == 0 for copy in sheet["copies"])


def test_what_no_language_has_stays_english_and_is_counted() -> None:
    table = english("classification")
    lacking = frozenset(range(0, ROWS, 2))
    found, sheet = translated(table, "classification", dict.fromkeys(LANGUAGES, lacking))
    for copy in sheet["copies"]:
        rows = found.filter(pc.equal(found["copy"], copy["copy"]))
        languages = rows["language"].to_pylist()
        assert {languages[n] for n in lacking} == {"en"}
        assert copy["english_without_translation"] > 0
        parts = ("translated", "english_by_draw", "english_without_translation")
        assert sum(copy[name] for name in parts) == ROWS
        assert copy["translated"] == ROWS - languages.count("en")
        assert sum(copy["languages"].values()) == copy["translated"]


def test_samples_show_both_sides() -> None:
    _, sheet = translated(english("classification"), "classification")
    assert len(sheet["samples"]) == 20
    assert {sample["language"] for sample in sheet["samples"]} > {"en"}
    for sample in sheet["samples"]:
        code = "" if sample["language"] == "en" else sample["language"]
        assert sample["english"] == {"text_a": "dogs cats", "text_b": "dogs"}
        assert sample["text"] == {"text_a": f"dogs{code} cats{code}", "text_b": f"dogs{code}"}


def test_a_corpus_in_which_nothing_is_translated_is_refused() -> None:
    table = english("classification")
    everything = frozenset(range(ROWS))
    with pytest.raises(PolystiltsError, match="t: none of its 300 examples was translated"):
        translated(table, "classification", dict.fromkeys(LANGUAGES, everything))
