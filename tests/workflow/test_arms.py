"""The study of every arm, as Snakemake plans it in a copy of this repository."""

from collections import Counter
from pathlib import Path

from repository import Job, Workspace, copy_repository

ARMS = ("english", "code-switched", "shuffled-dictionary", "translated", "code-switched-mlm-only")


def test_every_arm_is_planned_with_its_corpora(tmp_path: Path) -> None:
    copy_repository(tmp_path / "repository")
    planned = Workspace(tmp_path / "repository", "studies/arms.yaml").planned()
    trained = Counter(job["arm"] for job in planned if job.rule == "train_intermediate")
    assert trained == dict.fromkeys(ARMS, 3)
    assert {job for job in planned if job.rule in ("translate", "code_switch")} == {
        Job.of(rule, variant=variant, task=task)
        for rule, variant in (
            ("code_switch", "miniature"),
            ("code_switch", "miniature+shuffled-dictionary"),
            ("translate", "miniature+translated"),
        )
        for task in ("mnli", "squad")
    }
    assert {job["variant"] for job in planned if job.rule == "corpus_page"} == {
        "miniature",
        "miniature+shuffled-dictionary",
    }
    # baseline and every arm × intermediate, × target
    assert sum(job.rule == "score" for job in planned) == (1 + 5 * 3) * 4
