"""What the matrix and the report are told of a study: its selection, and what to compare."""

from polystilts.policies import Treatment
from polystilts.study.availability import not_available
from polystilts.study.names import NONE
from polystilts.study.records import Record, Wildcards
from polystilts.study.study import Study
from polystilts.study.tasks import XTREME


def reported(study: Study, wildcards: Wildcards) -> Record:
    selection = study.config.study
    return {
        "study": study.name,
        "world": "synthetic" if study.mirror == "miniature" else "real",
        "encoder": selection.encoder,
        "arms": list(selection.arms),
        "intermediates": [name for name in study.intermediates if name != NONE],
        "left_out": study.left_out,
        "not_available": list(not_available(study)),
        "corpora": labelled_corpora(study),
        "targets": list(selection.targets),
        "averaged_targets": [
            name for name in selection.targets if study.registry[name].benchmark == XTREME
        ],
        "languages": {target: study.languages(target) for target in selection.targets},
        "seeds": list(selection.seeds),
        "selections": list(selection.selections),
        "fine_tunes": {name: study.registry[name].fine_tune for name in selection.targets},
        "references": _references(study),
        "controls": _controls(study),
    }


def labelled_corpora(study: Study) -> dict[str, dict[str, dict[str, str]]]:
    """The switched corpus whose labels each arm and intermediate learns, by task.

    Absent are arms that are trained on English or on translations, where nothing is switched, and
    those on masked text alone: no label that the switching may tell is learned there.
    """
    found: dict[str, dict[str, dict[str, str]]] = {}
    for arm in study.config.study.arms:
        treatment = study.arm(arm).treatment
        if treatment.step != "code_switch" or treatment.objective != "task":
            continue
        for intermediate in study.intermediates:
            for task in study.intermediate_parts(intermediate) if intermediate != NONE else ():
                corpus = study.corpus(arm, task)
                if corpus is not None:
                    found.setdefault(arm, {}).setdefault(intermediate, {})[task] = corpus
    return found


def _references(study: Study) -> dict[str, str]:
    """Arm -> the arm that its trainings are set against: English with the same masked-LM share.

    Where the study has none, it is the first English arm, or the first arm.
    """
    arms = {name: study.arm(name) for name in study.config.study.arms}
    english = [name for name, arm in arms.items() if arm.treatment.step is None]
    by_share = {arms[name].mlm_share: name for name in reversed(english)}
    usual = [*english, *arms][0]
    return {name: by_share.get(arm.mlm_share, usual) for name, arm in arms.items()}


def _controls(study: Study) -> dict[str, str]:
    """Control arm -> the arm that it is a control of, with the same recipe and masked-LM share.

    Controls that write wrong words are meant; `identity` writes the English ones.
    """
    arms = {name: study.arm(name) for name in study.config.study.arms}
    first: dict[tuple[Treatment | None, str | None, float], str] = {}
    for name, arm in arms.items():
        first.setdefault((arm.treatment, arm.recipe, arm.mlm_share), name)
    controlled = {
        name: first.get((arm.treatment.control_of, arm.recipe, arm.mlm_share))
        for name, arm in arms.items()
    }
    return {name: arm for name, arm in controlled.items() if arm is not None}
