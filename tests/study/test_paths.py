"""The paths below results/<study>/ that everything else relies on, word for word."""

import re

import pytest

from polystilts.study.graph import Graph
from study.conftest import Load

ROOT = "results/miniature"
CELL = {
    "encoder": "miniature",
    "arm": "code-switched",
    "intermediate": "mnli",
    "target": "xquad",
    "fine_tune": "squad",
    "seed": "1",
}


@pytest.fixture
def graph(load_study: Load) -> Graph:
    return load_study()


def test_paths_of_a_cell(graph: Graph) -> None:
    paths = graph.paths
    cell = "miniature/code-switched/mnli/xquad/seed-1"
    assert paths.predictions.format(**CELL) == f"{ROOT}/predictions/{cell}.parquet"
    assert paths.scores.format(**CELL) == f"{ROOT}/scores/{cell}.parquet"
    intermediate = f"{ROOT}/intermediate/miniature/code-switched/mnli/seed-1"
    target = f"{ROOT}/targets/miniature/code-switched/mnli/squad/seed-1"
    for name in ("model.safetensors", "config.json", "training.json"):
        assert paths.intermediate(name).format(**CELL) == f"{intermediate}/{name}"
        assert paths.target(name).format(**CELL) == f"{target}/{name}"


def test_paths_of_data(graph: Graph) -> None:
    paths = graph.paths
    assert paths.lexicon.format(language="es") == f"{ROOT}/lexicons/es.parquet"
    assert paths.lexicon_sheet.format(language="es") == f"{ROOT}/lexicons/es.json"
    assert paths.task("mnli", "train") == f"{ROOT}/tasks/mnli/train.parquet"
    assert paths.task("xnli", "dev", "es") == f"{ROOT}/tasks/xnli/dev.es.parquet"
    assert paths.task_manifest("xnli") == f"{ROOT}/tasks/xnli/manifest.json"
    corpus = f"{ROOT}/corpora/miniature/mnli/train"
    assert paths.corpus.format(variant="miniature", task="mnli") == f"{corpus}.parquet"
    assert paths.corpus_sheet.format(variant="miniature", task="mnli") == f"{corpus}.json"
    assert paths.corpus_page.format(variant="miniature", task="mnli") == f"{corpus}.html"
    manifest = paths.corpus_page_manifest.format(variant="miniature", task="mnli")
    assert manifest == f"{corpus}.html.manifest.json"


def test_paths_of_results(graph: Graph) -> None:
    assert graph.paths.matrix == f"{ROOT}/matrix.parquet"
    assert graph.paths.report("heatmap.png") == f"{ROOT}/report/heatmap.png"
    assert graph.paths.partial("0123456789abcdef") == f"{ROOT}/.partial/0123456789abcdef"


def test_the_baseline_starts_from_the_encoder(graph: Graph) -> None:
    class Wildcards(dict[str, str]):
        __getattr__ = dict.__getitem__

    treated = Wildcards(CELL)
    baseline = Wildcards(CELL | {"arm": "none", "intermediate": "none"})
    assert graph.start_manifest(baseline) == f"{ROOT}/encoders/miniature/encoder.json"
    assert graph.start_manifest(treated) == (
        f"{ROOT}/intermediate/miniature/code-switched/mnli/seed-1/training.json"
    )


def test_all_files_of_a_study_can_be_told_apart(graph: Graph) -> None:
    scores = graph.scores
    # a table and its manifest each
    assert len(set(scores)) == len(scores) == 2 * len(graph.study.cells)
    pattern = re.sub(r"\{(\w+)\}", lambda found: f"(?P<{found[1]}>PATTERN)", graph.paths.scores)
    for name, constraint in graph.constraints.items():
        pattern = pattern.replace(f"(?P<{name}>PATTERN)", f"(?P<{name}>{constraint})")
    for cell in graph.study.cells:
        found = re.fullmatch(pattern, graph.paths.scores.format(**cell.wildcards()))
        assert found is not None
        assert found.groupdict() == cell.wildcards()


def test_variants_name_the_treatment_of_a_recipe(load_study: Load) -> None:
    arms = ["english", "code-switched", "shuffled-dictionary"]
    study = load_study({"study": {"arms": arms}}).study
    assert [study.variant(arm) for arm in arms] == [
        None,
        "miniature",
        "miniature+shuffled-dictionary",
    ]
    assert set(study.variants) == {"miniature", "miniature+shuffled-dictionary"}


def test_arms_with_equal_text_share_their_corpora(load_study: Load) -> None:
    without = {"treatment": "code-switched", "recipe": "miniature", "mlm_share": 0.0}
    study = load_study(
        {"arms": {"without-mlm": without}, "study": {"arms": ["code-switched", "without-mlm"]}}
    ).study
    assert set(study.variants) == {"miniature"}


def test_worlds_of_other_settings_have_other_folders(load_study: Load) -> None:
    worlds = [load_study({"miniature": {"seed": seed}}).study.world for seed in (1, 2)]
    worlds += [load_study({"mirror": mirror}).study.world for mirror in ("/data", "/other")]
    assert len(set(worlds)) == 4


def test_an_english_training_reads_the_same_rows_twice(graph: Graph) -> None:
    class Wildcards(dict[str, str]):
        __getattr__ = dict.__getitem__

    english = Wildcards(CELL | {"arm": "english"})
    assert graph.corpora(english) == graph.english(english)
    assert graph.corpora(Wildcards(CELL)) == [f"mnli={ROOT}/corpora/miniature/mnli/train.parquet"]
