"""Dictionaries → code-switched corpora → intermediate checkpoints → XTREME scores → report."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "workflow"))

from polystilts.commands.workflow import load_or_exit, use_package, world_files
from polystilts.report import files as report_files
from polystilts.study.graph import files_of


configfile: "config.yaml"


study = load_or_exit(config)
use_package(Path(workflow.basedir))
# with a rate limit Snakemake 9.27 re-evaluates its schedule ever more often, up to a whole core
workflow.scheduling_settings.max_jobs_per_timespan = None


report: "workflow/report/workflow.rst"


wildcard_constraints:
    **study.constraints,


include: "workflow/rules/sources.smk"
include: "workflow/rules/lexicons.smk"
include: "workflow/rules/corpora.smk"
include: "workflow/rules/encoders.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/report.smk"


rule all:
    """Compute the study's matrix and its report."""
    default_target: True
    input:
        [study.paths.report(name) for name in report_files.REPORT_FILES],
