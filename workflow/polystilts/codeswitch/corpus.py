"""Switching of a whole table of canonical rows, copy by copy, with its data sheet."""

import importlib
import multiprocessing
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any, Literal, get_args

import pyarrow as pa

from polystilts.codeswitch.dictionary import (
    Dictionary,
    Lexicon,
    Targets,
    chosen_languages,
    compile_dictionary,
    normal_targets,
)
from polystilts.codeswitch.engine import Engine
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.sheet import (
    CopyTally,
    count_entries,
    language_sheet,
    share,
    warnings,
)
from polystilts.codeswitch.shuffled import derange
from polystilts.errors import PolystiltsError

Treatment = Literal["code-switched", "shuffled-dictionary"]


@dataclass(frozen=True, slots=True)
class _Copy:
    columns: dict[str, list[Any]]
    switched: list[int]
    words: list[int]
    tally: CopyTally
    seen: Counter[str]


def switch_table(
    table: pa.Table,
    family: str,
    dataset: str,
    lexicon: Lexicon,
    recipe: Recipe,
    treatment: Treatment = "code-switched",
    workers: int = 1,
) -> tuple[pa.Table, dict[str, Any]]:
    """Return the switched rows of every copy, and their data sheet.

    Args:
        table: canonical rows of the family.
        family: name of a module in `polystilts.codeswitch.families`.
        dataset: name of the data set; it enters every decision.
        lexicon: translations by language code and English word, in the order of the dictionary.
        recipe: what is switched and how.
        treatment: `code-switched`, or the control `shuffled-dictionary` with the same switches and
            the wrong words.
        workers: number of processes; the result does not depend on it.

    Returns:
        The table, copy by copy in the order of the rows, with the columns `copy` (int32),
        `switched` and `words` (int32, of all texts of the row); and the sheet, ready for JSON.

    Raises:
        PolystiltsError: the family cannot be switched, a column or a lexicon is missing, or no word
            of the text has a usable translation.
    """
    if treatment not in get_args(Treatment):
        known = ", ".join(get_args(Treatment))
        raise PolystiltsError(f"unknown treatment `{treatment}`; known are {known}.")
    module = _family(family)
    _check_columns(table, family, ("id", "group", *module.COLUMNS))
    languages = chosen_languages(lexicon, recipe)
    normal = {language: normal_targets(lexicon[language]) for language in languages}
    targets = {language: listed for language, (listed, _) in normal.items()}
    wrong, control = _wrong(targets, recipe) if treatment == "shuffled-dictionary" else (None, None)
    dictionary = compile_dictionary(
        targets,
        recipe,
        single_words=module.SINGLE_WORDS,
        wrong=wrong,
        repaired={language: changed for language, (_, changed) in normal.items()},
    )
    copies = _switch(table, family, dataset, dictionary, recipe, workers)
    sheet = _sheet(copies, dictionary)
    if sheet["words"] and not sheet["coverage"]:
        raise PolystiltsError(
            f"{dataset}: none of its {sheet['words']} words has a usable translation into "
            f"{', '.join(languages)}; the corpus would be plain English. Check the lexicons."
        )
    facts = {
        "dataset": dataset,
        "family": family,
        "treatment": treatment,
        "recipe": asdict(recipe),
        "shuffled_dictionary": control,
    }
    return _table(table, copies), {**facts, **sheet}


def _family(family: str) -> ModuleType:
    name = f"{__package__}.families.{family}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise PolystiltsError(f"rows of the family `{family}` cannot be code-switched.") from None


def _check_columns(table: pa.Table, family: str, columns: tuple[str, ...]) -> None:
    for name in columns:
        if name not in table.column_names:
            raise PolystiltsError(
                f"{family} rows need the column `{name}`; the table has "
                f"{', '.join(table.column_names)}. Prepare the task again."
            )


