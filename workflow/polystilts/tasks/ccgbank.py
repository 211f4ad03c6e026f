"""Reader of CCGbank's machine-readable derivations (LDC2005T13, `data/AUTO/<section>/*.auto`).

A derivation is a line behind a header line `ID=…`; its nodes are `(<T category head children>`,
its leaves `(<L category tag tag word category>)` (CCGbank manual, section 5).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from polystilts.errors import InputError
from polystilts.sources.lines import read_filled_lines
from polystilts.tasks.identifiers import identifier_of
from polystilts.tasks.reader import Options, Row
from polystilts.tasks.tag_rows import check_tags, tag_row

_HEADER = "ID="
_NODE = re.compile(
    r"\(<L (?P<category>\S+) \S+ \S+ (?P<word>\S+) [^\s>]+>\)"
    r"|\(<T \S+ [01] (?P<children>[12])>"
    r"|(?P<end>\))"
)
_ESCAPES = {
    "-LRB-": "(",
    "-RRB-": ")",
    "-LCB-": "{",
    "-RCB-": "}",
    "-LSB-": "[",
    "-RSB-": "]",
}


def read_ccgbank_auto(
    files: Sequence[Path],
    language: str | None,
    labels: Sequence[str] | None,
    options: Options,
    counts: Counter[str],
) -> Iterator[Row]:
    r"""CCGbank's AUTO files, any number of them, or one that holds several after one another.

    Tokens are the words of the leaves, tags their categories. Words are unescaped as far as the
    Penn Treebank escapes them (`-LRB-` is a bracket, `\/` a slash, `\*` an asterisk; counted):
    an encoder has never met the escapes. id = group = what stands behind `ID=`.

    Raises:
        InputError: a derivation without header, or whose nodes are not closed or lack children.
    """
    for path in files:
        identifier: str | None = None
        number = 0
        for number, line in read_filled_lines(path, counts):
            if line.startswith(_HEADER):
                if identifier is not None:
                    raise InputError(path, "a header without a derivation before it.", number)
                name = line.removeprefix(_HEADER).partition(" ")[0]
                identifier = identifier_of(name, path, "the derivation", number)
                continue
            if identifier is None:
                raise InputError(path, f"expected a header `{_HEADER}…`.", number)
            leaves = _leaves(path, number, line.strip())
            tokens = [_unescaped(word, counts) for word, _ in leaves]
            tags = [category for _, category in leaves]
            check_tags(path, number, tags, labels, "in the derivation")
            yield from tag_row(identifier, identifier, tokens, tags, counts)
            identifier = None
        if identifier is not None:
            raise InputError(path, "the last header has no derivation: is the file cut?", number)


def _leaves(path: Path, number: int, line: str) -> list[tuple[str, str]]:
    """Return the (word, category) of a derivation's leaves, after checking that it is one tree."""
    leaves: list[tuple[str, str]] = []
    missing = [1]  # how many children every open node still lacks; the outermost is the line
    position = 0
    while position < len(line):
        node = _NODE.match(line, position)
        if node is None:
            reason = f"no node of a derivation at character {position + 1}."
            raise InputError(path, reason, number, "Is it a file of CCGbank's data/AUTO?")
        if node["end"]:
            if len(missing) == 1 or missing.pop():
                raise InputError(path, "a node is closed that lacks children.", number)
        else:
            missing[-1] -= 1
            if missing[-1] < 0:
                raise InputError(path, "a node with more children than it says.", number)
            if node["word"]:
                leaves.append((node["word"], node["category"]))
            else:
                missing.append(int(node["children"]))
        position = node.end()
        while line.startswith(" ", position):
            position += 1
    if missing != [0]:
        raise InputError(path, "the derivation is not closed: is the line complete?", number)
    return leaves


def _unescaped(word: str, counts: Counter[str]) -> str:
    plain = _ESCAPES.get(word, word.replace("\\/", "/").replace("\\*", "*"))
    counts["words unescaped"] += plain != word
    return plain
