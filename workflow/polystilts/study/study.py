"""A study: a validated configuration, the tasks it uses, and its matrix of cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from polystilts.errors import ConfigError
from polystilts.policies import Kept
from polystilts.provenance.hashing import digest
from polystilts.study.catalogue import Catalogue
from polystilts.study.cells import Cell, matrix_of
from polystilts.study.config import Arm, Dictionary, Encoder, StudyConfig, TaskSettings
from polystilts.study.holdings import is_held
from polystilts.study.names import ALL, MINIATURE, MLM, NONE, PRETRAIN, PUBLISHED
from polystilts.study.paths import Paths
from polystilts.study.settings import EffectiveTraining, Phase, training
from polystilts.study.splits import PreparedSplit, data_version, prepared_splits
from polystilts.study.tasks import ENGLISH, Task
from polystilts.study.translations import (
    OwnFolder,
    TaskTranslations,
    Translation,
    lacking_all,
    mirror_and_pattern,
    translations_of,
)
from polystilts.study.validation import parse
from polystilts.study.variants import Variant, variant_of

# which trained weights stay, by `keep`
KEPT: Mapping[Kept, tuple[str, ...]] = {
    "none": (),
    "intermediate": ("intermediate",),
    "all": ("intermediate", "target"),
}


@dataclass(frozen=True)
class Study:
    """A study's configuration joined with the task registry."""

    config: StudyConfig
    registry: Mapping[str, Task]
    catalogue: Catalogue = field(default_factory=Catalogue)

    @classmethod
    def load(
        cls,
        config: Mapping[str, Any],
        registry: Mapping[str, Task],
        catalogue: Catalogue | None = None,
    ) -> "Study":
        """Validate a configuration.

        Raises:
            ConfigError: one line that names the key and the nearest valid name.
        """
        known = catalogue or Catalogue()
        return cls(parse(config, registry, known.kinds), registry, known)

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
        return PUBLISHED if self.mirror == PUBLISHED else _world_of_mirror(self.mirror)

    def task_world(self, task: str) -> str:
        """The folder of a task's source files: that of its own `path`, if it has one."""
        path = self.settings(task).path
        return _world_of_mirror(path) if path else self.world

    @cached_property
    def mirrors(self) -> dict[str, str]:
        """The mirror behind every folder below `results/sources/` that the study reads."""
        paths = [self._own_translations[0]]
        paths += [self.settings(task).path for task in self.tasks_used]
        return {self.world: self.mirror} | {_world_of_mirror(path): path for path in paths if path}

    @property
    def source_lock(self) -> str:
        """The file of origins, hashes and row counts; empty where nothing is to be checked."""
        return "" if self.mirror == MINIATURE else self.config.sources.lock or ""

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

    def training(self, task: str | None, phase: Phase) -> EffectiveTraining:
        """Return the effective hyper-parameters of a task's training."""
        return training(self.config, task, phase)

    @cached_property
    def skipped(self) -> dict[str, str]:
        """Intermediate tasks left out, with the reason: their data may not be passed on.

        Such data is expected where the configuration names a folder (`tasks.<name>.path`), in a
        folder mirror that has it, and at a base URL, which cannot be looked into.
        """
        wanted = [name for name in self.config.study.intermediates if name in self.registry]
        return {
            name: f"{self.registry[name].licence}; set `tasks.{name}.path` to your copy"
            for name in wanted
            if self.registry[name].restricted and not self._at_hand(name)
        }

    def _at_hand(self, task: str) -> bool:
        if self.mirror == MINIATURE:
            return True
        files = [file for split in self.prepared_splits(task) for file in split.origin.files]
        return bool(self.settings(task).path) or all(self._holds(self.world, f) for f in files)

    def _holds(self, world: str, file: str) -> bool:
        mirror = self.mirror if world == self.world else str(self._own_translations[0])
        return is_held(file, mirror, Path(self.paths.source(world, file)), self.catalogue)

    @cached_property
    def translations(self) -> dict[str, TaskTranslations]:
        """The translations of every single intermediate task into the study's languages."""
        mirror, pattern = self._own_translations
        world = _world_of_mirror(mirror) if mirror else self.world
        own = OwnFolder(world, pattern) if pattern else None
        languages = [name for name in self.config.study.languages if name != ENGLISH]
        find = partial(
            translations_of, languages=languages, own=own, world=self.world, holds=self._holds
        )
        return {
            task: find(self.registry[task], split.origin)
            for task in self.intermediate_tasks
            for split in self.prepared_splits(task)
            if split.origin.name == "train"
        }

    @property
    def _own_translations(self) -> tuple[str | None, str]:
        """The mirror of one's own translations, None for the study's, and the pattern below it."""
        return mirror_and_pattern(self.config.sources.translations or "")

    def translated(self, recipe: str, task: str) -> TaskTranslations:
        """The translations of a task into the languages that a recipe draws from."""
        return self.translations[task].into(self.recipe_languages(recipe))

    @cached_property
    def left_out(self) -> dict[str, dict[str, str]]:
        """By arm the intermediates without cells, with the reason: nothing of them is translated.

        Arms that leave nothing out are absent. In `all`, a task without translations stays English.
        """
        found = {}
        for name in self.config.study.arms:
            if self.arm(name).treatment.step == "translate":
                recipe, tasks = str(self.arm(name).recipe), self.intermediate_tasks
                reasons = lacking_all({task: self.translated(recipe, task) for task in tasks})
                if len(reasons) == len(tasks) and ALL in self.intermediates:
                    reasons[ALL] = "none of its tasks has a translation"
                found[name] = reasons
        return {arm: reasons for arm, reasons in found.items() if reasons}

    @cached_property
    def intermediates(self) -> list[str]:
        """The study's intermediates, without those that are skipped."""
        return [name for name in self.config.study.intermediates if name not in self.skipped]

    @property
    def intermediate_tasks(self) -> list[str]:
        """The single tasks among the study's intermediates; what `all` mixes."""
        return [name for name in self.intermediates if name not in (ALL, NONE)]

    def intermediate_parts(self, intermediate: str) -> list[str]:
        """The tasks that an intermediate trains on."""
        return self.intermediate_tasks if intermediate == ALL else [intermediate]

    @cached_property
    def cells(self) -> list[Cell]:
        """All cells: the baseline once, then every arm × intermediate, × target × seed.

        What is `left_out` has none.
        """
        selection = self.config.study
        return matrix_of(selection, self.intermediates, self.left_out)

    def languages(self, task: str) -> list[str]:
        """The study's languages that a target has, in the study's order."""
        known = self.settings(task).languages or self.registry[task].languages
        return [language for language in self.config.study.languages if language in known]

    @cached_property
    def unavailable(self) -> dict[str, list[str]]:
        """By target the study's languages that it is not evaluated in, in the study's order.

        Its data has none of them, or `tasks.<target>.languages` leaves them out. Targets that have
        all are absent. English is no language of retrieval, and is not missed there.
        """
        found = {}
        for target in self.config.study.targets:
            known = set(self.languages(target))
            if self.registry[target].family == "retrieval":
                known.add(ENGLISH)
            found[target] = [name for name in self.config.study.languages if name not in known]
        return {target: missing for target, missing in found.items() if missing}

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
        languages = self.config.study.languages if task == MLM else self.languages(task)
        return prepared_splits(self.registry[task], self.settings(task), self.mirror, languages)

    def english_dev_file(self, task: str) -> str:
        """The canonical file of a trained task's English dev split.

        Raises:
            ConfigError: it has none.
        """
        for split in self.prepared_splits(task):
            if split.origin.name == "dev" and split.origin.language in (None, ENGLISH):
                return self.paths.task(task, "dev", split.origin.language)
        raise ConfigError(f"config: `tasks.{task}.files`: training needs English rows of `dev`")

    def data_version(self, target: str) -> str:
        """What a target is scored on, as it stands in the signatures of its scores."""
        if self.mirror == MINIATURE:
            return self.world
        return data_version(self.registry[target], self.settings(target))

    @cached_property
    def dictionaries(self) -> dict[str, list[Dictionary]]:
        """The dictionaries of every language that has any, in the study's order."""
        listed = self.config.sources.dictionaries
        languages = [name for name in self.config.study.languages if name != "en"]
        found = {language: self._listed(language, listed.get(language)) for language in languages}
        return {language: chosen for language, chosen in found.items() if chosen}

    def _listed(self, language: str, chosen: list[Dictionary] | None) -> list[Dictionary]:
        if chosen is not None:
            return chosen
        return list(self.catalogue.dictionaries(language, self.config.sources.order))

    def dictionary_files(self, language: str) -> tuple[str, ...]:
        return tuple(file for chosen in self.dictionaries[language] for file in chosen.files)

    def recipe_languages(self, recipe: str) -> list[str]:
        """The languages a recipe draws from, in the study's order."""
        chosen = self.config.recipes[recipe]
        wanted = set(chosen.languages or self.dictionaries) - set(chosen.held_out)
        return [name for name in self.dictionaries if name in wanted]

    def variant(self, arm: str) -> str | None:
        """The folder name of an arm's corpora, or None where it trains on English."""
        chosen = variant_of(self.arm(arm))
        return chosen.name if chosen else None

    @cached_property
    def variants(self) -> dict[str, Variant]:
        """The ways in which the study's arms make corpora, by folder name."""
        found = (variant_of(self.arm(name)) for name in self.config.study.arms)
        return {variant.name: variant for variant in found if variant}

    def corpus(self, arm: str, task: str) -> str | None:
        """The variant of the corpus that an arm trains a task on, or None where it is English."""
        variant = self.variant(arm)
        return variant if (variant, task) in self.corpora else None

    @cached_property
    def corpora(self) -> list[tuple[str, str]]:
        """(variant, task) of every corpus; one of translations needs some."""
        return [
            (name, task)
            for name, variant in self.variants.items()
            for task in self.intermediate_tasks
            if variant.treatment.step != "translate" or self.translated(variant.recipe, task).there
        ]

    def corpus_translations(self, variant: str, task: str) -> dict[str, Translation]:
        """The translations that a corpus is made of, by language."""
        return self.translated(self.variants[variant].recipe, task).there

    def source_files(self, files: tuple[str, ...], world: str) -> list[str]:
        """Where files of a mirror lie once they are here."""
        return [self.paths.source(world, file) for file in files]

    def source_manifests(self, files: tuple[str, ...], world: str) -> list[str]:
        """The manifests that vouch for source files."""
        if self.mirrors[world] == MINIATURE:
            return [self.paths.world_manifest(world)]
        return [self.paths.source_manifest(world, file) for file in files]

    def keeps(self, what: str) -> bool:
        """Whether trained weights (`intermediate` or `target`) stay after their last use."""
        return what in KEPT[self.config.keep]


def _world_of_mirror(mirror: str) -> str:
    return f"mirror-{digest(mirror)[:8]}"
