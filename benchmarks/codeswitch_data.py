"""What `codeswitch.py` reads: English sentences, ten dictionaries in our form, XQuAD's English."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from polystilts.lexicon.build import build
from polystilts.lexicon.catalogue import KINDS

DICTD = Path("/usr/share/dictd")
# the largest of FreeDict's dictionaries into languages that no MUSE file at hand is for
FREEDICT = ("hu", "fi", "bg")
DICTIONARIES = 10


def sentences(data: Path) -> tuple[dict[str, int], list[str]]:
    """Return how many new sentences each source adds, and all of them, each once, in file order."""
    counts: Counter[str] = Counter()
    unique: dict[str, None] = {}
    for source, text in _texts(data):
        text = text.strip()
        if text and text not in unique:
            unique[text] = None
            counts[source] += 1
    return dict(counts), list(unique)


def _texts(data: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((data / "tatoeba-laser-v1").glob("*.eng")):
        for line in path.read_text("utf-8").splitlines():
            yield "Tatoeba", line
    for name in ("MNLI", "SNLI", "QQP"):
        for part in ("train", "dev"):
            pairs = json.loads((data / "nli-qqp-10k" / name / f"{part}.json").read_text("utf-8"))
            for pair in pairs.values():
                yield name, pair["text_a"]
                yield name, pair["text_b"]
    for part in ("train", "dev"):
        path = data / "commonsenseqa" / f"{part}_rand_split.jsonl"
        for line in path.read_text("utf-8").splitlines():
            yield "CommonsenseQA", json.loads(line)["question"]["stem"]
    with (data / "cosmosqa" / "valid.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in ("context", "question"):
                yield "CosmosQA", row[name]


def build_lexicons(data: Path, folder: Path) -> dict[str, Path]:
    """Build a lexicon of every MUSE file, and of FreeDict's up to ten in all if they are there."""
    built = muse_lexicons(data, folder)
    for language in FREEDICT[: DICTIONARIES - len(built)]:
        stem = DICTD / f"freedict-eng-{KINDS['freedict'].codes[language]}"
        files = [stem.with_suffix(".index"), stem.with_name(f"{stem.name}.dict.dz")]
        if all(path.is_file() for path in files):
            built[language] = _build(language, "freedict", files, folder)
    return built


def muse_lexicons(data: Path, folder: Path) -> dict[str, Path]:
    """Build a lexicon of every MUSE file."""
    files = {
        path.stem.removeprefix("en-"): path for path in sorted((data / "muse").glob("en-*.txt"))
    }
    return {language: _build(language, "muse", [path], folder) for language, path in files.items()}


def _build(language: str, reader: str, files: list[Path], folder: Path) -> Path:
    dictionary = {"name": reader, "reader": reader, "files": [str(path) for path in files]}
    record = {"language": language, "dictionaries": [dictionary], "gate": {}}
    output = folder / f"{language}.parquet"
    build(record, Path("/"), output, output.with_suffix(".json"), "0" * 16)
    return output


def up_to_ten(lexicons: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return ten dictionaries; where fewer are at hand the largest stand in under other codes."""
    stand_ins = (code for code in ("es", "fr", "ru", "ko", "pt") if code not in lexicons)
    largest = sorted(lexicons, key=lambda code: -lexicons[code].num_rows)
    missing = max(DICTIONARIES - len(lexicons), 0)
    again = dict(zip(stand_ins, largest[:missing], strict=False))
    return {**lexicons, **{code: lexicons[original] for code, original in again.items()}}


def xquad(data: Path) -> Iterator[dict[str, Any]]:
    """Yield XQuAD's English paragraphs: `context` and `questions` with `id`, `start`, `text`."""
    articles = json.loads((data / "xquad" / "xquad.en.json").read_text("utf-8"))["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            yield {
                "context": paragraph["context"],
                "questions": [
                    {
                        "id": question["id"],
                        "question": question["question"],
                        "start": question["answers"][0]["answer_start"],
                        "text": question["answers"][0]["text"],
                    }
                    for question in paragraph["qas"]
                ],
            }
