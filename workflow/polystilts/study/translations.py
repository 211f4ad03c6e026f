"""Which translations of training sets a study can read, and why it cannot read the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from polystilts.study.tasks import ENGLISH, ResolvedSplit, Task, resolve

PLACE = "{lang}"

# (world, canonical path) -> whether it is there, or will be
Holds = Callable[[str, str], bool]


@dataclass(frozen=True)
class Translation:
    """The translated training rows of a task in one language.

    `own`: files of one's own, laid out as the English ones; else published. `world` is the folder
    below `results/sources/` that their files get. `english` are the rows whose ids the translated
    ones have, None where those are the task's own.
    """

    own: bool
    world: str
    source: ResolvedSplit
    english: ResolvedSplit | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that is read, those of `english` included."""
        return (*self.source.files, *(self.english.files if self.english else ()))


@dataclass(frozen=True)
class OwnFolder:
    """Where one's own translations lie: `pattern` below the mirror that `world` stands for."""

    world: str
    pattern: str


@dataclass(frozen=True)
class TaskTranslations:
    """What a task has: translations by language, and for every other language the reason."""

    there: dict[str, Translation]
    missing: dict[str, str]

    def into(self, languages: list[str]) -> "TaskTranslations":
        """Return the part about some languages, in their order."""
        return TaskTranslations(
            {name: self.there[name] for name in languages if name in self.there},
            {name: self.missing[name] for name in languages if name in self.missing},
        )


def lacking_all(tasks: Mapping[str, TaskTranslations]) -> dict[str, str]:
    """Return the tasks that have no translation at all, each with the reason."""
    reasons = {}
    for task, found in tasks.items():
        if found.missing and not found.there:
            reasons[task] = f"no translation: {next(iter(found.missing.values()))}"
    return reasons


def mirror_and_pattern(pattern: str) -> tuple[str | None, str]:
    """Split a pattern of folders into a mirror of its own (None: the study's) and what is below it.

    `translations/{lang}` lies below the study's mirror; of `/data/mine/{lang}`, `/data/mine` is the
    mirror, and `{lang}` what is below.
    """
    if not pattern.startswith(("/", "~", "http://", "https://")):
        return None, pattern
    mirror, slash, name = pattern.partition(PLACE)[0].rpartition("/")
    return mirror or slash, name + pattern[len(mirror + slash + name) :]


def translations_of(
    task: Task,
    training: ResolvedSplit,
    languages: list[str],
    own: OwnFolder | None,
    world: str,
    holds: Holds,
) -> TaskTranslations:
    """Return where a task's translated training files are: one's own first, else published ones.

    `training` is the training split as the study reads it, whose files one's own translations
    are named after; published ones lie in `world`.
    """
    there, missing = {}, {}
    for language in languages:
        published = _published(task, language, world)
        candidates = [] if own is None else [_own(training, language, own)]
        candidates += [] if published is None else [published]
        reasons = []
        for candidate in candidates:
            absent = [file for file in candidate.files if not holds(candidate.world, file)]
            if not absent:
                there[language] = candidate
                break
            reasons.append(f"there is no `{absent[0]}`")
        else:
            missing[language] = "; ".join(reasons) or "none is published"
    return TaskTranslations(there, missing)


def _own(training: ResolvedSplit, language: str, own: OwnFolder) -> Translation:
    folder = own.pattern.replace(PLACE, language)
    files = tuple(f"{folder}/{file}" for file in training.files)
    return Translation(True, own.world, replace(training, files=files))


def _published(task: Task, language: str, world: str) -> Translation | None:
    for split in task.translations:
        if language != ENGLISH and language in (split.languages or task.languages):
            pivot = task.translated_from
            english = resolve(pivot, ENGLISH) if pivot else None
            return Translation(False, world, resolve(split, language), english)
    return None
