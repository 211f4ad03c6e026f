"""Which translations of training sets there are for a study's tasks, and which its arms use."""

from collections.abc import Iterator, Mapping

from polystilts.study.names import ALL, MINIATURE
from polystilts.study.study import Study
from polystilts.study.translations import TaskTranslations


def translations(study: Study) -> Mapping[str, tuple[list[str], list[str]]]:
    """Return, for every training task, the languages with and without a published translation.

    Languages are the study's without English; a task without any published translation has none.
    Tasks of a synthetic world are not listed.
    """
    if study.mirror == MINIATURE:
        return {}
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


def translated_arms(study: Study) -> Iterator[str]:
    """Yield lines that say what the study's arms of translations use."""
    for arm in study.config.study.arms:
        if study.arm(arm).treatment.step == "translate":
            for task in study.intermediate_tasks:
                found = study.translated(str(study.arm(arm).recipe), task)
                if found.there:
                    yield f"arm {arm}: {task}: {_used(found)}"
            if ALL in study.intermediates and study.left_out.get(arm):
                yield f"arm {arm}: tasks that are not translated stay English in `all`"


def _used(found: TaskTranslations) -> str:
    """Return the languages of each kind of translations, and those without."""
    parts = []
    for kind, own in (("own", True), ("published", False)):
        languages = [name for name, item in found.there.items() if item.own == own]
        if languages:
            parts.append(f"{kind} translations into {' '.join(languages)}")
    reasons: dict[str, list[str]] = {}
    for language, reason in found.missing.items():
        reasons.setdefault(reason, []).append(language)
    without = [f"not {' '.join(languages)}: {reason}" for reason, languages in reasons.items()]
    return "; ".join([*parts, *without])
