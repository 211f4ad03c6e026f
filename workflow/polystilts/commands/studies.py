"""Studies by name: `miniature`, a file in `studies/`, or a path."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from polystilts.commands.workflow import load
from polystilts.errors import ConfigError
from polystilts.study.graph import Graph
from polystilts.study.validation import nearest

BASE = Path("config.yaml")
OVERLAYS = Path("studies")
MINIATURE = "miniature"


def overlay_path(study: str) -> Path | None:
    """Return the configuration that a study lays over `config.yaml`, None for the miniature.

    Raises:
        ConfigError: there is no such study, or this is not the repository's root.
    """
    if not BASE.is_file():
        raise ConfigError(f"{BASE} is not here; run this in the root of the repository")
    if study == MINIATURE:
        return None
    for path in (OVERLAYS / f"{study}.yaml", Path(study)):
        if path.is_file():
            return path
    names = [MINIATURE, *(path.stem for path in sorted(OVERLAYS.glob("*.yaml")))]
    raise ConfigError(f"unknown study `{study}`; {nearest(study, names)}")


def load_study(study: str, options: Sequence[str] = ()) -> Graph:
    """Return a study as Snakemake reads it: `config.yaml`, its overlay, `--config` in `options`.

    Raises:
        ConfigError: one line that says what is wrong.
    """
    overlay = overlay_path(study)
    config = _read(BASE)
    if overlay is not None:
        config = merge(config, _read(overlay))
    return load(merge(config, settings_in(options)))


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


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge mappings deeply; anything else is replaced, though never by an empty mapping."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key, {})
        if not isinstance(value, Mapping):
            merged[key] = value
        elif value:
            merged[key] = merge(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = below
    return merged


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: not readable YAML ({reason})") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: a configuration is a mapping")
    return data
