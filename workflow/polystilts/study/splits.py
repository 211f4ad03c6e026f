"""How a study reads a task's splits: in which published form, and from which other files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from polystilts.errors import ConfigError
from polystilts.provenance.hashing import digest
from polystilts.study.config import Files, TaskSettings
from polystilts.study.tasks import ResolvedSplit, Split, Task, expand

ORIGINAL = "original"
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class PreparedSplit:
    """A split as a study reads it.

    `limit` is the most rows it takes, None for all; `published`: exactly as the registry declares
    it, so that its published number of rows is known.
    """

    origin: ResolvedSplit
    limit: int | None
    published: bool


def prepared_splits(
    task: Task, settings: TaskSettings, mirror: str, languages: Sequence[str]
) -> Iterator[PreparedSplit]:
    """Yield the canonical files of a task in some languages, in the registry's order of splits."""
    folder = settings.path or mirror
    splits = tuple(overridden(split, settings, folder) for split in splits_of(task, settings.form))
    as_declared = settings.form == ORIGINAL and not settings.path
    for split in expand(replace(task, splits=splits), languages):
        limit = settings.sizes.get(split.name)  # type: ignore[call-overload]
        published = as_declared and split.name not in (settings.files or {})
        yield PreparedSplit(split, limit, published)


def data_version(task: Task, settings: TaskSettings) -> str:
    """Return what published data a task is scored on, marked where a study reads other files."""
    versions = {form.name: form.version for form in task.forms}
    version = versions.get(settings.form, task.version)
    files = settings.files or {}
    changed = {name: chosen.model_dump() for name, chosen in files.items()}
    if changed or settings.path:
        version = f"local-{digest([settings.path, changed])[:8]}"
    limits = [f"{name}:{size}" for name, size in settings.sizes.items() if name != "train"]
    return "+".join([version, *sorted(limits)])


def splits_of(task: Task, form: str) -> tuple[Split, ...]:
    """Return the splits of a published form, whose name the configuration's check has seen."""
    return next((other.splits for other in task.forms if other.name == form), task.splits)


def overridden(split: Split, settings: TaskSettings, folder: str) -> Split:
    """Return a split with what the study's configuration says about its files.

    Where files lie in a folder, `*`, `?` and `[…]` in their names stand for what is there, sorted.
    """
    override = (settings.files or {}).get(split.name) or Files()  # type: ignore[call-overload]
    patterns = split.files if override.files is None else override.files
    return replace(
        split,
        files=tuple(file for pattern in patterns for file in _matching(pattern, folder)),
        reader=override.reader or split.reader,
        options=override.options if override.options is not None else split.options,
    )


def _matching(pattern: str, folder: str) -> list[str]:
    root = Path(folder).expanduser()
    if not root.is_dir() or not _GLOB.search(pattern) or (root / pattern).exists():
        return [pattern]
    found = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern))
    if not found:
        raise ConfigError(f"no file in {folder} is named {pattern}")
    return found
