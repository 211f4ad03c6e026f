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
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table
from polystilts.tasks.subset import choose
from polystilts.training.inputs import Encoded


@dataclass(frozen=True)
class TaskData:
    """`lengths` come from the English text and steer the plan; `copies` are what is trained on."""

    family: ModuleType
    labels: list[str]
    lengths: list[int]
    copies: list[Encoded]

    def counts(self) -> dict[str, Any]:
        """Return examples, tokens and shortened inputs, per copy where there are several."""
        return {"labels": self.labels, "copies": [copy.counts() for copy in self.copies]}


def load_family(family: str) -> ModuleType:
    """Return the module of a task family."""
    return import_module(f"polystilts.training.families.{family}")


def load_task(
    record: Mapping[str, Any], english: Path, corpus: Path, tokenizer: Tokenizer
) -> TaskData:
    """Read and encode a task's training examples.

    `record` holds `family`, `labels` (null: the training file's own), `settings`, `examples`
    (null: all), `end` and `salt` (which examples, see `choose`). `english` holds canonical rows,
    `corpus` the same ids with a `copy` column, or is `english` itself.
    """
    family = load_family(record["family"])
    verify(english.parent / "manifest.json")
    table = read_table(english)
    ids = table["id"].to_pylist()
    chosen = choose(ids, record["examples"], record["end"], record["salt"])
    table = table.take(pa.array(chosen, type=pa.int64()))
    labels = record["labels"] or tag_set(table)
    plain = family.encode(table, tokenizer, record["settings"], labels)
    if corpus == english:
        return TaskData(family, labels, plain.lengths(), [plain])
    verify(corpus.with_suffix(".json"))
    copies = [
        family.encode(part, tokenizer, record["settings"], labels)
        for part in _copies(read_table(corpus), table["id"].to_pylist(), corpus)
    ]
    return TaskData(family, labels, plain.lengths(), copies)


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
