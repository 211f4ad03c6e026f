"""What a job of a study computes: tokens, and floating-point operations on them.

Training computes about 6 operations per parameter and token, reading 2 (Kaplan et al. 2020, Scaling
Laws for Neural Language Models, section 2.1); embeddings are looked up and do not count. Attention
adds, per layer and token, what two matrices of hidden size × tokens attended to would: a hundredth
of the above for short pairs in XLM-R Large, a sixteenth for windows of 384 tokens. The vocabulary
(a matrix as large as the embeddings) is scored for masked tokens alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from polystilts.planning.lengths import LENGTHS, Lengths, lengths_of
from polystilts.planning.sizes import EncoderSize, evaluation_rows, training_rows
from polystilts.study.names import ALL, MLM
from polystilts.study.settings import Phase, masking, multi_task
from polystilts.study.study import Study
from polystilts.tasks.prepare import ExpectedRows
from polystilts.training.plan import multi_task_steps

_TRAINING = 6
_READING = 2


@dataclass(frozen=True)
class Work:
    """Tokens that pass through the encoder.

    `pairs` are the pairs of tokens that attention compares, itself and others; `masked` are the
    tokens for which the vocabulary is scored.
    """

    tokens: float = 0.0
    pairs: float = 0.0
    masked: float = 0.0

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.tokens + other.tokens, self.pairs + other.pairs, self.masked + other.masked
        )

    def __mul__(self, times: float) -> "Work":
        return Work(self.tokens * times, self.pairs * times, self.masked * times)

    def operations(self, step: str, size: EncoderSize) -> float:
        """Return the floating-point operations of a step of the workflow on an encoder.

        Attention's own are left out where the encoder's shape is not known.
        """
        multiplied = self.tokens * size.computing + self.masked * size.vocabulary
        multiplied += 2 * (size.attention or 0) * self.pairs
        return (_READING if step == "predict" else _TRAINING) * multiplied


@dataclass(frozen=True)
class Demand:
    """The work of a job: with inputs as long as they are, and all padded to the longest allowed."""

    real: Work = Work()
    padded: Work = Work()

    def __add__(self, other: "Demand") -> "Demand":
        return Demand(self.real + other.real, self.padded + other.padded)

    def __mul__(self, times: float) -> "Demand":
        return Demand(self.real * times, self.padded * times)


def demands(
    study: Study, step: str, wildcards: Mapping[str, str], expected_rows: ExpectedRows
) -> dict[str, Demand | None]:
    """Return what one job computes by task, None where the task's rows are unknown."""
    if step == "train_intermediate":
        return _intermediate(study, wildcards, expected_rows)
    if step == "fine_tune":
        name = wildcards["fine_tune"]
        rows = training_rows(study, name, "fine_tune", expected_rows)
        epochs = study.training(name, "fine_tune").epochs
        demand = None if rows is None else _trained(study, name, "fine_tune", rows, epochs)
        return {name: demand}
    if step == "pretrain_encoder":
        pretraining = study.encoder.pretraining
        return {MLM: _masked_text(study, pretraining.tokens) if pretraining else None}
    if step == "predict":
        target = wildcards["target"]
        rows = evaluation_rows(study, target, expected_rows)
        return {target: None if rows is None else _predicted(study, target, rows)}
    return {}


def _intermediate(
    study: Study, wildcards: Mapping[str, str], expected_rows: ExpectedRows
) -> dict[str, Demand | None]:
    name = wildcards["intermediate"]
    arm = study.arm(wildcards["arm"])
    parts = study.intermediate_parts(name)
    rows = {part: training_rows(study, part, "intermediate", expected_rows) for part in parts}
    known = {part: number for part, number in rows.items() if number is not None}
    steps = _steps(study, name, known)
    found: dict[str, Demand | None] = dict.fromkeys(parts)
    for part, number in known.items():
        passes = steps[part] / _batches(study, part, number)
        demand = _trained(study, part, "intermediate", number, passes)
        if arm.treatment.objective == "masked-lm":
            demand += _masked(study, demand.real.tokens)
        found[part] = demand
    if arm.mlm_share:
        masked_steps = round(sum(steps.values()) * arm.mlm_share / (1 - arm.mlm_share))
        found[MLM] = _masked_text(study, masked_steps * masking(study.config).batch_tokens)
    return found


def _steps(study: Study, intermediate: str, rows: Mapping[str, int]) -> dict[str, int]:
    """Return the steps of every task of an intermediate training whose rows are known."""
    settings = {part: study.training(part, "intermediate") for part in rows}
    epochs = {part: own.epochs for part, own in settings.items()}
    if intermediate != ALL:
        return {part: epochs[part] * _batches(study, part, rows[part]) for part in rows}
    batches = {part: own.batch_size for part, own in settings.items()}
    return multi_task_steps(rows, epochs, batches, multi_task(study.config).size_cap)


def _batches(study: Study, task: str, rows: int) -> int:
    return -(-rows // study.training(task, "intermediate").batch_size)


def _trained(study: Study, task: str, phase: Phase, rows: int, epochs: float) -> Demand:
    lengths = lengths_of(study.registry[task])
    return _demand(lengths, rows * epochs, study.training(task, phase).max_length)


def _predicted(study: Study, target: str, rows: int) -> Demand:
    """Sentences that are retrieved are taken as long as they are in both cases."""
    fine_tune, lengths = study.registry[target].fine_tune, lengths_of(study.registry[target])
    if fine_tune is None:
        real = _demand(lengths, rows, 0).real
        return Demand(real, real)
    return _demand(lengths, rows, study.training(fine_tune, "fine_tune").max_length)


def _masked_text(study: Study, tokens: int) -> Demand:
    mlm, lengths = masking(study.config), LENGTHS[MLM]
    demand = _demand(lengths, tokens / lengths.tokens, mlm.max_length)
    return demand + _masked(study, tokens)


def _masked(study: Study, tokens: float) -> Demand:
    """Return the scoring of the vocabulary for the masked ones among some tokens."""
    masked = Work(masked=tokens * masking(study.config).probability)
    return Demand(masked, masked)


def _demand(lengths: Lengths, rows: float, longest: int) -> Demand:
    real, padded = rows * lengths.tokens, rows * lengths.inputs * longest
    return Demand(Work(real, real * lengths.attended), Work(padded, padded * longest))
