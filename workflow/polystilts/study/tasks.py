"""Record types of the task registry, and how its file names are filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from polystilts.errors import ConfigError
from polystilts.study.languages import ENGLISH_NAMES, TATOEBA_CODES, TYDIQA_NAMES
from polystilts.study.treebanks import UD_TREEBANKS

Family = Literal["classification", "multiple_choice", "tagging", "span_qa", "retrieval", "text"]
Benchmark = Literal["xtreme"]

ENGLISH = "en"
XTREME: Benchmark = "xtreme"
_TABLES: Mapping[str, Mapping[str, str]] = {
    "{iso3}": TATOEBA_CODES,
    "{tydi}": TYDIQA_NAMES,
    "{name}": ENGLISH_NAMES,
}


@dataclass(frozen=True)
class Split:
    """Where one split is read from.

    `files` are canonical paths below a mirror. They and the strings in `options` may hold {lang}
    (XTREME's code), {iso3} (Tatoeba's code), {tydi} (TyDi QA's English name of the language),
    {name} (its English name in capitals as the hub's udpos has it) and {treebank} (one path for
    each treebank of the language that has this split). `languages` narrows a `per_language` split
    where it exists in fewer languages than the task.
    """

    name: str
    reader: str
    files: tuple[str, ...]
    per_language: bool = False
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Form:
    """Another published form of a task's data; `version` stands in the signatures of its scores."""

    name: str
    version: str
    splits: tuple[Split, ...]


@dataclass(frozen=True)
class Task:
    """One task: `fine_tune` is the task whose English training a target needs, None for none.

    `labels` None: there are none, or the set is open and is taken from the training file.
    `restricted`: its data must not be passed on, so that people bring their own copy.
    `version` names the published data that `splits` read, `forms` are other copies of it, and
    `translations` the published translations of its training set, per language. Their ids are those
    of the task's training set, or, where `translated_from` is given, of that split, whose examples
    are found in the training set by their text.

    `benchmark` is the collection that a target belongs to: XTREME's scores of submissions, and the
    mean over targets, are over its targets alone. In its files the task's folder is called
    `benchmark_folder`, as the task where that is empty, and a label as `benchmark_labels` says.
    `retriever` names the module that retrieves, for a target that needs no fine-tuning.
    """

    name: str
    title: str
    family: Family
    intermediate: bool
    target: bool
    languages: tuple[str, ...]
    metric: str
    labels: tuple[str, ...] | None
    splits: tuple[Split, ...]
    fine_tune: str | None
    citation: str
    licence: str
    restricted: bool = False
    version: str = ""
    forms: tuple[Form, ...] = ()
    translations: tuple[Split, ...] = ()
    translated_from: Split | None = None
    benchmark: Benchmark | None = None
    benchmark_folder: str = ""
    benchmark_labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    retriever: str | None = None

    def __post_init__(self) -> None:
        if self.target and (self.fine_tune is None) == (self.retriever is None):
            raise ValueError(f"task {self.name}: either `fine_tune` or `retriever` has to be given")


@dataclass(frozen=True)
class ResolvedSplit:
    """A split of one language with its place-holders filled; language None is English only."""

    name: str
    language: str | None
    reader: str
    files: tuple[str, ...]
    options: Mapping[str, object]


def resolve(split: Split, language: str | None) -> ResolvedSplit:
    """Fill a split's place-holders for `language` (None: an English-only split).

    Raises:
        ConfigError: a table has no entry for the language.
    """
    code = language or ENGLISH
    files = tuple(path for pattern in split.files for path in _paths(pattern, code, split.name))
    options = {
        key: _fill(value, code) if isinstance(value, str) else value
        for key, value in split.options.items()
    }
    return ResolvedSplit(split.name, language, split.reader, files, options)


def expand(task: Task, languages: Sequence[str]) -> Iterator[ResolvedSplit]:
    """Yield every split of `task`: English-only ones once, the others for each language.

    English has no retrieval pairs of its own; a split narrowed to some languages skips the rest.
    """
    for split in task.splits:
        if not split.per_language:
            yield resolve(split, None)
            continue
        for language in languages:
            narrowed = split.languages is not None and language not in split.languages
            if narrowed or (task.family == "retrieval" and language == ENGLISH):
                continue
            yield resolve(split, language)


def _paths(pattern: str, language: str, split: str) -> list[str]:
    if "{treebank}" not in pattern:
        return [_fill(pattern, language)]
    treebanks = UD_TREEBANKS.get(language, ())
    chosen = [treebank for treebank, splits in treebanks if split in splits]
    if not chosen:
        raise ConfigError(
            f"no UD 2.5 treebank is listed for language {language!r}, split {split!r};"
            " give the task's `files` in the configuration"
        )
    return [_fill(pattern, language).replace("{treebank}", treebank) for treebank in chosen]


def _fill(pattern: str, language: str) -> str:
    text = pattern.replace("{lang}", language)
    for holder, table in _TABLES.items():
        if holder in text:
            if language not in table:
                raise ConfigError(
                    f"no entry for language {language!r} to fill {holder} in {pattern}"
                )
            text = text.replace(holder, table[language])
    return text
