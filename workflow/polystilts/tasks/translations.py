"""Declarations of published machine translations of training sets.

Which (task, language) exist: mnli and xnli in XNLI's fifteen languages, squad in MLQA's six besides
English, pawsx in its six besides English. The other tasks have none; translations of one's own are
read from `sources.translations`.

How a translated example is matched with its English one:

- XNLI-MT's files are aligned by line and the reader's id is the row's number, so that equal ids are
  translations of one another in all fifteen files, the English one among them. Their English is
  MNLI's training set, tokenised, without MNLI's pairIDs: an example of mnli is found in the English
  file by its text (see `text_match`).
- MLQA's translations keep SQuAD's question ids. Questions whose answer was lost in translation are
  left out by MLQA; those without an answer, or with one that does not stand at its offset, are
  set aside here (counted).
- PAWS-X's translations keep the ids of its English training set.
"""

from collections.abc import Mapping
from types import MappingProxyType

from polystilts.study.tasks import Split
from polystilts.tasks.xtreme_languages import MLQA, PAWSX, XNLI

_XNLI_MT = Split(
    "train",
    "xnli_mt",
    ("xnli/XNLI-MT-1.0/multinli/multinli.train.{lang}.tsv",),
    per_language=True,
    languages=XNLI,
)

TRANSLATIONS: Mapping[str, tuple[Split, ...]] = MappingProxyType(
    {
        "mnli": (_XNLI_MT,),
        "xnli": (_XNLI_MT,),
        "squad": (
            Split(
                "train",
                "squad",
                ("mlqa/mlqa-translate-train/{lang}_squad-translate-train-train-v1.1.json",),
                per_language=True,
                options=MappingProxyType({"misplaced": "drop", "unanswerable": "drop"}),
                languages=tuple(code for code in MLQA if code != "en"),
            ),
        ),
        "pawsx": (
            Split(
                "train",
                "pawsx",
                ("pawsx/x-final/{lang}/translated_train.tsv",),
                per_language=True,
                options=MappingProxyType(
                    {"label_names": {"0": "not_paraphrase", "1": "paraphrase"}}
                ),
                languages=tuple(code for code in PAWSX if code != "en"),
            ),
        ),
    }
)

# By task the split whose ids its translations have, where they are not those of its training set.
TRANSLATED_FROM: Mapping[str, Split] = MappingProxyType({"mnli": _XNLI_MT})
