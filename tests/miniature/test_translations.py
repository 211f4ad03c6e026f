"""The world's translations are true: the same examples, told in another language."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from polystilts.errors import ConfigError
from polystilts.miniature.layout import TRANSLATED_FILES, files
from polystilts.miniature.lexicon import load_lexicon
from polystilts.miniature.mirror import write_mirror
from polystilts.miniature.settings import LANGUAGES, WorldSettings
from polystilts.study.tasks import resolve
from polystilts.tasks.readers import load_family
from polystilts.tasks.registry import TASKS
from polystilts.tasks.rows import SCHEMAS, TEXT_FIELDS, to_table, unique
from polystilts.tasks.translated_rows import TranslatedRows, read_translation

FOREIGN = tuple(code for code in LANGUAGES if code != "en")
INTERMEDIATES = [name for name, task in TASKS.items() if task.intermediate]
LEXICON = load_lexicon()
# what only English has: its auxiliary in questions, and `many` behind `how`
ENGLISH_ALONE = {"did", "many"}


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory, world: dict[str, object]) -> Path:
    folder = tmp_path_factory.mktemp("translated")
    write_mirror(folder, {**world, "translations": True})
    return folder


def test_it_is_the_same_world_with_more_files(mirror: Path, translated: Path) -> None:
    def digests(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    before, after = digests(mirror), digests(translated)
    assert before.items() < after.items()
    assert sorted(after) == files(LANGUAGES, translations=True)
    assert set(after) - set(before) == {
        f"translations/{code}/{file}" for code in FOREIGN for file in TRANSLATED_FILES
    }


def test_every_training_file_of_every_intermediate_task_is_translated() -> None:
    trained_on = {
        file
        for name in INTERMEDIATES
        for split in TASKS[name].splits
        if split.name == "train"
        for file in split.files
    }
    assert set(TRANSLATED_FILES) == trained_on


@pytest.mark.parametrize("value", [1, "yes", None])
def test_translations_are_asked_for_by_true(value: object) -> None:
    with pytest.raises(ConfigError, match=r"world\.translations: needs true or false"):
        WorldSettings.from_mapping({"translations": value})


def rows_of(task: str, folder: Path) -> tuple[pa.Table, list[str], dict[str, Any]]:
    """Return a task's English training rows, the files they are read from, and how."""
    declared = TASKS[task]
    split = resolve(next(split for split in declared.splits if split.name == "train"), "en")
    family, counts = load_family(declared.family), Counter[str]()
    reader = family.READERS[split.reader]
    paths = [folder / file for file in split.files]
    rows = list(unique(reader(paths, None, declared.labels, split.options, counts), counts))
    how = {"language": None, "reader": split.reader, "options": dict(split.options)}
    return to_table(rows, SCHEMAS[declared.family]), list(split.files), how


def translation(task: str, folder: Path, code: str) -> tuple[pa.Table, TranslatedRows]:
    english, names, how = rows_of(task, folder)
    declared = TASKS[task]
    record = {
        "dataset": task,
        "family": declared.family,
        "labels": declared.labels,
        "translations": {code: {"rows": how, "english": None}},
    }
    paths = [folder / "translations" / code / name for name in names]
    family = load_family(declared.family)
    return english, read_translation(record, code, english, family, paths)


def texts(row: dict[str, Any], family: str) -> Iterator[str]:
    for field in TEXT_FIELDS[family]:
        value = row[field]
        if isinstance(value, list):
            yield from value if family != "tagging" else [" ".join(value)]
        elif value is not None:
            yield value


@pytest.mark.parametrize("code", FOREIGN)
@pytest.mark.parametrize("task", INTERMEDIATES)
def test_every_example_is_there_with_its_label(translated: Path, task: str, code: str) -> None:
    english, found = translation(task, translated, code)
    assert found.missing == {}
    assert np.array_equal(found.place, np.arange(english.num_rows))
    assert (found.read, found.unused, found.same_text) == (english.num_rows, 0, 0)
    assert found.table["id"].equals(english["id"])


