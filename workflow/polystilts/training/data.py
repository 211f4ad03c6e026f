"""The training data of one task as it reaches the loop: plan lengths and encoded copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Tokenizer

from polystilts.errors import PolystiltsError
from polystilts.provenance.hashing import digest, file_digest
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table
from polystilts.tasks.subset import choose
from polystilts.training.alignment import check_alignment
from polystilts.training.inputs import Encoded
from polystilts.training.text_samples import sample_of
from polystilts.training.token_store import Made, SpecialTokens, Tokenised, TokenStore

_ENGLISH = "en"
# settings of a family that its inputs depend on; the others are its head's
_INPUT_SETTINGS = ("max_length", "max_question_length", "doc_stride")


@dataclass(frozen=True)
class TaskData:
    """`lengths` come from the English text and steer the plan; `copies` are what is trained on.

    `ids` is the digest of the examples' ids in their order: plans of equal data have it in common.
    `alignment` is what was found of pieces laid over the English words.
    """

    family: ModuleType
    labels: list[str]
    lengths: list[int]
    copies: list[Encoded]
    tokens: SpecialTokens
    ids: str
    alignment: Mapping[str, Any]

    def counts(self) -> dict[str, Any]:
        """Return examples, tokens and shortened inputs, per copy where there are several."""
        copies = [copy.counts() for copy in self.copies]
        return {"labels": self.labels, "copies": copies, "alignment": dict(self.alignment)}


def load_family(family: str) -> ModuleType:
    """Return the module of a task family."""
    return import_module(_module(family))


def _module(family: str) -> str:
    return f"polystilts.training.families.{family}"


def _code(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the modules that choose rows and turn them into inputs."""
    return __name__, _module(record["family"])


def load_task(
    record: Mapping[str, Any], english: Path, corpus: Path, store: TokenStore
) -> TaskData:
    """Return a task's training examples as token ids.

    `record` holds `family`, `labels` (null: the training file's own), `settings`, `examples`
    (null: all), `end` and `salt` (which examples, see `choose`). `english` holds canonical rows,
    `corpus` the same ids with a `copy` column, or is `english` itself.
    """
    verify(english.parent / "manifest.json")
    ingredients = {
        "rows": file_digest(english),
        "labels": record["labels"],
        "settings": _input_settings(record),
        "chosen": [record["examples"], record["end"], record["salt"]],
    }
    plain = store.get(
        f"{record['salt']}-train",
        _code(record),
        ingredients,
        lambda tokenizer: _encode_english(record, english, tokenizer, store),
    )
    copies = plain.copies
    labels = plain.facts["labels"]
    if corpus != english:
        verify(corpus.with_suffix(".json"))
        copies = store.get(
            f"{record['salt']}-corpus",
            _code(record),
            ingredients | {"corpus": file_digest(corpus)},
            lambda tokenizer: _encode_corpus(record, english, corpus, labels, tokenizer, store),
        ).copies
    (only,) = plain.copies
    family = load_family(record["family"])
    facts = plain.facts
    return TaskData(
        family, labels, only.lengths(), copies, plain.tokens, facts["ids"], facts["alignment"]
    )


def load_rows(
    record: Mapping[str, Any], rows: Path, labels: Sequence[str], store: TokenStore
) -> Tokenised:
    """Return all rows of a file, one copy, in the labels of a training."""

    def make(tokenizer: Tokenizer) -> Made:
        table = read_table(rows)
        language = rows.stem.partition(".")[2] or _ENGLISH
        facts = {"alignment": _aligned(tokenizer, store, table, language)}
        family = load_family(record["family"])
        return [family.encode(table, tokenizer, record["settings"], labels)], facts

    name = f"{rows.parent.name}-{rows.stem}"
    ingredients = {
        "rows": file_digest(rows),
        "labels": list(labels),
        "settings": _input_settings(record),
    }
    return store.get(name, _code(record), ingredients, make)


def _input_settings(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record["settings"].get(name) for name in _INPUT_SETTINGS}


def _encode_english(
    record: Mapping[str, Any], english: Path, tokenizer: Tokenizer, store: TokenStore
) -> Made:
    table = _chosen_rows(record, english)
    labels = record["labels"] or tag_set(table)
    alignment = _aligned(tokenizer, store, table, _ENGLISH)
    encoded = load_family(record["family"]).encode(table, tokenizer, record["settings"], labels)
    ids = digest(table["id"].to_pylist())
    return [encoded], {"labels": labels, "ids": ids, "alignment": alignment}


def _aligned(
    tokenizer: Tokenizer, store: TokenStore, table: pa.Table, language: str
) -> dict[str, Any]:
    """Check that pieces can be laid over the words of some rows; see `check_alignment`."""
    samples = [sample_of(table, language)]
    return check_alignment(tokenizer, store.tokenizer_file, store.embeddings, samples)


def _encode_corpus(
    record: Mapping[str, Any],
    english: Path,
    corpus: Path,
    labels: Sequence[str],
    tokenizer: Tokenizer,
    store: TokenStore,
) -> Made:
    family = load_family(record["family"])
    ids = _chosen_rows(record, english)["id"].to_pylist()
    parts = _copies(read_table(corpus), ids, corpus)
    _aligned(tokenizer, store, parts[0], "corpus")
    return [family.encode(part, tokenizer, record["settings"], labels) for part in parts], {}


def _chosen_rows(record: Mapping[str, Any], english: Path) -> pa.Table:
    table = read_table(english)
    ids = table["id"].to_pylist()
    chosen = choose(ids, record["examples"], record["end"], record["salt"])
    return table.take(pa.array(chosen, type=pa.int64()))


def tag_set(table: pa.Table) -> list[str]:
    """Return the sorted tags of a training file, where a task declares none (supertags)."""
    if "tags" not in table.column_names:
        return []
    return sorted({tag for tags in table["tags"].to_pylist() for tag in tags})


def _copies(table: pa.Table, ids: Sequence[str], path: Path) -> list[pa.Table]:
    """Return a corpus's copies, rows in the order of `ids`."""
    parts: list[pa.Table] = []
    for copy in sorted(set(table["copy"].to_pylist())):
        part = table.filter(pc.equal(table["copy"], copy))
        row_of = {identifier: row for row, identifier in enumerate(part["id"].to_pylist())}
        missing = [identifier for identifier in ids if identifier not in row_of]
        if missing:
            reason = f"{path}: copy {copy} lacks {len(missing)} examples, {missing[0]} among them"
            raise PolystiltsError(reason)
        parts.append(part.take(pa.array([row_of[i] for i in ids], type=pa.int64())))
    return parts
