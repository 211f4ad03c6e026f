"""How a study reads a task's splits: in which published form, and from which other files."""

import re
from dataclasses import replace
from pathlib import Path

from polystilts.errors import ConfigError
from polystilts.study.config import Files, TaskSettings
from polystilts.study.tasks import Split, Task

ORIGINAL = "original"
_GLOB = re.compile(r"[*?\[]")


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
