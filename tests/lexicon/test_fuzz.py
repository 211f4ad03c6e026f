"""Every reader on damaged files: an error that names the file, or pairs; nothing else, and soon.

POLYSTILTS_FUZZ sets the number of damaged dictionaries a reader meets (default 200).
"""

import gzip
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from lexicon.samples import files_of, write
from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.direct import read_dictionary
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.language_check import check_language
from polystilts.lexicon.readers import READERS

CASES = int(os.environ.get("POLYSTILTS_FUZZ", "200"))
SECONDS = 5.0
LANGUAGES = {
    **{"cldr": ("yo", "de", "tr"), "panlex": ("de",), "edict": ("ja",), "jmdict": ("ja",)},
    **{"freedict_tei": ("fi", "tl")},
}
ANY_LANGUAGE = ("de", "hu", "tr", "hi", "ar", "zh", "bg", "nl", "th")
# What the formats are made of, and what has meant trouble elsewhere
PIECES = (
    *(b"\t", b"\n", b"\r\n", b" ", b",", b";", b"/", b"//", b"|", b'"', b'""', b"~", b"1. "),
    *(b" 2.\n", b"[", b"]", b"[[", b"]]", b"{", b"}", b"(", b")", b"((((", b"to ", b"CL:", b"+"),
    *(b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"&", b"&n;", b"&#0;", b"&#1114112;"),
    *(b"<!ENTITY e 'x'>", b"<!ENTITY e SYSTEM 'x'>", b"<?xml version='1.0' encoding='utf-16'?>"),
    *(b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b"\x8f"),
    *(b"\xc2\x85", b"\xe2\x80\xa8", b"\xcc\x81", b"x" * 3000, b"00database", b"AAAA", b""),
    *(b"-1", b"0", b"9" * 30, b"nan"),
)


@pytest.mark.parametrize("reader", sorted(READERS))
def test_the_sample_is_valid(tmp_path: Path, reader: str) -> None:
    files = [write(tmp_path / name, content) for name, content in files_of(reader).items()]
    language = LANGUAGES.get(reader, ANY_LANGUAGE)[0]
    assert list(READERS[reader](files, language, Counter()))


@pytest.mark.parametrize("reader", sorted(READERS))
def test_damaged_dictionaries(folder: Path, reader: str) -> None:
    outcomes: Counter[str] = Counter()
    sample = files_of(reader)
    for case in range(CASES):
        source = random.Random(f"{reader}:{case}")
        language = source.choice(LANGUAGES.get(reader, ANY_LANGUAGE))
        victim = source.choice(list(sample))
        files = [
            write(folder / name, damaged(name, content, source) if name == victim else content)
            for name, content in sample.items()
        ]
        start = time.monotonic()
        try:
            outcomes[outcome(reader, files, language)] += 1
        except (InputError, ConfigError) as error:
            assert str(folder) in str(error) or isinstance(error, ConfigError), error
            outcomes["refused"] += 1
        except Exception as error:
            raise AssertionError(f"{reader}, case {case}: {error!r}") from error
        assert time.monotonic() - start < SECONDS, f"{reader}, case {case}"
    assert outcomes["read"] + outcomes["refused"] == CASES
    assert outcomes["refused"] > CASES // 5  # the damage is damage
    assert outcomes["read"] > 0


@pytest.mark.parametrize("reader", sorted(READERS))
def test_damaged_dictionaries_read_directly(folder: Path, reader: str) -> None:
    sample = files_of(reader)
    for case in range(CASES // 4):
        source = random.Random(f"directly:{reader}:{case}")
        language = source.choice(LANGUAGES.get(reader, ANY_LANGUAGE))
        victim = source.choice(list(sample))
        for name, content in sample.items():
            write(folder / name, damaged(name, content, source) if name == victim else content)
        start = time.monotonic()
        try:
            read = read_dictionary(folder / source.choice(list(sample)), language)
            assert len(read.table) == read.facts["kept"] > 0
        except InputError as error:
            assert str(folder) in str(error), error
        except Exception as error:
            raise AssertionError(f"{reader}, case {case}: {error!r}") from error
        assert time.monotonic() - start < SECONDS, f"{reader}, case {case}"


def outcome(reader: str, files: list[Path], language: str) -> str:
    counts: Counter[str] = Counter()
    entries = list(READERS[reader](files, language, counts))
    check_language(entries, language)
    gate = Gate(language, GatePolicy(most_words=6))
    rows = list(gate.admit(entries, reader))
    assert len(rows) + gate.rejected.total() == len(entries)
    assert min([*counts.values(), *gate.noticed.values()], default=0) >= 0
    for row in rows:
        assert row.source.strip() == row.source != ""
        row.target.encode("utf-8")
    return "read"


def damaged(name: str, content: bytes, source: random.Random) -> bytes:
    """Return a file that is damaged in one to four ways; half of the time inside its archive."""
    if name.endswith(".dz") and source.random() < 0.5:
        return gzip.compress(_changed(gzip.decompress(content), source))
    return _changed(content, source)


def _changed(content: bytes, source: random.Random) -> bytes:
    for _ in range(source.randint(1, 4)):
        start = source.randrange(len(content) + 1)
        end = min(len(content), start + source.choice((0, 1, 2, 8, 60, 400)))
        match source.randrange(6):
            case 0:  # other bytes
                flipped = bytes(byte ^ (1 << source.randrange(8)) for byte in content[start:end])
                content = content[:start] + flipped + content[end:]
            case 1:
                content = content[:start] if source.random() < 0.5 else content[start:]
            case 2:
                content = content[:start] + content[end:]
            case 3:
                content = content[:end] + content[start:]
            case 4:
                content = content[:start] + source.choice(PIECES) + content[end:]
            case 5:  # lines in another order
                lines = content.split(b"\n")
                one, other = source.randrange(len(lines)), source.randrange(len(lines))
                lines[one], lines[other] = lines[other], lines[one]
                content = b"\n".join(lines)
    return content
