"""Real published files through the readers: counts, losses, time, memory.

    python benchmarks/readers.py FOLDER

FOLDER holds the files and MANIFEST.tsv (columns `file` and `examples`). Every file is read in full
as a task is prepared from it: rows are made unique, checked, and kept in memory. What was read and
what was set aside under a name must add up to the number of examples: that of the manifest, or
where it has none one counted here in another way (lines, blank lines, occurrences in the text).
XTREME's own part-of-speech files are compared with what is made of the treebanks, sentence by
sentence. Prints a table a folder, and fails on any difference.
"""

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from polystilts.errors import InputError
from polystilts.lexicon.readers import READERS as LEXICON_READERS
from polystilts.study.languages import TATOEBA_CODES
from polystilts.tasks.rows import problem, unique
from polystilts.tasks.xtreme_languages import ENTITIES, NLI_LABELS, UPOS, XNLI

PARAPHRASE = ("not_paraphrase", "paraphrase")
DUPLICATE = ("not_duplicate", "duplicate")
# Names under which readers count examples that they do not pass on.
SET_ASIDE = (
    "rows without agreed label set aside",
    "torn rows set aside",
    "sentences without their words dropped",
    "empty sentences skipped",
    "pairs with a blank side set aside",
    "questions with a misplaced answer set aside",
    "blank lines skipped",
)
NO_EXAMPLES = re.compile(r"README|LICENSE")
ISO3 = {code: language for language, code in TATOEBA_CODES.items()}


@dataclass(frozen=True)
class Job:
    """Files that a reader is given together, and in which languages it reads them."""

    files: tuple[str, ...]
    family: str
    reader: str
    languages: tuple[str | None, ...] = (None,)
    labels: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    unlabelled: bool = False


@dataclass
class Measured:
    files: int = 0
    examples: int = 0
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    peak: float = 0.0


def main() -> None:
    root = Path(sys.argv[1])
    lines = (root / "MANIFEST.tsv").read_text("utf-8").splitlines()[1:]
    examples = {file: number for file, _, number, *_ in (line.split("\t") for line in lines)}
    table: dict[str, Measured] = defaultdict(Measured)
    others: list[str] = []
    for job in _jobs(list(examples), others):
        _measure(root, job, examples, table[job.files[0].partition("/")[0]])
    for file in examples:
        if re.match("muse|panlex", file) and not NO_EXAMPLES.search(file):
            _dictionary(root, file, int(examples[file]), table[file.partition("/")[0]])
    _print(table)
    print(f"\nNo examples in them: {len(others)} files ({', '.join(sorted(others))})\n")
    assert sum(entry.files for entry in table.values()) + len(others) == len(examples)
    _compare_udpos(root, list(examples))


def _jobs(files: Sequence[str], others: list[str]) -> Iterator[Job]:
    for file in files:
        if NO_EXAMPLES.search(file):
            others.append(file)
            continue
        found = [(make, m) for pattern, make in RULES if (m := re.fullmatch(pattern, file))]
        if found:
            make, match = found[0]
            yield make(match)
        elif not re.match("muse|panlex|tatoeba.*eng$|.*/zh-en.dev.(en|gold)", file):
            raise AssertionError(f"no reader is named for {file}")


def _measure(root: Path, job: Job, examples: Mapping[str, str], entry: Measured) -> None:
    family = import_module(f"polystilts.tasks.{job.family}")
    paths = [root / file for file in job.files]
    known = [examples[file] for file in job.files]
    expected = sum(map(int, known)) if all(known) else _count(paths[0], job)
    counts: Counter[str] = Counter()
    rows = 0
    _reset_peak()
    start = time.perf_counter()
    for language in job.languages:
        given = (paths, language, job.labels, job.options, counts)
        try:
            read = list(unique(family.READERS[job.reader](*given), counts))
        except InputError as error:
            assert job.unlabelled, error
            counts["files without labels refused"] += 1
            entry.counts.update({"files without labels refused": 1})
            entry.files += 1
            return
        assert not [row for row in read if problem(job.family, row, job.labels)], job.files
        rows += len(read)
        if job.family == "retrieval":
            rows += len(list(family.PAIR_READERS[job.reader](*given[:4], Counter())))
    assert not job.unlabelled, f"{job.files} has no labels, but was read"
    if job.reader == "tatoeba":  # a pair that is set aside has two sentences; pairs have no file
        rows = rows // 3 * 2
        counts["pairs with a blank side set aside"] *= 2
    entry.seconds += time.perf_counter() - start
    entry.peak = max(entry.peak, _peak())
    lost = expected - rows - sum(counts[name] for name in SET_ASIDE)
    assert lost == 0, f"{job.files}: {expected} examples, {rows} rows, {dict(+counts)}"
    entry.files += len(job.files)
    entry.examples += expected
    entry.rows += rows
    entry.counts.update(counts)


