"""Whether the arms of a study differ in their text alone, as their trainings tell.

Arms of an intermediate training must have the same plan, steps, hyper-parameters, examples and
share of masked-LM steps; fine-tunes must have them over all arms and intermediates, the baseline
included. Tokens, windows, shortened inputs and seconds may differ, since switched text is longer:
they are set into relation to one arm's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from polystilts.analysis.expected import BASELINE
from polystilts.analysis.trainings import MLM, Place, Training

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
        notes: what differs by the arm's own nature, and controls longer or shorter than their true
            switch.
    """

    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def references(trainings: Sequence[Training], arm: str) -> dict[Place, Training]:
    """Return for every training the one that it is set against.

    Args:
        trainings: all of a study.
        arm: the arm that intermediate trainings are set against, where it has such a training,
            else the first that has. Fine-tunes are set against the baseline's, likewise.
    """
    groups: dict[tuple[object, ...], list[Training]] = {}
    for training in trainings:
        place = training.place
        shared = (place.fine_tune,) if place.fine_tune else (None, place.intermediate)
        groups.setdefault((place.encoder, place.seed, *shared), []).append(training)
    chosen: dict[Place, Training] = {}
    for group in groups.values():
        wanted = BASELINE if group[0].place.fine_tune else arm
        reference = next((item for item in group if item.place.arm == wanted), group[0])
        chosen |= {item.place: reference for item in group}
    return chosen


def equality(trainings: Sequence[Training], arm: str, controls: Controls | None = None) -> Findings:
    """Compare every training with its reference; see `references`."""
    warnings, notes = [], []
    chosen = references(trainings, arm)
    for training in trainings:
        reference = chosen[training.place]
        if training.objective != reference.objective:
            notes.append(
                f"{training.place}: trained on {training.objective}, {reference.place} on"
                f" {reference.objective}: by design of the arm"
            )
        if differing := differences(training, reference):
            warnings.append(f"{training.place}: differs from {reference.place} in {differing}")
    notes += _unequal_pieces(trainings, controls or {})
    return Findings(tuple(warnings), tuple(notes))


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
        "plan": training.plan,
        _STEPS: training.steps,
        **{f"steps of {name}": steps for name, steps in training.steps_per_stream.items()},
        **{f"examples of {name}": number for name, number in training.examples.items()},
        **training.settings,
        _SHARE: share,
        **{f"{name} of {MLM}": value for name, value in masked.items()},
    }


def _shown(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
