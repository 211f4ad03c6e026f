"""The PanLex database: words joined by meanings, weighted by the sources' qualities."""

import csv
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lexicon.samples import PANLEX, entries, panlex, write
from polystilts.errors import ConfigError, InputError
from repository import REPOSITORY


def test_pairs_by_weight_and_variety(tmp_path: Path) -> None:
    read, counts = entries("panlex", "de", *panlex(tmp_path))
    assert read == [
        # quality 9; then house, of two groups of sources: 5 + 3; then the others by quality
        ("dog", "Hund"),
        ("dog", "Hund, kleiner"),
        ("house", "Haus"),
        # 5, in a dialect; a dialect comes after the main variety where weights are equal
        ("house", "Huus"),
        ("home", "Haus"),
        ("home", "Heim"),
        ("house", "Heim"),
    ]
    assert not counts


def test_sources_of_one_group_count_once(tmp_path: Path) -> None:
    better = PANLEX["source"].replace("8,8,3,b", "8,8,6,b")
    read, _ = entries("panlex", "de", *panlex(tmp_path, source=better))
    assert read[0] == ("house", "Haus")  # 5 + 6 of two groups, more than 9
    grouped = better.replace("8,8,6,b", "8,7,6,b")
    read, _ = entries("panlex", "de", *panlex(tmp_path, source=grouped))
    assert read[0] == ("dog", "Hund")
    assert ("house", "Haus") in read


def test_denotationx_holds_it_all(tmp_path: Path) -> None:
    meanings = dict(line.split(",") for line in PANLEX["meaning"].splitlines()[1:])
    quality = {
        source: (group, value)
        for source, group, value, _ in csv.reader(PANLEX["source"].splitlines()[1:])
    }
    lines = ["meaning,source,grp,quality,expr,langvar"]
    for _, meaning, expr in csv.reader(PANLEX["denotation"].splitlines()[1:]):
        source = meanings[meaning]
        lines.append(",".join([meaning, source, *quality[source], expr, "0"]))
    folder = tmp_path / "joined"
    files = [write(folder / f"{name}.csv", PANLEX[name]) for name in ("langvar", "expr")]
    files.append(write(folder / "denotationx.csv", "\n".join(lines) + "\n"))
    split, _ = entries("panlex", "de", *panlex(tmp_path))
    assert entries("panlex", "de", *files)[0] == split


def test_a_list_is_no_meaning(tmp_path: Path) -> None:
    words = "".join(f"{1000 + n},3,Wort{n},x\n" for n in range(41))
    links = "".join(f"{2000 + n},103,{1000 + n}\n" for n in range(41))
    changed = {"expr": PANLEX["expr"] + words, "denotation": PANLEX["denotation"] + links}
    read, counts = entries("panlex", "de", *panlex(tmp_path, **changed))
    assert ("dog", "Hund") not in read
    assert counts == {"meanings with more than 40 words on a side": 1}


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("expr", "id,langvar,txt", "id,lang,txt", r"expr\.csv:1: the header lacks langvar: expec"),
        ("expr", "txt_degr", "txt", r"expr\.csv:1: the header names a column twice"),
        ("expr", "10,1,house", "x,1,house", r"expr\.csv: not a readable CSV table .*'x'"),
        ("expr", "10,1,house,house", "10,1", r"expr\.csv: not a readable CSV table .*Row #2"),
        ("expr", '"Hund, kleiner"', '"Hund, kleiner', r"expr\.csv: not a readable CSV"),
        ("denotation", "id,meaning,expr", "", r"denotation\.csv:1: the header lacks meaning, expr"),
        ("denotation", "1,100,10", "1,,10", r"denotation\.csv: not a readable"),
        ("meaning", "100,7", "100,99999999999999999999", r"meaning\.csv: not a readable"),
        ("source", "7,7,5", "7,7,good", r"source\.csv: not a readable"),
        ("source", "8,8,3,b", "7,8,3,b", r"source\.csv: an id stands there twice"),
        ("meaning", "101,8", "100,8", r"meaning\.csv: an id stands there twice"),
        ("langvar", "eng", "deu", r"langvar\.csv: no variety of English or of 'de'"),
        ("expr", ",3,", ",9,", r"expr\.csv: no expressions in English or in 'de'"),
    ],
)
def test_damaged_tables(tmp_path: Path, table: str, old: str, new: str, message: str) -> None:
    assert old in PANLEX[table]
    files = panlex(tmp_path, **{table: PANLEX[table].replace(old, new)})
    if table == "expr" and old == ",3,":
        files = panlex(tmp_path, expr=PANLEX["expr"].replace(",3,", ",9,").replace(",4,", ",9,"))
    with pytest.raises(InputError, match=message):
        entries("panlex", "de", *files)


def test_empty_and_missing_tables(tmp_path: Path) -> None:
    files = panlex(tmp_path, source="")
    with pytest.raises(InputError, match=r"source\.csv:1: the header lacks id"):
        entries("panlex", "de", *files)
    (tmp_path / "source.csv").write_bytes(b"id,grp,quality\n\xff,1,2\n")
    with pytest.raises(InputError, match=r"source\.csv: not a readable CSV"):
        entries("panlex", "de", *files)
    (tmp_path / "source.csv").unlink()
    with pytest.raises(InputError, match=r"source\.csv: there is no such file"):
        entries("panlex", "de", *files)


def test_other_files_and_languages_are_configuration_errors(tmp_path: Path) -> None:
    files = panlex(tmp_path)
    with pytest.raises(ConfigError, match=r"needs langvar\.csv, .*, got langvar\.csv, expr\.csv$"):
        entries("panlex", "de", *files[:2])
    with pytest.raises(ConfigError, match="does not know the language 'xx'"):
        entries("panlex", "xx", *files)


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs Linux's /proc")
def test_memory_does_not_grow_with_other_languages(tmp_path: Path) -> None:
    """Of four times as many denotations of words in other languages, no more stays in memory."""
    source = random.Random(1)
    rows = [f"{n},{n},{source.randrange(10**6, 10**8)}\n" for n in range(200, 1_600_000)]
    small, large = tmp_path / "small", tmp_path / "large"
    panlex(small, denotation=PANLEX["denotation"] + "".join(rows[: len(rows) // 4]))
    panlex(large, denotation=PANLEX["denotation"] + "".join(rows))
    sizes = [(folder / "denotation.csv").stat().st_size for folder in (small, large)]
    needed = min(_peak(large) for _ in range(2)) - _peak(small)
    assert needed < (sizes[1] - sizes[0]) / 2


def _peak(folder: Path) -> int:
    """Return the memory in bytes that a process of its own takes to read a PanLex."""
    program = (
        "import sys; from collections import Counter; from pathlib import Path\n"
        "from polystilts.lexicon.readers import READERS, csv_blocks\n"
        "csv_blocks.BLOCK = 1 << 18\n"
        "files = sorted(Path(sys.argv[1]).glob('*.csv'))\n"
        "assert len(list(READERS['panlex'](files, 'de', Counter()))) == 7\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(status.partition('VmHWM:')[2].split()[0])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={
            "PYTHONPATH": str(REPOSITORY / "workflow"),
            # Arrow's own allocator keeps freed memory for a while, how much depends on the load
            **{"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"},
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return int(finished.stdout) * 1024
