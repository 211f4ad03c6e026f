"""The registry declares what XTREME and the study's nine intermediate tasks are."""

import subprocess
import sys
from importlib import import_module

import pytest

from polystilts.errors import ConfigError
from polystilts.study.languages import TATOEBA_CODES
from polystilts.study.tasks import Split, expand, resolve
from polystilts.study.treebanks import UD_TREEBANKS
from polystilts.tasks.registry import TASKS

# Numbers of languages in XTREME's evaluate.py.
LANGUAGES = {
    "xnli": 15,
    "pawsx": 7,
    "udpos": 33,
    "panx": 40,
    "xquad": 11,
    "mlqa": 7,
    "tydiqa": 9,
    "bucc": 4,
    "tatoeba": 36,
}
INTERMEDIATES = {
    "anli",
    "mnli",
    "qqp",
    "squad",
    "squad2",
    "hellaswag",
    "ccg",
    "cosmosqa",
    "commonsenseqa",
}
FINE_TUNES = {
    "xnli": "xnli",
    "pawsx": "pawsx",
    "udpos": "udpos",
    "panx": "panx",
    "xquad": "squad",
    "mlqa": "squad",
    "tydiqa": "tydiqa",
    "bucc": None,
    "tatoeba": None,
}


def test_all_eighteen_tasks_are_declared() -> None:
    assert {name for name, task in TASKS.items() if task.intermediate} == INTERMEDIATES
    targets = {name: task for name, task in TASKS.items() if task.target}
    assert {name: len(set(task.languages)) for name, task in targets.items()} == LANGUAGES
    assert {name: task.fine_tune for name, task in targets.items()} == FINE_TUNES
    assert set(TASKS) == INTERMEDIATES | set(targets) | {"mlm"}


def test_every_reader_exists_and_every_split_resolves() -> None:
    for task in TASKS.values():
        family = import_module(f"polystilts.tasks.{task.family}")
        for split in expand(task, task.languages):
            assert split.reader in family.READERS
            assert split.files
            assert not any("{" in path for path in split.files)
        if task.fine_tune:
            trained = TASKS[task.fine_tune]
            assert "train" in {split.name for split in trained.splits}


def test_what_a_split_resolves_to() -> None:
    squad_dev, xquad_test = TASKS["xquad"].splits
    assert [split.language for split in expand(TASKS["xquad"], ("en", "es"))] == ["en", "en", "es"]
    assert resolve(xquad_test, "es").files == ("xquad/xquad.es.json",)
    assert resolve(squad_dev, "en").files == ("squad/dev-v1.1.json", "xquad/xquad.en.json")
    tatoeba = next(iter(expand(TASKS["tatoeba"], ("en", "zh"))))
    assert tatoeba.language == "zh"
    assert tatoeba.files == ("tatoeba/tatoeba.cmn-eng.cmn", "tatoeba/tatoeba.cmn-eng.eng")
    bucc = next(iter(expand(TASKS["bucc"], ("de",))))
    assert bucc.files[0] == "bucc2018/de-en.sample.de"
    tydiqa = TASKS["tydiqa"].splits[2]
    assert resolve(tydiqa, "sw").options["id_prefix"] == "swahili"


@pytest.mark.parametrize("name", ["squad", "squad2"])
@pytest.mark.parametrize("form", ["original", "hub"])
def test_english_dev_of_questions_is_read_without_the_test_set(name: str, form: str) -> None:
    task = TASKS[name]
    splits = task.splits if form == "original" else task.forms[0].splits
    dev = next(split for split in splits if split.name == "dev")
    xquad = next(split for split in TASKS["xquad"].splits if split.name == "test")
    if form == "hub":
        xquad = TASKS["xquad"].forms[0].splits[1]
    assert dev.reader.endswith("squad_without")
    assert dev.files[-1] == resolve(xquad, "en").files[0]
    assert dev.options.get("unanswerable", "error") == ("keep" if name == "squad2" else "error")


def test_udpos_takes_all_treebanks_of_a_split() -> None:
    train, dev, test = TASKS["udpos"].splits
    assert resolve(train, None).files == tuple(
        f"ud-treebanks-v2.5/UD_English-{name}/en_{name.lower()}-ud-train.conllu"
        for name in ("EWT", "GUM", "LinES", "ParTUT")
    )
    assert len(resolve(test, "en").files) == 6
    assert set(TASKS["udpos"].languages) == set(UD_TREEBANKS)
    for language, treebanks in UD_TREEBANKS.items():  # XTREME: by file-name prefix, sorted by name
        names = [path.rpartition("/")[2] for path, _ in treebanks]
        assert names == sorted(names)
        assert all(name.startswith(f"{language}_") for name in names)
    textless = ("en_esl", "fr_ftb", "ar_nyuad", "ja_bccwj", "qhe_hiencs")
    assert not [name for name in textless if name in str(UD_TREEBANKS)]
    # Four languages of XTREME have no dev treebank.
    languages = TASKS["udpos"].languages
    assert len([split for split in expand(TASKS["udpos"], languages) if split.name == "dev"]) == 29
    own = Split("dev", "conllu", ("my/{lang}.conllu",), per_language=True)
    assert resolve(own, "yo").files == ("my/yo.conllu",)
    with pytest.raises(ConfigError, match="'yo', split 'dev'"):
        resolve(dev, "yo")


def test_tatoeba_codes_cover_the_task() -> None:
    assert set(TATOEBA_CODES) == set(TASKS["tatoeba"].languages)
    with pytest.raises(ConfigError, match="'yo'"):
        resolve(TASKS["tatoeba"].splits[0], "yo")


def test_importing_the_registry_is_light() -> None:
    heavy = "{'torch', 'transformers', 'pyarrow', 'numpy', 'pandas'}"
    program = f"import sys, polystilts.tasks.registry; sys.exit(bool({heavy} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": _paths()})


def _paths() -> str:
    return ":".join(path for path in sys.path if path)
