"""What an edit makes stale, by real dry runs: exactly what depends on it."""

import re
from pathlib import Path

import pytest

from repository import Job, Workspace, copy_repository, parse_plan
from steps import Step, changed, read_keys

COLLECTORS = {Job("collect_matrix"), Job("write_report")}
PAGES = {Job.of("corpus_page", variant="miniature", task=task) for task in ("mnli", "squad")}
STARTS = [
    ("none", "none"),
    *((arm, name) for arm in ("english", "code-switched") for name in ("mnli", "squad")),
]
QA_HEAD = "workflow/polystilts/training/families/span_qa.py"
EDIT = ("self.out = nn.Linear(hidden_size, 2)", "self.out = nn.Linear(hidden_size, 2, bias=False)")


def training(arm: str, intermediate: str) -> Job:
    return Job.of(
        "train_intermediate", encoder="miniature", arm=arm, intermediate=intermediate, seed="1"
    )


def fine_tuning(arm: str, intermediate: str) -> set[Job]:
    """The fine-tuning on SQuAD's English data and what follows it."""
    cell = {"encoder": "miniature", "arm": arm, "intermediate": intermediate, "seed": "1"}
    return {
        Job.of("fine_tune", **cell, fine_tune="squad"),
        Job.of("predict", **cell, target="xquad"),
        scoring(arm, intermediate, "xquad"),
    }


def retrieval(arm: str, intermediate: str) -> set[Job]:
    cell = {"encoder": "miniature", "arm": arm, "intermediate": intermediate, "seed": "1"}
    return {
        Job.of("predict_retrieval", **cell, target="tatoeba"),
        scoring(arm, intermediate, "tatoeba"),
    }


def scoring(arm: str, intermediate: str, target: str) -> Job:
    cell = {"encoder": "miniature", "arm": arm, "intermediate": intermediate, "seed": "1"}
    return Job.of("score", **cell, target=target)


def row(arm: str, intermediate: str) -> set[Job]:
    """A trained intermediate and everything after it."""
    after = fine_tuning(arm, intermediate) | retrieval(arm, intermediate)
    return {training(arm, intermediate)} | after


def test_comments_docstrings_and_open_editors_make_nothing_stale(workspace: Workspace) -> None:
    for path in ("training/families/span_qa.py", "evaluation/score.py", "provenance/tables.py"):
        file = workspace.file(f"workflow/polystilts/{path}")
        file.write_text("# A comment before everything.\n\n" + file.read_text("utf-8"), "utf-8")
    workspace.edit(QA_HEAD, '    """A linear layer that', '    """One linear layer that')
    workspace.edit("workflow/polystilts/training/loop.py", "\n\n\n", "\n\n\n\n# a comment\n")
    workspace.file(f"{Path(QA_HEAD).parent}/.span_qa.py.swp").write_text("open in an editor")
    dry = workspace.snakemake("-n")
    assert "Nothing to be done" in dry.stderr + dry.stdout


def test_the_head_of_span_qa(workspace: Workspace) -> None:
    workspace.edit(QA_HEAD, *EDIT)
    expected = row("english", "squad") | row("code-switched", "squad") | COLLECTORS
    for arm, intermediate in STARTS:
        expected |= fine_tuning(arm, intermediate)
    assert workspace.planned() == expected
    # an edit that is taken back is as if it had not been
    workspace.edit(QA_HEAD, EDIT[1], EDIT[0])
    assert workspace.planned() == set()


def test_a_tasks_learning_rate(workspace: Workspace) -> None:
    old = "  squad: {intermediate"
    new = "  mnli: {intermediate: {learning_rate: 1.0e-3}}\n" + old
    workspace.edit("tests/workflow/tiny.yaml", old, new)
    assert workspace.planned() == row("english", "mnli") | row("code-switched", "mnli") | COLLECTORS


def test_a_metric(workspace: Workspace) -> None:
    scorer = workspace.file("workflow/polystilts/evaluation/scorers/squad.py")
    scorer.write_text(scorer.read_text("utf-8") + "\nVERSION = 2\n", "utf-8")
    assert workspace.planned() == COLLECTORS | {
        scoring(arm, intermediate, "xquad") for arm, intermediate in STARTS
    }


