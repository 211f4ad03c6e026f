"""From a raw mapping to a valid configuration, or one line that says what is wrong."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from polystilts.errors import ConfigError
from polystilts.study.config import Phases, StudyConfig, TaskSettings, Training
from polystilts.study.fields import NAME
from polystilts.study.recipe import Recipe
from polystilts.study.settings import MIXTURE_SETTINGS, OPTIMISATION
from polystilts.study.tasks import Task
from polystilts.study.variants import Variant, variant_of

_RESERVED = ("all", "none")
_SOURCES = "sources"  # results/sources/ is shared by all studies


def parse(
    raw: Mapping[str, Any], registry: Mapping[str, Task], dictionary_kinds: Iterable[str]
) -> StudyConfig:
    """Return the configuration, its names checked against each other and the task registry.

    Raises:
        ConfigError: the first thing that is wrong: the key, what is there, what would be right.
    """
    try:
        config = StudyConfig.model_validate(raw)
    except ValidationError as error:
        # an unknown key is often the reason for a missing one
        found = sorted(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
        raise ConfigError(_explain(found[0])) from None
    _check_names(config, registry)
    _require_all("sources.order", "kind of dictionary", config.sources.order, dictionary_kinds)
    _check_arms(config)
    _check_translations(config)
    _check_encoder(config)
    _check_selections(config)
    for name, neutral in config.defaults.tasks.items():
        _check_read(f"defaults.tasks.{name}", name, neutral, registry)
    for name, settings in config.tasks.items():
        _check_read(f"tasks.{name}", name, settings, registry)
    return config


def nearest(name: object, known: Iterable[str]) -> str:
    """Return a clause with the nearest known name, or with all names where none is near."""
    names = sorted(known)
    close = get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f"the nearest is `{close[0]}`" if close else f"known are {', '.join(names)}"


def _explain(error: ErrorDetails) -> str:
    location = [part for part in error["loc"] if part != "[key]"]
    key = ".".join(map(str, location))
    if error["type"] == "extra_forbidden":
        fields = _fields_at(location[:-1])
        return f"config: `{key}`: unknown key; {nearest(location[-1], fields)}"
    if error["type"] == "string_pattern_mismatch":
        return f"config: `{key}`: a name matches {NAME}, not `{error['input']}`"
    given = error["input"]
    if error["type"] == "missing":
        leans = location[0] == "study"
        hint = "; a study that leans on another one names that in `base`" if leans else ""
        return f"config: `{key}`: required{hint}"
    return f"config: `{key}`: {error['msg'][0].lower()}{error['msg'][1:]}, not {given!r}"


def _fields_at(location: list[int | str]) -> list[str]:
    """Return the keys that the model at a location takes."""
    model: type[BaseModel] = StudyConfig
    for part in location:
        field = model.model_fields.get(str(part))
        if field is None:
            continue  # the name of an entry in a mapping, or a list's index
        found = _model_in(field.annotation)
        if found is not None:
            model = found
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _require(key: str, what: str, name: object, known: Iterable[str]) -> None:
    names = list(known)
    if name not in names:
        raise ConfigError(f"config: `{key}`: unknown {what} `{name}`; {nearest(name, names)}")


def _require_all(key: str, what: str, names: Iterable[object], known: Iterable[str]) -> None:
    allowed = list(known)
    seen: set[object] = set()
    for position, name in enumerate(names):
        _require(f"{key}[{position}]", what, name, allowed)
        if name in seen:
            raise ConfigError(f"config: `{key}[{position}]`: `{name}` is listed twice")
        seen.add(name)


def _check_names(config: StudyConfig, registry: Mapping[str, Task]) -> None:
    study = config.study
    intermediates = [name for name, task in registry.items() if task.intermediate]
    targets = [name for name, task in registry.items() if task.target]
    languages = sorted({language for task in registry.values() for language in task.languages})
    if study.name == _SOURCES:
        raise ConfigError(f"config: `study.name`: `{_SOURCES}` is the folder all studies share")
    _require("study.encoder", "encoder", study.encoder, config.encoders)
    _require_all("study.arms", "arm", study.arms, config.arms)
    known = [*intermediates, *_RESERVED]
    _require_all("study.intermediates", "intermediate task", study.intermediates, known)
    _require_all("study.targets", "target task", study.targets, targets)
    _require_all("study.languages", "language", study.languages, languages)
    if len(set(study.seeds)) != len(study.seeds):
        raise ConfigError(f"config: `study.seeds`: a seed is listed twice in {study.seeds}")
    selections = study.selections
    _require_all("study.selections", "selection", selections, selections)
    if selections[0] == "oracle":
        reason = "`oracle` is an upper bound that has seen target languages: it cannot be the first"
        raise ConfigError(f"config: `study.selections[0]`: {reason}")
    if "en" not in study.languages:
        raise ConfigError("config: `study.languages`: `en` is missing; every study trains on it")
    if "none" in config.arms:
        raise ConfigError("config: `arms.none`: the name belongs to the baseline")
    for name in config.defaults.tasks:
        _require(f"defaults.tasks.{name}", "task", name, [*registry, "all"])
    for name, task in config.tasks.items():
        _require(f"tasks.{name}", "task", name, [*registry, "all"])
        _require_all(f"tasks.{name}.languages", "language", task.languages or [], languages)
        if name in registry:
            forms = ["original", *(form.name for form in registry[name].forms)]
            _require(f"tasks.{name}.form", "published form", task.form, forms)
    for language in config.sources.dictionaries:
        _require(f"sources.dictionaries.{language}", "language", language, languages)
    for name, recipe in config.recipes.items():
        _check_recipe(f"recipes.{name}", recipe, languages)


def _check_recipe(key: str, recipe: Recipe, languages: list[str]) -> None:
    """Check what the fields of a recipe say about each other."""
    wanted, weights = recipe.languages or languages, recipe.language_weights or {}
    _require_all(f"{key}.languages", "language", recipe.languages or [], languages)
    _require_all(f"{key}.held_out", "language", recipe.held_out, languages)
    _require_all(f"{key}.language_weights", "language", weights, languages)
    for name in ("units", "senses", "protect"):
        listed = getattr(recipe, name)
        _require_all(f"{key}.{name}", "value", listed, listed)
    if "task" in recipe.protect and len(recipe.protect) > 1:
        reason = "`task` stands alone: it is the list of classes that the task has"
        raise ConfigError(f"config: `{key}.protect`: {reason}")
    if recipe.stay and recipe.language_choice != "stay":
        raise ConfigError(f"config: `{key}.stay`: needs `language_choice: stay`")
    for language in recipe.held_out:
        if recipe.languages and language in recipe.languages:
            raise ConfigError(f"config: `{key}.held_out`: `{language}` is in `languages` too")
    for language in weights:
        if language in recipe.held_out or language not in wanted:
            place = f"{key}.language_weights.{language}"
            raise ConfigError(f"config: `{place}`: the recipe does not draw `{language}`")


def _check_arms(config: StudyConfig) -> None:
    for name in config.study.arms:
        arm = config.arms[name]
        takes_recipe = arm.treatment.takes_recipe
        if arm.recipe is not None and not takes_recipe:
            reason = f"`{arm.treatment}` text takes no recipe"
            raise ConfigError(f"config: `arms.{name}.recipe`: {reason}")
        if arm.recipe is None and takes_recipe:
            reason = f"`{arm.treatment}` needs one of {', '.join(sorted(config.recipes))}"
            raise ConfigError(f"config: `arms.{name}.recipe`: {reason}")
        if arm.recipe is not None:
            _require(f"arms.{name}.recipe", "recipe", arm.recipe, config.recipes)
    variants: dict[str, Variant] = {}
    for name in config.study.arms:
        variant = variant_of(config.arms[name])
        if variant and variants.setdefault(variant.name, variant) != variant:
            reason = f"its corpora would have the name `{variant.name}` of another arm's"
            raise ConfigError(f"config: `arms.{name}.recipe`: {reason}; rename the recipe")


def _check_translations(config: StudyConfig) -> None:
    pattern = config.sources.translations
    if pattern is not None and "{lang}" not in pattern:
        reason = f"a folder for every language, as `translations/{{lang}}`, not `{pattern}`"
        raise ConfigError(f"config: `sources.translations`: {reason}")


def _check_selections(config: StudyConfig) -> None:
    """A target's weights are chosen by `study.selections`, for all targets alike."""
    places = {
        "training.fine_tune": config.training.fine_tune,
        "defaults.training.fine_tune": config.defaults.training.fine_tune,
    }
    places |= {
        f"encoders.{name}.training.fine_tune": encoder.training.fine_tune
        for name, encoder in config.encoders.items()
    }
    places |= {f"tasks.{name}.fine_tune": task.fine_tune for name, task in config.tasks.items()}
    places |= {
        f"defaults.tasks.{name}.fine_tune": task.fine_tune
        for name, task in config.defaults.tasks.items()
    }
    for place, training in places.items():
        for key in ("selection", "english_dev_level"):
            if getattr(training, key) is not None:
                reason = "only an intermediate task has one; targets have `study.selections`"
                raise ConfigError(f"config: `{place}.{key}`: {reason}")


