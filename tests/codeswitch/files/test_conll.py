"""CoNLL files: the token's column changes, everything else stays."""

import re
from pathlib import Path

import pytest

from codeswitch.files.samples import HALF, switch
from polystilts.codeswitch.files import chunks
from polystilts.errors import ConfigError, PolystiltsError

CONLL = """-DOCSTART- -X- -X- O

The DT  B-NP O
dog NN  I-NP B-dog
walks VBZ B-VP O
. . O O

# NN B-NP O
house NN I-NP O


A	x
"""

CONLLU = """# sent_id = s1
# text = The dog doesn't see the house dog.
1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_
2\tdog\tdog\tNOUN\tNN\t_\t5\tnsubj\t_\tdog=dog
3-4\tdoesn't\t_\t_\t_\t_\t_\t_\t_\t_
3\tdog\tdo\tAUX\tVBZ\t_\t5\taux\t_\t_
4\ttree\tnot\tPART\tRB\t_\t5\tadvmod\t_\t_
5\tsee\tsee\tVERB\tVB\t_\t0\troot\t_\t_
5.1\tdog\tdog\tNOUN\tNN\t_\t_\t_\t5:dep\t_
6\thouse\thouse\tNOUN\tNN\t_\t7\tcompound\t_\t_
7\tdog\tdog\tNOUN\tNN\t_\t5\tobj\t_\tSpaceAfter=No
8\t.\t.\tPUNCT\t.\t_\t5\tpunct\t_\t_

"""


def switched(content: str, folder: Path, name: str = "in.conll", *fields: str, **more: str) -> str:
    path = folder / name
    path.write_bytes(content.encode("utf-8"))
    output = folder / f"out-{name}"
    switch(path, output, fields, **more)  # type: ignore[arg-type]
    return output.read_bytes().decode("utf-8")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_first_column_is_switched(ending: str, tmp_path: Path) -> None:
    content = CONLL.replace("\n", ending)
    changed = switched(content, tmp_path)
    old, new = content.split(ending), changed.split(ending)
    assert len(old) == len(new)
    differing = [number for number, line in enumerate(old) if line != new[number]]
    assert differing == [3, 4, 8]
    assert new[3].endswith(" NN  I-NP B-dog") and "dog NN" not in new[3]


def test_another_column_may_hold_the_tokens(tmp_path: Path) -> None:
    content = "1\tdog\tdog\n2\ttree\tO\n\n1\twater\tx\n"
    new = switched(content, tmp_path, "in.conll", "2").splitlines()
    assert re.fullmatch("1\t(?!dog).+\tdog", new[0])
    with pytest.raises(PolystiltsError, match=r"in.conll:1: the line has no column 4"):
        switched(content, tmp_path, "in.conll", "4")
    with pytest.raises(ConfigError, match="columns of this file have numbers"):
        switched(content, tmp_path, "in.conll", "token")


def test_conllu_words_alone_are_switched(tmp_path: Path) -> None:
    new = switched(CONLLU, tmp_path, "in.conllu").split("\n")
    old = CONLLU.split("\n")
    differing = [number for number, line in enumerate(old) if line != new[number]]
    assert differing == [3, 9, 10]
    for number in differing:
        before, after = old[number].split("\t"), new[number].split("\t")
        assert before[1] != after[1] and before[:1] + before[2:] == after[:1] + after[2:]


def test_closed_tags_stay_where_tags_are_named(tmp_path: Path) -> None:
    content = CONLLU.replace("6\thouse\thouse\tNOUN", "6\thouse\thouse\tADP")
    new = switched(content, tmp_path, "in.conllu", tags="UPOS").split("\n")
    old = content.split("\n")
    assert [number for number, line in enumerate(old) if line != new[number]] == [3, 10]


def test_columns_of_conllu_plus_have_names(tmp_path: Path) -> None:
    content = "# global.columns = ID LEMMA FORM\n1\tdog\tdog\n\n"
    new = switched(content, tmp_path, "in.conllu").split("\n")
    assert new[1].startswith("1\tdog\t") and new[1] != "1\tdog\tdog"
    with pytest.raises(ConfigError, match="no column `FROM`; the nearest is `FORM`"):
        switched(content, tmp_path, "in.conllu", "FROM")


def sentences(count: int) -> list[str]:
    words = "dog house tree water red garden old cat river white".split()
    return [
        f"# sent_id = {number}\n"
        + "".join(f"{words[(number * 3 + place) % 10]}\tO\n" for place in range(8))
        + "\n"
        for number in range(count)
    ]


def test_neither_order_blocks_nor_workers_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "in.conll"
    parts = sentences(100)
    path.write_text("".join(parts))
    switch(path, tmp_path / "whole.conll", recipe=HALF)
    whole = (tmp_path / "whole.conll").read_text()
    monkeypatch.setattr(chunks, "CHUNK", 700)
    for workers in (1, 2, 8):
        switch(path, tmp_path / f"{workers}.conll", recipe=HALF, workers=workers)
        assert (tmp_path / f"{workers}.conll").read_text() == whole
    path.write_text("".join(reversed(parts)))
    switch(path, tmp_path / "turned.conll", recipe=HALF)
    turned = (tmp_path / "turned.conll").read_text()
    assert turned.split("\n\n")[:-1] == whole.split("\n\n")[:-1][::-1]


def test_a_sentence_without_the_id_that_was_named(tmp_path: Path) -> None:
    with pytest.raises(PolystiltsError, match="no comment `# name = …`"):
        switched(sentences(1)[0], tmp_path, identity="name")
