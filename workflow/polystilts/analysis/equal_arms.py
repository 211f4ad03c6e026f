"""Whether the arms of a study differ in their text alone, as their trainings tell.

Arms of an intermediate training must have the same plan, steps, hyper-parameters, examples and
share of masked-LM steps; fine-tunes must have them in all arms of an intermediate, and but for the
plan, whose order is drawn anew for every intermediate, in the baseline too. Tokens, windows,
shortened inputs and seconds may differ, since switched text is longer: they are set into relation
to those of the English arm with the same share of masked-LM steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from polystilts.analysis.expected import BASELINE
from polystilts.analysis.trainings import MLM, Place, Training

_PLAN = "plan"
_STEPS = "steps"
_SHARE = "masked-LM share"
RATIOS = ("real_tokens", "processed_tokens", "inputs", "windows", "truncated", "seconds")
# how far from 1 the pieces of a control over those of its true switch may be
_TOLERANCE = 0.01
# control arm -> the arm that does the true switch
Controls = Mapping[str, str]


@dataclass(frozen=True)
class Findings:
    """What was found about the arms, one line each.

    Attributes:
        warnings: what should have been equal and is not.
        notes: what differs by the arm's own nature, what never reached a level that it was to be
            compared at, and controls longer or shorter than their true switch.
    """

    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def references(trainings: Sequence[Training], of_arm: Mapping[str, str]) -> dict[Place, Training]:
    """Return for every training the one that it is set against.

    Args:
        trainings: all of a study.
        of_arm: arm -> the arm that its trainings are set against, where that has such a training,
            else the first that has. A fine-tune that would be set against itself is set against
            the baseline's, so that all are compared with it.
    """
    groups: dict[tuple[object, ...], list[Training]] = {}
    for training in trainings:
        place = training.place
        shared = (place.encoder, place.seed, place.intermediate, place.fine_tune)
        groups.setdefault(shared, []).append(training)
    chosen: dict[Place, Training] = {}
    for (encoder, seed, _, fine_tune), group in groups.items():
        by_arm = {item.place.arm: item for item in group}
        baseline = groups.get((encoder, seed, BASELINE, fine_tune), [])
        for item in group:
            reference = by_arm.get(of_arm.get(item.place.arm, ""), group[0])
            own = reference is item
            chosen[item.place] = baseline[0] if own and baseline else reference
    return chosen


def equality(
    trainings: Sequence[Training], of_arm: Mapping[str, str], controls: Controls | None = None
) -> Findings:
    """Compare every training with its reference; see `references`."""
    warnings, notes = [], []
    chosen = references(trainings, of_arm)
    for training in trainings:
        reference = chosen[training.place]
        if training.objective != reference.objective:
            notes.append(
                f"{training.place}: trained on {training.objective}, {reference.place} on"
                f" {reference.objective}: by design of the arm"
            )
        handed_on = training.handed_on
        if handed_on is not None and handed_on.reached is False:
            notes.append(
                f"{training.place}: {handed_on.level:g} % on English dev was never reached; the "
                f"weights after its last step were handed on ({_accuracy(training)})"
            )
        if differing := differences(training, reference):
            warnings.append(f"{training.place}: differs from {reference.place} in {differing}")
    notes += _unequal_pieces(trainings, controls or {})
    return Findings(tuple(warnings), tuple(notes))


def _accuracy(training: Training) -> str:
    """Return the accuracy that a level is about: the mean over the tasks."""
    if not training.english_dev:
        return "no head was trained that could be examined"
    return f"{fmean(item.accuracy for item in training.english_dev):.1f} %"


def piece_ratios(trainings: Sequence[Training], controls: Controls) -> dict[Place, float]:
    """Return the pieces of each control's intermediate training over those of its true switch."""
    pieces = {item.place: item.real_tokens for item in trainings if not item.place.fine_tune}
    ratios = {}
    for place, own in pieces.items():
        true = pieces.get(replace(place, arm=controls.get(place.arm, "")))
        if true:
            ratios[place] = own / true
    return ratios


def _unequal_pieces(trainings: Sequence[Training], controls: Controls) -> Iterator[str]:
    rows: dict[tuple[str, str], list[float]] = {}
    for place, ratio in piece_ratios(trainings, controls).items():
        rows.setdefault((place.arm, place.intermediate), []).append(ratio)
    for (arm, intermediate), found in rows.items():
        if abs(fmean(found) - 1) > _TOLERANCE:
            yield (
                f"arm {arm}, intermediate {intermediate}: read ×{fmean(found):.3f} the pieces of"
                f" {controls[arm]}, whose control it is (mean over seeds; wanted 1.00 ± .01)"
            )


def ratios(training: Training, reference: Training) -> dict[str, float | None]:
    """Return the costs of a training over those of its reference; None where that has none."""
    found: dict[str, float | None] = {}
    for name in RATIOS:
        base = getattr(reference, name)
        found[name] = getattr(training, name) / base if base else None
    return found


def differences(training: Training, reference: Training) -> str:
    """Return what should be equal in two trainings and is not, with both values."""
    return "; ".join(_differences(training, reference))


def _differences(training: Training, reference: Training) -> Iterator[str]:
    own, other = _controlled(training), _controlled(reference)
    names = [*own, *(name for name in other if name not in own)]
    if training.objective != reference.objective:
        # masked text has settings of its own, which a training on labels alone does not need
        names = [name for name in names if name in own and name in other]
    if training.place.intermediate != reference.place.intermediate:
        names.remove(_PLAN)
    if own[_SHARE] != other[_SHARE]:
        names = [name for name in names if name != _STEPS and not _of_mlm(name)]
    for name in names:
        if own.get(name) != other.get(name):
            yield f"{name} ({_shown(own.get(name))}, there {_shown(other.get(name))})"


def _of_mlm(name: str) -> bool:
    return name.endswith(f" of {MLM}")


def _controlled(training: Training) -> Mapping[str, object]:
    """Return what must be equal in all arms, by name."""
    masked = dict(training.masked)
    share = masked.pop("share", 0) or 0
    return {
        _PLAN: training.plan,
        _STEPS: training.steps,
        **{f"steps of {name}": steps for name, steps in training.steps_per_stream.items()},
        **{f"examples of {name}": number for name, number in training.examples.items()},
        **training.settings,
        _SHARE: share,
        **{f"{name} of {MLM}": value for name, value in masked.items()},
    }


def _shown(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
