"""Errors come back from worker processes as they were raised."""

import copy
import pickle
from pathlib import Path

import pytest

from polystilts import errors
from polystilts.errors import InputError, PolystiltsError
from polystilts.sources.download import GoneError

CLASSES = [
    *(kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not Path),
    GoneError,
]
WHOLE = [
    kind(f"what a {kind.__name__} says") for kind in CLASSES if not issubclass(kind, InputError)
]
PLACED = [
    kind(place, "holds no rows.", line, hint)
    for kind in CLASSES
    if issubclass(kind, InputError)
    for place in (Path("a/b.csv"), "https://example.org/b.csv")
    for line in (None, 3)
    for hint in (None, "Get it again.")
]


def test_every_class_is_among_them() -> None:
    assert {"PolystiltsError", "ConfigError", "InputError", "DamagedFileError"} <= {
        kind.__name__ for kind in CLASSES
    }
    assert all(issubclass(kind, PolystiltsError) for kind in CLASSES)


@pytest.mark.parametrize("error", [*WHOLE, *PLACED], ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: PolystiltsError) -> None:
    copies = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(6)]
    for made in (*copies, copy.copy(error), copy.deepcopy(error)):
        assert type(made) is type(error)
        assert str(made) == str(error)
        assert made.args == error.args
        assert vars(made) == vars(error)


def test_an_error_of_a_file_says_where_and_what_to_do() -> None:
    error = InputError("https://example.org/b.csv", "holds no rows.", line=3, hint="Get it again.")
    assert str(error) == "https://example.org/b.csv:3: holds no rows. Get it again."
    assert (error.reason, error.line, error.hint) == ("holds no rows.", 3, "Get it again.")
    assert str(InputError(Path("b.csv"), "holds no rows.")) == "b.csv: holds no rows."
