"""What the workflow's rules ask a study for: files, keys and records as functions of wildcards."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from polystilts.study.ahead import Ahead
from polystilts.study.catalogue import Catalogue
from polystilts.study.fields import NAME
from polystilts.study.keys import Keys, checked_corpora, corpus_step, has_page
from polystilts.study.names import MINIATURE, MLM, NONE, PRETRAIN
from polystilts.study.source_files import files_of_mirrors
from polystilts.study.study import Study
from polystilts.study.tasks import Task
from polystilts.study.translation_files import TranslationFiles

ENCODER_FILES = ("model.safetensors", "config.json", "tokenizer.json", "encoder.json")
CHECKPOINT_FILES = ("model.safetensors", "config.json", "training.json")

Wildcards = Any
Function = Callable[[Wildcards], Any]


class Graph:
    """A study as the workflow sees it. Methods that return functions take wildcards later."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.keys = Keys(study)
        self.paths = study.paths
        self.selection = study.config.study
        self.translations = TranslationFiles(study)

    @classmethod
    def load(
        cls,
        config: Mapping[str, Any],
        registry: Mapping[str, Task],
        catalogue: Catalogue | None = None,
    ) -> "Graph":
        """Validate a configuration; see `Study.load`."""
        return cls(Study.load(config, registry, catalogue))

    @property
    def constraints(self) -> dict[str, str]:
        """One pattern per wildcard, so that no path can be read in two ways."""
        study = self.study
        fine_tunes = {task.fine_tune for task in study.registry.values() if task.fine_tune}
        return {
            "encoder": _either([self.selection.encoder]),
            "arm": _either([NONE, *self.selection.arms]),
            "intermediate": _either([NONE, *self.study.intermediates]),
            "target": _either(self.selection.targets),
            "fine_tune": _either(sorted(fine_tunes)),
            "seed": r"\d+",
            "language": "[a-z]{2,3}",
            "variant": NAME,
            "task": _either(study.tasks_used),
            "world": _either([w for w, m in study.mirrors.items() if m != MINIATURE]),
            "file": r".+(?<!\.manifest\.json)",
        }

    def key(self, step: str, **fixed: str) -> Function:
        """Return the content key of a step."""
        return lambda wildcards: self.keys.key(step, {**_plain(wildcards), **fixed})

    def record(self, step: str, **fixed: str) -> Function:
        """Return the record of a step as one line of JSON."""
        return lambda wildcards: json.dumps(
            self.keys.record(step, {**_plain(wildcards), **fixed}),
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def partial(self, step: str, **fixed: str) -> Function:
        """Return where a step keeps its resumable state."""
        key = self.key(step, **fixed)
        return lambda wildcards: self.paths.partial(key(wildcards))

    def ahead(
        self, step: str, targets: Callable[[], Collection[str]]
    ) -> Callable[[Wildcards, Any], list[str]]:
        """Return what a training step may do ahead of the jobs that follow it.

        Snakemake records no parameter that is made from `input`: which targets a study has, how
        they are predicted, and what a run was asked for must not make a training stale.

        Args:
            targets: tells, once jobs are run, what Snakemake was asked for on its command line.
        """
        return lambda wildcards, input: [
            json.dumps(request, ensure_ascii=False, separators=(",", ":"))
            for request in Ahead(self.keys, targets()).after(step, _plain(wildcards))
        ]

    def kept(self, what: str, path: str, temporary: Callable[[str], Any]) -> Any:
        """Return the path of trained weights, marked as temporary unless the study keeps them."""
        return path if self.study.keeps(what) else temporary(path)

    def _folder(self, world: str) -> str:
        return str(PurePosixPath(self.paths.source(world, "*")).parent)

    @property
    def source_folder(self) -> str:
        """The folder of the study's own mirror."""
        return self._folder(self.study.world)

    def sources(self, wildcards: Wildcards) -> str:
        """Return `source_folder`, as a function for `params`."""
        return self.source_folder

    def fetched_folder(self, wildcards: Wildcards) -> str:
        """Return the folder that a fetched file's mirror has."""
        return self._folder(wildcards.world)

    def task_folder(self, task: str) -> Function:
        """Return the folder of a task's source files."""
        return lambda wildcards: self._folder(self.study.task_world(task))

    @property
    def fetched(self) -> list[str]:
        """Return the manifests of everything that comes from outside."""
        study = self.study
        found = [
            self.paths.source_manifest(world, file)
            for world, file in files_of_mirrors(study)
            if study.mirrors[world] != MINIATURE
        ]
        if self.is_miniature:
            found.append(self.paths.world_manifest(study.world))
        if not self.pretrains:
            encoder = self.selection.encoder
            found.append(self.paths.fetched_encoder("encoder.json").format(encoder=encoder))
        return found

    @property
    def is_miniature(self) -> bool:
        return self.study.mirror == MINIATURE

    @property
    def fetches(self) -> bool:
        """Whether any source file comes from outside."""
        return any(mirror != MINIATURE for mirror in self.study.mirrors.values())

    @property
    def source_lock(self) -> str:
        return self.study.source_lock

    @property
    def pretrains(self) -> bool:
        return self.study.encoder.source == PRETRAIN

    @property
    def tasks(self) -> list[str]:
        return self.study.tasks_used

    def task_sources(self, task: str) -> dict[str, list[str]]:
        """Return the source files that a task is read from, and the manifests beside them."""
        splits = self.study.prepared_splits(task)
        files = tuple(file for split in splits for file in split.origin.files)
        return self._sources(files, self.study.task_world(task))

    def dictionary_sources(self, kind: str) -> Function:
        """Return a language's dictionary `files` or their `manifests`."""
        return lambda wildcards: self._sources(
            self.study.dictionary_files(wildcards.language), self.study.world
        )[kind]

    def _sources(self, files: tuple[str, ...], world: str) -> dict[str, list[str]]:
        unique = tuple(dict.fromkeys(files))
        return {
            "files": self.study.source_files(unique, world),
            "manifests": list(dict.fromkeys(self.study.source_manifests(unique, world))),
        }

    def task_files(self, task: str) -> list[str]:
        """Return the canonical files of a task, gold pairs of retrieval included."""
        files = []
        for split in self.study.prepared_splits(task):
            name, language = split.origin.name, split.origin.language
            files.append(self.paths.task(task, name, language))
            if self.study.registry[task].family == "retrieval":
                files.append(self.paths.task(task, f"{name}-pairs", language))
        return files

    def lexicons(self, wildcards: Wildcards) -> list[str]:
        """Return the lexicons that a corpus draws from."""
        recipe = self.study.variants[wildcards.variant].recipe
        languages = self.study.recipe_languages(recipe)
        return [self.paths.lexicon.format(language=language) for language in languages]

    def variants(self, step: str) -> str:
        """Return a pattern of the variants whose corpora a step makes."""
        study = self.study
        return _either([name for name in study.variants if corpus_step(study, name) == step])

    def encoder_files(self, wildcards: Wildcards) -> list[str]:
        encoder = wildcards.encoder
        return [self.paths.encoder(name).format(encoder=encoder) for name in ENCODER_FILES]

    def trimming_texts(self, wildcards: Wildcards) -> list[str]:
        """Return every table whose text a trimmed vocabulary must cover."""
        if not self.study.config.encoders[wildcards.encoder].trim_vocabulary:
            return []
        tables = [file for task in self.tasks for file in self.task_files(task)]
        return tables + [
            self.paths.corpus.format(variant=variant, task=task)
            for variant, task in self.study.corpora
        ]

    def masked_texts(self) -> dict[str, str]:
        """Return the monolingual text of every language."""
        languages = self.selection.languages
        return {name: self.paths.task(MLM, "train", name) for name in languages}

    def replayed_texts(self, wildcards: Wildcards) -> list[str]:
        """Return the text of an arm's MLM share, `language=path` each."""
        if not self.study.arm(wildcards.arm).mlm_share:
            return []
        return [f"{name}={path}" for name, path in self.masked_texts().items()]

    def english(self, wildcards: Wildcards) -> list[str]:
        """Return the English training rows of an intermediate's tasks, `task=path` each."""
        parts = self.study.intermediate_parts(wildcards.intermediate)
        return [f"{part}={self.paths.task(part, 'train')}" for part in parts]

    def english_dev(self, wildcards: Wildcards) -> list[str]:
        parts = self.study.intermediate_parts(wildcards.intermediate)
        return [f"{part}={self.paths.task(part, 'dev')}" for part in parts]

    def fine_tune_dev(self, wildcards: Wildcards) -> str:
        """Return the English dev rows of the task that a target is fine-tuned on."""
        return self.study.english_dev_file(wildcards.fine_tune)

    def corpora(self, wildcards: Wildcards) -> list[str]:
        """Return what an arm trains an intermediate on, `task=path` each."""
        found = []
        for part in self.study.intermediate_parts(wildcards.intermediate):
            variant = self.study.corpus(wildcards.arm, part)
            path = self.paths.task(part, "train")
            if variant is not None:
                path = self.paths.corpus.format(variant=variant, task=part)
            found.append(f"{part}={path}")
        return found

    @property
    def corpus_pages(self) -> list[str]:
        """Return the page of every switched corpus, and the manifests beside them."""
        return [
            path.format(variant=variant, task=task)
            for variant, task in self.study.corpora
            if has_page(self.study, variant)
            for path in (self.paths.corpus_page, self.paths.corpus_page_manifest)
        ]

    def start_manifest(self, wildcards: Wildcards) -> str:
        """Return the manifest of what a target starts from: the encoder or a checkpoint."""
        if wildcards.intermediate == NONE:
            return self.paths.encoder("encoder.json").format(encoder=wildcards.encoder)
        return self.paths.intermediate("training.json").format(**_plain(wildcards))

    def start_key(self, wildcards: Wildcards) -> str:
        """Return the key that what a target starts from must have."""
        return self.keys.start(_plain(wildcards))

    def encoder_key(self, wildcards: Wildcards) -> str:
        return self.keys.encoder(wildcards.encoder)

    def fine_tuned_key(self, wildcards: Wildcards) -> str:
        """Return the key that the model a target is predicted with must have."""
        return self.keys.fine_tuned(_plain(wildcards))

    def start_files(self, wildcards: Wildcards) -> list[str]:
        folder = PurePosixPath(self.start_manifest(wildcards)).parent
        names = ENCODER_FILES if wildcards.intermediate == NONE else CHECKPOINT_FILES
        return [f"{folder}/{name}" for name in names]

    def fine_tuned_files(self, wildcards: Wildcards) -> list[str]:
        """Return the files of the model that a target is predicted with."""
        chosen = _plain(wildcards) | {
            "fine_tune": str(self.study.registry[wildcards.target].fine_tune)
        }
        return [self.paths.target(name).format(**chosen) for name in CHECKPOINT_FILES]

    def fine_tuned_manifest(self, wildcards: Wildcards) -> str:
        return self.fine_tuned_files(wildcards)[-1]

    def targets(self, trained: bool) -> str:
        """Return a pattern of the targets that need a fine-tuning, or of those that do not."""
        names = self.selection.targets
        return _either(
            [n for n in names if (self.study.registry[n].fine_tune is not None) == trained]
        )

    def results_folder(self, wildcards: Wildcards) -> str:
        """Return the folder below which scores and trained models lie."""
        return self.paths.root

    @property
    def trainings(self) -> list[str]:
        """Return the manifest of every trained model that the study's scores rest on."""
        found: dict[str, None] = {}
        for cell in self.study.cells:
            wildcards = cell.wildcards()
            if cell.intermediate != NONE:
                found[self.paths.intermediate("training.json").format(**wildcards)] = None
            fine_tune = self.study.registry[cell.target].fine_tune
            if fine_tune is not None:
                path = self.paths.target("training.json")
                found[path.format(**wildcards, fine_tune=fine_tune)] = None
        return list(found)

    @property
    def checked_sheets(self) -> list[str]:
        """Return the data sheets with the leak checks of what the scores rest on."""
        corpora = checked_corpora(self.study)
        return [self.paths.corpus_sheet.format(variant=name, task=task) for name, task in corpora]

    def checked_keys(self, wildcards: Wildcards) -> list[str]:
        """Return the keys that those must have, `variant/task=key` each."""
        corpora = checked_corpora(self.study)
        return [f"{name}/{task}={self.keys.corpus_of(name, task)}" for name, task in corpora]

    @property
    def scores(self) -> list[str]:
        """Return the score file of every cell, and the manifests beside them."""
        paths = (self.paths.scores, self.paths.scores_manifest)
        cells = [cell.wildcards() for cell in self.study.cells]
        return [path.format(**wildcards) for wildcards in cells for path in paths]


def files_of(named: Function) -> Function:
    """Return the paths of a function that returns `name=path` arguments."""
    return lambda wildcards: [item.split("=", 1)[1] for item in named(wildcards)]


def _plain(wildcards: Wildcards) -> dict[str, str]:
    return dict(wildcards.items())


def _either(names: Iterable[str]) -> str:
    escaped = [name.replace("+", r"\+").replace(".", r"\.") for name in names]
    return "|".join(escaped) or "(?!)"
