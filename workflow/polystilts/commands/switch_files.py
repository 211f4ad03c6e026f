"""Code-switch a file of one's own: the output on disk, a summary on stderr."""

import argparse
import sys
import time
from collections.abc import Mapping
from typing import Any

from polystilts.codeswitch.files.dictionaries import (
    Dictionaries,
    lexicons_for,
    naming_languages,
    parse_dictionaries,
    read_dictionaries,
)
from polystilts.codeswitch.files.formats import Format, check_output, format_of
from polystilts.codeswitch.files.recipes import load_recipe
from polystilts.codeswitch.files.request import Request
from polystilts.codeswitch.files.stats import stats_of
from polystilts.codeswitch.files.switching import Copy, copies_of, switch_file
from polystilts.codeswitch.page.document import render
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import ConfigError, InputError
from polystilts.provenance.atomic import write_json, write_text


def switch_files(arguments: argparse.Namespace) -> int:
    """Switch INPUT into OUTPUT; return the status.

    Raises:
        ConfigError: options that do not fit each other, the file or the recipe.
        PolystiltsError: a file that cannot be read or switched.
    """
    format = _checked_format(arguments)
    recipe = _recipe(arguments)
    copies = _copies(arguments.copy, recipe, format)
    request = _request(arguments, format, with_copy=len(copies) > 1)
    start = time.perf_counter()
    dictionaries = _dictionaries(arguments, recipe)
    if arguments.lexicons is not None:
        recipe = naming_languages(recipe, dictionaries.tables)
    switcher = Switcher(
        dictionaries.tables,
        recipe,
        dataset=arguments.dataset,
        split=arguments.split,
        family=arguments.family,
        single_words=bool(request.tokens) or format.name.startswith("conll"),
    )
    load_seconds = time.perf_counter() - start
    report = switch_file(request, arguments.output, format, switcher, copies, arguments.workers)
    about = {
        "dataset": arguments.dataset,
        "split": arguments.split,
        "family": arguments.family,
        "input": arguments.input.name,
        "format": format.name,
        "fields": list(request.fields),
        "tokens": list(request.tokens),
    }
    stats = stats_of(report, switcher, dictionaries, load_seconds, about)
    if arguments.stats is not None:
        write_json(arguments.stats, stats)
    if arguments.page is not None:
        write_text(arguments.page, render(stats["sheet"], arguments.output.name))
    print(_summary(stats), file=sys.stderr)
    return 0


def _checked_format(arguments: argparse.Namespace) -> Format:
    source, output = arguments.input, arguments.output
    if not source.is_file():
        raise InputError(source, "there is no such file.")
    format = format_of(source, arguments.format)
    check_output(output, source, format)
    if output.exists() and not arguments.overwrite:
        raise ConfigError(f"{output} is there already; --overwrite replaces it")
    if output.is_dir():
        raise ConfigError(f"{output} is a folder")
    taken = [source.resolve(), output.resolve()]
    for path in (arguments.stats, arguments.page):
        if path is not None and path.resolve() in taken:
            raise ConfigError(f"{path} would be written over another file of this command")
        taken += [path.resolve()] if path is not None else []
    if arguments.workers < 1:
        raise ConfigError("--workers is at least 1")
    return format


def _recipe(arguments: argparse.Namespace) -> Recipe:
    given = {name: getattr(arguments, name) for name in ("rate", "seed", "copies")}
    over = {name: value for name, value in given.items() if value is not None}
    return load_recipe(arguments.recipe, arguments.recipe_name, over)


def _copies(chosen: int | None, recipe: Recipe, format: Format) -> list[Copy]:
    copies = copies_of(recipe)
    if chosen is not None:
        if not 0 <= chosen < len(copies):
            raise ConfigError(f"--copy {chosen}: the recipe has copies 0 to {len(copies) - 1}")
        return [copies[chosen]]
    if len(copies) > 1 and not format.has_copies:
        raise ConfigError(
            f"the recipe has {len(copies)} copies, and a {format.name} file has no place that says "
            "which one a row is of; write them one by one with --copy"
        )
    return copies


def _request(arguments: argparse.Namespace, format: Format, with_copy: bool) -> Request:
    fields, tokens = _names(arguments.fields), _names(arguments.tokens)
    if not fields and not tokens:
        if format.fields is None:
            raise ConfigError("--fields: name the fields that hold the texts")
        fields = format.fields
    choices = _names(arguments.choices)
    strange = [name for name in choices if name not in fields]
    if strange:
        raise ConfigError(f"--choices: `{strange[0]}` is not one of the --fields")
    twice = {name for name in (*fields, *tokens) if (*fields, *tokens).count(name) > 1}
    if twice:
        raise ConfigError(f"--fields, --tokens: `{min(twice)}` is named twice")
    if arguments.tags is not None and not format.name.startswith("conll"):
        raise ConfigError("--tags names a column of a CoNLL file")
    sampled = arguments.stats is not None or arguments.page is not None
    return Request(
        path=arguments.input,
        fields=fields,
        tokens=tokens,
        choices=choices,
        tags=arguments.tags,
        identity=arguments.id,
        with_copy=with_copy,
        sampled=sampled,
    )


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(",") if name.strip())


def _dictionaries(arguments: argparse.Namespace, recipe: Recipe) -> Dictionaries:
    if arguments.lexicons is not None:
        return read_dictionaries(lexicons_for(arguments.lexicons, recipe), recipe)
    return read_dictionaries(parse_dictionaries(arguments.dictionary), recipe)


def _summary(stats: Mapping[str, Any]) -> str:
    sheet = stats["sheet"]
    recipe = sheet["recipe"]
    of = recipe["rate_of"]
    rate = sheet.get(f"realised_rate_of_{of}", stats["realised_rate"])
    share = recipe["examples"]
    where = "" if share == 1.0 else f" in {_percent(share)} of the examples"
    asked = f"asked for: {_percent(recipe['rate'])} of {of}{where}; came out: {_percent(rate)}"
    lines = [f"{stats['switched_words']} of {stats['words']} words switched ({asked})"]
    account = sheet.get("account", {})
    losses = {
        reason.replace("_", " "): count
        for reason, count in account.items()
        if reason not in ("tried", "switched")
    }
    languages = {
        language: facts["switched"] for language, facts in sheet.get("languages", {}).items()
    }
    for name, counts in (("stayed English", losses), ("languages", languages)):
        listed = ", ".join(f"{key} {count}" for key, count in counts.items() if count)
        lines += [f"{name}: {listed}"] if listed else []
    lines += [f"warning: {warning}" for warning in sheet["warnings"]]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.4g} %"
