"""The folders that XTREME's evaluate.py reads: predictions and labels, a file per language each."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from polystilts.study.tasks import XTREME, Task
from polystilts.tasks.registry import TASKS

# XTREME's targets: other ones have no part in its folders and averages
TARGETS: Mapping[str, Task] = MappingProxyType(
    {name: task for name, task in TASKS.items() if task.target and task.benchmark == XTREME}
)
_QUESTIONS = "span_qa"


@dataclass(frozen=True)
class Part:
    """One language of a task, with the two files it is scored from.

    `averaged` is false for a language that XTREME does not have for the task: it is in no average.
    """

    task: str
    language: str
    predictions: Path
    labels: Path
    averaged: bool = True


@dataclass(frozen=True)
class Contents:
    """What two folders hold together.

    Attributes:
        parts: what can be scored, in the order of tasks and of their languages; after XTREME's
            languages of a task come others that have a file on both sides.
        missing: what cannot, a task (`xnli`) or a language of one (`xnli/sw`), and why.
        unknown: folders and files that are none of XTREME's.
    """

    parts: tuple[Part, ...]
    missing: Mapping[str, str]
    unknown: tuple[Path, ...]


def folder_name(task: str) -> str:
    """Return XTREME's name for the folder of a task."""
    return TARGETS[task].benchmark_folder or task


def file_name(task: str, language: str) -> str:
    """Return XTREME's name for the test file of a language."""
    suffix = "json" if TARGETS[task].family == _QUESTIONS else "tsv"
    return f"test-{language}.{suffix}"


def contents(predictions: Path, labels: Path) -> Contents:
    """Look through a folder of predictions and one of labels.

    A language counts as missing where its file is on neither side or on one; a task where all of
    its languages are.
    """
    parts: list[Part] = []
    missing: dict[str, str] = {}
    for name, task in TARGETS.items():
        found = [_part(name, language, predictions, labels) for language in task.languages]
        present = [part for part in found if not _lacking(part)]
        if present:
            missing |= {f"{name}/{p.language}": lack for p in found if (lack := _lacking(p))}
            parts += [*present, *_others(name, predictions, labels)]
        else:
            missing[name] = _lacking_folder(name, predictions, labels)
    known = {path for part in parts for path in (part.predictions, part.labels)}
    unknown = [path for root in (predictions, labels) for path in _unknown(root, known)]
    return Contents(tuple(parts), missing, tuple(unknown))


def _part(task: str, language: str, predictions: Path, labels: Path) -> Part:
    relative = Path(folder_name(task), file_name(task, language))
    return Part(task, language, predictions / relative, labels / relative)


def _others(task: str, predictions: Path, labels: Path) -> Iterator[Part]:
    for path in sorted((predictions / folder_name(task)).iterdir()):
        language = path.stem.removeprefix("test-")
        if language.isalpha() and path.name == file_name(task, language):
            part = replace(_part(task, language, predictions, labels), averaged=False)
            if language not in TARGETS[task].languages and not _lacking(part):
                yield part


def _lacking(part: Part) -> str:
    sides = {"predictions": part.predictions, "labels": part.labels}
    return " and ".join(f"no {side}" for side, path in sides.items() if not path.is_file())


def _lacking_folder(task: str, predictions: Path, labels: Path) -> str:
    sides = {"predictions": predictions, "labels": labels}
    lacking = [
        f"no {side}" for side, root in sides.items() if not (root / folder_name(task)).is_dir()
    ]
    return " and ".join(lacking) or "no language with both predictions and labels"


def _unknown(root: Path, known: Container[Path]) -> Iterator[Path]:
    """Yield what XTREME would not look at, files of its own languages left out."""
    names = {
        folder_name(name): {file_name(name, language) for language in task.languages}
        for name, task in TARGETS.items()
    }
    for path in sorted(root.iterdir()):
        if path.name not in names or not path.is_dir():
            yield path
            continue
        for file in sorted(path.iterdir()):
            if file not in known and file.name not in names[path.name]:
                yield file
