"""Studies by name: `miniature`, a file in `studies/`, or a path."""

from collections.abc import Mapping
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


def load_study(study: str) -> Graph:
    """Return a study, its overlay merged into `config.yaml` as Snakemake does it."""
    overlay = overlay_path(study)
    config = _read(BASE)
    return load(config if overlay is None else merge(config, _read(overlay)))


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
