"""Leak checks that the training text behind a score failed, and what that means for a reader.

Each corpus of switched text is checked for whether the switching tells what the model is to learn
(`codeswitch.leaks`); the results stand in its data sheet. A check that had nothing to measure has
not failed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.errors import InputError
from polystilts.provenance.manifest import read_manifest

ArmAndIntermediate = tuple[str, str]
Sheet = Mapping[str, Any]

COLUMN = "failed_checks"
_OLD = "An older version wrote it? Delete it and run again."
# by arm, intermediate and task: the corpus that the arm trains this task on
Corpora = Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True)
class FailedCheck:
    """A check that the training text of a task failed in an arm.

    Attributes:
        corpus: the folder of the corpus, `<recipe>/<task>`.
        intermediates: those of the arm that train on this text: the task itself, and `all`.
        figure: the number that decided and its limit, in words.
        meaning: what it means for the scores that rest on the text.
    """

    arm: str
    task: str
    check: str
    corpus: str
    intermediates: tuple[str, ...]
    figure: str
    meaning: str

    @property
    def place(self) -> str:
        """The arm and the task, in words."""
        return f"{self.arm} × {self.task}"


def by_place(checks: Iterable[FailedCheck]) -> str:
    """Return which checks failed where, e.g. `code-switched × mnli (label, overlap)`."""
    places: dict[str, dict[str, None]] = {}
    for item in checks:
        places.setdefault(item.place, {})[item.check] = None
    return "; ".join(f"{place} ({', '.join(names)})" for place, names in places.items())


@dataclass(frozen=True)
class FailedChecks:
    """The failed checks of a study."""

    checks: tuple[FailedCheck, ...] = ()

    def behind(self, *rows: ArmAndIntermediate) -> tuple[FailedCheck, ...]:
        """Return those that concern the scores of any of some (arm, intermediate)."""
        return tuple(
            item
            for item in self.checks
            if any(item.arm == arm and name in item.intermediates for arm, name in rows)
        )

    def column(self, table: pa.Table) -> pa.Array:
        """Return what `by_place` says for each row of a table with `arm` and `intermediate`."""
        rows = list(zip(*(table[n].to_pylist() for n in ("arm", "intermediate")), strict=True))
        texts = {row: by_place(self.behind(row)) for row in set(rows)}
        return pa.array([texts[row] for row in rows], pa.string())

    def facts(self) -> list[dict[str, Any]]:
        """Return them as they stand in `matrix.json`."""
        return [asdict(item) for item in self.checks]

    @classmethod
    def from_facts(cls, facts: Iterable[Mapping[str, Any]]) -> "FailedChecks":
        """Return what `facts` returned, read from JSON."""
        return cls(
            tuple(
                FailedCheck(**{**item, "intermediates": tuple(item["intermediates"])})
                for item in facts
            )
        )


NONE_FAILED = FailedChecks()


def read_failed_checks(sheet_of: Callable[[str, str], Path], corpora: Corpora) -> FailedChecks:
    """Return the failed checks of the corpora that a study's arms train on.

    Args:
        sheet_of: where the data sheet of a (corpus, task) lies.
        corpora: what each intermediate of each arm trains on.

    Raises:
        DamagedFileError: a sheet is missing or unreadable.
        InputError: a sheet has a check that is not known here, or lacks a figure.
    """
    found = []
    for arm, intermediates in corpora.items():
        resting: dict[tuple[str, str], list[str]] = {}
        for intermediate, tasks in intermediates.items():
            for task, corpus in tasks.items():
                resting.setdefault((corpus, task), []).append(intermediate)
        for (corpus, task), names in resting.items():
            for check, figure in _failed(sheet_of(corpus, task)):
                place = f"{corpus}/{task}"
                meaning = _CHECKS[check].meaning
                found.append(FailedCheck(arm, task, check, place, tuple(names), figure, meaning))
    return FailedChecks(tuple(found))


def _failed(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the figure of each check that failed."""
    facts = read_manifest(path)
    if "leaks" not in facts:
        raise InputError(path, "The data sheet of a switched corpus lacks `leaks`.", hint=_OLD)
    for check, sheet in facts["leaks"].items():
        if check not in _CHECKS:
            known = ", ".join(_CHECKS)
            raise InputError(path, f"no meaning is known of the leak check `{check}`; of {known}.")
        try:
            if sheet["passed"] is False:
                yield check, "; ".join(_CHECKS[check].figures(sheet))
        except KeyError as error:
            raise InputError(path, f"`leaks.{check}` lacks the field {error}.", hint=_OLD) from None


@dataclass(frozen=True)
class _Check:
    """How the sheet of a failed check is read: its figures, and their meaning."""

    meaning: str
    figures: Callable[[Sheet], Iterator[str]]


def _association(sheet: Sheet) -> Iterator[str]:
    strength, limit = sheet["given_length"]["cramers_v"], sheet["threshold"]["cramers_v"]
    yield f"Cramér's V given the length {strength:.3f} > {limit:g}"


def _correlation(sheet: Sheet) -> Iterator[str]:
    limit = sheet["threshold"]["correlation"]
    yield f"correlation of shared words before and after {sheet['correlation']:.3f} < {limit:g}"


def _areas_of_choices(sheet: Sheet) -> Iterator[str]:
    for name, words in (("auc", "AUC over all choices"), ("auc_of_items", "AUC within items")):
        yield from _area(words, sheet[name], sheet[f"{name}_error"], sheet["threshold"])


def _area_of_answers(sheet: Sheet) -> Iterator[str]:
    decided_by = sheet["decided_by"]
    words, area = f"AUC of {decided_by.replace('_', ' ')}", sheet[decided_by]
    yield from _area(words, area["auc"], area["auc_error"], sheet["threshold"])


def _area(words: str, value: float | None, error: float | None, threshold: Sheet) -> Iterator[str]:
    """Yield an AUC that is too far from chance; nothing of one that is not."""
    if value is not None and error is not None:
        margin = max(threshold["auc_margin"], threshold["standard_errors"] * error)
        if abs(value - 0.5) > margin:
            yield f"{words} {value:.3f}, not within 0.5 ± {margin:.3g}"


def _answerability(sheet: Sheet) -> Iterator[str]:
    for part in ("context", "question"):
        if sheet[part]["passed"] is False:
            for figure in _association(sheet[part]):
                yield f"{part}: {figure}"


def _information(sheet: Sheet) -> Iterator[str]:
    limit = sheet["threshold"]["information"]
    yield f"shared information {sheet['information']:.3f} > {limit:g}"


_CUE = "part of a gain may come from that cue"
_CHECKS: Mapping[str, _Check] = {
    "label": _Check(
        f"the label can partly be read from how much of a text is switched: {_CUE}",
        _association,
    ),
    "overlap": _Check(
        "switching changes which words two texts have in common, by which such a task can partly be"
        " solved in English: part of a difference to English training may come from that",
        _correlation,
    ),
    "choice": _Check(
        f"the right choice can partly be told by how much of each choice is switched: {_CUE}",
        _areas_of_choices,
    ),
    "answer_island": _Check(
        f"answers can partly be found by where the text around them is switched: {_CUE}",
        _area_of_answers,
    ),
    "answerability": _Check(
        "whether a question has an answer can partly be read from how much of it, or of its"
        f" context, is switched: {_CUE}",
        _answerability,
    ),
    "tag": _Check(
        f"the tag of a word can partly be read from the language that it is switched to: {_CUE}",
        _information,
    ),
}
