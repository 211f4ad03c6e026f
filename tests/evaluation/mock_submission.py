"""A small submission with all of XTREME's tasks and languages, and its labels; drawn by a seed."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

from polystilts.tasks.registry import TASKS

FOLDERS = {
    **{name: name for name in ("xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa")},
    "bucc": "bucc2018",
    "tatoeba": "tatoeba",
}
QUESTIONS = ("xquad", "mlqa", "tydiqa")
TAGS = {
    "udpos": "ADJ ADP AUX CCONJ DET INTJ NOUN PROPN PUNCT SCONJ SYM VERB X".split(),
    "panx": "O O O B-PER I-PER B-LOC I-LOC B-ORG I-ORG".split(),
}
WORDS = {
    "ar": "الكتاب مثال، والقلم محمد ال",
    "de": "der Hund des Nachbarn, Haus 3050",
    "es": "unas estructuras en forma la casa",
    "hi": "उत्तर पूर्व। एक राजा",
    "th": "เขาเกิดที่ กรุงเทพฯ ๒๕",
    "vi": "những cái bàn Đài Loan là",
    "zh": "电化电池、 北京市 １９９０年 abc",
    "en": "the red house (old) 1,990 a",
}


def languages(task: str) -> Sequence[str]:
    return TASKS[task].languages


def write_submission(root: Path, seed: int = 0, tasks: Sequence[str] = tuple(FOLDERS)) -> None:
    """Write `root/labels` and `root/predictions`."""
    draw = random.Random(seed)
    for task in tasks:
        for language in languages(task):
            gold, predicted = _files(draw, task, language)
            write(root / "labels", task, language, gold)
            write(root / "predictions", task, language, predicted)


def file_of(folder: Path, task: str, language: str) -> Path:
    suffix = "json" if task in QUESTIONS else "tsv"
    return folder / FOLDERS[task] / f"test-{language}.{suffix}"


def write(folder: Path, task: str, language: str, text: str) -> Path:
    path = file_of(folder, task, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def squad_json(questions: dict[str, list[str]]) -> str:
    """Return labels in SQuAD's layout, a paragraph per question."""
    paragraphs = [
        {
            "context": " ".join(answers),
            "qas": [
                {
                    "id": name,
                    "question": "?",
                    "answers": [{"answer_start": 0, "text": answer} for answer in answers],
                }
            ],
        }
        for name, answers in questions.items()
    ]
    return json.dumps({"version": "1.1", "data": [{"title": "", "paragraphs": paragraphs}]})


def _files(draw: random.Random, task: str, language: str) -> tuple[str, str]:
    if task in TAGS:
        return _tags(draw, TAGS[task])
    if task in QUESTIONS:
        return _questions(draw, language)
    if task == "bucc":
        return _pairs(draw, language)
    kinds = {"xnli": ["entailment", "neutral", "contradiction"], "pawsx": ["0", "1"]}
    labels = kinds.get(task, [str(number) for number in range(1000)])
    gold = draw.choices(labels, k=draw.randint(5, 25))
    return _lines(gold), _lines([_noisy(draw, label, labels) for label in gold])


def _noisy(draw: random.Random, label: str, labels: Sequence[str]) -> str:
    return label if draw.random() < 0.6 else draw.choice(labels)


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _tags(draw: random.Random, tags: Sequence[str]) -> tuple[str, str]:
    gold = [draw.choices(tags, k=draw.randint(1, 20)) for _ in range(draw.randint(2, 6))]
    predicted = [[_noisy(draw, tag, tags) for tag in sentence] for sentence in gold]
    joined = ["\n".join(map(_lines, sentences)) for sentences in (gold, predicted)]
    return joined[0], joined[1]


def _questions(draw: random.Random, language: str) -> tuple[str, str]:
    words = WORDS.get(language, WORDS["en"]).split()
    questions: dict[str, list[str]] = {}
    predictions: dict[str, str] = {}
    for number in range(draw.randint(2, 8)):
        name = f"{language}-{number}"
        questions[name] = [_phrase(draw, words) for _ in range(draw.randint(1, 3))]
        predictions[name] = (
            draw.choice(questions[name]) if draw.random() < 0.4 else _phrase(draw, words)
        )
    return squad_json(questions), json.dumps(predictions)


def _phrase(draw: random.Random, words: Sequence[str]) -> str:
    return " ".join(draw.choices(words, k=draw.randint(1, 4)))


def _pairs(draw: random.Random, language: str) -> tuple[str, str]:
    gold = [f"{language}-{n:09}\ten-{n + 7:09}" for n in range(draw.randint(3, 12))]
    wrong = [f"{language}-{n:09}\ten-{n + 8:09}" for n in range(draw.randint(1, 5))]
    return _lines(gold), _lines([*draw.sample(gold, k=len(gold) // 2 + 1), *wrong])
