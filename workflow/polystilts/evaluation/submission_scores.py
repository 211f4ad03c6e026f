"""The scores of a submission, averaged as XTREME's evaluate.py does, and how complete they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from polystilts.errors import InputError, PolystiltsError
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement
from polystilts.evaluation.submission import TARGETS, Part, contents
from polystilts.evaluation.submission_measurements import measure
from polystilts.provenance.hashing import digest, file_digest

_GROUPS = {"span_qa": "qa"}
_WITHOUT_ENGLISH = "tydiqa"

Values = dict[str, float]
Measured = Mapping[Part, Sequence[Measurement]]


class Submission(NamedTuple):
    """The result as it is printed, and what is to be said beside it, a message each."""

    result: dict[str, Any]
    messages: list[str]


def score_submission(predictions: Path, labels: Path) -> Submission:
    """Score every task and language that both folders hold; all values are percentages.

    The result has, per task, XTREME's number as `score` with its `signature`, the metrics behind
    it, the same under `corrected` where a known defect of XTREME's rule is mended (None where that
    takes more than the submitted texts), and each language's own values. `score` of a task is the
    mean over its languages, `average` the mean over tasks; both are XTREME's where `complete` is
    true, and otherwise over what is there. `groups` are means over tasks that all are complete.
    A language that XTREME does not have for a task is `averaged: false`.

    Raises:
        PolystiltsError: files that cannot be scored, a line each, or nothing to score at all.
    """
    found = contents(predictions, labels)
    messages = [f"{path}: not XTREME's, skipped" for path in found.unknown]
    messages += [
        f"{part.predictions}: XTREME has no {part.language} for {part.task}; it is in no average"
        for part in found.parts
        if not part.averaged
    ]
    measured: dict[Part, list[Measurement]] = {}
    errors: list[str] = []
    for part in found.parts:
        try:
            measured[part] = measure(part, messages)
        except InputError as error:
            # XTREME would not even look at a language of ours
            (errors if part.averaged else messages).append(str(error))
    if errors:
        raise PolystiltsError("\n".join(errors))
    messages += _gaps(found.missing)
    if not measured:
        reason = f"nothing to score: no task of XTREME's has files in {predictions} and {labels}."
        raise PolystiltsError("\n".join([*messages, reason]))
    tasks = {
        name: _task(name, {p: rows for p, rows in measured.items() if p.task == name})
        for name in TARGETS
        if name not in found.missing
    }
    groups = _groups(tasks)
    result = {
        "tasks": tasks,
        "groups": groups,
        "average_of_groups": fmean(groups.values()) if len(groups) == len(_members()) else None,
        "average": fmean(task["score"] for task in tasks.values()),
        "complete": not found.missing,
        "missing": list(found.missing),
    }
    return Submission(result, messages)


def _gaps(missing: Mapping[str, str]) -> list[str]:
    """Return a message per task and reason, and what the gaps mean for the average."""
    gaps: dict[tuple[str, str], list[str]] = {}
    for name, why in missing.items():
        gaps.setdefault((name.partition("/")[0], why), []).append(name)
    messages = [f"missing: {', '.join(names)} ({why})" for (_, why), names in gaps.items()]
    if messages:
        messages.append("the averages are over what is there: they are not XTREME's numbers")
    return messages


def _task(name: str, measured: Measured) -> dict[str, Any]:
    averaged = {part: rows for part, rows in measured.items() if part.averaged}
    version = f"labels-{digest([file_digest(part.labels) for part in averaged])}"
    signatures = {
        (item.semantics, item.metric): "|".join((name, item.rule, item.semantics, version))
        for rows in averaged.values()
        for item in rows
    }
    languages = {part.language: _language(part, rows) for part, rows in measured.items()}
    published = [_published(rows) for rows in averaged.values()]
    result: dict[str, Any] = _means(published)
    if name == _WITHOUT_ENGLISH:
        others = [languages[p.language]["score"] for p in averaged if p.language != "en"]
        result["score_without_english"] = fmean(others) if others else None
    result["signature"] = signatures[XTREME, "score"]
    result["complete"] = len(averaged) == len(TARGETS[name].languages)
    result["corrected"] = None
    if (CORRECTED, "score") in signatures:
        means = _means([_values(rows, CORRECTED) for rows in averaged.values()])
        result["corrected"] = {**means, "signature": signatures[CORRECTED, "score"]}
    return {**result, "languages": languages}


def _language(part: Part, rows: Sequence[Measurement]) -> dict[str, Any]:
    values: dict[str, Any] = {**_published(rows), "corrected": _values(rows, CORRECTED) or None}
    return values if part.averaged else {**values, "averaged": False}


def _values(rows: Sequence[Measurement], semantics: str) -> Values:
    return {item.metric: item.value for item in rows if item.semantics == semantics}


def _published(rows: Sequence[Measurement]) -> Values:
    """Return XTREME's values, and beside them those that it does not have, like token accuracy."""
    return _values(rows, XTREME) | {
        metric: value
        for metric, value in _values(rows, CORRECTED).items()
        if metric not in _values(rows, XTREME)
    }


def _means(languages: Sequence[Values]) -> Values:
    return {name: fmean(values[name] for values in languages) for name in languages[0]}


def _members() -> dict[str, list[str]]:
    """Return XTREME's groups of tasks."""
    groups: dict[str, list[str]] = {}
    for name, task in TARGETS.items():
        groups.setdefault(_GROUPS.get(task.family, task.family), []).append(name)
    return groups


def _groups(tasks: Mapping[str, Mapping[str, Any]]) -> Values:
    return {
        group: fmean(tasks[name]["score"] for name in names)
        for group, names in _members().items()
        if all(name in tasks and tasks[name]["complete"] for name in names)
    }
