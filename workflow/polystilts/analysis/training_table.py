"""The table of a study's trainings, one row each."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from polystilts.analysis.equal_arms import (
    RATIOS,
    Controls,
    differences,
    piece_ratios,
    ratios,
    references,
)
from polystilts.analysis.failed_checks import COLUMN, NONE_FAILED, FailedChecks
from polystilts.analysis.trainings import Training

_EXAMINATION = pa.struct(
    [
        ("task", pa.string()),
        ("accuracy", pa.float64()),
        ("n", pa.int64()),
        ("chance", pa.float64()),
        ("collapsed", pa.bool_()),
    ]
)
_RATIO = "{}_ratio"
TRAINING_SCHEMA = pa.schema(
    [
        ("encoder", pa.string()),
        ("arm", pa.string()),
        ("intermediate", pa.string()),
        ("fine_tune", pa.string()),
        ("seed", pa.int64()),
        ("objective", pa.string()),
        ("steps", pa.int64()),
        ("steps_per_stream", pa.map_(pa.string(), pa.int64())),
        ("examples", pa.float64()),
        ("inputs", pa.float64()),
        ("windows", pa.float64()),
        ("truncated", pa.float64()),
        ("real_tokens", pa.int64()),
        ("processed_tokens", pa.int64()),
        ("seconds", pa.float64()),
        ("computed_in", pa.string()),
        ("english_dev", pa.list_(_EXAMINATION)),
        # of intermediate trainings: which weights go on, and whether they reached a set accuracy
        ("selection", pa.string()),
        ("selected_step", pa.int64()),
        ("english_dev_level", pa.float64()),
        ("level_reached", pa.bool_()),
        ("plan", pa.string()),
        ("hyper_parameters", pa.string()),
        ("key", pa.string()),
        # the training it is set against, what of it should be equal and is not, and its costs over
        # those of the other
        ("reference_arm", pa.string()),
        ("reference_intermediate", pa.string()),
        ("differs_in", pa.string()),
        *((_RATIO.format(name), pa.float64()) for name in RATIOS),
        # of a control alone: its pieces over those of the true switch
        ("real_tokens_over_true_switch", pa.float64()),
        # the leak checks that the text of its arm and intermediate failed
        (COLUMN, pa.string()),
    ]
)


def training_table(
    trainings: Sequence[Training],
    of_arm: Mapping[str, str],
    controls: Controls | None = None,
    failed: FailedChecks = NONE_FAILED,
) -> pa.Table:
    """Return one row per training, in the order given; `of_arm` as in `references`.

    `examples`, `inputs`, `windows` and `truncated` are of one pass over all tasks, the mean over
    the copies of a corpus; an empty `fine_tune` marks an intermediate training.
    """
    chosen = references(trainings, of_arm)
    over_true = piece_ratios(trainings, controls or {})
    rows = []
    for training in trainings:
        place, reference = training.place, chosen[training.place]
        own = (
            *("objective", "steps", "inputs", "windows", "truncated", "real_tokens"),
            *("processed_tokens", "seconds", "computed_in", "plan", "hyper_parameters", "key"),
        )
        handed_on = training.handed_on
        rows.append(
            {
                **vars(place),
                **{name: getattr(training, name) for name in own},
                "steps_per_stream": list(training.steps_per_stream.items()),
                "examples": sum(training.examples.values()),
                "english_dev": [vars(item) for item in training.english_dev],
                "selection": handed_on.selection if handed_on else None,
                "selected_step": handed_on.step if handed_on else None,
                "english_dev_level": handed_on.level if handed_on else None,
                "level_reached": handed_on.reached if handed_on else None,
                "reference_arm": reference.place.arm,
                "reference_intermediate": reference.place.intermediate,
                "differs_in": differences(training, reference),
                **{
                    _RATIO.format(name): value
                    for name, value in ratios(training, reference).items()
                },
                "real_tokens_over_true_switch": over_true.get(place),
            }
        )
    table = pa.Table.from_pylist(rows, schema=TRAINING_SCHEMA)
    place = TRAINING_SCHEMA.get_field_index(COLUMN)
    return table.set_column(place, TRAINING_SCHEMA.field(COLUMN), failed.column(table))
