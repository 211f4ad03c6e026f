"""The PanLex database as published in CSV: words in all languages, joined by their meanings.

`langvar` lists varieties of languages (one for each script and dialect; `var_code` 0 is the main
one), `expr` their expressions, and `denotation` says which expressions a meaning has. A meaning
belongs to the source (`meaning`) that somebody judged with a quality from 0 to 9 (`source`). A
database may have been exported with `denotationx`, which holds all of the latter in one table.

The tables have up to 100 million rows: they are read in blocks, and only rows of the two languages
stay in memory. Source of the format: https://dev.panlex.org/db/.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.readers.csv_blocks import read_blocks

# ISO 639-3 codes, the one of the standard variety first and that of the macrolanguage after it
CODES: Mapping[str, tuple[str, ...]] = {
    language: tuple(codes.split("|"))
    for language, codes in (
        pair.split(":")
        for pair in (
            "af:afr ar:arb|ara bg:bul bn:ben de:deu el:ell es:spa et:ekk|est eu:eus fa:pes|fas"
            " fi:fin fr:fra he:heb hi:hin hu:hun id:ind it:ita ja:jpn jv:jav ka:kat kk:kaz ko:kor"
            " ml:mal mr:mar ms:zsm|msa my:mya nl:nld pt:por ru:rus sw:swh|swa ta:tam te:tel th:tha"
            " tl:tgl|fil tr:tur ur:urd vi:vie yo:yor zh:cmn|zho"
        ).split()
    )
}
_ENGLISH = "eng"
# A meaning with more words than this in one language is a list, not a meaning; all of its pairs
# would be wrong, and there would be millions of them.
_MOST_SYNONYMS = 40
_WORST = 0  # quality of a source that is not known
_SPLIT = ("denotation", "meaning", "source")
_JOINED = ("denotationx",)


def read_panlex(files: Sequence[Path], language: str, counts: Counter[str]) -> Iterator[Entry]:
    """Yield the English words of each meaning with those of a language, the surest pairs first.

    A pair's weight is the sum over groups of sources of the best quality in the group, as PanLex
    itself ranks translations. English is read in its main variety; the language in all of its
    varieties, the main one first. Which of them are in another script is left to the gate.

    Raises:
        ConfigError: files missing, or a language whose code in PanLex is not known.
        InputError: a malformed table, or a language that has no words in it.
    """
    tables = {path.stem: path for path in files}
    for names in (_SPLIT, _JOINED):
        if set(tables) == {"langvar", "expr", *names}:
            break
    else:
        wanted = "langvar.csv, expr.csv, and denotation.csv, meaning.csv, source.csv"
        found = ", ".join(path.name for path in files) or "nothing"
        raise ConfigError(f"reader `panlex` needs {wanted} (or denotationx.csv), got {found}")
    if language not in CODES:
        raise ConfigError(f"reader `panlex` does not know the language {language!r}")
    english, foreign, order = _varieties(tables["langvar"], language)
    columns = {"id": pa.int64(), "langvar": pa.int64(), "txt": pa.string()}
    varieties = pa.array([*english, *foreign], pa.int64())
    words = _rows_with(tables["expr"], columns, "langvar", varieties)
    is_english = pc.is_in(words["langvar"], pa.array(english, pa.int64()))
    sources = words.filter(is_english)
    targets = words.filter(pc.invert(is_english))
    if not sources.num_rows or not targets.num_rows:
        reason = f"no expressions in English or in {language!r}."
        raise InputError(tables["expr"], reason, hint="Is the database complete?")
    denoted = _denotations(tables, sources["id"], targets["id"])
    pairs = _pairs(denoted, sources["id"], targets["id"], counts)
    yield from _entries(pairs, sources, targets, order)


def _varieties(path: Path, language: str) -> tuple[list[int], list[int], dict[int, int]]:
    """Return the ids of English and of the language, and the order of the latter."""
    english: list[int] = []
    foreign: list[tuple[int, int, int]] = []
    columns = {"id": pa.int64(), "lang_code": pa.string(), "var_code": pa.int64()}
    for block in read_blocks(path, columns):
        for row in block.to_pylist():
            if row["lang_code"] == _ENGLISH and row["var_code"] == 0:
                english.append(row["id"])
            elif row["lang_code"] in CODES[language]:
                place = CODES[language].index(row["lang_code"])
                foreign.append((row["var_code"], place, row["id"]))
    if not english or not foreign:
        raise InputError(path, f"no variety of English or of {language!r}.")
    order = {identifier: place for place, (_, _, identifier) in enumerate(sorted(foreign))}
    return english, list(order), order


def _denotations(
    tables: Mapping[str, Path], sources: pa.ChunkedArray, targets: pa.ChunkedArray
) -> pa.Table:
    """Return meaning, expr, grp, quality of the denotations of meanings that have both."""
    joined = "denotationx" in tables
    columns = {"meaning": pa.int64(), "expr": pa.int64()}
    if joined:
        columns |= {"grp": pa.int64(), "quality": pa.int64()}
    words = pa.chunked_array([*sources.chunks, *targets.chunks]).combine_chunks()
    denoted = _rows_with(tables["denotationx" if joined else "denotation"], columns, "expr", words)
    meant = [
        pc.unique(denoted.filter(pc.is_in(denoted["expr"], side.combine_chunks()))["meaning"])
        for side in (sources, targets)
    ]
    shared = meant[0].filter(pc.is_in(meant[0], meant[1]))
    denoted = denoted.filter(pc.is_in(denoted["meaning"], shared))
    if joined:
        return denoted
    columns = {"id": pa.int64(), "source": pa.int64()}
    meanings = _rows_with(tables["meaning"], columns, "id", shared)
    columns = {"id": pa.int64(), "grp": pa.int64(), "quality": pa.int64()}
    judged = pa.Table.from_batches(
        read_blocks(tables["source"], columns), pa.schema(list(columns.items()))
    )
    for name, table in (("meaning", meanings), ("source", judged)):
        if pc.count_distinct(table["id"]).as_py() < table.num_rows:
            raise InputError(tables[name], "an id stands there twice.", hint="Fetch it again.")
    meanings = meanings.join(judged, "source", "id", join_type="left outer")
    return denoted.join(meanings, "meaning", "id", join_type="left outer")


def _rows_with(
    path: Path, columns: Mapping[str, pa.DataType], name: str, wanted: pa.Array
) -> pa.Table:
    """Return the rows of a table whose column `name` has one of the values wanted."""
    blocks = read_blocks(path, columns)
    found = (block.filter(pc.is_in(block[name], wanted)) for block in blocks)
    return pa.Table.from_batches(found, pa.schema(list(columns.items()))).combine_chunks()


def _pairs(
    denoted: pa.Table, sources: pa.ChunkedArray, targets: pa.ChunkedArray, counts: Counter[str]
) -> pa.Table:
    """Return (source, target, weight) over all meanings that have both."""
    quality = pc.fill_null(denoted["quality"], _WORST)
    denoted = denoted.select(["meaning", "expr", "grp"]).append_column("quality", quality)
    sides = []
    for words, name in ((sources, "source"), (targets, "target")):
        side = denoted.filter(pc.is_in(denoted["expr"], words.combine_chunks()))
        sizes = side.group_by("meaning").aggregate([("expr", "count")])
        many = sizes.filter(pc.greater(sizes["expr_count"], _MOST_SYNONYMS))["meaning"]
        counts[f"meanings with more than {_MOST_SYNONYMS} words on a side"] += len(many)
        side = side.filter(pc.invert(pc.is_in(side["meaning"], many.combine_chunks())))
        sides.append(side.rename_columns(["meaning", name, "grp", "quality"]))
    english, foreign = sides[0], sides[1].select(["meaning", "target"])
    both = english.join(foreign, "meaning", join_type="inner")
    best = both.group_by(["source", "target", "grp"]).aggregate([("quality", "max")])
    summed = best.group_by(["source", "target"]).aggregate([("quality_max", "sum")])
    return summed.rename_columns(["source", "target", "weight"])


def _entries(
    pairs: pa.Table, sources: pa.Table, targets: pa.Table, order: Mapping[int, int]
) -> Iterator[Entry]:
    english = {word: text for word, _, text in _rows(sources, pairs["source"])}
    foreign = {
        word: (order[variety], text) for word, variety, text in _rows(targets, pairs["target"])
    }
    rows = zip(*(pairs[name].to_pylist() for name in ("weight", "source", "target")), strict=True)
    ranked = sorted((-weight, *foreign[target], english[source]) for weight, source, target in rows)
    for _, _, target, source in ranked:
        yield Entry(source.strip(), target.strip(), None)


def _rows(words: pa.Table, wanted: pa.ChunkedArray) -> Iterator[tuple[int, int, str]]:
    """Yield id, variety and text of those expressions that are wanted."""
    found = words.filter(pc.is_in(words["id"], pc.unique(wanted)))
    columns = (found[name].to_pylist() for name in ("id", "langvar", "txt"))
    return zip(*columns, strict=True)