def _count(path: Path, job: Job) -> int:
    """Return the number of examples of a file that the manifest does not count."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        return text.count('"answers"')
    if job.reader == "wikiann":
        return len([block for block in re.split(r"\n\s*\n", text) if block.strip()])
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) - (path.suffix != ".jsonl")


def _dictionary(root: Path, file: str, expected: int, entry: Measured) -> None:
    counts: Counter[str] = Counter()
    _reset_peak()
    start = time.perf_counter()
    if file.startswith("muse"):
        language = Path(file).stem.removeprefix("en-")
        rows = len(list(LEXICON_READERS["muse"]([root / file], language, counts)))
    else:
        english = root / file.replace(Path(file).name, "eng-000.txt")
        # the lists are named by ISO 639-3, which matters to no more than remarks
        language = Path(file).stem[:3]
        reader = LEXICON_READERS["panlex_swadesh"]
        entries = list(reader([english, root / file], language, counts))
        rows = len({found.line for found in entries}) + counts["concepts without a translation"]
    assert rows + counts["blank lines skipped"] == expected, (file, rows, dict(counts))
    entry.files += 1
    entry.examples += expected
    entry.rows += rows
    entry.counts.update(counts)
    entry.seconds += time.perf_counter() - start
    entry.peak = max(entry.peak, _peak())


def _compare_udpos(root: Path, files: Sequence[str]) -> None:
    """Compare XTREME's processed part-of-speech files with what is made of the treebanks."""
    tagging = import_module("polystilts.tasks.tagging")
    print("| XTREME's file | sentences | different | fused tokens | tokens joined |")
    print("|---|---|---|---|---|")
    differences: list[str] = []
    for file in files:
        match = re.fullmatch(r"xtreme-processed/udpos/(\w+)-(\w+)\.tsv", file)
        if match is None:
            continue
        split, language = match.groups()
        pattern = rf"ud-v2.5/.*/{language}_\w+-ud-{split}\.conllu"
        treebanks = sorted(other for other in files if re.fullmatch(pattern, other))
        counts: Counter[str] = Counter()
        paths = [root / treebank for treebank in treebanks]
        ours = list(tagging.READERS["conllu"](paths, language, UPOS, {}, counts))
        theirs = list(tagging.READERS["token_tags"]([root / file], language, UPOS, {}, Counter()))
        assert len(ours) == len(theirs), file
        wrong = [
            f"{file}, {one['id']}: {one['tokens']} {one['tags']}; {other['tokens']} {other['tags']}"
            for one, other in zip(ours, theirs, strict=True)
            if (one["tokens"], one["tags"]) != (other["tokens"], other["tags"])
        ]
        fused, joined = counts["multi-word tokens fused"], counts["tokens with spaces joined"]
        print(f"| {split}-{language} | {len(ours)} | {len(wrong)} | {fused} | {joined} |")
        differences += wrong
    assert not differences, "\n".join(differences)


