"""The study of every arm, as Snakemake plans it in a copy of this repository."""

from collections import Counter
from pathlib import Path

from repository import Job, Workspace, copy_repository

ARMS = (
    *("english", "english+mlm", "code-switched", "code-switched+mlm", "code-switched-mlm-only"),
    *("shuffled-dictionary", "random-translation", "translated"),
)


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
            ("code_switch", "miniature+random-translation"),
            ("translate", "miniature+translated"),
        )
        for task in ("mnli", "squad")
    }
    assert {job["variant"] for job in planned if job.rule == "corpus_page"} == {
        "miniature",
        "miniature+shuffled-dictionary",
        "miniature+random-translation",
    }
    # baseline and every arm × intermediate, × target
    assert sum(job.rule == "score" for job in planned) == (1 + 8 * 3) * 4
