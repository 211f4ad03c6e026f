"""The mirror as a whole: which files, which bytes, what is disjoint from what."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from polystilts.miniature.layout import files
from polystilts.miniature.lexicon import load_lexicon
from polystilts.miniature.mirror import write_mirror
from polystilts.miniature.settings import LANGUAGES

PROGRAM = """
import hashlib, json, sys
from pathlib import Path
from polystilts.miniature.mirror import write_mirror
folder = Path(sys.argv[1])
sums = {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in write_mirror(folder, json.loads(sys.argv[2]))}
print(hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest())
"""
TINY = '{"seed": 4, "documents": 12, "train": {"default": 12}, "dev": 6, "test": 6, "retrieval": 6}'


def _present(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_exactly_the_declared_files_are_written(mirror: Path) -> None:
    assert _present(mirror) == files(LANGUAGES)


def test_fewer_languages_need_fewer_files(tmp_path: Path) -> None:
    world = {"languages": ["en", "hi"], "documents": 6, "train": {"default": 6}}
    write_mirror(tmp_path, {**world, "dev": 6, "test": 6, "retrieval": 4})
    assert _present(tmp_path) == files(["en", "hi"])
    assert "muse/en-hi.txt" in files(["en", "hi"])
    assert not any("es" in Path(name).parts for name in files(["en", "hi"]))


def test_one_language_has_no_dictionary(mirror: Path) -> None:
    assert sorted(p.name for p in (mirror / "muse").iterdir()) == [
        "en-es.txt",
        "en-hi.txt",
        "en-ru.txt",
    ]


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    sums = set()
    for hash_seed in ("0", "31337"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / hash_seed), TINY]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        sums.add(run.stdout)
    assert len(sums) == 1


def test_another_seed_gives_another_world(
    mirror: Path, world: dict[str, object], tmp_path: Path
) -> None:
    write_mirror(tmp_path, {**world, "seed": 2, "documents": 6})
    name = "glue/MNLI/train.tsv"
    assert (tmp_path / name).read_bytes() != (mirror / name).read_bytes()


def test_the_size_of_one_task_changes_no_other_file(
    mirror: Path, world: dict[str, object], tmp_path: Path
) -> None:
    write_mirror(tmp_path, {**world, "train": {"default": 150, "mnli": 90}})
    changed = [
        name
        for name in files(LANGUAGES)
        if (tmp_path / name).read_bytes() != (mirror / name).read_bytes()
    ]
    assert changed == ["glue/MNLI/train.tsv"]
    longer = (mirror / changed[0]).read_text().splitlines()
    assert (tmp_path / changed[0]).read_text().splitlines() == longer[:91]


def _texts(path: Path, columns: tuple[int, ...]) -> set[str]:
    rows = [line.split("\t") for line in path.read_text().splitlines()[1:]]
    return {row[column] for row in rows for column in columns}


def test_training_and_evaluation_share_no_premise(mirror: Path) -> None:
    intermediate = _texts(mirror / "glue/MNLI/train.tsv", (8,))
    intermediate |= _texts(mirror / "snli/snli_1.0/snli_1.0_train.txt", (5,))
    fine_tune = _texts(mirror / "xnli/XNLI-MT-1.0/multinli/multinli.train.en.tsv", (0,))
    dev = _texts(mirror / "xnli/XNLI-1.0/xnli.dev.tsv", (6,))
    dev |= _texts(mirror / "glue/MNLI/dev_matched.tsv", (8,))
    test = _texts(mirror / "xnli/XNLI-1.0/xnli.test.tsv", (6,))
    parts = [intermediate, fine_tune, dev, test]
    assert all(parts)
    assert not any(a & b for i, a in enumerate(parts) for b in parts[i + 1 :])


@pytest.mark.parametrize(
    ("train", "test", "columns"),
    [
        ("glue/QQP/train.tsv", "glue/QQP/dev.tsv", (3, 4)),
        ("pawsx/x-final/en/train.tsv", "pawsx/x-final/en/test_2k.tsv", (1, 2)),
        ("pawsx/x-final/en/dev_2k.tsv", "pawsx/x-final/en/test_2k.tsv", (1, 2)),
    ],
)
def test_pairs_of_texts_do_not_leak(
    mirror: Path, train: str, test: str, columns: tuple[int, ...]
) -> None:
    assert not _texts(mirror / train, columns) & _texts(mirror / test, columns)


def test_every_english_word_is_a_dictionary_key_but_for_the_gaps(mirror: Path) -> None:
    keys = {line.split("\t")[0] for line in (mirror / "muse/en-es.txt").read_text().splitlines()}
    words: set[str] = set()
    for line in (mirror / "text/en.txt").read_text().splitlines():
        words |= {word.strip(".?").lower() for word in line.split()}
    missing = {word for word in words if not word.isdigit()} - keys
    content = {
        w for c in load_lexicon().concepts if c.is_content for w in load_lexicon().english(c)
    }
    assert missing <= {word.lower() for word in content}
    assert len(missing) <= round(0.1 * len(content))


def test_dictionaries_are_lower_case_pairs(mirror: Path) -> None:
    for name in ("es", "ru", "hi"):
        text = (mirror / f"muse/en-{name}.txt").read_text(encoding="utf-8")
        assert text == text.lower()
        assert all(len(line.split("\t")) == 2 for line in text.splitlines())


def test_files_are_utf8_with_line_feeds_and_composed_letters(mirror: Path) -> None:
    for name in files(LANGUAGES):
        content = (mirror / name).read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        text = content.decode("utf-8")
        assert unicodedata.is_normalized("NFC", text)
