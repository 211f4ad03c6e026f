"""What all readers of multiple-choice files share: the index of the label, the row itself."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.tasks.reader import Row


def index_of(path: Path, number: int, raw: object, choices: int) -> int:
    """Return a label as the index of a choice; it may be a number or a string of it.

    Raises:
        InputError: it is neither, or there are fewer choices.
    """
    places = [str(place) for place in range(choices)]
    text = str(raw).strip()
    if text not in places:
        reason = f"label {raw!r} is not the index of one of {choices} choices."
        hint = "Test files have no labels: use the training and validation files."
        raise InputError(path, reason, number, hint)
    return places.index(text)


def same_width(
    path: Path, number: int, choices: Sequence[str], width: int | None, counts: Counter[str]
) -> int:
    """Return the number of choices, which is that of the file's earlier items (`width`).

    Raises:
        InputError: it is not, or there are fewer than two; blank choices are counted.
    """
    if len(choices) < 2 or (width is not None and len(choices) != width):
        expected = "at least 2" if width is None else f"{width}, as before"
        raise InputError(path, f"{len(choices)} choices, expected {expected}.", number)
    counts["blank choices kept"] += sum(not choice.strip() for choice in choices)
    return len(choices)


def choice_row(
    identifier: str,
    group: str,
    context: str,
    question: str | None,
    choices: list[str],
    label: int,
    counts: Counter[str],
) -> Row:
    """Return the canonical row of an item; blank texts are counted."""
    texts = [context] if question is None else [context, question]
    counts["blank texts kept"] += sum(not text.strip() for text in texts)
    return {
        "id": identifier,
        "group": group,
        "context": context.strip(),
        "question": None if question is None else question.strip(),
        "choices": choices,
        "label": label,
    }


def hellaswag_row(
    path: Path,
    number: int,
    identity: tuple[str, str],
    texts: tuple[str, str],
    endings: Sequence[str],
    raw: object,
    counts: Counter[str],
) -> Row:
    """Return a row of HellaSwag: id and source; the context and the sentence that is begun.

    A choice is the begun sentence with an ending (the split that jiant makes).
    """
    context, begun = texts
    choices = [f"{begun} {ending}".strip() for ending in endings]
    label = index_of(path, number, raw, len(choices))
    return choice_row(*identity, context, None, choices, label, counts)
