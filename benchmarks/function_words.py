"""Function words among the replaced ones, and leak checks, by recipe: Markdown tables.

    python benchmarks/function_words.py FOLDER

FOLDER holds `nli-qqp-10k/{MNLI,QQP}/train.json` and `muse/en-*.txt`. Both sides of every pair are
switched with all these dictionaries, which go through the ingestion gate first, by the recipes of
config.yaml: `default`, the same without `function-words` among what it protects, and `cosda`.
The last row is CoSDA-ML's own way (`codeswitch_references.py`) on the same text and dictionaries:
its words are what stands between spaces. A function word is one of the class `function-words`, in
lower case and without a possessive 's.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from codeswitch_data import muse_lexicons
from codeswitch_references import plain_loop, targets_by_word

from polystilts.codeswitch.corpus import switch_table
from polystilts.codeswitch.english.protection import class_words
from polystilts.codeswitch.files.recipes import load_recipe
from polystilts.codeswitch.recipe import Recipe
from polystilts.lexicon.store import load

CONFIGURATION = Path(__file__).parents[1] / "config.yaml"
FUNCTION_WORDS = "function-words"
CROSS = 0.9
LISTED = 10

Pairs = Mapping[str, Mapping[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, metavar="FOLDER", help="of published files")
    data: Path = parser.parse_args().data
    tasks = {name: read(data, name) for name in ("MNLI", "QQP")}
    pairs = tasks["MNLI"]
    with tempfile.TemporaryDirectory() as folder:
        lexicons = load(muse_lexicons(data, Path(folder)).values())
    print(f"{len(pairs):,} pairs of MNLI; dictionaries of MUSE: {' '.join(lexicons)}\n")
    default = load_recipe(CONFIGURATION, "default", {})
    bare = tuple(name for name in default.protect if name != FUNCTION_WORDS)
    recipes = {
        "`default` without `function-words`": replace(default, protect=bare),
        "`default`": default,
        "`cosda`": load_recipe(CONFIGURATION, "cosda", {}),
    }
    sheets = {name: sheet_of("mnli", pairs, lexicons, each) for name, each in recipes.items()}
    print(
        "| recipe | copies | words replaced | of all words | of eligible words | function words |"
    )
    print("|---|---|---|---|---|---|")
    for name, sheet in sheets.items():
        cells = [f"{sheet['switched']:,}"]
        cells += [
            f"{100 * sheet[key]:.1f} %"
            for key in ("realised_rate", "realised_rate_of_eligible", "share_of_function_words")
        ]
        print(f"| {name} | {recipes[name].copies} | {' | '.join(cells)} |")
    print_published(pairs, lexicons)
    print(f"\n| | {' | '.join(sheets)} |\n|---{'|---' * len(sheets)}|")
    for place in range(LISTED):
        cells = [listed(sheet["replacements"][place]) for sheet in sheets.values()]
        print(f"| {place + 1} | {' | '.join(cells)} |")
    print("\n| | label given the length: V, p | overlap: correlation |\n|---|---|---|")
    for name, recipe in list(recipes.items())[1:]:
        print_leaks(f"MNLI, {name}", sheets[name])
        print_leaks(f"QQP, {name}", sheet_of("qqp", tasks["QQP"], lexicons, recipe))


def read(data: Path, task: str) -> Pairs:
    text = (data / "nli-qqp-10k" / task / "train.json").read_text("utf-8")
    pairs: Pairs = json.loads(text)
    return pairs


def sheet_of(
    dataset: str, pairs: Pairs, lexicons: Mapping[str, pa.Table], recipe: Recipe
) -> dict[str, Any]:
    """Return the data sheet of all pairs and copies."""
    rows = [{"id": name, "group": name, **pair} for name, pair in pairs.items()]
    table = pa.Table.from_pylist(rows)
    return switch_table(table, "classification", dataset, lexicons, recipe)[1]


def print_leaks(name: str, sheet: Mapping[str, Any]) -> None:
    label, overlap = sheet["leaks"]["label"], sheet["leaks"]["overlap"]
    found = label["given_length"]
    cells = [f"{found['cramers_v']:.3f}, {found['p_value']:.2g}", f"{overlap['correlation']:.3f}"]
    marks = ("" if check["passed"] else ": **failed**" for check in (label, overlap))
    print(f"| {name} | {' | '.join(a + b for a, b in zip(cells, marks, strict=True))} |")


def print_published(pairs: Pairs, lexicons: Mapping[str, pa.Table]) -> None:
    dictionaries = {code: targets_by_word(table) for code, table in lexicons.items()}
    tokens = [
        token.lower()
        for pair in pairs.values()
        for side in ("text_a", "text_b")
        for token in pair[side].split(" ")
    ]
    switched = plain_loop(tokens, dictionaries, CROSS, 1)
    changed = [old for old, new in zip(tokens, switched, strict=True) if old != new.lower()]
    function = sum(word.removesuffix("'s") in class_words(FUNCTION_WORDS) for word in changed)
    cells = (
        f"1 | {len(changed):,} | {100 * len(changed) / len(tokens):.1f} % | | "
        f"{100 * function / len(changed):.1f} %"
    )
    print(f"| CoSDA-ML's own way, `cross` {CROSS} | {cells} |")


def listed(row: Mapping[str, Any]) -> str:
    return f"{row['word']} → {row['language']} {row['replacement']} ({row['count']:,})"


if __name__ == "__main__":
    main()
