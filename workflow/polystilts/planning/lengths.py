"""Mean lengths of examples, for estimates made before any data is here.

Pieces of XLM-R's tokenizer, special tokens included, over published data; all choices of a
multiple-choice question together. Languages differ by up to a quarter around these means.
"""

from collections.abc import Mapping
from types import MappingProxyType

MEAN_TOKENS: Mapping[str, int] = MappingProxyType(
    {
        "anli": 45,
        "mnli": 45,
        "qqp": 34,
        "squad": 205,
        "squad2": 220,
        "hellaswag": 216,
        "ccg": 30,
        "cosmosqa": 472,
        "commonsenseqa": 115,
        "xnli": 43,
        "pawsx": 65,
        "udpos": 25,
        "panx": 14,
        "xquad": 225,
        "mlqa": 230,
        "tydiqa": 140,
        "bucc": 28,
        "tatoeba": 12,
        "mlm": 64,
    }
)
