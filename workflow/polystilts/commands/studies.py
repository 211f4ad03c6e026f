"""Studies by name: a file in `studies/`, or a path."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from polystilts.commands.workflow import load
from polystilts.errors import ConfigError
from polystilts.study.graph import Graph
from polystilts.study.layers import complete, merge, read, study_path

ROOT = Path()


def load_study(study: str, options: Sequence[str] = ()) -> Graph:
    """Return a study as Snakemake reads it, with the `--config` in Snakemake's `options` over it.

    Raises:
        ConfigError: one line that says what is wrong.
    """
    path = study_path(study, ROOT)
    return load(complete(merge(read(path), settings_in(options)), ROOT, [path]))


def settings_in(options: Sequence[str]) -> dict[str, Any]:
    """Return the `name=value` of `--config` in Snakemake's options, as Snakemake reads them.

    Of several `--config` it takes the last alone.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config", "-C", nargs="*", default=[])
    found, _ = parser.parse_known_args(list(options))
    settings: dict[str, Any] = {}
    for entry in found.config:
        name, equals, value = entry.partition("=")
        if not equals:
            raise ConfigError(f"--config: `{entry}` is not of the form name=value")
        settings = merge(settings, {name: _value(value)})
    return settings


def _value(text: str) -> Any:
    """Return a value as Snakemake reads it: a number or a truth value, else YAML of strings."""
    if text == "":
        return None
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    if text in ("True", "False"):
        return text == "True"
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return text
