"""Dictionaries → code-switched corpora → intermediate checkpoints → XTREME scores → report."""

import sys
from pathlib import Path

# the folder of this file, also where another workflow uses this one as a module
here = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
sys.path.insert(0, str(here / "workflow"))

from polystilts.commands.workflow import load_or_exit, use_package, world_files
from polystilts.report import files as report_files
from polystilts.study.graph import files_of
from snakemake.settings.types import MaxJobsPerTimespan

# config.yaml and the study's base go under what the command line or another workflow gives
study = load_or_exit(config, here, workflow.overwrite_configfiles)
use_package(here)
# Snakemake 9.27 starts a timer at each look at the schedule, and each timer makes it look again:
# after some hundred jobs that takes a whole core. Without a rate limit there are no timers.
MaxJobsPerTimespan.__bool__ = lambda limit: False

# What this run was asked for on the command line: it is known when the jobs are made.
asked_for = lambda: workflow.dag_settings.targets


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
    """Compute the study's matrix and its report, and a page to every corpus."""
    default_target: True
    input:
        report=[study.paths.report(name) for name in report_files.REPORT_FILES],
        pages=study.corpus_pages,
