"""A task's rows on their way to the loop: English steers, the arm's copies are trained on."""

from pathlib import Path

import pyarrow as pa
import pytest

from polystilts.errors import DamagedFileError, PolystiltsError
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import write_table
from polystilts.training.data import load_task
from training.tiny import (
    NLI,
    SENTENCES,
    classification_rows,
    tagging_rows,
    task_record,
    tokenizer,
    write_rows,
)

TOKENS = tokenizer()


def write_corpus(path: Path, copies: list[pa.Table]) -> Path:
    """Write switched copies as one file, rows of all copies mixed."""
    tables = [
        table.append_column("copy", pa.array([number] * len(table), pa.int32()))
        for number, table in enumerate(copies)
    ]
    mixed = pa.concat_tables(tables)
    order = sorted(range(len(mixed)), key=lambda row: (row * 7) % len(mixed))
    write_table(path, mixed.take(pa.array(order)), "corpus")
    write_manifest(path.with_suffix(".json"), "corpus", [path])
    return path


def test_the_plan_comes_from_english_and_the_text_from_the_corpus(tmp_path: Path) -> None:
    english = write_rows(tmp_path / "task", {"train": classification_rows(10)})["train"]
    longer = classification_rows(10, longer=True)
    corpus = write_corpus(tmp_path / "corpus" / "train.parquet", [longer, classification_rows(10)])
    record = task_record("classification", NLI)
    plain = load_task(record, english, english, TOKENS)
    switched = load_task(record, english, corpus, TOKENS)
    assert switched.lengths == plain.lengths
    first, second = switched.copies
    assert first.ids == second.ids == plain.copies[0].ids
    assert second.inputs == plain.copies[0].inputs
    assert sum(first.lengths()) > sum(plain.lengths)
    assert [copy["tokens"] for copy in switched.counts()["copies"]] == [
        first.tokens(),
        plain.copies[0].tokens(),
    ]


def test_a_subset_is_the_same_in_every_arm(tmp_path: Path) -> None:
    english = write_rows(tmp_path / "task", {"train": classification_rows(20)})["train"]
    corpus = write_corpus(tmp_path / "corpus" / "train.parquet", [classification_rows(20)])
    parts = {}
    for end in ("front", "back"):
        record = task_record("classification", NLI, examples=8, end=end)
        plain = load_task(record, english, english, TOKENS).copies[0].ids
        assert load_task(record, english, corpus, TOKENS).copies[0].ids == plain
        parts[end] = set(plain)
    assert len(parts["front"]) == len(parts["back"]) == 8
    assert not parts["front"] & parts["back"]


def test_undeclared_tags_are_those_of_the_training_file(tmp_path: Path) -> None:
    english = write_rows(tmp_path, {"train": tagging_rows(SENTENCES)})["train"]
    assert load_task(task_record("tagging", None), english, english, TOKENS).labels == [
        "DET",
        "NOUN",
        "VERB",
    ]


def test_a_copy_that_lacks_an_example_is_refused(tmp_path: Path) -> None:
    english = write_rows(tmp_path / "task", {"train": classification_rows(6)})["train"]
    rows = [classification_rows(6), classification_rows(5)]
    corpus = write_corpus(tmp_path / "corpus" / "train.parquet", rows)
    with pytest.raises(PolystiltsError, match="copy 1 lacks 1 examples, c5"):
        load_task(task_record("classification", NLI), english, corpus, TOKENS)


def test_damaged_rows_are_refused(tmp_path: Path) -> None:
    english = write_rows(tmp_path, {"train": classification_rows(6)})["train"]
    english.write_bytes(english.read_bytes()[:-1])
    with pytest.raises(DamagedFileError, match="recorded"):
        load_task(task_record("classification", NLI), english, english, TOKENS)
