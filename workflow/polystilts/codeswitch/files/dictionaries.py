"""The dictionaries a user names: one file a language, or a folder of a study's lexicons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.direct import lexicons_in, read_dictionary
from polystilts.lexicon.gate import GatePolicy

_ENGLISH = "en"


@dataclass(frozen=True)
class Dictionaries:
    """Tables of translations by language, and what is known about the files they are from."""

    tables: dict[str, pa.Table]
    facts: dict[str, Mapping[str, Any]]


def read_dictionaries(files: Mapping[str, Path], recipe: Recipe) -> Dictionaries:
    """Read one dictionary a language; words translated by themselves only if a recipe draws them.

    Raises:
        InputError: a file cannot be read as a dictionary of its language, or holds no usable pair.
        ConfigError: there is none.
    """
    if not files:
        raise ConfigError("no dictionary: give --dictionary LANGUAGE=FILE, or --lexicons")
    gate = GatePolicy(self_pairs="keep" if recipe.keep_self else "drop")
    read = {}
    for language, path in files.items():
        if language == _ENGLISH:
            reason = "read as `en`, but English is what is translated from."
            raise InputError(path, reason, hint="Give the code of the other language.")
        read[language] = read_dictionary(path, language, gate)
        if not read[language].table.num_rows:
            raise InputError(path, "no usable pair in it.", hint="Is it the right file?")
    return Dictionaries(
        {language: direct.table for language, direct in read.items()},
        {language: direct.facts for language, direct in read.items()},
    )


def lexicons_for(folder: Path, recipe: Recipe) -> dict[str, Path]:
    """Return the lexicons in a folder that a recipe may draw from.

    Raises:
        ConfigError: the folder is not there, or lacks a language that the recipe names.
        InputError: it holds no lexicons.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    found = lexicons_in(folder)
    wanted = found if recipe.languages is None else recipe.languages
    named = recipe.held_out if recipe.languages is None else recipe.languages
    missing = [language for language in named if language not in found]
    if missing:
        raise ConfigError(f"{folder}: no lexicon of {', '.join(missing)}, which the recipe names")
    return {language: found[language] for language in wanted if language not in recipe.held_out}


def naming_languages(recipe: Recipe, languages: Iterable[str]) -> Recipe:
    """Return a recipe that names these languages, if it only says which ones are held out.

    Those held out then need no dictionary.
    """
    if recipe.languages is not None or not recipe.held_out:
        return recipe
    return replace(recipe, languages=tuple(languages))


def parse_dictionaries(options: list[str]) -> dict[str, Path]:
    """Return language -> file of options `LANGUAGE=FILE`.

    Raises:
        ConfigError: an option is not of this form, a language stands twice, or no such file.
    """
    files: dict[str, Path] = {}
    for option in options:
        language, equals, file = option.partition("=")
        if not equals or not language or not file:
            raise ConfigError(f"--dictionary takes LANGUAGE=FILE, such as de=en-de.txt: {option}")
        if language in files:
            raise ConfigError(
                f"--dictionary: two files for {language}; a study's `sources.dictionaries` joins "
                "several into one lexicon (--lexicons)"
            )
        if not Path(file).exists():
            raise ConfigError(f"--dictionary {language}: {file} is not there")
        files[language] = Path(file)
    return files
