"""Finds the scorer of a metric of the task registry by its name."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from polystilts.errors import PolystiltsError

_SCORERS = "polystilts.evaluation.scorers"


def load_scorer(metric: str) -> ModuleType:
    """Return the module that computes a metric: `measure(language, splits)`.

    Raises:
        PolystiltsError: there is no such metric.
    """
    name = f"{_SCORERS}.{metric}"
    if find_spec(name) is None:
        raise PolystiltsError(f"there is no scorer for the metric {metric!r}.")
    return import_module(name)
