"""Real dictionaries through the ingestion gate: pairs, rejections, coverage of a text, time.

    python benchmarks/dictionaries.py TEXT [MUSE_FOLDER]

Reads what Debian packages (dict-freedict-eng-*, unicode-cldr-core, edict) and, if given, a folder
of MUSE's en-XX.txt. TEXT is English, one sentence a line. A word is covered where a dictionary has
a translation of it in one word that is another word; content words are those that are in none of
the classes a recipe can protect. Prints one row a dictionary, then the rejections, then which
language each dictionary could be taken for if it were named for another one.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from polystilts.codeswitch.english.protection import class_words, word_classes
from polystilts.codeswitch.english.words import chunked, word_of
from polystilts.errors import InputError
from polystilts.lexicon.catalogue import KINDS
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.language_check import check_language
from polystilts.lexicon.readers import READERS

DICTD = Path("/usr/share/dictd")
CLDR = Path("/usr/share/unicode/cldr/common")
EDICT = Path("/usr/share/edict/edict")

Job = tuple[str, str, str, list[Path]]


def main() -> None:
    text, muse = Path(sys.argv[1]), sys.argv[2:3]
    words = Counter(_content_words(text))
    total = words.total()
    print(f"{text}: {total} content words, {len(words)} different ones\n")
    print("| dictionary | pairs | kept | keys | coverage | language | reading s | gate s |")
    print("|---|---|---|---|---|---|---|---|")
    rejected: dict[str, Counter[str]] = {}
    confused: list[str] = []
    for name, language, reader, files in _jobs(muse):
        title = f"{name} {language}"
        if missing := [path for path in files if not path.is_file()]:
            print(f"| {title} | {missing[0]} is not there |")
            continue
        start = time.perf_counter()
        try:
            entries: list[Entry] = list(READERS[reader](files, language, Counter()))
        except InputError as error:
            print(f"| {title} | {error} |")
            continue
        read = time.perf_counter()
        check = check_language(entries, language)
        gate = Gate(language, GatePolicy())
        rows = list(gate.admit(entries, name)) if check.passed else []
        keys = {row.source.lower() for row in rows if " " not in row.source + row.target}
        covered = sum(count for word, count in words.items() if word in keys) / total
        rejected[title] = +gate.rejected
        end = time.perf_counter()
        print(
            f"| {title} | {len(entries)} | {len(rows)} | {len(keys)} | {covered:.3f}"
            f" | {check.verdict} | {read - start:.1f} | {end - read:.1f} |"
        )
        others = (code for code in KINDS["cldr"].codes if code != language)
        confused += [
            f"{title} as {code}" for code in others if check_language(entries, code).passed
        ]
    _print_rejected(rejected)
    print(f"\nNot told from another language: {', '.join(confused) or 'none'}")


def _content_words(path: Path) -> Iterator[str]:
    known = frozenset().union(*map(class_words, word_classes()))
    for line in path.read_text("utf-8").splitlines():
        for chunk in chunked(line)[1::2]:
            word = word_of(chunk)
            if word is not None and word.lower() not in known:
                yield word.lower()


def _jobs(muse: Sequence[str]) -> Iterator[Job]:
    for language, code in KINDS["freedict"].codes.items():
        stem = DICTD / f"freedict-eng-{code}"
        files = [stem.with_suffix(".index"), stem.with_name(f"{stem.name}.dict.dz")]
        yield "freedict", language, "freedict", files
    yield "edict", "ja", "edict", [EDICT]
    for language, code in KINDS["cldr"].codes.items():
        names = [f"{part}/{name}.xml" for part in ("annotations", "main") for name in ("en", code)]
        yield "cldr", language, "cldr", [CLDR / name for name in names]
    for folder in muse:
        for path in sorted(Path(folder).glob("en-*.txt")):
            yield "muse", path.stem.removeprefix("en-"), "muse", [path]


def _print_rejected(rejected: Mapping[str, Counter[str]]) -> None:
    reasons = sorted({reason for counts in rejected.values() for reason in counts})
    print("\n| rejected | " + " | ".join(reasons) + " |")
    print("|---" * (len(reasons) + 1) + "|")
    for title, counts in rejected.items():
        print(f"| {title} | " + " | ".join(str(counts[reason]) for reason in reasons) + " |")


if __name__ == "__main__":
    main()
