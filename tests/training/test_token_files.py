"""What tokenised data depends on has another file where it changes, and damage is mended."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from polystilts.provenance.code import code_digest
from polystilts.provenance.hashing import file_digest
from polystilts.training import token_store
from polystilts.training.data import TaskData, load_rows, load_task
from polystilts.training.inputs import Encoded
from polystilts.training.token_store import TokenStore
from training.phases import write_corpus
from training.test_token_store import assert_same, refuse, stored
from training.tiny import (
    NLI,
    SETTINGS,
    classification_rows,
    publish_tokenizer,
    task_record,
    tokenizer,
    write_rows,
)

PACKAGE = "polystilts.training"


class Room:
    """A task of twelve rows, its tokenizer and its store, of which one thing may be changed."""

    def __init__(self, folder: Path) -> None:
        self.tokens = folder / "tokens"
        self.tokenizer_file = publish_tokenizer(folder / "encoder", tokenizer())
        table = classification_rows(12)
        self.english = write_rows(folder / "task", {"train": table})["train"]
        self.corpus = write_corpus(folder / "corpus" / "train.parquet", [table])

    def load(self, corpus: bool = False, **changes: Any) -> TaskData:
        record = task_record("classification", NLI, **changes)
        path = self.corpus if corpus else self.english
        return load_task(record, self.english, path, TokenStore(self.tokenizer_file, self.tokens))

    def dev(self, labels: list[str] = NLI, **changes: Any) -> Encoded:
        record = task_record("classification", NLI, **changes)
        store = TokenStore(self.tokenizer_file, self.tokens)
        (rows,) = load_rows(record, self.english, labels, store).copies
        return rows


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def settings(**changes: Any) -> Mapping[str, Any]:
    return {"settings": SETTINGS | changes}


@pytest.mark.parametrize(
    "changes",
    [
        settings(max_length=9),
        settings(doc_stride=2),
        settings(max_question_length=7),
        {"examples": 5},
        {"examples": 12, "end": "back"},
        {"salt": "another"},
    ],
)
def test_what_is_tokenised_otherwise_has_another_file(
    room: Room, changes: Mapping[str, Any]
) -> None:
    room.load()
    before = stored(room.tokens)
    plain = load_task(
        task_record("classification", NLI, **changes),
        room.english,
        room.english,
        TokenStore(room.tokenizer_file),
    )
    found = room.load(**changes)
    assert len(stored(room.tokens)) == 2
    assert before < stored(room.tokens)
    assert_same(found.copies[0], plain.copies[0])


@pytest.mark.parametrize(
    "changes",
    [
        settings(dropout=0.5),
        settings(pool="mean"),
        {"epochs": 7},
        {"batch_size": 2},
    ],
)
def test_what_the_head_or_the_plan_alone_need_does_not_matter(
    room: Room, monkeypatch: pytest.MonkeyPatch, changes: Mapping[str, Any]
) -> None:
    room.load(corpus=True)
    monkeypatch.setattr(token_store, "load_tokenizer", refuse)
    room.load(corpus=True, **changes)


def test_changed_rows_have_another_file(room: Room) -> None:
    assert room.load().copies[0].examples == 12
    write_rows(room.english.parent, {"train": classification_rows(13)})
    assert room.load().copies[0].examples == 13
    assert len(stored(room.tokens)) == 2


def test_a_changed_corpus_has_another_file(room: Room) -> None:
    short = room.load(corpus=True).copies[0].tokens()
    write_corpus(room.corpus, [classification_rows(12, longer=True)])
    assert room.load(corpus=True).copies[0].tokens() > short
    assert len(list(room.tokens.glob("s-corpus-*.arrow"))) == 2
    assert len(list(room.tokens.glob("s-train-*.arrow"))) == 1, "the English rows are the same"


def test_another_order_of_the_labels_has_another_file(room: Room) -> None:
    assert room.dev().numbers("label").tolist()[:3] == [0, 1, 2]
    assert room.dev(NLI[::-1]).numbers("label").tolist()[:3] == [2, 1, 0]
    assert len(stored(room.tokens)) == 2


def test_another_tokenizer_has_another_file(room: Room) -> None:
    room.load()
    changed = tokenizer()
    changed.add_tokens(["cat sees"])
    publish_tokenizer(room.tokenizer_file.parent, changed)
    new = changed.token_to_id("cat sees")
    assert new in room.load().copies[0].inputs.values
    assert len(stored(room.tokens)) == 2


@pytest.mark.parametrize(
    ("module", "files"),
    [("families.classification", 2), ("data", 2), ("token_store", 2), ("families.tagging", 1)],
)
def test_changed_code_has_another_file(
    room: Room, monkeypatch: pytest.MonkeyPatch, module: str, files: int
) -> None:
    room.load()

    def changed(modules: tuple[str, ...]) -> str:
        return "changed" if f"{PACKAGE}.{module}" in modules else code_digest(modules)

    monkeypatch.setattr(token_store, "code_digest", changed)
    room.load()
    assert len(stored(room.tokens)) == files


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose_the_manifest(path: Path) -> None:
    """What is left where a process is killed between the two files."""
    path.with_suffix(".json").unlink()


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink, lose_the_manifest])
def test_a_damaged_file_is_made_anew(room: Room, damage: Callable[[Path], None]) -> None:
    room.load()
    (path,) = room.tokens.glob("*.arrow")
    whole = file_digest(path)
    damage(path)
    plain = load_task(
        task_record("classification", NLI),
        room.english,
        room.english,
        TokenStore(room.tokenizer_file),
    )
    found = room.load()
    assert_same(found.copies[0], plain.copies[0])
    assert found.labels == plain.labels
    assert file_digest(path) == whole
    assert path.with_suffix(".json").exists()
