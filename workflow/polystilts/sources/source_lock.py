"""The source lock: where every published file comes from and what is known of it.

Files are named by canonical paths, their names below any mirror. The form of the lock is described
in the comment at its head. Loading it needs nothing but YAML: a workflow reads it at its start.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from polystilts.errors import InputError
from polystilts.sources.known import Known
from polystilts.sources.lock_file import read

ARCHIVES = "archives"
_HOLDER = re.compile(r"\{([a-z0-9_.]+)\}")
_HUB_PATH = re.compile(
    r"hub/(?P<repository>[^/]+/[^/]+)/(?P<config>[^/]+)/(?P<split>[^/]+)\.parquet"
)
_DEFAULT = "default"


@dataclass(frozen=True)
class HubSplit:
    """A split of a dataset repository; `shards` None: all of them.

    `revision` is what people pin, `commit` what was found there at the first fetch.
    """

    repository: str
    config: str
    split: str
    revision: str | None
    shards: int | None
    commit: str | None


@dataclass(frozen=True)
class Origin:
    """Where one file comes from: addresses, an archive's member, or a hub's split.

    `archive` is the archive's canonical path, `member` the file's name in it, `outer!inner` in an
    archive inside it. `known` and `known_archive` are what was recorded, None before that.
    `source` and `position` say where in the lock it stands; `about` is roughly how many bytes all
    files of that place are together.
    """

    source: str
    position: int
    path: str
    urls: tuple[str, ...] = ()
    archive: str | None = None
    member: str | None = None
    hub: HubSplit | None = None
    known: Known | None = None
    known_archive: Known | None = None
    about: int | None = None

    def identity(self) -> dict[str, Any]:
        """Return everything that people pin, and nothing that is recorded."""
        if self.hub is None:
            return {"urls": list(self.urls), "member": self.member}
        hub = self.hub
        return {
            "hub": hub.repository,
            "config": hub.config,
            "split": hub.split,
            "revision": hub.revision,
            "shards": hub.shards,
        }

    @property
    def size(self) -> int | None:
        """The file's size in bytes, as far as it is known."""
        return self.known.size if self.known else None

    @property
    def place(self) -> str:
        """Where it comes from, for people: an archive, a folder of a site, or a repository."""
        if self.hub is not None:
            return f"huggingface.co/datasets/{self.hub.repository}"
        return self.urls[0] if self.archive else self.urls[0].rpartition("/")[0]


@dataclass(frozen=True)
class Source:
    """A published data set. `counts` are examples per `<task>/<split>`, by language or for all."""

    name: str
    title: str
    homepage: str
    licence: str
    citation: str
    languages: tuple[str, ...]
    counts: Mapping[str, int | Mapping[str, int]]


@dataclass(frozen=True)
class SourceLock:
    """A source lock that was read from `path`."""

    path: Path
    sources: Mapping[str, Source]
    origins: Mapping[str, Origin]
    repositories: Mapping[str, tuple[str, int, Mapping[str, Any]]]

    def origin_of(self, path: str) -> Origin | None:
        """Return where a canonical path comes from; None if the lock does not say.

        Every split of a listed dataset repository has one: `hub/<owner>/<name>/<config>/<split>
        .parquet`.
        """
        found = self.origins.get(path)
        if found is not None:
            return found
        matched = _HUB_PATH.fullmatch(path)
        if matched is None or matched["repository"] not in self.repositories:
            return None
        source, position, entry = self.repositories[matched["repository"]]
        hub = HubSplit(
            matched["repository"],
            matched["config"],
            matched["split"],
            entry.get("revision"),
            entry.get("shards"),
            entry.get("commit"),
        )
        known = _known((entry.get("recorded") or {}).get(path), self.path, source)
        return Origin(source, position, path, hub=hub, known=known, about=_about(entry))

    def source_of(self, path: str) -> Source | None:
        """Return the data set that a canonical path belongs to."""
        origin = self.origin_of(path)
        return self.sources[origin.source] if origin else None

    def archive_of(self, origin: Origin) -> dict[str, Origin]:
        """Return every file of the archive that an origin is in, by canonical path."""
        return self._archives[origin.archive or ""]

    @cached_property
    def _archives(self) -> dict[str, dict[str, Origin]]:
        found: dict[str, dict[str, Origin]] = {}
        for path, origin in self.origins.items():
            if origin.archive:
                found.setdefault(origin.archive, {})[path] = origin
        return found

    def expected_rows(self, task: str, split: str, language: str | None) -> int | None:
        """Return how many examples were published; None where nobody has stated it."""
        for source in self.sources.values():
            count = source.counts.get(f"{task}/{split}")
            if isinstance(count, int):
                return count
            if count is not None:
                found = count.get(language or "en")
                return found if found is not None else count.get(_DEFAULT)
        return None


