"""The ids of examples, checked where file and line are known."""

from pathlib import Path

from polystilts.errors import InputError


def identifier_of(value: object, path: Path, where: str, line: int | None = None) -> str:
    """Return an example's id as a string; `where` says what holds it.

    Raises:
        InputError: it is neither a string nor a whole number, or it is blank.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        reason = f"the id of {where} is {value!r}, expected a string or a whole number."
        raise InputError(path, reason, line)
    if not str(value).strip():
        raise InputError(path, f"the id of {where} is empty.", line, "Is the file complete?")
    return str(value)
