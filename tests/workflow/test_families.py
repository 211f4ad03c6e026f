"""Cells that are asked for one by one, of the families that the tiny study leaves out."""

import pytest

from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table
from repository import Job, Workspace

BASELINE = "miniature/none/none"


@pytest.fixture(scope="module")
def larger(built: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The tiny study with more tasks selected."""
    workspace = built.copy(tmp_path_factory.mktemp("larger") / "repository")
    config = "tests/workflow/tiny.yaml"
    workspace.edit(config, "[mnli, squad]", "[mnli, squad, ccg, commonsenseqa]")
    workspace.edit(config, "[xquad, tatoeba]", "[xquad, tatoeba, xnli, udpos]")
    return workspace


def test_single_cells_of_every_other_family(larger: Workspace) -> None:
    trainings = [
        f"results/tiny/intermediate/miniature/english/{name}/seed-1/training.json"
        for name in ("ccg", "commonsenseqa")
    ]
    scores = [
        f"results/tiny/scores/{BASELINE}/{target}/seed-1.parquet" for target in ("xnli", "udpos")
    ]
    planned = larger.planned(*trainings, *scores)
    # the encoder and all that the larger matrix shares with the smaller one is not computed again
    assert sorted(job.rule for job in planned) == sorted(
        [f"prepare_{task}" for task in ("ccg", "commonsenseqa", "xnli", "udpos")]
        + ["train_intermediate"] * 2
        + ["fine_tune"] * 2
        + ["predict"] * 2
        + ["score"] * 2
    )
    assert {job["arm"] for job in planned if job.rule == "score"} == {"none"}

    larger.snakemake("--cores", "2", *trainings, *scores)
    for training in trainings:
        assert verify(larger.file(training))["progress"]["steps"] > 0
    for path in scores:
        rows = read_table(larger.file(path)).to_pylist()
        assert {row["language"] for row in rows} == {"en", "es"}
        assert {row["split"] for row in rows} == {"dev", "test"}
    assert larger.planned(*trainings, *scores) == set()
    assert Job("collect_matrix") in larger.planned()