def load(path: Path) -> SourceLock:
    """Read a source lock.

    Raises:
        InputError: it is missing or not of the form that its head describes; the place is named.
    """
    sources: dict[str, Source] = {}
    origins: dict[str, Origin] = {}
    repositories: dict[str, tuple[str, int, Mapping[str, Any]]] = {}
    for name, entry in read(path)["sources"].items():
        try:
            sources[name] = _source(name, entry)
            for position, origin in enumerate(entry["origins"]):
                if "hub" in origin:
                    repositories[origin["hub"]] = (name, position, origin)
                    continue
                for found in _origins(name, position, origin, path):
                    if found.path in origins:
                        raise InputError(path, f"`{found.path}` has two origins.")
                    origins[found.path] = found
        except (KeyError, TypeError, AttributeError) as error:
            reason = f"source `{name}` is not of the form described at its head ({error!r})."
            raise InputError(path, reason) from None
    return SourceLock(path, sources, origins, repositories)


def _source(name: str, entry: Mapping[str, Any]) -> Source:
    return Source(
        name,
        entry["title"],
        entry["homepage"],
        entry["licence"],
        entry["citation"],
        tuple(entry["languages"]),
        entry.get("counts") or {},
    )


def _origins(name: str, position: int, entry: Mapping[str, Any], path: Path) -> Iterator[Origin]:
    """Yield an origin for every file of an entry, its place-holders filled in."""
    urls = [entry["url"]] if isinstance(entry["url"], str) else list(entry["url"])
    recorded = entry.get("recorded") or {}
    for pattern, member in entry["files"].items():
        for values in _fillings(pattern, entry.get("over") or {}):
            file = _filled(pattern, values)
            origin = Origin(
                name,
                position,
                file,
                tuple(_filled(url, values) for url in urls),
                known=_known(recorded.get(file), path, name),
                about=_about(entry),
            )
            if member is not None:
                called = entry.get("archive") or urls[0].rpartition("/")[2]
                archive = f"{ARCHIVES}/{_filled(called, values)}"
                origin = replace(
                    origin,
                    archive=archive,
                    member=_filled(member, values),
                    known_archive=_known(recorded.get(archive), path, name),
                )
            yield origin


def _about(entry: Mapping[str, Any]) -> int | None:
    megabytes = entry.get("megabytes")
    return None if megabytes is None else int(megabytes * 1e6)


def _fillings(pattern: str, over: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield every way to fill the place-holders of a pattern."""
    names = list(dict.fromkeys(_HOLDER.findall(pattern)))
    for values in product(*(over[name] for name in names)):
        filling = dict(zip(names, values, strict=True))
        for name, value in list(filling.items()):
            if isinstance(over[name], dict):
                filling[f"{name}.value"] = over[name][value]
        yield filling


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    return _HOLDER.sub(lambda holder: values[holder[1]], pattern) if "{" in pattern else pattern


def _known(text: str | None, path: Path, source: str) -> Known | None:
    if text is None:
        return None
    try:
        return Known.parse(text)
    except (ValueError, AttributeError):
        reason = f"source `{source}`: {text!r} is not a sha256 and a size."
        raise InputError(path, reason, hint="Set it to null to record it again.") from None
