"""Declarations of XTREME's nine target tasks.

Languages, metrics and splits are XTREME's (Hu et al. 2020, evaluate.py and its scripts), with dev
sets where XTREME has none: SQuAD 1.1 dev without XQuAD's paragraphs, and a held-out tenth of TyDi
QA's English training paragraphs.
"""

from collections.abc import Mapping
from types import MappingProxyType

from polystilts.study.tasks import XTREME, Benchmark, Family, Split, Task
from polystilts.tasks.hub_forms import FORMS
from polystilts.tasks.translations import TRANSLATIONS
from polystilts.tasks.xtreme_languages import (
    BUCC,
    ENTITIES,
    MLQA,
    NLI_LABELS,
    PANX,
    PAWSX,
    TATOEBA,
    TYDIQA,
    UDPOS,
    UDPOS_DEV,
    UPOS,
    XNLI,
    XQUAD,
)

_ENGLISH = ("en",)
PANX_LANGUAGES = PANX  # all languages of XTREME
_PARAPHRASE = ("not_paraphrase", "paraphrase")
_HELD_OUT = 0.1
_TYDI_TRAIN = "tydiqa/tydiqa-goldp-v1.1-train.json"


def _target(
    name: str,
    title: str,
    family: Family,
    languages: tuple[str, ...],
    metric: str,
    labels: tuple[str, ...] | None,
    splits: tuple[Split, ...],
    fine_tune: str | None,
    citation: str,
    licence: str,
    version: str,
    benchmark_folder: str = "",
    benchmark_labels: Mapping[str, str] = MappingProxyType({}),
    retriever: str | None = None,
    benchmark: Benchmark | None = XTREME,
) -> Task:
    return Task(
        name=name,
        title=title,
        family=family,
        intermediate=False,
        target=True,
        languages=languages,
        metric=metric,
        labels=labels,
        splits=splits,
        fine_tune=fine_tune,
        citation=citation,
        licence=licence,
        version=version,
        forms=FORMS.get(name, ()),
        translations=TRANSLATIONS.get(name, ()),
        benchmark=benchmark,
        benchmark_folder=benchmark_folder,
        benchmark_labels=benchmark_labels,
        retriever=retriever,
    )


def _options(**options: object) -> Mapping[str, object]:
    return MappingProxyType(options)


def _treebanks(name: str) -> tuple[str, ...]:
    return (f"ud-treebanks-v2.5/{{treebank}}-ud-{name}.conllu",)


def _tydiqa_part(part: str) -> Mapping[str, object]:
    return _options(id_prefix="{tydi}", held_out=_HELD_OUT, part=part)


_PARALLEL_TREEBANKS = _options(parallel_treebanks=["pud", "miniature"])
_PARAPHRASE_LABELS = _options(label_names={"0": "not_paraphrase", "1": "paraphrase"})

