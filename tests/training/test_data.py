"""A task's rows on their way to the loop: English steers, the arm's copies are trained on."""

from pathlib import Path

import pyarrow as pa
import pytest

from polystilts.errors import DamagedFileError, PolystiltsError
from polystilts.training.data import TaskData, load_rows, load_task
from polystilts.training.token_store import TokenStore
from training.tiny import (
    NLI,
    SENTENCES,
    classification_rows,
    publish_tokenizer,
    tagging_rows,
    task_record,
    tokenizer,
    write_corpus,
    write_rows,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> TokenStore:
    return TokenStore(publish_tokenizer(tmp_path_factory.mktemp("encoder"), tokenizer()))


def counted_rows(count: int) -> pa.Table:
    """Rows that can be told by their length: row i has i + 1 words, each of one token."""
    table = classification_rows(count)
    texts = pa.array([" ".join(["sees"] * (i + 1)) for i in range(count)])
    table = table.set_column(2, "text_a", texts)
    return table.set_column(3, "text_b", pa.array([None] * count, pa.string()))


def rows_of(data: TaskData, copy: int = 0) -> list[int]:
    """Return which of `counted_rows` are in a copy."""
    return [length - 3 for length in data.copies[copy].lengths()]


def test_the_plan_comes_from_english_and_the_text_from_the_corpus(
    tmp_path: Path, store: TokenStore
) -> None:
    english = write_rows(tmp_path / "task", {"train": classification_rows(10)})["train"]
    longer = classification_rows(10, longer=True)
    corpus = write_corpus(tmp_path / "corpus" / "train.parquet", [longer, classification_rows(10)])
    record = task_record("classification", NLI)
    plain = load_task(record, english, english, store)
    switched = load_task(record, english, corpus, store)
    assert switched.lengths == plain.lengths
    assert switched.ids == plain.ids
    first, second = switched.copies
    assert first.numbers("label").tolist() == plain.copies[0].numbers("label").tolist()
    longer_tokens = [store.tokenizer.encode(text).ids for text in longer["text_a"].to_pylist()]
    assert [row[:10] for row in first.inputs.tolist()] == [row[:10] for row in longer_tokens]
    assert second.inputs.tolist() == plain.copies[0].inputs.tolist()
    assert sum(first.lengths()) > sum(plain.lengths)
    assert [copy["tokens"] for copy in switched.counts()["copies"]] == [
        first.tokens(),
        plain.copies[0].tokens(),
    ]


def test_a_subset_is_the_same_in_every_arm(tmp_path: Path, store: TokenStore) -> None:
    english = write_rows(tmp_path / "task", {"train": counted_rows(20)})["train"]
    corpus = write_corpus(tmp_path / "corpus" / "train.parquet", [counted_rows(20)] * 2)
    parts, ids = {}, set()
    for end in ("front", "back"):
        record = task_record("classification", NLI, examples=8, end=end)
        plain = load_task(record, english, english, store)
        switched = load_task(record, english, corpus, store)
        assert rows_of(switched, 0) == rows_of(switched, 1) == rows_of(plain)
        assert switched.ids == plain.ids
        parts[end] = set(rows_of(plain))
        ids.add(plain.ids)
    assert len(parts["front"]) == len(parts["back"]) == 8
    assert not parts["front"] & parts["back"]
    assert len(ids) == 2


def test_undeclared_tags_are_those_of_the_training_file(tmp_path: Path, store: TokenStore) -> None:
    unknown = tagging_rows([("the cat", "DET SYM")])
    files = write_rows(tmp_path, {"train": tagging_rows(SENTENCES), "dev": unknown})
    record = task_record("tagging", None)
    data = load_task(record, files["train"], files["train"], store)
    assert data.labels == ["DET", "NOUN", "VERB"]
    assert data.counts()["labels"] == ["DET", "NOUN", "VERB"]
    (dev,) = load_rows(record, files["dev"], data.labels, store).copies
    assert dev.rows("tags").tolist() == [[0, -1]], "dev has the labels of the training"


def test_all_rows_of_a_dev_file_are_loaded(tmp_path: Path, store: TokenStore) -> None:
    files = write_rows(tmp_path, {"dev": classification_rows(7)})
    record = task_record("classification", NLI, examples=3)
    (dev,) = load_rows(record, files["dev"], NLI, store).copies
    assert dev.examples == 7


def test_a_copy_that_lacks_an_example_is_refused(tmp_path: Path, store: TokenStore) -> None:
    english = write_rows(tmp_path / "task", {"train": classification_rows(6)})["train"]
    rows = [classification_rows(6), classification_rows(5)]
    corpus = write_corpus(tmp_path / "corpus" / "train.parquet", rows)
    with pytest.raises(PolystiltsError, match="copy 1 lacks 1 examples, c5"):
        load_task(task_record("classification", NLI), english, corpus, store)


def test_damaged_rows_are_refused(tmp_path: Path, store: TokenStore) -> None:
    english = write_rows(tmp_path, {"train": classification_rows(6)})["train"]
    english.write_bytes(english.read_bytes()[:-1])
    with pytest.raises(DamagedFileError, match="recorded"):
        load_task(task_record("classification", NLI), english, english, store)
