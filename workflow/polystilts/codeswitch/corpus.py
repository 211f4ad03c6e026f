"""Switching of a whole table of canonical rows, copy by copy, with its data sheet."""

import heapq
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa

from polystilts.codeswitch.copies import copy_draws
from polystilts.codeswitch.outcome import Outcome
from polystilts.codeswitch.parallel import ordered_map
from polystilts.codeswitch.recipe import Recipe
from polystilts.codeswitch.rows import Columns, Rows, totals
from polystilts.codeswitch.sheet.samples import SAMPLES, choose_samples, sample
from polystilts.codeswitch.sheet.tally import Tally, with_dictionary
from polystilts.codeswitch.switcher import Switcher
from polystilts.errors import PolystiltsError
from polystilts.provenance.hashing import unit_hash

ROWS_AT_ONCE = 4096


@dataclass(slots=True)
class _Books:
    """The account of some rows; parts are joined by `merge`."""

    tally: Tally
    checks: dict[str, Any]
    samples: dict[int, dict[str, Any]] = field(default_factory=dict)

    def merge(self, other: "_Books") -> None:
        self.tally.merge(other.tally)
        for name, check in self.checks.items():
            check.merge(other.checks[name])
        everything = {**other.samples, **self.samples}
        self.samples = {key: everything[key] for key in heapq.nsmallest(SAMPLES, everything)}


@dataclass(slots=True)
class _Copy:
    columns: Columns
    switched: list[int]
    words: list[int]
    books: _Books | None  # none of the English copy


@dataclass(frozen=True, slots=True)
class _Task:
    """Switches a block of rows; sent to the workers."""

    family: str
    switcher: Switcher
    draws: tuple[int | None, ...]

    def __call__(self, columns: Columns) -> list[_Copy]:
        module = _family(self.family)
        rows: Rows = module.examples(columns)
        drawn = [draw for draw in self.draws if draw is not None]
        outcomes = self.switcher.switch_examples(rows.examples, drawn)
        copies: list[_Copy] = []
        for draw, outcome in zip(drawn, outcomes, strict=True):
            switched, words = totals(rows, outcome)
            books = self.books(module)
            books.tally.add(outcome)
            module.check(books.checks, columns, rows, outcome)
            if not draw:
                number = self.draws.index(draw)
                books.samples = _samples(columns["id"], rows, outcome, number)
            new = module.new_columns(columns, rows, outcome)
            copies.append(_Copy(new, switched.tolist(), words.tolist(), books))
        if self.draws[0] is None:
            english = {name: columns[name] for name in module.COLUMNS}
            zeros = [0] * len(columns["id"])
            copies.insert(0, _Copy(english, zeros, copies[0].words, None))
        return copies

    def books(self, module: ModuleType) -> _Books:
        languages = self.switcher.languages
        return _Books(Tally(languages), module.checks(languages))


def switch_table(
    table: pa.Table,
    family: str,
    dataset: str,
    lexicons: Mapping[str, pa.Table],
    recipe: Recipe,
    treatment: str = "code-switched",
    workers: int = 1,
    split: str = "train",
) -> tuple[pa.Table, dict[str, Any]]:
    """Return the switched rows of every copy, and their data sheet.

    Args:
        table: canonical rows of the family.
        family: name of a module in `polystilts.codeswitch.families`.
        dataset: name of the data set; it enters every decision, and so does `split`.
        lexicons: translations by language code; see `polystilts.lexicon.store.load`.
        recipe: what is switched and how.
        treatment: `code-switched`, or a control; see `polystilts.codeswitch.engine.controls`.
        workers: number of processes; the result does not depend on it.
        split: name of the split.

    Returns:
        The table, copy by copy in the order of the rows, with the columns `copy` (int32),
        `switched` and `words` (int32, of all texts of the row); and the sheet, ready for JSON.

    Raises:
        PolystiltsError: the family cannot be switched, a column or a lexicon is missing, or no word
            of the text has a usable translation.
    """
    module = _family(family)
    needed = dict.fromkeys(("id", "group", *module.COLUMNS, *module.ALSO_READ))
    _check_columns(table, family, needed)
    switcher = Switcher(
        lexicons,
        recipe,
        dataset=dataset,
        split=split,
        family=family,
        single_words=module.SINGLE_WORDS,
        treatment=treatment,
    )
    draws = copy_draws(recipe.copies, recipe.clean_copy)
    task = _Task(family, switcher, draws)
    if workers > 1:
        switcher.prepare()
    places, blocks = _blocks(table, list(needed))
    found = list(ordered_map(task, blocks, workers))
    order = np.argsort(np.concatenate(places)) if places else np.zeros(0, np.int64)
    tables = [
        _copy_table(table, number, [copies[number] for copies in found], order, module)
        for number in range(len(draws))
    ]
    facts = {
        "dataset": dataset,
        "split": split,
        "family": family,
        "treatment": treatment,
        "recipe": asdict(recipe),
    }
    sheet = {**facts, **_sheet(task, module, found, draws)}
    if sheet["words"] and not sheet["coverage"]:
        raise PolystiltsError(
            f"{dataset}: none of its {sheet['words']} words has a usable translation into "
            f"{', '.join(switcher.languages)}; the corpus would be plain English. Check the "
            "dictionaries."
        )
    return pa.concat_tables(tables), sheet