def _wrong(
    targets: Mapping[str, Targets], recipe: Recipe
) -> tuple[dict[str, Targets], dict[str, Any]]:
    wrong: dict[str, Targets] = {}
    control: dict[str, Any] = {}
    for language, listed in targets.items():
        shuffled = derange(listed, language, recipe.seed)
        wrong[language] = shuffled.targets
        control[language] = {
            "translations": shuffled.translations,
            "kept_translations": shuffled.kept,
            "left_their_band": shuffled.borrowed,
            "doubled": shuffled.doubled,
        }
    return wrong, control


def _switch(
    table: pa.Table,
    family: str,
    dataset: str,
    dictionary: Dictionary,
    recipe: Recipe,
    workers: int,
) -> list[_Copy]:
    if workers <= 1 or table.num_rows < 2:
        return _switch_shard(table, family, dataset, dictionary, recipe)
    shards = _shards(table["group"].to_pylist(), workers)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        futures = [
            pool.submit(_switch_shard, table.take(rows), family, dataset, dictionary, recipe)
            for rows in shards
        ]
        results = [future.result() for future in futures]
    return [_joined(shards, [result[copy] for result in results]) for copy in range(recipe.copies)]


def _shards(groups: list[str], workers: int) -> list[list[int]]:
    """Return row numbers per worker; the rows of a group stay together and in order."""
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    size = -(-len(groups) // workers)
    shards: list[list[int]] = [[]]
    for members in rows.values():
        if len(shards[-1]) >= size:
            shards.append([])
        shards[-1].extend(members)
    return shards


def _switch_shard(
    table: pa.Table, family: str, dataset: str, dictionary: Dictionary, recipe: Recipe
) -> list[_Copy]:
    module = _family(family)
    engine = Engine(dictionary, recipe)
    copies = []
    for copy in range(recipe.copies):
        result = _Copy({name: [] for name in module.COLUMNS}, [], [], CopyTally(), Counter())
        for values, parts in module.switch_rows(table, engine, dataset, copy):
            for name, value in values.items():
                result.columns[name].append(value)
            switched, words = result.tally.add(parts)
            result.switched.append(switched)
            result.words.append(words)
            if copy == 0:
                result.seen.update(count_entries(parts))
        copies.append(result)
    return copies


def _joined(shards: list[list[int]], parts: list[_Copy]) -> _Copy:
    """Return one copy from its shards, its rows back in the order of the table."""
    places = [row for rows in shards for row in rows]
    order = sorted(range(len(places)), key=places.__getitem__)

    def join(lists: list[list[Any]]) -> list[Any]:
        joined = [value for values in lists for value in values]
        return [joined[place] for place in order]

    tally, seen = CopyTally(), Counter[str]()
    for part in parts:
        tally.merge(part.tally)
        seen.update(part.seen)
    return _Copy(
        {name: join([part.columns[name] for part in parts]) for name in parts[0].columns},
        join([part.switched for part in parts]),
        join([part.words for part in parts]),
        tally,
        seen,
    )


def _table(table: pa.Table, copies: list[_Copy]) -> pa.Table:
    tables = []
    for number, copy in enumerate(copies):
        switched = table
        for name, values in copy.columns.items():
            place = table.schema.get_field_index(name)
            field = table.schema.field(place)
            switched = switched.set_column(place, field, pa.array(values, field.type))
        counts = {"copy": [number] * table.num_rows, "switched": copy.switched, "words": copy.words}
        for name, values in counts.items():
            switched = switched.append_column(name, pa.array(values, pa.int32()))
        tables.append(switched)
    return pa.concat_tables(tables)


def _sheet(copies: list[_Copy], dictionary: Dictionary) -> dict[str, Any]:
    total = CopyTally()
    for copy in copies:
        total.merge(copy.tally)
    seen, words = copies[0].seen, copies[0].tally.words
    languages = language_sheet(dictionary, seen, words, total.languages)
    usable = sum(count for source, count in seen.items() if dictionary.entries[source].languages)
    return {
        **total.sheet(),
        "copies": [copy.tally.sheet() for copy in copies],
        "coverage": share(usable, words),
        "languages": languages,
        "warnings": warnings(languages),
    }
