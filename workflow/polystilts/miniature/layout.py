"""Which files a synthetic mirror holds, under their published names."""

from collections.abc import Sequence

WITHOUT_DICTIONARY = "ar"
ISO3 = {"es": "spa", "ru": "rus", "hi": "hin", "ar": "ara"}

ENGLISH_FILES = (
    *(
        f"anli/anli_v0.1/R{number}/{split}.jsonl"
        for number in (1, 2, 3)
        for split in ("train", "dev")
    ),
    "glue/MNLI/train.tsv",
    "glue/MNLI/dev_matched.tsv",
    "snli/snli_1.0/snli_1.0_train.txt",
    "snli/snli_1.0/snli_1.0_dev.txt",
    "glue/QQP/train.tsv",
    "glue/QQP/dev.tsv",
    "squad/train-v1.1.json",
    "squad/dev-v1.1.json",
    "squad_v2/train-v2.0.json",
    "squad_v2/dev-v2.0.json",
    "hellaswag/hellaswag_train.jsonl",
    "hellaswag/hellaswag_val.jsonl",
    "ccg/ccg.train",
    "ccg/ccg.dev",
    "cosmosqa/train.csv",
    "cosmosqa/valid.csv",
    "commonsenseqa/train_rand_split.jsonl",
    "commonsenseqa/dev_rand_split.jsonl",
    "xnli/XNLI-MT-1.0/multinli/multinli.train.en.tsv",
    "pawsx/x-final/en/train.tsv",
    "ud-treebanks-v2.5/UD_Miniature-en/en_miniature-ud-train.conllu",
    "panx/en/train",
)
SHARED_FILES = (
    "xnli/XNLI-1.0/xnli.dev.tsv",
    "xnli/XNLI-1.0/xnli.test.tsv",
    "tydiqa/tydiqa-goldp-v1.1-train.json",
    "tydiqa/tydiqa-goldp-v1.1-dev.json",
)
# the training files of the intermediate tasks
TRANSLATED_FILES = (
    *(f"anli/anli_v0.1/R{number}/train.jsonl" for number in (1, 2, 3)),
    "glue/MNLI/train.tsv",
    "snli/snli_1.0/snli_1.0_train.txt",
    "glue/QQP/train.tsv",
    "squad/train-v1.1.json",
    "squad_v2/train-v2.0.json",
    "hellaswag/hellaswag_train.jsonl",
    "ccg/ccg.train",
    "cosmosqa/train.csv",
    "commonsenseqa/train_rand_split.jsonl",
)


def files(languages: Sequence[str], translations: bool = False) -> list[str]:
    """Return every relative path that `write_mirror` writes for these languages, sorted."""
    paths = [*ENGLISH_FILES, *SHARED_FILES]
    if translations:
        foreign = [code for code in languages if code != "en"]
        paths += [translated(code, file) for code in foreign for file in TRANSLATED_FILES]
    for code in languages:
        paths += [
            f"text/{code}.txt",
            f"pawsx/x-final/{code}/dev_2k.tsv",
            f"pawsx/x-final/{code}/test_2k.tsv",
            *(universal_dependencies(code, split) for split in ("dev", "test")),
            *(f"panx/{code}/{split}" for split in ("dev", "test")),
            f"xquad/xquad.{code}.json",
            *(mlqa(code, split) for split in ("dev", "test")),
        ]
        if code == "en":
            continue
        paths += [
            bucc(code, split, part)
            for split in ("sample", "training")
            for part in (code, "en", "gold")
        ]
        paths += [tatoeba(code, part) for part in (ISO3[code], "eng")]
        if code != WITHOUT_DICTIONARY:
            paths.append(f"muse/en-{code}.txt")
    return sorted(paths)


def translated(code: str, file: str) -> str:
    """Return where the translation of a training file lies."""
    return f"translations/{code}/{file}"


def universal_dependencies(code: str, split: str) -> str:
    return f"ud-treebanks-v2.5/UD_Miniature-{code}/{code}_miniature-ud-{split}.conllu"


def mlqa(code: str, split: str) -> str:
    return f"mlqa/MLQA_V1/{split}/{split}-context-{code}-question-{code}.json"


def bucc(code: str, split: str, part: str) -> str:
    return f"bucc2018/{code}-en.{split}.{part}"


def tatoeba(code: str, part: str) -> str:
    return f"tatoeba/tatoeba.{ISO3[code]}-eng.{part}"
