"""How many of the replaced words are function words, by recipe: Markdown tables.

    python benchmarks/function_words.py FOLDER

FOLDER holds `nli-qqp-10k/MNLI/train.json` and `muse/en-*.txt`. Premise and hypothesis of every pair
are switched with all these dictionaries, which go through the ingestion gate first, by the recipes
of config.yaml: `default`, the same without `function-words` among what it protects, and `cosda`.
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
from codeswitch_setting import BLOCK

from polystilts.codeswitch.english.protection import class_words
from polystilts.codeswitch.example import Example, Field
from polystilts.codeswitch.files.recipes import load_recipe
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet.tally import Tally, with_dictionary
from polystilts.codeswitch.switcher import Switcher
from polystilts.lexicon.store import load

CONFIGURATION = Path(__file__).parents[1] / "config.yaml"
FUNCTION_WORDS = "function-words"
CROSS = 0.9
LISTED = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, metavar="FOLDER", help="of published files")
    data: Path = parser.parse_args().data
    pairs = json.loads((data / "nli-qqp-10k" / "MNLI" / "train.json").read_text("utf-8"))
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
    sheets = {name: sheet_of(pairs, lexicons, recipe) for name, recipe in recipes.items()}
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


def sheet_of(
    pairs: Mapping[str, Mapping[str, str]], lexicons: Mapping[str, pa.Table], recipe: Recipe
) -> dict[str, Any]:
    """Return the data sheet of all pairs and copies."""
    switcher = Switcher(lexicons, recipe, dataset="mnli", family="classification")
    tally = Tally(switcher.languages)
    examples = [
        Example(name, (Field(pair["text_a"]), Field(pair["text_b"])))
        for name, pair in pairs.items()
    ]
    for first in range(0, len(examples), BLOCK):
        block = examples[first : first + BLOCK]
        for outcome in switcher.switch_examples(block, range(recipe.copies)):
            tally.add(outcome)
    return with_dictionary(tally, switcher.dictionary)


def print_published(
    pairs: Mapping[str, Mapping[str, str]], lexicons: Mapping[str, pa.Table]
) -> None:
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
