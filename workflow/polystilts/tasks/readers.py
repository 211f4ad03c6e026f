"""The reader that a record names, with its options checked."""

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from polystilts.errors import ConfigError
from polystilts.tasks.reader import Reader


def load_family(family: str) -> ModuleType:
    """Return the module that holds a task family's readers."""
    return import_module(f"polystilts.tasks.{family}")


def reader_of(family: ModuleType, split: Mapping[str, Any], place: str) -> Reader:
    """Return the reader of a split; `place` names it in errors.

    Raises:
        ConfigError: an unknown reader, or an option that it does not have.
    """
    name = split["reader"]
    if name not in family.READERS:
        known, kind = ", ".join(sorted(family.READERS)), family.__name__.rpartition(".")[2]
        raise ConfigError(f"{place}: no reader {name!r} for {kind}; known: {known}")
    known_options = family.OPTIONS.get(name, frozenset())
    for option in split["options"]:
        if option not in known_options:
            known = ", ".join(sorted(known_options)) or "none"
            raise ConfigError(f"{place}: reader {name!r} has no option {option!r}; known: {known}")
    reader: Reader = family.READERS[name]
    return reader
