"""The JSON record each step receives: all that it may depend on besides its input files."""

from collections.abc import Mapping, Sequence
from typing import Any

from polystilts.study.names import ALL, AT_ENGLISH_DEV, PUBLISHED
from polystilts.study.settings import (
    OPTIMISATION,
    EffectiveTraining,
    Phase,
    masking,
    multi_task,
    pretraining,
)
from polystilts.study.study import Study
from polystilts.study.tasks import ResolvedSplit, Task

_FAMILY_SETTINGS = ("max_length", "max_question_length", "doc_stride", "dropout")
_TRANSLATED_FIELDS = ("examples", "language_weights", "copies", "clean_copy", "seed")
LAST = "last"
# tokens of a sentence that is retrieved (XTREME); an encoder with fewer positions takes fewer
_RETRIEVAL_LENGTH = 512

Record = dict[str, Any]
Wildcards = Mapping[str, str]


def world(study: Study, wildcards: Wildcards) -> Record:
    return {"world": dict(study.config.miniature)}


def fetched_source(study: Study, wildcards: Wildcards) -> Record:
    mirror = study.mirrors[wildcards["world"]]
    record: Record = {"mirror": mirror, "file": wildcards["file"]}
    if mirror == PUBLISHED:
        record["origin"] = study.catalogue.origin(wildcards["file"])
    return record


def fetched_encoder(study: Study, wildcards: Wildcards) -> Record:
    encoder = study.config.encoders[wildcards["encoder"]]
    return {"source": encoder.source, "revision": encoder.revision}


def lexicon(study: Study, wildcards: Wildcards) -> Record:
    language = wildcards["language"]
    gate = study.config.sources.gate.model_dump()
    if language != "zh":
        del gate["chinese"]  # so that it rebuilds no other lexicon
    return {
        "language": language,
        "dictionaries": [item.model_dump() for item in study.dictionaries[language]],
        "gate": gate,
    }


def task(study: Study, wildcards: Wildcards) -> Record:
    name = wildcards["task"]
    declared = study.registry[name]
    return {
        "task": name,
        "family": declared.family,
        "labels": _labels(declared),
        "splits": [
            {
                "name": split.origin.name,
                "language": split.origin.language,
                "reader": split.origin.reader,
                "files": list(split.origin.files),
                "options": dict(split.origin.options),
                "limit": split.limit,
                "published": split.published,
            }
            for split in study.prepared_splits(name)
        ],
    }


def corpus(study: Study, wildcards: Wildcards) -> Record:
    variant = study.variants[wildcards["variant"]]
    recipe = study.config.recipes[variant.recipe]
    name = wildcards["task"]
    return {
        "dataset": name,
        "split": "train",
        "family": study.registry[name].family,
        "treatment": variant.treatment.value,
        "recipe": recipe.model_dump(mode="json"),
        "languages": study.recipe_languages(variant.recipe),
        **_chosen_examples(study, name, "intermediate"),
    }


def translated_corpus(study: Study, wildcards: Wildcards) -> Record:
    """What makes a corpus of translations; of a recipe, the fields that say which examples."""
    variant, name = study.variants[wildcards["variant"]], wildcards["task"]
    recipe = study.config.recipes[variant.recipe].model_dump(mode="json")
    found = study.translated(variant.recipe, name)
    declared = study.registry[name]
    return {
        "dataset": name,
        "split": "train",
        "family": declared.family,
        "labels": _labels(declared),
        "treatment": variant.treatment.value,
        "recipe": {field: recipe[field] for field in _TRANSLATED_FIELDS},
        "translations": {
            language: {
                "own": item.own,
                "rows": _rows_read(item.source),
                "english": _rows_read(item.english) if item.english else None,
            }
            for language, item in found.there.items()
        },
        "not_translated_into": found.missing,
        **_chosen_examples(study, name, "intermediate"),
    }


def corpus_page(study: Study, wildcards: Wildcards) -> Record:
    return {}  # all that a page shows stands in the data sheet


def pretrained_encoder(study: Study, wildcards: Wildcards) -> Record:
    chosen = study.config.encoders[wildcards["encoder"]].pretraining
    if chosen is None:
        raise ValueError(f"encoder {wildcards['encoder']} is not pretrained here")
    return {
        "seed": chosen.seed,
        "tokens": chosen.tokens,
        "minimum_count": chosen.minimum_count,
        "architecture": chosen.architecture.model_dump(),
        "training": _optimisation(pretraining(study.config, chosen.training)),
        **vars(masking(study.config)),
    }


def prepared_encoder(study: Study, wildcards: Wildcards) -> Record:
    encoder = study.config.encoders[wildcards["encoder"]]
    return {"layers": encoder.layers, "trim_vocabulary": encoder.trim_vocabulary}