def _print(table: Mapping[str, Measured]) -> None:
    print("| folder | files | examples | rows | counted | s | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    for folder, entry in sorted(table.items()):
        counted = "; ".join(f"{name}: {number}" for name, number in sorted((+entry.counts).items()))
        print(
            f"| {folder} | {entry.files} | {entry.examples} | {entry.rows} | {counted}"
            f" | {entry.seconds:.2f} | {entry.peak:.0f} |"
        )
    total = sum(entry.examples for entry in table.values())
    seconds = sum(entry.seconds for entry in table.values())
    peak = max(entry.peak for entry in table.values())
    files = sum(entry.files for entry in table.values())
    rows = sum(entry.rows for entry in table.values())
    print(f"| all | {files} | {total} | {rows} | | {seconds:.2f} | {peak:.0f} |")


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """Return the largest resident memory since the last reset, in MiB."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match
    return int(match[1]) / 1024


def _pairs(reader: str, labels: tuple[str, ...], **options: Any) -> Callable[[re.Match[str]], Job]:
    named = {"0": labels[0], "1": labels[1]} if len(labels) == 2 else {}
    options |= {"label_names": named} if named else {}
    return lambda match: Job((match[0],), "classification", reader, (None,), labels, options)


def _languages_of(match: re.Match[str]) -> tuple[str | None, ...]:
    """Return the languages of a sample of XNLI, whose translated test sets hold one each."""
    path = Path(sys.argv[1]) / match[0]
    found = set(re.findall(r'^(\w\w)\t|"language": "(\w\w)"', path.read_text("utf-8"), re.M))
    return tuple(code for code in XNLI if code in {a or b for a, b in found})


def _xnli(match: re.Match[str]) -> Job:
    reader = "xnli_json" if match[0].endswith("jsonl") else "xnli"
    return Job((match[0],), "classification", reader, _languages_of(match), NLI_LABELS)


def _tags(reader: str, labels: tuple[str, ...] | None) -> Callable[[re.Match[str]], Job]:
    def job(match: re.Match[str]) -> Job:
        language = (match.groupdict() or {}).get("language")
        return Job((match[0],), "tagging", reader, (language,), labels)

    return job


def _questions(reader: str, **options: Any) -> Callable[[re.Match[str]], Job]:
    return lambda match: Job((match[0],), "span_qa", reader, options=options)


def _tydiqa(match: re.Match[str]) -> Job:
    return Job((match[0],), "span_qa", "tydiqa", options=_prefix(match))


def _prefix(match: re.Match[str]) -> dict[str, str]:
    path = Path(sys.argv[1]) / match[0]
    found = set(re.findall(r'"id": "([a-z]+)-', path.read_text("utf-8")))
    return {"id_prefix": found.pop()} if len(found) == 1 else {}


def _choices(reader: str) -> Callable[[re.Match[str]], Job]:
    return lambda match: Job((match[0],), "multiple_choice", reader)


def _unlabelled(family: str, reader: str, labels: Any = None) -> Callable[[re.Match[str]], Job]:
    return lambda match: Job((match[0],), family, reader, labels=labels, unlabelled=True)


def _bitext(match: re.Match[str]) -> Job:
    files = (match[0], f"{match[1]}.eng")
    return Job(files, "retrieval", "tatoeba", (ISO3[match[2]],))


def _bucc(match: re.Match[str]) -> Job:
    files = (match[0], *(match[0][:-2] + end for end in ("en", "gold")))
    return Job(files, "retrieval", "bucc", ("zh",))


SAMPLES = "original-format-samples"
RULES: tuple[tuple[str, Callable[[re.Match[str]], Job]], ...] = (
    (r"(tatoeba-laser-v1/tatoeba\.(\w+)-eng)\.(?!eng)\w+", _bitext),
    (r"xtreme-processed/bucc2018/zh-en\.dev\.zh", _bucc),
    (r"xquad/.*|mlqa/.*json", _questions("squad")),
    (r"tydiqa/.*json", _questions("tydiqa")),
    (r"squad2-cs224n/.*", _questions("squad", unanswerable="keep")),
    (r"ud-v2.5/.*/(?P<language>\w\w)_.*conllu", _tags("conllu", UPOS)),
    (r"xtreme-processed/udpos/\w+-(?P<language>\w\w)\.tsv", _tags("token_tags", UPOS)),
    (r"xtreme-processed/panx/\w+-(?P<language>\w\w)\.tsv", _tags("token_tags", ENTITIES)),
    (r"ccg-silver-langpro/.*", _tags("supertags", None)),
    (r"xtreme-processed/xnli/.*", _pairs("pairs", NLI_LABELS, rows_per_group=3)),
    (r"xtreme-processed/pawsx/.*", _pairs("pairs", PARAPHRASE)),
    (r"commonsenseqa/.*", _choices("commonsenseqa")),
    (r"cosmosqa/.*", _choices("cosmosqa")),
    (r"hellaswag/.*", _choices("hellaswag")),
    (r"nli-qqp-10k/QQP/.*", _pairs("numbered_json", DUPLICATE)),
    (r"nli-qqp-10k/.*", _pairs("numbered_json", NLI_LABELS)),
    (r"glue-16shot/QQP/.*", _pairs("glue_qqp", DUPLICATE)),
    (r"glue-16shot/.*", _pairs("glue_nli", NLI_LABELS)),
    (rf"{SAMPLES}/anli/.*", _pairs("anli", NLI_LABELS)),
    (rf"{SAMPLES}/xnli/.*/multinli/.*", _pairs("xnli_mt", NLI_LABELS)),
    (rf"{SAMPLES}/xnli/.*", _xnli),
    (rf"{SAMPLES}/paws-x/.*", _pairs("pawsx", PARAPHRASE)),
    (rf"{SAMPLES}/mlqa/.*", _questions("squad")),
    (rf"{SAMPLES}/tydiqa/.*", _tydiqa),
    (rf"{SAMPLES}/wikiann/(?P<language>\w+)/.*", _tags("wikiann", ENTITIES)),
    (rf"{SAMPLES}/glue/MNLI/test.*", _unlabelled("classification", "glue_nli", NLI_LABELS)),
    (rf"{SAMPLES}/glue/QQP/test.*", _unlabelled("classification", "glue_qqp", DUPLICATE)),
    (rf"{SAMPLES}/glue/MNLI/.*", _pairs("glue_nli", NLI_LABELS)),
    (rf"{SAMPLES}/glue/QQP/.*", _pairs("glue_qqp", DUPLICATE)),
    (rf"{SAMPLES}/.*nli.*\.jsonl", _pairs("nli_json", NLI_LABELS)),
    (rf"{SAMPLES}/.*nli.*\.txt", _pairs("nli_text", NLI_LABELS)),
    (rf"{SAMPLES}/squad_v2/.*", _questions("squad", unanswerable="keep")),
    (rf"{SAMPLES}/hellaswag/.*test.*", _unlabelled("multiple_choice", "hellaswag")),
    (rf"{SAMPLES}/hellaswag/.*", _choices("hellaswag")),
    (rf"{SAMPLES}/cosmos_qa/test.*", _unlabelled("multiple_choice", "cosmosqa")),
    (rf"{SAMPLES}/cosmos_qa/.*", _choices("cosmosqa")),
)

if __name__ == "__main__":
    main()
