"""What `--stats` writes: five numbers on top, the data sheet below."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from polystilts.codeswitch.files.dictionaries import Dictionaries
from polystilts.codeswitch.files.switching import Report
from polystilts.codeswitch.sheet.tally import with_dictionary
from polystilts.codeswitch.switcher import Switcher

LEXICON = "lexicon"


def stats_of(
    report: Report,
    switcher: Switcher,
    dictionaries: Dictionaries,
    load_seconds: float,
    about: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the statistics of a file, ready for JSON.

    Args:
        report: what happened to it.
        switcher: what switched it.
        dictionaries: the files that the switcher was made of.
        load_seconds: wall-clock time of reading and compiling them.
        about: more to say in the sheet: `dataset`, `input` and the like.

    Returns:
        `words`, `switched_words`, `realised_rate`, `load_seconds`, `cpu_seconds`; and `sheet`.
    """
    counts = with_dictionary(report.books.tally, switcher.dictionary)
    words, switched = counts["words"], counts["switched"]
    sheet = {
        **about,
        **counts,
        "recipe": asdict(switcher.recipe),
        "rows": report.rows,
        "rows_without": report.lacking,
        "remarks": dict(report.remarks),
        "dictionaries": {language: dict(facts) for language, facts in dictionaries.facts.items()},
        "samples": [report.books.samples[key] for key in sorted(report.books.samples)],
    }
    sheet["warnings"] = warnings(sheet)
    return {
        "words": words,
        "switched_words": switched,
        "realised_rate": switched / words if words else None,
        "load_seconds": round(load_seconds, 6),
        "cpu_seconds": round(report.books.cpu_seconds, 6),
        "sheet": sheet,
    }


def warnings(sheet: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing in a sheet that its reader should not miss."""
    found = list(sheet.get("warnings") or ())
    rows = sheet["rows"]
    for name, count in sheet["rows_without"].items():
        found.append(f"{count} of {rows} rows have no text in `{name}`.")
    for remark, count in sheet["remarks"].items():
        found.append(f"{count} {remark}.")
    for language, facts in sheet["dictionaries"].items():
        if facts["reader"] != LEXICON:  # a lexicon was checked when it was built
            found += [
                f"{language}: unchecked: {_unchecked(line)}." for line in facts["not_checked"]
            ]
    return found


def _unchecked(line: str) -> str:
    """Return `the language (4 anchor words)` of `the language: not checked: 4 anchor words`."""
    what, _, why = line.partition(": ")
    return f"{what} ({why.removeprefix('not checked: ')})" if why else what
