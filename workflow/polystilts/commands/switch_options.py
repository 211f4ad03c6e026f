"""The options of `polystilts switch`."""

import argparse
from pathlib import Path

FORMATS = ("jsonl", "csv", "tsv", "parquet", "conll", "conllu", "squad")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser."""
    add = parser.add_argument
    add("input", type=Path, metavar="INPUT", help="JSONL, CSV, TSV, Parquet, CoNLL or SQuAD JSON")
    add("output", type=Path, metavar="OUTPUT", help="written in the format of INPUT")
    add("--format", choices=FORMATS, help="the format of INPUT; default: as its suffix says")
    add("--overwrite", action="store_true", help="replace OUTPUT if it is there")
    _add_dictionaries(parser)
    _add_fields(parser)
    _add_recipe(parser)
    add("--workers", type=int, default=1, metavar="N", help="processes; the bytes do not depend")
    add("--stats", type=Path, metavar="FILE", help="write numbers and the data sheet, as JSON")
    add("--page", type=Path, metavar="FILE", help="write the data sheet as an HTML page")


def _add_dictionaries(parser: argparse.ArgumentParser) -> None:
    either = parser.add_mutually_exclusive_group(required=True)
    either.add_argument(
        "--dictionary",
        action="append",
        metavar="LANGUAGE=FILE",
        help="a dictionary from English (MUSE, FreeDict, …) or a lexicon; once a language",
    )
    either.add_argument(
        "--lexicons", type=Path, metavar="DIR", help="a study's lexicons: <language>.parquet"
    )


def _add_fields(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    fields = "text fields that share one word map; of CoNLL the column, by number or name"
    add("--fields", default="", metavar="NAME,…", help=fields)
    add("--choices", default="", metavar="NAME,…", help="those of them that are compared")
    add("--tokens", default="", metavar="NAME,…", help="fields that are lists of tokens")
    add("--tags", metavar="COLUMN", help="CoNLL: the tags; open-class ones are switched")
    add("--id", metavar="FIELD", help="identifies rows; default: `id`, else the texts themselves")
    add("--dataset", default="", metavar="NAME", help="enters every decision")
    add("--split", default="", metavar="NAME", help="enters every decision")
    family = "of its task, for a recipe with `protect: [task]`: classification, span_qa, …"
    add("--family", default="", metavar="NAME", help=family)


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--recipe", type=Path, metavar="FILE", help="a recipe (YAML, JSON), or a configuration")
    add("--recipe-name", metavar="NAME", help="which of the `recipes` of a configuration")
    add("--rate", type=float, metavar="SHARE", help="of words replaced; default 0.3, or the file's")
    add("--seed", type=int, metavar="N", help="of all decisions; default 0, or the file's")
    copies = parser.add_mutually_exclusive_group()
    copies.add_argument("--copies", type=int, metavar="N", help="draws; default 1, or the file's")
    copies.add_argument("--copy", type=int, metavar="K", help="write copy K alone, from 0")
