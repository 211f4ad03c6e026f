"""Declarations of the tasks' copies on the Hugging Face hub, and of other published forms.

A hub form is read from Parquet, one file for each configuration and split of a repository:
`hub/<owner>/<repository>/<configuration>/<split>.parquet`. Dev and test are those of the originals.
Its version differs from the original's, since copies were converted: contexts and questions may
have lost white space around them. Three copies are not what XTREME scores:

- udpos of `google/xtreme` has the words of multi-word tokens instead of their surface forms, none
  of XTREME's cleaning, and sentences of other languages whose treebanks share the name (Ancient
  Greek, Swiss German, Old French, Old Russian, Classical Chinese);
- `mteb/BUCC` has BUCC's training set, XTREME's test, but no sample set: the threshold is chosen on
  one half of it and scored on the other. `google/xtreme` bucc18 has gold pairs alone, of which
  nothing can be mined, and is not declared;
- PAWS-X of `google/xtreme` lost rows to quotation marks and is not declared: the form here is
  `google-research-datasets/paws-x`, which has all of them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from polystilts.study.tasks import Form, Split
from polystilts.tasks.xtreme_languages import ENTITIES, NLI_LABELS, UDPOS_DEV, UPOS

_ENGLISH = ("en",)
_GLUE = "nyu-mll/glue"
_XTREME = "google/xtreme"
_SQUAD = "rajpurkar/squad/plain_text"
_XQUAD = "google/xquad/xquad.en/validation"
_TYDIQA = "google-research-datasets/tydiqa/secondary_task"
_HALF = 0.5
_TENTH = 0.1
_LINES = 100_000


def _options(**options: object) -> Mapping[str, object]:
    return MappingProxyType(options)


_NONE = _options()
_NLI = _options(names=list(NLI_LABELS))
_XNLI_TRAIN = _options(names=list(NLI_LABELS), group="id")
_XNLI_TEST = _options(names=list(NLI_LABELS), rows_per_group=3)
_PAWSX = _options(
    names=["0", "1"], label_names={"0": "not_paraphrase", "1": "paraphrase"}, group="id"
)
_QQP = _options(names=["not_duplicate", "duplicate"], group="id")
_UNANSWERABLE = _options(unanswerable="keep")
_UPOS = _options(names=list(UPOS))
_ENTITIES = _options(names=list(ENTITIES))


def _files(*paths: str) -> tuple[str, ...]:
    return tuple(f"hub/{path}.parquet" for path in paths)


def _hub(source: str, *splits: Split) -> tuple[Form, ...]:
    return (Form("hub", f"hub.{source}", splits),)


def _train(reader: str, path: str, options: Mapping[str, object]) -> Split:
    return Split("train", reader, _files(path), options=options)


def _dev_and_test(
    reader: str,
    pattern: str,
    options: Mapping[str, object],
    dev_languages: tuple[str, ...] | None = None,
) -> tuple[Split, Split]:
    dev, test = (_files(f"{pattern}/{split}") for split in ("validation", "test"))
    return (
        Split("dev", reader, dev, True, options, dev_languages),
        Split("test", reader, test, True, options),
    )


def _intermediate(
    reader: str, folder: str, options: Mapping[str, object] = _NONE, dev: str = "validation"
) -> tuple[Form, ...]:
    """Return the form of an English task, whose folder is repository and configuration."""
    return _hub(
        folder.replace("/", "."),
        Split("train", reader, _files(f"{folder}/train"), options=options),
        Split("dev", reader, _files(f"{folder}/{dev}"), options=options),
    )


def _questions(folder: str, options: Mapping[str, object] = _NONE) -> tuple[Form, ...]:
    """Return the form of a SQuAD, whose dev set is read without the paragraphs that XQuAD has."""
    return _hub(
        folder.replace("/", "."),
        _train("hub_squad", f"{folder}/train", options),
        Split("dev", "hub_squad_without", _files(f"{folder}/validation", _XQUAD), options=options),
    )


def _anli(name: str, mnli: str, snli: str) -> Split:
    return Split(
        name,
        "mixture",
        _files(
            *(f"facebook/anli/plain_text/{name}_r{number}" for number in (1, 2, 3)),
            f"{_GLUE}/mnli/{mnli}",
            f"stanfordnlp/snli/plain_text/{snli}",
        ),
        options=_options(
            readers=["hub_pairs"] * 5,
            prefixes=["anli-r1", "anli-r2", "anli-r3", "mnli", "snli"],
            names=list(NLI_LABELS),
        ),
    )


def _tydiqa(**options: object) -> Mapping[str, object]:
    return _options(id_prefix="{tydi}", **options)


# CCGbank as its owners have it (LDC2005T13), below the folder that `tasks.ccg.path` names: the
# sections of Hockenmaier and Steedman 2007. Asterisks stand for what is there, sorted.
_AUTO = Form(
    "auto",
    "CCGbank-AUTO",
    (
        Split(
            "train",
            "ccgbank_auto",
            tuple(f"data/AUTO/{section:02d}/*.auto" for section in range(2, 22)),
        ),
        Split("dev", "ccgbank_auto", ("data/AUTO/00/*.auto",)),
    ),
)

FORMS: Mapping[str, tuple[Form, ...]] = MappingProxyType(
    {
        "anli": _hub(
            "facebook.anli",
            _anli("train", "train", "train"),
            _anli("dev", "validation_matched", "validation"),
        ),
        "mnli": _intermediate("hub_pairs", f"{_GLUE}/mnli", _NLI, "validation_matched"),
        "qqp": _intermediate("hub_pairs", f"{_GLUE}/qqp", _QQP),
        "squad": _questions(_SQUAD),
        "squad2": _questions("rajpurkar/squad_v2/squad_v2", _UNANSWERABLE),
        "hellaswag": _intermediate("hub_hellaswag", "Rowan/hellaswag/default"),
        "ccg": (_AUTO,),
        "cosmosqa": _intermediate("hub_cosmosqa", "allenai/cosmos_qa/default"),
        "commonsenseqa": _intermediate("hub_commonsenseqa", "tau/commonsense_qa/default"),
        "xnli": _hub(
            "facebook.xnli",
            _train("hub_pairs", "facebook/xnli/en/train", _XNLI_TRAIN),
            *_dev_and_test("hub_pairs", "facebook/xnli/{lang}", _XNLI_TEST),
        ),
        "pawsx": _hub(
            "google-research-datasets.paws-x",
            _train("hub_pairs", "google-research-datasets/paws-x/en/train", _PAWSX),
            *_dev_and_test("hub_pairs", "google-research-datasets/paws-x/{lang}", _PAWSX),
        ),
        "udpos": _hub(
            "google.xtreme.udpos",
            _train("hub_tags", f"{_XTREME}/udpos.English/train", _UPOS),
            *_dev_and_test("hub_tags", f"{_XTREME}/udpos.{{name}}", _UPOS, UDPOS_DEV),
        ),
        "panx": _hub(
            "google.xtreme.PAN-X",
            _train("hub_tags", f"{_XTREME}/PAN-X.en/train", _ENTITIES),
            *_dev_and_test("hub_tags", f"{_XTREME}/PAN-X.{{lang}}", _ENTITIES),
        ),
        "xquad": _hub(
            "google.xquad",
            Split(
                "dev",
                "hub_squad_without",
                _files(f"{_SQUAD}/validation", _XQUAD),
                per_language=True,
                languages=_ENGLISH,
            ),
            Split(
                "test",
                "hub_squad",
                _files("google/xquad/xquad.{lang}/validation"),
                per_language=True,
                options=_options(group="questions"),
            ),
        ),
        "mlqa": _hub(
            "google.xtreme.MLQA",
            *_dev_and_test("hub_squad", f"{_XTREME}/MLQA.{{lang}}.{{lang}}", _options(group="id")),
        ),
        "tydiqa": _hub(
            "google-research-datasets.tydiqa",
            _train("hub_tydiqa", f"{_TYDIQA}/train", _tydiqa(held_out=_TENTH, part="train")),
            Split(
                "dev",
                "hub_tydiqa",
                _files(f"{_TYDIQA}/train"),
                per_language=True,
                options=_tydiqa(held_out=_TENTH, part="dev"),
                languages=_ENGLISH,
            ),
            Split(
                "test",
                "hub_tydiqa",
                _files(f"{_TYDIQA}/validation"),
                per_language=True,
                options=_tydiqa(),
            ),
        ),
        "bucc": _hub(
            "mteb.BUCC.halves",
            *(
                Split(
                    part,
                    "hub_bucc",
                    _files("mteb/BUCC/{lang}-en/test"),
                    per_language=True,
                    options=_options(held_out=_HALF, part=part),
                )
                for part in ("dev", "test")
            ),
        ),
        "tatoeba": _hub(
            "google.xtreme.tatoeba",
            Split(
                "test",
                "hub_tatoeba",
                _files(f"{_XTREME}/tatoeba.{{iso3}}/validation"),
                per_language=True,
            ),
        ),
        "mlm": _hub(
            "wikimedia.wikipedia.20231101",
            Split(
                "train",
                "wikipedia",
                _files("wikimedia/wikipedia/20231101.{lang}/train"),
                per_language=True,
                options=_options(lines=_LINES),
            ),
        ),
    }
)
