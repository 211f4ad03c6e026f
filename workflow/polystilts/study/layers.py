"""The layers of a configuration: what all studies share, the study's base, the study itself.

Weakest first: `config.yaml`, the study that `base` names (and its own base), the study. One
function puts them together for the Snakefile, the commands, and a workflow that uses this one as a
module.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from polystilts.errors import ConfigError
from polystilts.study.validation import nearest

SHARED = Path("config.yaml")
STUDIES = Path("studies")
_DEFAULT = "default"
_MERGE = "tag:yaml.org,2002:merge"


def complete(config: Mapping[str, Any], root: Path, files: Sequence[Path] = ()) -> dict[str, Any]:
    """Return a study's configuration with `config.yaml` and its base laid under it.

    A configuration without `study.name` changes the default study, which `config.yaml` names.

    Args:
        config: what the study or the command line says.
        root: the folder of `config.yaml` and `studies/`.
        files: the user's own files that are in `config`. They are read once more, for what was lost
            when they were loaded. With any, the study needs a name of its own, since results are
            written below `results/<name>/`.

    Raises:
        ConfigError: a file is missing or unreadable, the name is missing, or a study is its own
            base.
    """
    shared = _shared(root)
    default = shared.pop(_DEFAULT)
    for path in files:
        read(path)
    if not _has_name(config):
        if files:
            raise ConfigError(
                "config: `study.name`: missing; results are written below results/<study.name>/"
            )
        if "base" not in config:
            config = {**config, "base": default}
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


def default_study(root: Path) -> str:
    """Return the name of the study that is meant where none is named."""
    return str(_shared(root)[_DEFAULT])


def _shared(root: Path) -> dict[str, Any]:
    """Return what all studies share, and the name of the default one.

    Its files lie beside it, also where another workflow uses this one from its own folder.
    """
    _check_root(root)
    shared = read(root / SHARED)
    if _DEFAULT not in shared:
        raise ConfigError(f"{root / SHARED}: `{_DEFAULT}`: missing; it names a study")
    lock = (shared.get("sources") or {}).get("lock")
    if lock and root.resolve() != Path.cwd():
        shared["sources"]["lock"] = str(root / lock)
    return shared


def _check_root(root: Path) -> None:
    if not (root / SHARED).is_file():
        raise ConfigError(f"{SHARED} is not here; run this in the root of the repository")


def study_path(study: str, root: Path) -> Path:
    """Return the file of a study: a name in `studies/`, or a path.

    Raises:
        ConfigError: there is no such study, or `root` is not the repository's root.
    """
    _check_root(root)
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
    """Return the mapping in a YAML or JSON file.

    Raises:
        ConfigError: it is not there, not YAML, or not a mapping, or a key stands twice in it.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{path}: cannot be read ({reason})") from None
    except _DuplicateKeyError as error:
        raise ConfigError(f"{path}:{error}") from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: not readable YAML ({reason})") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: not a mapping of keys to values")
    return data


class _DuplicateKeyError(Exception):
    """A mapping has a key twice; YAML itself would keep the last of the two in silence."""


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key that stands twice."""

    def construct_document(self, node: yaml.Node) -> Any:
        # before mappings are merged into others by `<<`: those may change what they take over
        self._refuse_duplicates(node, set())
        return super().construct_document(node)

    def _refuse_duplicates(self, node: yaml.Node, seen: set[int]) -> None:
        if id(node) in seen:  # it has an anchor, and is used again
            return
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._refuse_duplicates(item, seen)
        elif isinstance(node, yaml.MappingNode):
            lines: dict[Any, int] = {}
            for key, value in node.value:
                self._refuse_duplicates(value, seen)
                if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
                    continue
                name, line = self.construct_object(key), key.start_mark.line + 1
                if name in lines:
                    first = lines[name]
                    raise _DuplicateKeyError(
                        f"{line}: `{key.value}` stands in line {first} already"
                    )
                lines[name] = line


def _has_name(config: Mapping[str, Any]) -> bool:
    study = config.get("study")
    return isinstance(study, Mapping) and study.get("name") is not None