def _family(family: str) -> ModuleType:
    name = f"{__package__}.families.{family}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise PolystiltsError(f"rows of the family `{family}` cannot be code-switched.") from None


def _check_columns(table: pa.Table, family: str, columns: Mapping[str, None]) -> None:
    for name in columns:
        if name not in table.column_names:
            raise PolystiltsError(
                f"{family} rows need the column `{name}`; the table has "
                f"{', '.join(table.column_names)}. Prepare the task again."
            )


def _blocks(table: pa.Table, columns: Sequence[str]) -> tuple[list[list[int]], Iterator[Columns]]:
    """Return the row numbers of every block, and the blocks; the rows of a group stay together."""
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(table["group"].to_pylist()):
        rows.setdefault(group, []).append(row)
    places: list[list[int]] = []
    for members in rows.values():
        if not places or len(places[-1]) >= ROWS_AT_ONCE:
            places.append([])
        places[-1].extend(members)
    read = table.select(list(columns))
    return places, (read.take(pa.array(block, pa.int64())).to_pydict() for block in places)


def _samples(
    identities: Sequence[str], rows: Rows, outcome: Outcome, number: int
) -> dict[int, dict[str, Any]]:
    samples = {}
    for row in choose_samples(identities, SAMPLES):
        texts = [
            text
            for place in rows.texts[row]
            for text in range(outcome.first_text[place], outcome.first_text[place + 1])
        ]
        sources = [outcome.source(text) for text in texts]
        switched = [outcome.switched_text(text) for text in texts]
        key = unit_hash("sample", identities[row])
        samples[key] = sample(identities[row], number, sources, switched)
    return samples


def _copy_table(
    table: pa.Table, number: int, parts: Sequence[_Copy], order: Any, module: ModuleType
) -> pa.Table:
    """Return one copy from its blocks, its rows back in the order of the table."""
    switched = table
    for name in module.COLUMNS:
        place = table.schema.get_field_index(name)
        kind = table.schema.field(place)
        values = [value for part in parts for value in part.columns[name]]
        column = pa.array(values, kind.type).take(pa.array(order, pa.int64()))
        switched = switched.set_column(place, kind, column)
    counts = {
        "copy": np.full(table.num_rows, number),
        "switched": np.array([n for part in parts for n in part.switched], np.int64)[order],
        "words": np.array([n for part in parts for n in part.words], np.int64)[order],
    }
    for name, values in counts.items():
        switched = switched.append_column(name, pa.array(values, pa.int32()))
    return switched


def _sheet(
    task: _Task, module: ModuleType, found: Sequence[Sequence[_Copy]], draws: Sequence[int | None]
) -> dict[str, Any]:
    total = task.books(module)
    copies = []
    checks: dict[str, list[Any]] = {name: [] for name in total.checks}  # one a copy
    for number, draw in enumerate(draws):
        if draw is None:
            continue
        books = task.books(module)
        for parts in found:
            part = parts[number].books
            assert part is not None
            books.merge(part)
        copies.append({"copy": number, **_brief(books.tally.sheet())})
        for name, check in books.checks.items():
            checks[name].append(check)
        total.merge(books)
    sheet = with_dictionary(total.tally, task.switcher.dictionary)
    return {
        **sheet,
        "copies": copies,
        "leaks": {name: first.sheet(*others) for name, (first, *others) in checks.items()},
        "samples": [total.samples[key] for key in sorted(total.samples)],
        "shuffled_dictionary": {
            language: {
                "translations": shuffled.translations,
                "kept_translations": shuffled.kept,
                "of_another_length": shuffled.stretched,
                "left_their_band": shuffled.borrowed,
                "doubled": shuffled.doubled,
            }
            for language, shuffled in task.switcher.shuffled.items()
        }
        or None,
    }


def _brief(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs between copies and is not told by their sum."""
    left_out = ("languages", "mixing", "units", "found", "coverage", "ambiguity")
    return {name: value for name, value in sheet.items() if name not in left_out}