def test_a_retriever(workspace: Workspace) -> None:
    """Trainings predict ahead, but do not depend on how that is done."""
    retriever = workspace.file("workflow/polystilts/evaluation/retrievers/tatoeba.py")
    retriever.write_text(retriever.read_text("utf-8") + "\nVERSION = 2\n", "utf-8")
    after = {job for start in STARTS for job in retrieval(*start)}
    assert workspace.planned() == after | COLLECTORS


def test_another_target(workspace: Workspace) -> None:
    workspace.edit("tests/workflow/tiny.yaml", "[xquad, tatoeba]", "[xquad, tatoeba, bucc]")
    planned = workspace.planned()
    assert {job["target"] for job in planned if job.rule in ("predict_retrieval", "score")} == {
        "bucc"
    }
    assert {job.rule for job in planned} == {
        "prepare_bucc",
        "predict_retrieval",
        "score",
        "collect_matrix",
        "write_report",
    }


def test_a_recipes_rate(workspace: Workspace) -> None:
    new = "miniature: {rate: 0.5, clean_copy: replace}"
    workspace.edit("tests/workflow/tiny.yaml", "miniature: {clean_copy: replace}", new)
    corpora = {Job.of("code_switch", variant="miniature", task=task) for task in ("mnli", "squad")}
    arm = row("code-switched", "mnli") | row("code-switched", "squad")
    assert workspace.planned() == corpora | PAGES | arm | COLLECTORS


@pytest.mark.parametrize("module", ["document", "samples", "style"])
def test_the_page_of_a_corpus(workspace: Workspace, module: str) -> None:
    """The corpora, and what was trained on them, do not depend on how their sheets are shown."""
    page = workspace.file(f"workflow/polystilts/codeswitch/page/{module}.py")
    page.write_text(page.read_text("utf-8") + "\nVERSION = 2\n", "utf-8")
    assert workspace.planned() == PAGES


def test_forcing_a_model_rebuilds_it_and_what_follows(built: Workspace) -> None:
    model = "results/tiny/intermediate/miniature/english/mnli/seed-1/model.safetensors"
    assert built.planned("-R", model) == row("english", "mnli") | COLLECTORS


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the repository in which nothing is computed."""
    root = tmp_path_factory.mktemp("default") / "repository"
    copy_repository(root)
    return Workspace(root)


@pytest.fixture(scope="module")
def default_keys(default: Workspace) -> dict[Step, str]:
    return read_keys(default.python("tests/steps.py").stdout)


def test_a_dry_run_of_the_default_study_plans_every_step_with_its_key(
    default: Workspace, default_keys: dict[Step, str]
) -> None:
    planned = {}
    printed = default.snakemake("-n", "--printshellcmds").stdout
    for part in re.split(r"(?m)^(?=(?:local)?rule )", printed)[1:]:
        (job,) = parse_plan(part) or {None}
        if job is not None:
            found = re.search(r"--key ([0-9a-f]{16}) ", part)
            assert found is not None, part
            planned[step_of(job)] = found[1]
    assert planned == default_keys


def step_of(job: Job) -> Step:
    """Return the step and the wildcards under which a job has its key."""
    wildcards = tuple(sorted(job.wildcards))
    if job.rule.startswith("prepare_") and job.rule != "prepare_encoder":
        return "prepare_task", (("task", job.rule.removeprefix("prepare_")),)
    return {"predict_retrieval": "predict"}.get(job.rule, job.rule), wildcards


def test_the_head_of_span_qa_in_the_default_study(
    default: Workspace, default_keys: dict[Step, str]
) -> None:
    default.edit(QA_HEAD, *EDIT)
    after = read_keys(default.python("tests/steps.py").stdout)
    default.edit(QA_HEAD, EDIT[1], EDIT[0])
    trained_with_it = ("squad", "squad2", "all")
    evaluated_with_it = ("xquad", "mlqa", "tydiqa")
    expected = {("collect_matrix", ()), ("write_report", ())}
    for step, wildcards in default_keys:
        named = dict(wildcards)
        if (
            named.get("intermediate") in trained_with_it
            or named.get("target") in evaluated_with_it
            or (step == "fine_tune" and named["fine_tune"] in ("squad", "tydiqa"))
        ):
            expected.add((step, wildcards))
    assert changed(default_keys, after) == expected
