"""The recipe of a file: YAML or JSON of its own, or one of a study's configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import ConfigError
from polystilts.study.layers import read
from polystilts.study.validation import nearest

RATE = 0.3
_RECIPES = "recipes"


def load_recipe(path: Path | None, name: str | None, over: Mapping[str, Any]) -> Recipe:
    """Return the recipe in a file, with the values of `over` in place of its own.

    Args:
        path: a mapping of a recipe's keys, or a configuration whose `recipes` hold some; None: the
            recipe's defaults, at rate 0.3.
        name: which of the `recipes`; None where the file holds one alone.
        over: keys that were given apart from the file.

    Raises:
        ConfigError: the file is not there or not readable, has no such recipe, or a key or value of
            it is wrong.
    """
    if path is None:
        if name is not None:
            raise ConfigError("--recipe-name needs a --recipe that it is the name in")
        return Recipe.from_mapping({"rate": RATE, **over})
    values: Mapping[str, Any] = read(path)
    if _RECIPES in values:
        values = _chosen(values[_RECIPES], path, name)
    elif name is not None:
        raise ConfigError(f"{path}: --recipe-name {name}, but it has no `{_RECIPES}`")
    try:
        return Recipe.from_mapping({**values, **over})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _chosen(recipes: Any, path: Path, name: str | None) -> Mapping[str, Any]:
    if not isinstance(recipes, dict) or not recipes:
        raise ConfigError(f"{path}: `{_RECIPES}` is a mapping of names to recipes")
    if name is None and len(recipes) > 1:
        listed = ", ".join(map(str, recipes))
        raise ConfigError(f"{path}: say which recipe with --recipe-name: {listed}")
    chosen = next(iter(recipes)) if name is None else name
    if chosen not in recipes:
        raise ConfigError(f"{path}: no recipe `{chosen}`; {nearest(chosen, map(str, recipes))}")
    values = recipes[chosen]
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: the recipe `{chosen}` is no mapping")
    return values
