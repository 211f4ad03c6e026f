"""Tokenised data is made once, and mapped into memory as it was made."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tokenizers import Tokenizer

from polystilts.training import token_store
from polystilts.training.data import load_task
from polystilts.training.inputs import Encoded
from polystilts.training.masking import encode_lines
from polystilts.training.ragged import Ragged
from polystilts.training.token_store import Made, SpecialTokens, Tokenised, TokenStore
from training.killing import finish, start
from training.tiny import (
    LINES,
    NLI,
    QUESTIONS,
    SENTENCES,
    TAGS,
    choice_rows,
    classification_rows,
    publish_tokenizer,
    question_rows,
    tagging_rows,
    task_record,
    tokenizer,
    write_corpus,
    write_rows,
)

ROWS: dict[str, tuple[list[str], pa.Table]] = {
    "classification": (NLI, classification_rows(12)),
    "multiple_choice": ([], choice_rows(5)),
    "tagging": (TAGS, tagging_rows([*SENTENCES, ("the cat", "DET SYM")])),
    "span_qa": ([], question_rows(QUESTIONS)),
}
PACKAGE = "polystilts.training"


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_tokenizer(tmp_path_factory.mktemp("encoder"), tokenizer())


def refuse(*arguments: Any) -> Any:
    raise AssertionError("it is there already")


def stored(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.arrow")}


def parts_of(encoded: Encoded) -> dict[str, Any]:
    """Return all arrays of tokenised data, rows as their two arrays."""
    named = {"inputs": encoded.inputs, "first_input": encoded.first_input, **encoded.arrays}
    parts: dict[str, Any] = {}
    for name, array in named.items():
        if isinstance(array, Ragged):
            parts |= {f"{name} values": array.values, f"{name} first": array.first}
        else:
            parts[name] = array
    return parts


def assert_same(found: Encoded, expected: Encoded) -> None:
    assert found.truncated == expected.truncated
    assert found.counts() == expected.counts()
    ours, theirs = parts_of(found), parts_of(expected)
    assert ours.keys() == theirs.keys()
    for name, array in theirs.items():
        assert ours[name].dtype == array.dtype, name
        assert ours[name].shape == array.shape, name
        np.testing.assert_array_equal(ours[name], array, err_msg=name)


def mapped_regions(path: Path) -> list[tuple[int, int]]:
    """Return the addresses under which the kernel has mapped a file into this process."""
    regions = []
    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        if line.endswith(str(path)):
            begin, end = line.split()[0].split("-")
            regions.append((int(begin, 16), int(end, 16)))
    return regions


def assert_mapped(encoded: Encoded, path: Path) -> None:
    """Nothing was copied out of the file, and nothing can be written into it."""
    regions = mapped_regions(path)
    assert regions
    for name, array in parts_of(encoded).items():
        assert not array.flags.writeable, name
        place = array.ctypes.data
        assert any(begin <= place < end for begin, end in regions), f"{name} is a copy"
    with pytest.raises(ValueError, match="read-only"):
        encoded.inputs.values[0] = 9


@pytest.mark.parametrize("family", ROWS)
def test_a_second_call_maps_what_the_first_one_made(
    tmp_path: Path, tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    labels, table = ROWS[family]
    english = write_rows(tmp_path / "task", {"train": table})["train"]
    corpus = write_corpus(tmp_path / "corpus" / "train.parquet", [table.slice(0), table])
    record = task_record(family, labels or None)
    folder = tmp_path / "tokens"
    expected = load_task(record, english, corpus, TokenStore(tokenizer_file))
    first = load_task(record, english, corpus, TokenStore(tokenizer_file, folder))
    assert len(stored(folder)) == 2, "English, and the corpus"
    monkeypatch.setattr(token_store, "load_tokenizer", refuse)
    second = load_task(record, english, corpus, TokenStore(tokenizer_file, folder))
    for found in (first, second):
        assert (found.labels, found.lengths, found.ids, found.tokens) == (
            expected.labels,
            expected.lengths,
            expected.ids,
            expected.tokens,
        )
        assert found.counts() == expected.counts()
        for ours, theirs in zip(found.copies, expected.copies, strict=True):
            assert_same(ours, theirs)
            (path,) = folder.glob("s-corpus-*.arrow")
            assert_mapped(ours, path)


def lines_of(folder: Path | None, file: Path, make: Callable[[Tokenizer], Made]) -> Tokenised:
    store = TokenStore(file, folder)
    return store.get("mlm-train", [f"{PACKAGE}.masking"], {"texts": "digest"}, make)


def test_facts_and_special_tokens_come_back(tmp_path: Path, tokenizer_file: Path) -> None:
    texts = {"en": LINES[:4], "es": LINES[4:]}

    def make(tokens: Tokenizer) -> Made:
        return [encode_lines(texts, tokens, 6)], {"sizes": {"en": 4, "es": 2}}

    plain = lines_of(None, tokenizer_file, make)
    for found in (
        lines_of(tmp_path, tokenizer_file, make),
        lines_of(tmp_path, tokenizer_file, refuse),
    ):
        assert found.facts == {"sizes": {"en": 4, "es": 2}}
        assert found.tokens == plain.tokens == SpecialTokens.of(tokenizer())
        assert found.copies[0].truncated == 6
        assert_same(found.copies[0], plain.copies[0])
    names = [tokenizer().id_to_token(number) for number in plain.tokens.special]
    assert names == ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    assert plain.tokens.vocabulary == tokenizer().get_vocab_size()


def test_without_a_folder_nothing_is_written(tmp_path: Path, tokenizer_file: Path) -> None:
    english = write_rows(tmp_path, {"train": classification_rows(4)})["train"]
    before = sorted(tmp_path.rglob("*")) + sorted(tokenizer_file.parent.rglob("*"))
    load_task(task_record("classification", NLI), english, english, TokenStore(tokenizer_file))
    assert sorted(tmp_path.rglob("*")) + sorted(tokenizer_file.parent.rglob("*")) == before


def test_two_processes_make_it_once(tmp_path: Path, tokenizer_file: Path) -> None:
    folder, made = tmp_path / "tokens", tmp_path / "made"
    made.mkdir()

    def make(tokens: Tokenizer) -> Made:
        (made / str(os.getpid())).touch()
        time.sleep(0.5)  # the other one comes meanwhile
        return [encode_lines({"en": LINES}, tokens, 24)], {}

    def work() -> None:
        found = lines_of(folder, tokenizer_file, make)
        assert found.copies[0].examples == len(LINES)

    logs = [tmp_path / f"{number}.log" for number in (0, 1)]
    assert finish(*[start(work, log) for log in logs]) == [0, 0], [log.read_text() for log in logs]
    assert len(list(made.iterdir())) == 1
    said = "".join(log.read_text() for log in logs)
    assert "waiting: another process holds" in said
    assert len(stored(folder)) == 1
    assert_same(
        lines_of(folder, tokenizer_file, refuse).copies[0],
        encode_lines({"en": LINES}, tokenizer(), 24),
    )