def _check_read(
    key: str, name: str, settings: Phases | TaskSettings, registry: Mapping[str, Task]
) -> None:
    """Settings of a training that does not exist would be read by nobody."""
    task = registry.get(name)  # None: `all`
    if set_keys := _set_keys(settings.intermediate):
        if task is not None and not task.intermediate:
            reason = f"`{name}` is no intermediate task"
            raise ConfigError(f"config: `{key}.intermediate`: {reason}")
        if task is None:
            for setting in set_keys:
                if setting not in MIXTURE_SETTINGS:
                    reason = f"`{name}` takes those of its tasks; set `tasks.<name>.intermediate`"
                    raise ConfigError(f"config: `{key}.intermediate.{setting}`: {reason}")
    if _set_keys(settings.fine_tune) and name not in {item.fine_tune for item in registry.values()}:
        reason = f"no target is fine-tuned on `{name}`"
        if task is not None and task.target:
            reason = f"`{name}` is not fine-tuned"
            if task.fine_tune:
                reason = f"`{name}` is fine-tuned on {task.fine_tune}; set "
                reason += f"`tasks.{task.fine_tune}.fine_tune`"
        raise ConfigError(f"config: `{key}.fine_tune`: {reason}")


def _set_keys(training: Training) -> list[str]:
    return [name for name, value in training if value is not None]


def _check_encoder(config: StudyConfig) -> None:
    name = config.study.encoder
    encoder = config.encoders[name]
    if encoder.source == "pretrain" and encoder.pretraining is None:
        raise ConfigError(f"config: `encoders.{name}.pretraining`: missing for source `pretrain`")
    for setting in _set_keys(encoder.pretraining.training) if encoder.pretraining else ():
        if setting not in OPTIMISATION:
            place = f"encoders.{name}.pretraining.training.{setting}"
            raise ConfigError(f"config: `{place}`: pretraining has no such setting")
