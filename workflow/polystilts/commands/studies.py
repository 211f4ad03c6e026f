"""Studies by name: a file in `studies/`, or a path."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from polystilts.commands.workflow import load
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
    """Return what follows `--config` in Snakemake's options: `name=value`, the value in YAML."""
    settings: dict[str, Any] = {}
    reading = False
    for option in options:
        if option.startswith("-"):
            reading = option in ("--config", "-C")
        elif reading and "=" in option:
            name, value = option.split("=", 1)
            settings = merge(settings, {name: _value(value)})
    return settings


def _value(text: str) -> Any:
    """Return a value as Snakemake reads it: a number where it is one, else YAML of strings."""
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return text
