"""Extractive reading: SQuAD 1.1 and 2.0, XQuAD, MLQA and TyDiQA-GoldP as SQuAD JSON."""

import json
from collections.abc import Callable, Sequence

from polystilts.miniature.facts import stream
from polystilts.miniature.grammar import Voice, Word, located, written
from polystilts.miniature.layout import mlqa as mlqa_path
from polystilts.miniature.lexicon import Lexicon
from polystilts.miniature.paragraphs import Paragraph, sample_paragraphs
from polystilts.miniature.settings import WorldSettings
from polystilts.miniature.writer import ENGLISH, Files, Translator, Writer, splits_in
from polystilts.provenance.hashing import unit_hash

_PARAGRAPHS_PER_ARTICLE = 50
_SEQUEL_SHARE = 0.4
_TYDIQA_NAMES = {
    "en": "english",
    "es": "spanish",
    "ru": "russian",
    "hi": "hindi",
    "ar": "arabic",
}
_ANSWER_ROLES = {"object": ("number", "adjective", "object")}


def _article(
    lexicon: Lexicon,
    settings: WorldSettings,
    language: str,
    title: str,
    paragraphs: Sequence[Paragraph],
    purpose: tuple[str, str],
    identifier: Callable[[int, int], str],
    version2: bool = False,
) -> dict[str, object]:
    """Return an article as SQuAD JSON; `identifier` names (paragraph, question)."""
    rendered = []
    for paragraph in paragraphs:
        rng = stream(settings.seed, *purpose, "voice", language, paragraph.number)
        voice = Voice(lexicon, language, rng)
        words: list[Word] = []
        main_words: list[int] = []
        for place, fact in enumerate(paragraph.told):
            sentence = voice.sentence(fact)
            if place == paragraph.main:
                main_words = list(range(len(words), len(words) + len(sentence)))
            words += sentence
        context, spans = located(words)
        questions = []
        for number, asked in enumerate(paragraph.questions):
            roles = _ANSWER_ROLES.get(asked.role, (asked.role,))
            inside = [i for i in main_words if words[i].role in roles and words[i].head]
            answers = []
            if asked.answerable:
                start, end = spans[inside[0]][0], spans[inside[-1]][1]
                answers = [{"text": context[start:end], "answer_start": start}]
            record: dict[str, object] = {
                "question": written(voice.question(asked.known, asked.role)),
                "id": identifier(paragraph.number, number),
                "answers": answers,
            }
            if version2:
                record["is_impossible"] = not asked.answerable
            questions.append(record)
        rendered.append({"context": context, "qas": questions})
    return {"title": title, "paragraphs": rendered}


def _articles(
    lexicon: Lexicon,
    settings: WorldSettings,
    language: str,
    paragraphs: Sequence[Paragraph],
    purpose: tuple[str, str],
    identifier: Callable[[int, int], str],
    version2: bool = False,
) -> list[dict[str, object]]:
    starts = range(0, len(paragraphs), _PARAGRAPHS_PER_ARTICLE)
    return [
        _article(
            lexicon,
            settings,
            language,
            f"{purpose[0]}_{purpose[1]}_{number}",
            paragraphs[start : start + _PARAGRAPHS_PER_ARTICLE],
            purpose,
            identifier,
            version2,
        )
        for number, start in enumerate(starts)
    ]


def _named(purpose: str, split: str, digits: int) -> Callable[[int, int], str]:
    """Return a namer of questions: hexadecimal, the same in every language."""
    return lambda paragraph, question: (
        f"{unit_hash(purpose, split, paragraph, question):016x}"
        f"{unit_hash(purpose, split, question, paragraph, 'rest'):016x}"
        f"{unit_hash(purpose, 'rest', split, paragraph, question):016x}"
    )[:digits]


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"


def squad(lexicon: Lexicon, settings: WorldSettings, told_in: str = ENGLISH) -> Files:
    """Yield SQuAD 1.1 and XQuAD, whose English paragraphs stand in SQuAD's dev file too."""

    def articles(language: str, split: str, purpose: str, count: int) -> list[dict[str, object]]:
        paragraphs = sample_paragraphs(
            lexicon, settings, split, purpose, count, sequel=_SEQUEL_SHARE
        )
        name = _named(purpose, split, 24)
        return _articles(lexicon, settings, language, paragraphs, (purpose, split), name)

    train = articles(told_in, "train", "squad", settings.train["squad"])
    train += articles(told_in, "few-shot", "squad", settings.few_shot["squad"])
    yield "squad/train-v1.1.json", _json({"data": train, "version": "1.1"})
    if told_in != ENGLISH:
        return
    dev = articles("en", "dev", "squad", settings.dev)
    dev += articles("en", "test", "xquad", settings.test)
    yield "squad/dev-v1.1.json", _json({"data": dev, "version": "1.1"})
    for language in settings.languages:
        data = articles(language, "test", "xquad", settings.test)
        yield f"xquad/xquad.{language}.json", _json({"data": data, "version": "1.1"})


def squad2(lexicon: Lexicon, settings: WorldSettings, language: str = ENGLISH) -> Files:
    """Yield SQuAD 2.0, where every second question has no answer."""
    sizes = {"train": settings.train["squad2"], "dev": settings.dev}
    for split, count in splits_in(language, sizes).items():
        paragraphs = sample_paragraphs(lexicon, settings, split, "squad2", count, unanswerable=True)
        name = _named("squad2", split, 24)
        data = _articles(
            lexicon, settings, language, paragraphs, ("squad2", split), name, version2=True
        )
        yield f"squad_v2/{split}-v2.0.json", _json({"version": "v2.0", "data": data})


def mlqa(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield MLQA: contexts with an aside in every language, questions in the same one."""
    for split, count in {"dev": settings.dev, "test": settings.test}.items():
        paragraphs = sample_paragraphs(
            lexicon, settings, split, "mlqa", count, aside=0.5, sequel=_SEQUEL_SHARE
        )
        name = _named("mlqa", split, 40)
        for language in settings.languages:
            data = _articles(lexicon, settings, language, paragraphs, ("mlqa", split), name)
            yield mlqa_path(language, split), _json({"version": 1.0, "data": data})


def tydiqa(lexicon: Lexicon, settings: WorldSettings) -> Files:
    """Yield TyDiQA-GoldP: short questions, the language as the prefix of the question's id.

    The training file is English alone; the dev file holds every language.
    """
    train = _tydiqa_articles(lexicon, settings, "en", "few-shot", settings.few_shot["tydiqa"])
    yield "tydiqa/tydiqa-goldp-v1.1-train.json", _json({"data": train, "version": "1.1"})
    dev = [
        article
        for language in settings.languages
        for article in _tydiqa_articles(lexicon, settings, language, "test", settings.test)
    ]
    yield "tydiqa/tydiqa-goldp-v1.1-dev.json", _json({"data": dev, "version": "1.1"})


def _tydiqa_articles(
    lexicon: Lexicon, settings: WorldSettings, language: str, split: str, count: int
) -> list[dict[str, object]]:
    paragraphs = sample_paragraphs(lexicon, settings, split, "tydiqa", count, aside=0.3, terse=True)

    def name(paragraph: int, question: int) -> str:
        number = unit_hash("tydiqa", split, paragraph, question)
        return f"{_TYDIQA_NAMES[language]}-{number}-{question}"

    return _articles(lexicon, settings, language, paragraphs, ("tydiqa", split), name)


WRITERS: tuple[Writer, ...] = (
    squad,
    squad2,
    mlqa,
    tydiqa,
)
TRANSLATORS: tuple[Translator, ...] = (squad, squad2)