def intermediate(study: Study, wildcards: Wildcards) -> Record:
    name = wildcards["intermediate"]
    parts = study.intermediate_parts(name)
    arm = study.arm(wildcards["arm"])
    settings = study.training(name, "intermediate")
    selection = settings.selection
    objective, share = arm.treatment.objective, arm.mlm_share
    masked = vars(masking(study.config)) if share or objective == "masked-lm" else {}
    return {
        "seed": int(wildcards["seed"]),
        "objective": objective,
        "tasks": {part: _trained_task(study, part, "intermediate") for part in parts},
        "training": _optimisation(settings),
        "multi_task": vars(multi_task(study.config)) if name == ALL else None,
        "mlm": {**masked, "share": share},
        "freeze_embeddings": study.encoder.freeze_embeddings,
        "selection": selection,
        "english_dev_level": settings.english_dev_level if selection == AT_ENGLISH_DEV else None,
        "evaluations": _evaluations(settings, [selection]),
    }


def fine_tuned(study: Study, wildcards: Wildcards) -> Record:
    name = wildcards["fine_tune"]
    settings = study.training(name, "fine_tune")
    return {
        "seed": int(wildcards["seed"]),
        "intermediate": wildcards["intermediate"],
        "name": name,
        "task": _trained_task(study, name, "fine_tune"),
        "training": _optimisation(settings),
        "freeze_embeddings": study.encoder.freeze_embeddings,
        "selections": list(study.config.study.selections),
        "evaluations": _evaluations(settings, study.config.study.selections),
    }


def predicted(study: Study, wildcards: Wildcards) -> Record:
    target = study.registry[wildcards["target"]]
    record: Record = {
        "target": target.name,
        "family": target.family,
        "metric": target.metric,
        "splits": evaluation_splits(study, target.name),
        "precision": study.training(target.fine_tune, "fine_tune").precision,
        "selections": list(study.config.study.selections),
    }
    if target.fine_tune is None:
        encoder = study.encoder
        record |= {
            "retriever": target.retriever,
            "layer": encoder.retrieval_layer,
            "max_length": _RETRIEVAL_LENGTH,
        }
        # nothing is fine-tuned, so there is nothing to choose from
        record["selections"] = record["selections"][:1]
    else:
        trained = _trained_task(study, target.fine_tune, "fine_tune")
        record |= {"settings": trained["settings"]}
    return record


def scored(study: Study, wildcards: Wildcards) -> Record:
    target = study.registry[wildcards["target"]]
    names = ("encoder", "arm", "intermediate", "target")
    return {
        "target": target.name,
        "family": target.family,
        "metric": target.metric,
        "data_version": study.data_version(target.name),
        "cell": {**{name: wildcards[name] for name in names}, "seed": int(wildcards["seed"])},
    }


def evaluation_splits(study: Study, target: str) -> list[dict[str, str | None]]:
    """The splits and languages on which a target is predicted: dev and test."""
    return [
        {"split": split.origin.name, "language": split.origin.language}
        for split in study.prepared_splits(target)
        if split.origin.name in ("dev", "test")
    ]


def _rows_read(split: ResolvedSplit) -> Record:
    return {
        "language": split.language,
        "reader": split.reader,
        "files": list(split.files),
        "options": dict(split.options),
    }


def _labels(task: Task) -> list[str] | None:
    return None if task.labels is None else list(task.labels)


def _evaluations(settings: EffectiveTraining, selections: Sequence[str]) -> int:
    """How often a training is evaluated on its way: once, at its end, if nothing is chosen."""
    if all(selection == LAST for selection in selections):
        return 1
    return settings.evaluations


def _optimisation(settings: EffectiveTraining) -> Record:
    chosen: Record = {name: getattr(settings, name) for name in OPTIMISATION}
    return chosen | {"betas": list(settings.betas)}


def _trained_task(study: Study, name: str, phase: Phase) -> Record:
    settings = study.training(name, phase)
    declared = study.registry[name]
    return {
        "family": declared.family,
        "labels": _labels(declared),
        "epochs": settings.epochs,
        "batch_size": settings.batch_size,
        "settings": {
            **{setting: getattr(settings, setting) for setting in _FAMILY_SETTINGS},
            "pool": study.encoder.pool,
        },
        **_chosen_examples(study, name, phase),
    }


def _chosen_examples(study: Study, name: str, phase: Phase) -> Record:
    """Which examples a phase trains on: intermediates from the front of a task's hash order,
    fine-tunes from its back, so that the two are disjoint wherever the sizes allow it."""
    return {
        "examples": study.training(name, phase).examples,
        "end": "front" if phase == "intermediate" else "back",
        "salt": name,
    }
