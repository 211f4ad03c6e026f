"""The layers of a configuration: what all studies share, the study's base, the study itself.

Weakest first: `config.yaml`, the study that `base` names (and its own base), the study. One
function puts them together for the Snakefile, the commands, and a workflow that uses this one as a
module.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from polystilts.errors import ConfigError
from polystilts.study.validation import nearest

SHARED = Path("config.yaml")
STUDIES = Path("studies")


def complete(config: Mapping[str, Any], root: Path, *, is_file: bool = False) -> dict[str, Any]:
    """Return a study's configuration with `config.yaml` and its base laid under it.

    A configuration without `study.name` changes the default study, which `config.yaml` names.

    Args:
        config: what the study or the command line says.
        root: the folder of `config.yaml` and `studies/`.
        is_file: a file of the user's is in it; then it needs a name of its own, since results are
            written below `results/<name>/`.

    Raises:
        ConfigError: a file is missing or unreadable, the name is missing, or bases run in a circle.
    """
    shared = read(root / SHARED)
    if not _has_name(config):
        if is_file:
            raise ConfigError(
                "config: `study.name`: missing; results are written below results/<study.name>/"
            )
        if "base" not in config:
            config = {**config, "base": shared["default"]}
    layers = [dict(config)]
    seen: list[Path] = []
    while base := layers[-1].get("base"):
        path = study_path(str(base), root)
        if path in seen:
            raise ConfigError(f"{path}: `base`: it is based on itself")
        seen.append(path)
        layers.append(read(path))
    merged = shared
    for layer in reversed(layers):
        merged = merge(merged, layer)
    return merged


def study_path(study: str, root: Path) -> Path:
    """Return the file of a study: a name in `studies/`, or a path.

    Raises:
        ConfigError: there is no such study, or `root` is not the repository's root.
    """
    if not (root / SHARED).is_file():
        raise ConfigError(f"{SHARED} is not here; run this in the root of the repository")
    for path in (root / STUDIES / f"{study}.yaml", root / study):
        if path.is_file():
            return path
    names = [path.stem for path in sorted((root / STUDIES).glob("*.yaml"))]
    raise ConfigError(f"unknown study `{study}`; {nearest(study, names)}")


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge mappings deeply, as Snakemake does.

    Anything else is replaced, though never by an empty mapping.
    """
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


def read(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises:
        ConfigError: it is not there, not YAML, or not a mapping.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: not readable YAML ({reason})") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: a configuration is a mapping")
    return data


def _has_name(config: Mapping[str, Any]) -> bool:
    study = config.get("study")
    return isinstance(study, Mapping) and study.get("name") is not None
