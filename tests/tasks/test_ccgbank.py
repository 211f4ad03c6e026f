"""CCGbank's AUTO files: leaves of derivations that are one tree."""

from collections import Counter
from pathlib import Path

import pytest

from polystilts.errors import InputError
from polystilts.tasks.reader import Row
from polystilts.tasks.tagging import READERS
from tasks.samples import leaf

HEADER = "ID=wsj_0001.1 PARSER=GOLD NUMPARSE=1\n"
# The layout of the first sentence of CCGbank's manual, shortened.
VINKEN = (
    "(<T S[dcl] 0 2> (<T S[dcl] 1 2> (<T NP 0 1> (<T N 1 2> "
    "(<L N/N NNP NNP Pierre N_73/N_73>) (<L N NNP NNP Vinken N>) ) ) "
    "(<T S[dcl]\\NP 0 2> (<L (S[dcl]\\NP)/NP MD MD joins (S[dcl]\\NP_10)/NP_11>) "
    "(<T NP 1 2> (<L NP[nb]/N DT DT the NP[nb]_29/N_29>) (<L N NN NN board N>) ) ) ) "
    "(<L . . . . .>) ) \n"
)


def read(*files: Path) -> tuple[list[Row], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(READERS["ccgbank_auto"](files, None, None, {}, counts)), +counts


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_leaves_give_words_and_categories(tmp_path: Path) -> None:
    rows, counts = read(write(tmp_path / "wsj_0001.auto", HEADER + VINKEN))
    assert rows == [
        {
            "id": "wsj_0001.1",
            "group": "wsj_0001.1",
            "tokens": ["Pierre", "Vinken", "joins", "the", "board", "."],
            "tags": ["N/N", "N", "(S[dcl]\\NP)/NP", "NP[nb]/N", "N", "."],
        }
    ]
    assert counts == {}


def test_words_lose_the_penn_treebanks_escapes(tmp_path: Path) -> None:
    words = ("-LRB-", "1\\/2", "\\*", "-RCB-", "a-LRB-b", "--")
    body = "".join(f"ID=s.{n}\n{leaf('N', 'NN', word)}\n" for n, word in enumerate(words))
    rows, counts = read(write(tmp_path / "a.auto", body))
    assert [row["tokens"] for row in rows] == [["("], ["1/2"], ["*"], ["}"], ["a-LRB-b"], ["--"]]
    assert counts == {"words unescaped": 4}


def test_many_files_and_one_file_of_many_are_the_same(tmp_path: Path) -> None:
    one = HEADER + VINKEN
    two = "ID=wsj_0002.1 PARSER=GOLD NUMPARSE=1\n" + leaf("N", "NNP", "Oslo") + "\n"
    apart = read(write(tmp_path / "1.auto", one), write(tmp_path / "2.auto", two))
    together = read(write(tmp_path / "all.auto", one + two))
    assert apart == together
    assert [row["id"] for row in apart[0]] == ["wsj_0001.1", "wsj_0002.1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (VINKEN, r":1: expected a header `ID=…`"),
        (HEADER + HEADER + VINKEN, r":2: a header without a derivation before it"),
        (HEADER + VINKEN + HEADER, r":3: the last header has no derivation"),
        ("ID= X\n" + VINKEN, r":1: the id of the derivation is empty"),
        (HEADER + VINKEN.rstrip()[:-1], r":2: the derivation is not closed"),
        (HEADER + VINKEN.replace("(<L N NNP NNP Vinken N>)", ""), r":2: a node is closed that la"),
        (HEADER + VINKEN.replace("(<L . . . . .>)", "(<L . . . . .>) (<L . . . . .>)"), r"more ch"),
        (HEADER + VINKEN.replace("NNP Pierre", "Pierre"), r":2: no node of a derivation at charac"),
        (HEADER + "The board\n", r":2: no node of a derivation at character 1"),
        (HEADER + leaf("N", "NN", "a") + leaf("N", "NN", "b") + "\n", r":2: a node with more chil"),
        (HEADER + ")\n", r":2: a node is closed that lacks children"),
    ],
)
def test_what_is_no_derivation_names_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=r"a\.auto" + f".*{message}"):
        read(write(tmp_path / "a.auto", text))
