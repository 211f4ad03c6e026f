"""Option values of another kind than a reader can use are refused, not taken for something else."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import ConfigError


@pytest.mark.parametrize(
    ("family", "reader", "options", "message"),
    [
        (
            "classification",
            "mixture",
            {"readers": "anli"},
            r"`readers` is a list of names, not 'an",
        ),
        ("classification", "mixture", {"prefixes": [1]}, r"`prefixes` is a list of names, not \[1"),
        ("classification", "pairs", {"label_names": ["no"]}, r"`label_names` maps .* not \['no'\]"),
        ("tagging", "token_tags", {"parallel": "no"}, r"`parallel` is true or false, not 'no'"),
        (
            "tagging",
            "conllu",
            {"parallel_treebanks": "pud"},
            r"`parallel_treebanks` is a list of n",
        ),
    ],
)
def test_another_kind_of_value_is_refused(
    tmp_path: Path, family: str, reader: str, options: dict[str, Any], message: str
) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("A\tB\tneutral\n", encoding="utf-8")
    module = import_module(f"polystilts.tasks.{family}")
    with pytest.raises(ConfigError, match=message):
        list(module.READERS[reader]([path], "en", ("neutral",), options, Counter()))
