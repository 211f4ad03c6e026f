"""A study: a validated configuration, the tasks it uses, and its matrix of cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from polystilts.errors import ConfigError
from polystilts.provenance.hashing import digest
from polystilts.study.config import Arm, Dictionary, Encoder, StudyConfig, TaskSettings
from polystilts.study.paths import Paths
from polystilts.study.tasks import ResolvedSplit, Split, Task, expand
from polystilts.study.validation import parse

NONE = "none"
ALL = "all"
MLM = "mlm"
MINIATURE = "miniature"
PRETRAIN = "pretrain"


@dataclass(frozen=True)
class Cell:
    """One entry of the matrix."""

    encoder: str
    arm: str
    intermediate: str
    target: str
    seed: int

    def wildcards(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class PreparedSplit:
    """A split as this study reads it; `limit` is the most rows it takes, None for all."""

    origin: ResolvedSplit
    limit: int | None


@dataclass(frozen=True)
class Study:
    """A study's configuration joined with the task registry."""

    config: StudyConfig
    registry: Mapping[str, Task]

    @classmethod
    def load(cls, config: Mapping[str, Any], registry: Mapping[str, Task]) -> "Study":
        """Validate a configuration.

        Raises:
            ConfigError: one line that names the key and the nearest valid name.
        """
        return cls(parse(config, registry), registry)

    @property
    def name(self) -> str:
        return self.config.study.name

    @cached_property
    def paths(self) -> Paths:
        return Paths(self.name)

    @property
    def mirror(self) -> str:
        return self.config.mirror or self.config.sources.mirror

    @cached_property
    def world(self) -> str:
        """The folder below `results/sources/` that belongs to this study's mirror."""
        if self.mirror == MINIATURE:
            return f"{MINIATURE}-{digest(self.config.miniature)[:8]}"
        return f"mirror-{digest(self.mirror)[:8]}"

    @property
    def encoder(self) -> Encoder:
        return self.config.encoders[self.config.study.encoder]

    def arm(self, name: str) -> Arm:
        """Return an arm; the baseline is none, and asking for one of its trainings is an error."""
        if name == NONE:
            raise ConfigError(
                "the baseline `none` has no intermediate task: its cells are none/none"
            )
        return self.config.arms[name]

    def settings(self, task: str) -> TaskSettings:
        return self.config.tasks.get(task, TaskSettings())

    @property
    def intermediate_tasks(self) -> list[str]:
        """The single tasks among the study's intermediates; what `all` mixes."""
        return [name for name in self.config.study.intermediates if name not in (ALL, NONE)]

    def intermediate_parts(self, intermediate: str) -> list[str]:
        """The tasks that an intermediate trains on."""
        return self.intermediate_tasks if intermediate == ALL else [intermediate]

    @cached_property
    def cells(self) -> list[Cell]:
        """All cells: the baseline once, then every arm × intermediate, × target × seed."""
        selection = self.config.study
        pairs = [(NONE, NONE)] + [
            (arm, name)
            for arm in selection.arms
            for name in selection.intermediates
            if name != NONE
        ]
        return [
            Cell(selection.encoder, arm, intermediate, target, seed)
            for arm, intermediate in pairs
            for target in selection.targets
            for seed in selection.seeds
        ]

    def languages(self, task: str) -> list[str]:
        """The study's languages that a target has, in the study's order."""
        known = self.settings(task).languages or self.registry[task].languages
        return [language for language in self.config.study.languages if language in known]

    @cached_property
    def uses_masked_text(self) -> bool:
        shares = [self.arm(name).mlm_share for name in self.config.study.arms]
        return self.encoder.source == PRETRAIN or any(shares)

    @cached_property
    def tasks_used(self) -> list[str]:
        """Every task whose data the study prepares, targets' training data included."""
        fine_tunes = [self.registry[name].fine_tune for name in self.config.study.targets]
        names = [*self.intermediate_tasks, *self.config.study.targets]
        names += [name for name in fine_tunes if name is not None]
        if self.uses_masked_text:
            names.append(MLM)
        return list(dict.fromkeys(names))

    def prepared_splits(self, task: str) -> Iterator[PreparedSplit]:
        """The canonical files of a task, in the registry's order of splits."""
        declared, settings = self.registry[task], self.settings(task)
        splits = tuple(_overridden(split, settings) for split in declared.splits)
        languages = self.config.study.languages if task == MLM else self.languages(task)
        for split in expand(replace(declared, splits=splits), languages):
            yield PreparedSplit(split, settings.sizes.get(split.name))  # type: ignore[call-overload]

    @cached_property
    def dictionaries(self) -> dict[str, list[Dictionary]]:
        """The dictionaries of every language that has any, in the study's order."""
        listed = self.config.sources.dictionaries
        languages = [name for name in self.config.study.languages if name != "en"]
        found = {
            language: listed.get(language, [Dictionary(files=[f"muse/en-{language}.txt"])])
            for language in languages
        }
        return {language: chosen for language, chosen in found.items() if chosen}

    def dictionary_files(self, language: str) -> tuple[str, ...]:
        return tuple(file for chosen in self.dictionaries[language] for file in chosen.files)

    def recipe_languages(self, recipe: str) -> list[str]:
        """The languages a recipe draws from, in the study's order."""
        wanted = self.config.recipes[recipe].languages
        return [name for name in self.dictionaries if wanted is None or name in wanted]

    def variant(self, arm: str) -> str | None:
        """The folder name of an arm's corpora, or None where it trains on English.

        Controls that share a recipe with the real arm differ in the treatment.
        """
        chosen = self.arm(arm)
        if chosen.recipe is None:
            return None
        suffix = "" if chosen.treatment == "code-switched" else f"+{chosen.treatment}"
        return chosen.recipe + suffix

    @cached_property
    def variants(self) -> dict[str, Arm]:
        """Corpus variants of the study's arms and an arm that uses each."""
        arms = {name: self.arm(name) for name in self.config.study.arms}
        return {v: arm for name, arm in arms.items() if (v := self.variant(name)) is not None}

    def source_files(self, files: tuple[str, ...]) -> list[str]:
        """Where files of the mirror lie once they are here."""
        return [self.paths.source(self.world, file) for file in files]

    def source_manifests(self, files: tuple[str, ...]) -> list[str]:
        """The manifests that vouch for source files."""
        if self.mirror == MINIATURE:
            return [self.paths.world_manifest(self.world)]
        return [self.paths.source_manifest(self.world, file) for file in files]

    def keeps(self, what: str) -> bool:
        """Whether trained weights (`intermediate` or `target`) stay after their last use."""
        return self.config.keep == "all" or self.config.keep == what


def _overridden(split: Split, settings: TaskSettings) -> Split:
    """Return a split with what the study's configuration says about its files."""
    override = settings.files.get(split.name)  # type: ignore[call-overload]
    if override is None:
        return split
    return replace(
        split,
        files=split.files if override.files is None else tuple(override.files),
        reader=override.reader or split.reader,
        options=override.options if override.options is not None else split.options,
    )
