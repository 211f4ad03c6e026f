"""Where the workflow's parts meet: configuration, registry and synthetic world."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.catalogue import KINDS, dictionaries_of
from polystilts.miniature.layout import files as miniature_files
from polystilts.miniature.settings import WorldSettings
from polystilts.sources.source_lock import SourceLock
from polystilts.sources.source_lock import load as load_lock
from polystilts.study.catalogue import Catalogue
from polystilts.study.config import Dictionary, Sources
from polystilts.study.feasibility import check
from polystilts.study.graph import Graph
from polystilts.study.layers import complete
from polystilts.study.names import MINIATURE
from polystilts.study.validation import nearest
from polystilts.tasks.registry import TASKS

_WRONG_USAGE = 2


def load_or_exit(config: Mapping[str, Any], root: Path, files: Sequence[Path]) -> Graph:
    """Return the study of what Snakemake was given; end with 2 and one line if it is wrong.

    The process ends at once, because Snakemake would turn an exception into a trace and a 1.

    Args:
        config: see `polystilts.study.layers.complete`, for the other arguments too.
    """
    try:
        return load(complete(config, root, files))
    except ConfigError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.stderr.flush()
        os._exit(_WRONG_USAGE)


def load(config: Mapping[str, Any]) -> Graph:
    """Return the study of a complete configuration.

    Raises:
        ConfigError: one line with the key and the nearest valid name.
    """
    graph = Graph.load(config, TASKS, _catalogue(config))
    if graph.study.mirror == MINIATURE:
        world = _world(graph.study.config.miniature)
        missing = sorted(set(graph.selection.languages) - set(world.languages))
        if missing:
            reason = f"the miniature has {', '.join(world.languages)}, not {', '.join(missing)}"
            raise ConfigError(f"config: `study.languages`: {reason}")
    check(graph.study)
    return graph


def _catalogue(config: Mapping[str, Any]) -> Catalogue:
    """Return what is published where, the lock read when it is first asked for."""

    @cache
    def lock() -> SourceLock | None:
        sources = config.get("sources")
        default = Sources.model_fields["lock"].default
        path = sources.get("lock", default) if isinstance(sources, Mapping) else None
        try:
            return load_lock(Path(path)) if path else None
        except InputError as error:
            raise ConfigError(f"config: `sources.lock`: {error}") from None

    def origin(path: str) -> Mapping[str, Any] | None:
        known = lock()
        found = known.origin_of(path) if known else None
        return found.identity() if found else None

    def archive(path: str) -> str | None:
        known = lock()
        found = known.origin_of(path) if known else None
        return found.archive if found else None

    @cache
    def made() -> frozenset[str]:
        settings = config.get("miniature")
        world = _world(settings if isinstance(settings, Mapping) else {})
        return frozenset(miniature_files(world.languages, world.translations))

    return Catalogue(tuple(KINDS), _dictionaries, origin, archive, lambda path: path in made())


def _dictionaries(language: str, order: Sequence[str]) -> list[Dictionary]:
    return [
        Dictionary(name=name, reader=reader, files=list(files))
        for name, reader, files in dictionaries_of(language, order)
    ]


def _world(settings: Mapping[str, object]) -> WorldSettings:
    known = [field.name for field in fields(WorldSettings)]
    for key in settings:
        if key not in known:
            raise ConfigError(f"config: `miniature.{key}`: unknown key; {nearest(key, known)}")
    try:
        return WorldSettings.from_mapping(settings)
    except ConfigError as error:
        raise ConfigError(f"config: `miniature`: {error}") from None


def world_files(graph: Graph) -> list[str]:
    """Return every file of the study's synthetic world."""
    world = WorldSettings.from_mapping(graph.study.config.miniature)
    files = miniature_files(world.languages, world.translations)
    return [f"{graph.source_folder}/{file}" for file in files]


def use_package(repository: Path) -> None:
    """Let every job of this run find this interpreter and the package.

    An environment that Snakemake activates for a job comes before both.
    """
    _prepend("PATH", Path(sys.executable).parent)
    _prepend("PYTHONPATH", repository / "workflow")
    # threads that wait in a spin slow a job's neighbours down by an order of magnitude
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def _prepend(variable: str, folder: Path) -> None:
    others = os.environ.get(variable)
    os.environ[variable] = os.pathsep.join([str(folder), *([others] if others else [])])
