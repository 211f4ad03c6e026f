"""Whether a study whose names are all right can be computed at all."""

from polystilts.errors import ConfigError
from polystilts.study.study import ALL, Study
from polystilts.study.tasks import ENGLISH


def check(study: Study) -> None:
    """Find out before any job what would fail only when a rule asks for it.

    Raises:
        ConfigError: one line that names the key.
    """
    _check_selection(study)
    for arm in study.variants.values():
        if not study.recipe_languages(str(arm.recipe)):
            reason = "no language of the study has a dictionary for it"
            raise ConfigError(f"config: `recipes.{arm.recipe}`: {reason}")
    for task in study.tasks_used:
        try:
            list(study.prepared_splits(task))
        except ConfigError as error:
            raise ConfigError(f"config: `tasks.{task}`: {error}") from None


def _check_selection(study: Study) -> None:
    selection = study.config.study
    if ALL in selection.intermediates and not study.intermediate_tasks:
        reason = f"`{ALL}` mixes the other tasks of the list, and there are none"
        raise ConfigError(f"config: `study.intermediates`: {reason}")
    for position, target in enumerate(selection.targets):
        languages = set(study.languages(target))
        if study.registry[target].family == "retrieval":
            languages.discard(ENGLISH)
        if not languages:
            reason = f"`{target}` is in none of the study's languages"
            raise ConfigError(f"config: `study.targets[{position}]`: {reason}")
