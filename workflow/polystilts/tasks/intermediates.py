"""Declarations of the nine English intermediate tasks."""

from types import MappingProxyType

from polystilts.study.tasks import Family, Split, Task
from polystilts.tasks.hub_forms import FORMS
from polystilts.tasks.translations import TRANSLATED_FROM, TRANSLATIONS
from polystilts.tasks.xtreme_languages import NLI_LABELS

_DUPLICATE = ("not_duplicate", "duplicate")
_QUESTION_LABELS = MappingProxyType({"label_names": {"0": "not_duplicate", "1": "duplicate"}})
_KEEP_UNANSWERABLE = MappingProxyType({"unanswerable": "keep"})
# XQuAD is test data, English included, and was made from paragraphs of SQuAD's dev set; English dev
# sets select checkpoints, so that they must not hold them.
_XQUAD = "xquad/xquad.en.json"


def _intermediate(
    name: str,
    title: str,
    family: Family,
    metric: str,
    labels: tuple[str, ...] | None,
    splits: tuple[Split, ...],
    citation: str,
    licence: str,
    version: str,
    restricted: bool = False,
) -> Task:
    return Task(
        name=name,
        title=title,
        family=family,
        intermediate=True,
        target=False,
        languages=("en",),
        metric=metric,
        labels=labels,
        splits=splits,
        fine_tune=None,
        citation=citation,
        licence=licence,
        restricted=restricted,
        version=version,
        forms=FORMS.get(name, ()),
        translations=TRANSLATIONS.get(name, ()),
        translated_from=TRANSLATED_FROM.get(name),
    )


def _anli_split(name: str, mnli: str) -> Split:
    rounds = tuple(f"anli/anli_v0.1/R{number}/{name}.jsonl" for number in (1, 2, 3))
    return Split(
        name,
        "mixture",
        (*rounds, f"glue/MNLI/{mnli}.tsv", f"snli/snli_1.0/snli_1.0_{name}.txt"),
        options=MappingProxyType(
            {
                "readers": ["anli", "anli", "anli", "glue_nli", "nli_text"],
                "prefixes": ["anli-r1", "anli-r2", "anli-r3", "mnli", "snli"],
            }
        ),
    )


INTERMEDIATES = (
    _intermediate(
        name="anli",
        title="Adversarial NLI with MultiNLI and SNLI",
        family="classification",
        metric="accuracy",
        labels=NLI_LABELS,
        splits=(_anli_split("train", "train"), _anli_split("dev", "dev_matched")),
        citation="Nie et al. 2020, Adversarial NLI, ACL; Bowman et al. 2015, SNLI, EMNLP",
        licence="CC BY-NC 4.0 (ANLI), CC BY-SA 4.0 (SNLI), OANC and others (MultiNLI)",
        version="ANLI-0.1+GLUE-MNLI+SNLI-1.0",
    ),
    _intermediate(
        name="mnli",
        title="MultiNLI",
        family="classification",
        metric="accuracy",
        labels=NLI_LABELS,
        splits=(
            Split("train", "glue_nli", ("glue/MNLI/train.tsv",)),
            Split("dev", "glue_nli", ("glue/MNLI/dev_matched.tsv",)),
        ),
        citation="Williams et al. 2018, A Broad-Coverage Challenge Corpus for NLI, NAACL",
        licence="OANC, CC BY 3.0, CC BY-SA 3.0 and others, by genre",
        version="GLUE-MNLI",
    ),
    _intermediate(
        name="qqp",
        title="Quora Question Pairs",
        family="classification",
        metric="accuracy",
        labels=_DUPLICATE,
        splits=(
            Split("train", "glue_qqp", ("glue/QQP/train.tsv",), options=_QUESTION_LABELS),
            Split("dev", "glue_qqp", ("glue/QQP/dev.tsv",), options=_QUESTION_LABELS),
        ),
        citation="Iyer et al. 2017, First Quora Dataset Release: Question Pairs",
        licence="Quora's terms of service (non-commercial)",
        version="GLUE-QQP",
    ),
    _intermediate(
        name="squad",
        title="SQuAD 1.1",
        family="span_qa",
        metric="squad",
        labels=None,
        splits=(
            Split("train", "squad", ("squad/train-v1.1.json",)),
            Split("dev", "squad_without", ("squad/dev-v1.1.json", _XQUAD)),
        ),
        citation="Rajpurkar et al. 2016, SQuAD: 100,000+ Questions, EMNLP",
        licence="CC BY-SA 4.0",
        version="SQuAD-1.1",
    ),
    _intermediate(
        name="squad2",
        title="SQuAD 2.0",
        family="span_qa",
        metric="squad",
        labels=None,
        splits=(
            Split(
                "train",
                "squad",
                ("squad_v2/train-v2.0.json",),
                options=_KEEP_UNANSWERABLE,
            ),
            Split(
                "dev",
                "squad_without",
                ("squad_v2/dev-v2.0.json", _XQUAD),
                options=_KEEP_UNANSWERABLE,
            ),
        ),
        citation="Rajpurkar et al. 2018, Know What You Don't Know, ACL",
        licence="CC BY-SA 4.0",
        version="SQuAD-2.0",
    ),
    _intermediate(
        name="hellaswag",
        title="HellaSwag",
        family="multiple_choice",
        metric="accuracy",
        labels=None,
        splits=(
            Split("train", "hellaswag", ("hellaswag/hellaswag_train.jsonl",)),
            Split("dev", "hellaswag", ("hellaswag/hellaswag_val.jsonl",)),
        ),
        citation="Zellers et al. 2019, HellaSwag, ACL",
        licence="MIT",
        version="HellaSwag",
    ),
    _intermediate(
        name="ccg",
        title="CCG supertagging",
        family="tagging",
        metric="accuracy",
        labels=None,
        splits=(
            Split("train", "supertags", ("ccg/ccg.train",)),
            Split("dev", "supertags", ("ccg/ccg.dev",)),
        ),
        citation="Hockenmaier and Steedman 2007, CCGbank, Computational Linguistics",
        licence="LDC2005T13 (paid licence, not distributed)",
        version="CCGbank-jiant",
        restricted=True,
    ),
    _intermediate(
        name="cosmosqa",
        title="Cosmos QA",
        family="multiple_choice",
        metric="accuracy",
        labels=None,
        splits=(
            Split("train", "cosmosqa", ("cosmosqa/train.csv",)),
            Split("dev", "cosmosqa", ("cosmosqa/valid.csv",)),
        ),
        citation="Huang et al. 2019, Cosmos QA, EMNLP",
        licence="CC BY 4.0",
        version="CosmosQA",
    ),
    _intermediate(
        name="commonsenseqa",
        title="CommonsenseQA",
        family="multiple_choice",
        metric="accuracy",
        labels=None,
        splits=(
            Split("train", "commonsenseqa", ("commonsenseqa/train_rand_split.jsonl",)),
            Split("dev", "commonsenseqa", ("commonsenseqa/dev_rand_split.jsonl",)),
        ),
        citation="Talmor et al. 2019, CommonsenseQA, NAACL",
        licence="MIT",
        version="CommonsenseQA-rand",
    ),
)
