"""Which published translations of training sets exist for a study's tasks and languages."""

from collections.abc import Mapping

from polystilts.study.study import Study


def translations(study: Study) -> Mapping[str, tuple[list[str], list[str]]]:
    """Return, for every training task of a study, the languages translated and not translated.

    Languages are the study's without English; a task without any published translation has none.
    """
    languages = [name for name in study.config.study.languages if name != "en"]
    found = {}
    for task in study.intermediate_tasks:
        splits = study.registry[task].translations
        known = {
            language
            for split in splits
            for language in (split.languages or study.registry[task].languages)
        }
        there = [language for language in languages if language in known]
        found[task] = (there, [language for language in languages if language not in known])
    return found
