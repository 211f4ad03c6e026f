"""Corpora of translations: whole examples in other languages, drawn as code-switching draws.

The examples that a recipe would switch in a copy are the ones that are translated, and the language
is the one that it would draw for an example that is all of one language; an example that this
language lacks takes the next one of its order. Questions of a paragraph are drawn together.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from polystilts.codeswitch.copies import copy_draws
from polystilts.codeswitch.decisions import Hashes, example_hashes, mix, salt
from polystilts.codeswitch.engine.race import LANGUAGE, LanguageRace, is_treated
from polystilts.errors import PolystiltsError
from polystilts.provenance.hashing import unit_hash
from polystilts.tasks.translated_rows import TranslatedRows, translated_columns

ENGLISH = "en"
# what examples of a family are decided on together; one that is not listed on its own
_TOGETHER: Mapping[str, str] = {"span_qa": "group"}
_SAMPLES = 20

Languages = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Draw:
    """One copy's decisions, per example a place among the languages, or -1.

    Attributes:
        wanted: the language that was drawn; -1 for examples that stay English.
        taken: the language that it is in.
    """

    wanted: Languages
    taken: Languages


def translate_table(
    english: pa.Table,
    record: Mapping[str, Any],
    translations: Mapping[str, TranslatedRows],
) -> tuple[pa.Table, dict[str, Any]]:
    """Return the rows of every copy, and their data sheet.

    Args:
        english: canonical English rows.
        record: `dataset`, `split`, `family`, and `recipe` with `examples`, `copies`, `clean_copy`,
            `language_weights` and `seed`, as in `polystilts.codeswitch.recipe`.
        translations: by language the translated rows of these English rows.

    Returns:
        The table, copy by copy in the order of the rows, with the columns `copy` (int32) and
        `language`; and the sheet, ready for JSON.

    Raises:
        PolystiltsError: no example was translated.
    """
    recipe, family = record["recipe"], record["family"]
    languages = tuple(translations)
    draws = copy_draws(recipe["copies"], recipe["clean_copy"])
    identities = english[_TOGETHER.get(family, "id")].to_pylist()
    hashes = example_hashes(identities, recipe["seed"], record["dataset"], record["split"])
    there = np.array([rows.place >= 0 for rows in translations.values()]).T
    found = [_decide(hashes, draw, there, languages, recipe) for draw in draws]
    tables = [
        _copy(english, family, number, draw, translations) for number, draw in enumerate(found)
    ]
    table = pa.concat_tables(tables)
    copies = [_counts(number, draw, languages) for number, draw in enumerate(found)]
    if english.num_rows and not sum(copy["translated"] for copy in copies):
        raise PolystiltsError(
            f"{record['dataset']}: none of its {english.num_rows} examples was translated; the "
            "corpus would be plain English."
        )
    sheet = {
        "examples": english.num_rows,
        "copies": copies,
        "languages": {
            language: _language(number, rows, found)
            for number, (language, rows) in enumerate(translations.items())
        },
        "samples": _samples(english, tables[-1], family),
    }
    return table, sheet


def _decide(
    hashes: Hashes,
    draw: int | None,
    there: NDArray[np.bool_],
    languages: Sequence[str],
    recipe: Mapping[str, Any],
) -> _Draw:
    """Draw a copy; `there` says per example and language whether there is a translation."""
    nothing = np.full(len(hashes), -1, np.int64)
    if draw is None:
        return _Draw(nothing, nothing)
    bases = mix(hashes, salt("copy", draw))
    race = LanguageRace(tuple(languages), recipe["language_weights"])
    runners = mix(bases, LANGUAGE)
    numbers = np.stack(
        [
            race.numbers(runners, np.full(len(hashes), place, np.int16))
            for place in range(len(languages))
        ],
        axis=1,
    )
    treated = is_treated(bases, recipe["examples"])
    wanted = np.where(treated, numbers.argmin(axis=1), -1)
    first = np.where(there, numbers, np.inf).argmin(axis=1)
    return _Draw(wanted, np.where(treated & there.any(axis=1), first, -1))


def _copy(
    english: pa.Table,
    family: str,
    number: int,
    draw: _Draw,
    translations: Mapping[str, TranslatedRows],
) -> pa.Table:
    """Return a copy in the order of the rows; its texts come from as many tables as languages."""
    columns = translated_columns(family)
    places = [np.flatnonzero(draw.taken == -1)]
    parts = [english.select(columns).take(places[0])]
    for language, rows in enumerate(translations.values()):
        places.append(np.flatnonzero(draw.taken == language))
        parts.append(rows.table.select(columns).take(rows.place[places[-1]]))
    order = np.argsort(np.concatenate(places))
    schema = english.select(columns).schema
    texts = pa.concat_tables([part.cast(schema) for part in parts]).take(order)
    copy = english
    for name in columns:
        place = english.schema.get_field_index(name)
        copy = copy.set_column(place, english.schema.field(place), texts[name])
    names = np.array([*translations, ENGLISH])  # -1 is the last one
    copy = copy.append_column("copy", pa.array(np.full(copy.num_rows, number), pa.int32()))
    return copy.append_column("language", pa.array(names[draw.taken].tolist(), pa.string()))


def _counts(number: int, draw: _Draw, languages: Sequence[str]) -> dict[str, Any]:
    """Return what became of a copy's examples."""
    is_treated, is_translated = draw.wanted >= 0, draw.taken >= 0
    return {
        "copy": number,
        "translated": int(is_translated.sum()),
        "english_by_draw": int((~is_treated).sum()),
        "english_without_translation": int((is_treated & ~is_translated).sum()),
        "languages": {
            name: int((draw.taken == place).sum()) for place, name in enumerate(languages)
        },
    }


def _language(number: int, rows: TranslatedRows, draws: Sequence[_Draw]) -> dict[str, Any]:
    """Return what a language's files hold of the examples, and what was drawn of them.

    `drawn_but_missing` counts, over all copies, examples for which the language was drawn and that
    took another or stayed English.
    """
    available = int((rows.place >= 0).sum())
    return {
        "rows": rows.read,
        "unused_rows": rows.unused,
        "translations": available,
        "missing": rows.missing,
        "written_as_in_english": rows.same_text,
        "drawn_but_missing": sum(
            int(((draw.wanted == number) & (draw.taken != number)).sum()) for draw in draws
        ),
        "reader": rows.counts,
    }


def _samples(english: pa.Table, copy: pa.Table, family: str) -> list[dict[str, Any]]:
    """Return examples of the last copy beside their English rows, always the same ones."""
    ids = english["id"].to_pylist()
    hashes = ((unit_hash("sample", identity), place) for place, identity in enumerate(ids))
    places = pa.array([place for _, place in heapq.nsmallest(_SAMPLES, hashes)], pa.int64())
    columns = list(translated_columns(family))
    sources = english.select(columns).take(places).to_pylist()
    texts = copy.select([*columns, "language"]).take(places).to_pylist()
    return [
        {
            "id": ids[place],
            "language": text.pop("language"),
            "english": source,
            "text": text,
        }
        for place, source, text in zip(places.to_pylist(), sources, texts, strict=True)
    ]