TARGETS = (
    _target(
        name="xnli",
        title="XNLI",
        family="classification",
        languages=XNLI,
        metric="accuracy",
        labels=NLI_LABELS,
        splits=(
            Split("train", "xnli_mt", ("xnli/XNLI-MT-1.0/multinli/multinli.train.en.tsv",)),
            Split("dev", "xnli", ("xnli/XNLI-1.0/xnli.dev.tsv",), per_language=True),
            Split("test", "xnli", ("xnli/XNLI-1.0/xnli.test.tsv",), per_language=True),
        ),
        fine_tune="xnli",
        citation="Conneau et al. 2018, XNLI, EMNLP",
        licence="CC BY-NC 4.0",
        version="XNLI-1.0",
    ),
    _target(
        name="pawsx",
        title="PAWS-X",
        family="classification",
        languages=PAWSX,
        metric="accuracy",
        labels=_PARAPHRASE,
        splits=(
            Split("train", "pawsx", ("pawsx/x-final/en/train.tsv",), options=_PARAPHRASE_LABELS),
            Split(
                "dev",
                "pawsx",
                ("pawsx/x-final/{lang}/dev_2k.tsv",),
                per_language=True,
                options=_PARAPHRASE_LABELS,
            ),
            Split(
                "test",
                "pawsx",
                ("pawsx/x-final/{lang}/test_2k.tsv",),
                per_language=True,
                options=_PARAPHRASE_LABELS,
            ),
        ),
        fine_tune="pawsx",
        citation="Yang et al. 2019, PAWS-X, EMNLP",
        licence="free for any purpose, with attribution to Google",
        version="PAWS-X-1.0",
        benchmark_labels=MappingProxyType({"not_paraphrase": "0", "paraphrase": "1"}),
    ),
    _target(
        name="udpos",
        title="UDPOS (Universal Dependencies 2.5)",
        family="tagging",
        languages=UDPOS,
        metric="chunk_f1",
        labels=UPOS,
        splits=(
            Split("train", "conllu", _treebanks("train"), options=_PARALLEL_TREEBANKS),
            Split(
                "dev",
                "conllu",
                _treebanks("dev"),
                per_language=True,
                options=_PARALLEL_TREEBANKS,
                languages=UDPOS_DEV,
            ),
            Split(
                "test",
                "conllu",
                _treebanks("test"),
                per_language=True,
                options=_PARALLEL_TREEBANKS,
            ),
        ),
        fine_tune="udpos",
        citation="Nivre et al. 2020, Universal Dependencies v2, LREC",
        licence="by treebank: CC BY, CC BY-SA, CC BY-NC-SA, GPL",
        version="UD-2.5-xtreme",
    ),
    _target(
        name="panx",
        title="PAN-X (WikiANN)",
        family="tagging",
        languages=PANX,
        metric="chunk_f1",
        labels=ENTITIES,
        splits=(
            Split("train", "wikiann", ("panx/en/train",)),
            Split("dev", "wikiann", ("panx/{lang}/dev",), per_language=True),
            Split("test", "wikiann", ("panx/{lang}/test",), per_language=True),
        ),
        fine_tune="panx",
        citation="Pan et al. 2017, Cross-lingual Name Tagging, ACL; Rahimi et al. 2019, ACL",
        licence="not stated (text from Wikipedia, CC BY-SA)",
        version="WikiANN-Rahimi",
    ),
    _target(
        name="xquad",
        title="XQuAD",
        family="span_qa",
        languages=XQUAD,
        metric="squad",
        labels=None,
        splits=(
            Split(
                "dev",
                "squad_without",
                ("squad/dev-v1.1.json", "xquad/xquad.en.json"),
                per_language=True,
                languages=_ENGLISH,
            ),
            Split(
                "test",
                "squad",
                ("xquad/xquad.{lang}.json",),
                per_language=True,
                options=_options(group="questions"),
            ),
        ),
        fine_tune="squad",
        citation="Artetxe et al. 2020, On the Cross-lingual Transferability, ACL",
        licence="CC BY-SA 4.0",
        version="XQuAD",
    ),
    _target(
        name="mlqa",
        title="MLQA",
        family="span_qa",
        languages=MLQA,
        metric="mlqa",
        labels=None,
        splits=tuple(
            Split(
                name,
                "squad",
                (f"mlqa/MLQA_V1/{name}/{name}-context-{{lang}}-question-{{lang}}.json",),
                per_language=True,
                options=_options(group="id"),
            )
            for name in ("dev", "test")
        ),
        fine_tune="squad",
        citation="Lewis et al. 2020, MLQA, ACL",
        licence="CC BY-SA 3.0",
        version="MLQA-v1",
    ),
    _target(
        name="tydiqa",
        title="TyDi QA, gold passage",
        family="span_qa",
        languages=TYDIQA,
        metric="squad",
        labels=None,
        splits=(
            Split("train", "tydiqa", (_TYDI_TRAIN,), options=_tydiqa_part("train")),
            Split(
                "dev",
                "tydiqa",
                (_TYDI_TRAIN,),
                per_language=True,
                options=_tydiqa_part("dev"),
                languages=_ENGLISH,
            ),
            Split(
                "test",
                "tydiqa",
                ("tydiqa/tydiqa-goldp-v1.1-dev.json",),
                per_language=True,
                options=_options(id_prefix="{tydi}"),
            ),
        ),
        fine_tune="tydiqa",
        citation="Clark et al. 2020, TyDi QA, TACL",
        licence="Apache-2.0",
        version="TyDiQA-GoldP-1.1",
    ),
    _target(
        name="bucc",
        title="BUCC 2018",
        family="retrieval",
        languages=BUCC,
        metric="mining_f1",
        labels=None,
        splits=tuple(
            Split(
                name,
                "bucc",
                tuple(f"bucc2018/{{lang}}-en.{part}.{end}" for end in ("{lang}", "en", "gold")),
                per_language=True,
            )
            for name, part in (("dev", "sample"), ("test", "training"))
        ),
        fine_tune=None,
        citation="Zweigenbaum et al. 2018, Overview of the Third BUCC Shared Task",
        licence="not stated (research use)",
        version="BUCC2018-training",
        benchmark_folder="bucc2018",
        retriever="bucc",
    ),
    _target(
        name="tatoeba",
        title="Tatoeba",
        family="retrieval",
        languages=TATOEBA,
        metric="retrieval_accuracy",
        labels=None,
        splits=(
            Split(
                "test",
                "tatoeba",
                ("tatoeba/tatoeba.{iso3}-eng.{iso3}", "tatoeba/tatoeba.{iso3}-eng.eng"),
                per_language=True,
            ),
        ),
        fine_tune=None,
        citation="Artetxe and Schwenk 2019, Massively Multilingual Sentence Embeddings, TACL",
        licence="CC BY 2.0 FR",
        version="LASER-Tatoeba-v1",
        retriever="tatoeba",
    ),
)