def words(text: str) -> list[str]:
    for mark in ".?؟।":
        text = text.replace(mark, " ")
    return text.split()


@pytest.mark.parametrize("code", FOREIGN)
@pytest.mark.parametrize("task", INTERMEDIATES)
def test_its_words_are_those_of_the_english_text(translated: Path, task: str, code: str) -> None:
    """Every word of a translation is a word for something that its English text names."""
    family = TASKS[task].family
    english, found = translation(task, translated, code)
    forms: dict[str, set[str]] = {}
    for concept in LEXICON.concepts:
        for word in LEXICON.english(concept):
            forms.setdefault(word, set()).update((concept.forms[code], concept.forms["en"]))
    compared = 0
    for source, target in zip(english.to_pylist(), found.table.to_pylist(), strict=True):
        for text, other in zip(texts(source, family), texts(target, family), strict=True):
            left = [word for word in words(text) if word not in ENGLISH_ALONE]
            right = words(other)
            # a verb-final language leaves the verb before a gap out
            assert len(left) - len(right) in ((0, 1) if code == "hi" else (0,)), (text, other)
            allowed = Counter[str]()
            for word in left:
                allowed.update(forms.get(word, {word}))
            assert not Counter(right) - allowed, (text, other)
            assert sum(map(text.count, ".?")) == sum(map(other.count, ".?؟।"))
            compared += len(right)
    assert compared > 1000


@pytest.mark.parametrize("code", FOREIGN)
def test_answers_say_what_the_english_ones_say(translated: Path, code: str) -> None:
    forms = {
        word: {concept.forms[code], concept.forms["en"]}
        for concept in LEXICON.concepts
        for word in LEXICON.english(concept)
    }
    for task in ("squad", "squad2"):
        english, found = translation(task, translated, code)
        answered = 0
        for source, target in zip(english.to_pylist(), found.table.to_pylist(), strict=True):
            for old, new in zip(source["answers"], target["answers"], strict=True):
                assert len(old["text"].split()) == len(new["text"].split())
                allowed = set().union(*(forms.get(w, {w}) for w in old["text"].split()))
                assert set(new["text"].split()) <= allowed
                answered += 1
        assert answered >= english.num_rows // 2


@pytest.mark.parametrize("code", FOREIGN)
def test_choices_stay_apart(translated: Path, code: str) -> None:
    for task in ("hellaswag", "cosmosqa", "commonsenseqa"):
        for row in translation(task, translated, code)[1].table.to_pylist():
            assert len(set(row["choices"])) == len(row["choices"]), row


@pytest.mark.parametrize("code", FOREIGN)
def test_supertags_are_those_of_the_translated_words(translated: Path, code: str) -> None:
    english, found = translation("ccg", translated, code)
    for source, target in zip(english.to_pylist(), found.table.to_pylist(), strict=True):
        gone = Counter(source["tags"]) - Counter(target["tags"])
        dropped = [
            tag
            for word, tag in zip(source["tokens"], source["tags"], strict=True)
            if word in ENGLISH_ALONE
        ]
        assert gone == Counter(dropped)
        assert not Counter(target["tags"]) - Counter(source["tags"])
    orders = {tuple(row["tags"]) for row in found.table.to_pylist()}
    assert orders != {tuple(row["tags"]) for row in english.to_pylist()}


def test_loans_are_a_small_part(translated: Path) -> None:
    shares = {}
    for code in FOREIGN:
        english = {word for c in LEXICON.concepts if c.is_content for word in LEXICON.english(c)}
        records = (translated / f"translations/{code}/hellaswag/hellaswag_train.jsonl").read_text(
            encoding="utf-8"
        )
        seen = [word for line in records.splitlines() for word in words(json.loads(line)["ctx_a"])]
        shares[code] = sum(word in english for word in seen) / len(seen)
    assert all(0 < share < 0.1 for share in shares.values()), shares
