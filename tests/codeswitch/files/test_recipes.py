"""Recipes from files and options; dictionaries from options and folders."""

from pathlib import Path

import pytest

from codeswitch.files.samples import write_dictionaries
from polystilts.codeswitch.files.dictionaries import (
    lexicons_for,
    parse_dictionaries,
    read_dictionaries,
)
from polystilts.codeswitch.files.recipes import load_recipe
from polystilts.codeswitch.files.switching import Copy, copies_of
from polystilts.codeswitch.recipe import Recipe
from polystilts.errors import ConfigError, InputError


def test_without_a_file_the_defaults_hold() -> None:
    assert load_recipe(None, None, {"seed": 3}) == Recipe(rate=0.3, seed=3)


@pytest.mark.parametrize(
    "content", ["rate: 0.5\nprotect: []\nseed: 2\n", '{"rate": 0.5, "protect": [], "seed": 2}']
)
def test_a_file_and_what_wins_over_it(content: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe"
    path.write_text(content)
    assert load_recipe(path, None, {}) == Recipe(rate=0.5, protect=(), seed=2)
    assert load_recipe(path, None, {"rate": 0.1}) == Recipe(rate=0.1, protect=(), seed=2)


def test_a_recipe_of_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("study: {name: x}\nrecipes:\n  light: {rate: 0.1}\n  heavy: {rate: 0.9}\n")
    assert load_recipe(path, "heavy", {}) == Recipe(rate=0.9)
    with pytest.raises(ConfigError, match="say which recipe with --recipe-name: light, heavy"):
        load_recipe(path, None, {})
    with pytest.raises(ConfigError, match="no recipe `hevy`; the nearest is `heavy`"):
        load_recipe(path, "hevy", {})


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ("rate: 0.5\nprotct: []\n", None, "unknown key `protct`; did you mean `protect`"),
        ("rate: 7\n", None, "`rate` is a share"),
        ("- rate\n", None, "not a mapping of keys to values"),
        ("rate: [", None, "not readable YAML"),
        ("rate: 0.5\n", "x", "it has no `recipes`"),
        ("recipes: 3\n", None, "is a mapping of names"),
    ],
)
def test_recipes_that_are_refused(
    content: str, name: str | None, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=reason) as error:
        load_recipe(path, name, {})
    assert str(error.value).startswith(f"{path}: ")


def test_copies_of_a_recipe() -> None:
    assert copies_of(Recipe(rate=0.3)) == [Copy(0, 0)]
    assert copies_of(Recipe(rate=0.3, copies=2)) == [Copy(0, 0), Copy(1, 1)]
    appended = Recipe(rate=0.3, copies=2, clean_copy="append")
    assert copies_of(appended) == [Copy(0, None), Copy(1, 0), Copy(2, 1)]


def test_dictionaries_are_named_with_their_language(tmp_path: Path) -> None:
    file = write_dictionaries(tmp_path)["de"]
    assert parse_dictionaries([f"de={file}"]) == {"de": file}
    for options, reason in (
        (["de"], "takes LANGUAGE=FILE"),
        ([f"={file}"], "takes LANGUAGE=FILE"),
        ([f"de={file}", f"de={file}"], "two files for de"),
        (["de=nothing.txt"], "nothing.txt is not there"),
    ):
        with pytest.raises(ConfigError, match=reason):
            parse_dictionaries(options)


def test_dictionaries_that_are_refused(tmp_path: Path) -> None:
    file = write_dictionaries(tmp_path)["de"]
    (tmp_path / "self.txt").write_text("paris paris\nlondon london\n")
    for language, path, reason in (
        ("en", file, "English is what is translated from"),
        ("German", file, "no code of a language"),
        ("de", tmp_path / "self.txt", "self.txt"),
    ):
        with pytest.raises(InputError, match=reason):
            read_dictionaries({language: path}, Recipe(rate=0.3))


def test_words_translated_by_themselves_are_read_for_a_recipe_that_draws_them(
    tmp_path: Path,
) -> None:
    file = tmp_path / "de.txt"
    file.write_text("hotel hotel\ndog Hund\n")
    for keep_self, sources in ((False, ["dog"]), (True, ["hotel", "dog"])):
        recipe = Recipe(rate=0.3, keep_self=keep_self)
        table = read_dictionaries({"de": file}, recipe).tables["de"]
        assert table["source"].to_pylist() == sources


def test_lexicons_of_a_folder(tmp_path: Path) -> None:
    for name in ("de.parquet", "sw.parquet", "notes.parquet", "de.json"):
        (tmp_path / name).touch()
    found = lexicons_for(tmp_path, Recipe(rate=0.3, held_out=("sw",)))
    assert found == {"de": tmp_path / "de.parquet"}
    with pytest.raises(ConfigError, match="no lexicon of fr, which the recipe names"):
        lexicons_for(tmp_path, Recipe(rate=0.3, languages=("de", "fr")))
    with pytest.raises(ConfigError, match="is not a folder"):
        lexicons_for(tmp_path / "none", Recipe(rate=0.3))
