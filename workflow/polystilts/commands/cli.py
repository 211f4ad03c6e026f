"""The command `polystilts`: what people type around the workflow."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from polystilts.commands.run_study import run_study, show_study
from polystilts.commands.step import FAILED, WRONG_USAGE
from polystilts.commands.studies import ROOT, load_study
from polystilts.commands.switch_options import add_options as add_switch_options
from polystilts.errors import ConfigError, PolystiltsError
from polystilts.study.layers import default_study


def main(argv: Sequence[str] | None = None) -> None:
    """Run a sub-command and exit: 0 done, 1 failed, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        status = WRONG_USAGE
    except PolystiltsError as error:
        print(f"error: {error}", file=sys.stderr)
        status = FAILED
    except BrokenPipeError:
        status = FAILED
    sys.exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="polystilts", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="compute a study, with all cores, and show its tables")
    _add_study(run)
    run.add_argument("snakemake", nargs="*", help="after `--`: more options for Snakemake")
    run.set_defaults(run=lambda a: run_study(_named(a.study), a.snakemake))
    show = commands.add_parser("show", help="print the tables of a study that was computed")
    _add_study(show)
    show.add_argument(
        "snakemake", nargs="*", help="after `--`: the --config the study was run with"
    )
    show.set_defaults(run=_show)
    score = commands.add_parser("score", help="score a submission folder as XTREME does, as JSON")
    for side in ("predictions", "labels"):
        held = f"the {side}: <task>/test-<language>.tsv, or .json for questions"
        score.add_argument(f"--{side}", type=Path, required=True, metavar="DIR", help=held)
    score.add_argument("--output", type=Path, metavar="FILE", help="write the JSON there as well")
    score.set_defaults(run=_score)
    export = commands.add_parser("export", help="write a study's predictions as XTREME's folders")
    export.add_argument("study", metavar="STUDY", help="a study that was computed; see `run`")
    export.add_argument(
        "--output", type=Path, metavar="DIR", help="default: results/<study>/export"
    )
    export.add_argument(
        "snakemake", nargs="*", help="after `--`: the --config the study was run with"
    )
    export.set_defaults(run=_export)
    doctor = commands.add_parser("doctor", help="say what a study needs, what is here, what is not")
    doctor.add_argument("study", nargs="?", metavar="STUDY", help="a study; see `run`")
    doctor.add_argument("--gpu", action="store_true", help="check this machine's GPU instead")
    doctor.add_argument("snakemake", nargs="*", help="after `--`: the --config of the study")
    doctor.set_defaults(run=_doctor)
    plan = commands.add_parser("plan", help="estimate a study's jobs, GPU-hours and disk")
    plan.add_argument("study", metavar="STUDY", help="a study; see `run`")
    plan.add_argument(
        "--peak", type=float, default=989, metavar="TFLOPS", help="of a GPU in bf16; 989: an H100"
    )
    plan.add_argument(
        "--utilisation", type=float, default=0.3, help="the share of the peak that is reached"
    )
    plan.add_argument("--at-once", type=int, default=4, help="trainings that run side by side")
    plan.add_argument("snakemake", nargs="*", help="after `--`: the --config of the study")
    plan.set_defaults(run=_plan)
    switch = commands.add_parser("switch", help="code-switch a file of your own")
    add_switch_options(switch)
    switch.set_defaults(run=_switch)
    schema = commands.add_parser("schema", help="print the JSON schema of the configuration")
    schema.set_defaults(run=_schema)
    reference = commands.add_parser("reference", help="print a reference page as Markdown")
    reference.add_argument("page", choices=["configuration", "tasks"])
    reference.set_defaults(run=_reference)
    return parser


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--study",
        metavar="STUDY",
        help="a name in studies/, or the path of a configuration; else config.yaml's default",
    )


def _named(study: str | None) -> str:
    return study or default_study(ROOT)


def _show(arguments: argparse.Namespace) -> int:
    graph = load_study(_named(arguments.study), arguments.snakemake)
    matrix = Path(graph.paths.matrix)
    if not matrix.is_file():
        raise PolystiltsError(f"{matrix} is not there yet: run the study first")
    show_study(graph)
    return 0


def _score(arguments: argparse.Namespace) -> int:
    from polystilts.commands.score_submission import print_scores

    return print_scores(arguments.predictions, arguments.labels, arguments.output)


def _export(arguments: argparse.Namespace) -> int:
    from polystilts.commands.export_study import export_study

    return export_study(arguments.study, arguments.output, arguments.snakemake)


def _doctor(arguments: argparse.Namespace) -> int:
    if arguments.gpu:
        from polystilts.commands.doctor_gpu import check_gpu

        return check_gpu()
    from polystilts.commands.plan import diagnose

    if arguments.study is None:
        raise ConfigError("`polystilts doctor` needs a study, or --gpu")
    return diagnose(arguments.study, arguments.snakemake)


def _plan(arguments: argparse.Namespace) -> int:
    from polystilts.commands.plan import estimate
    from polystilts.planning.costs import Device

    if arguments.peak <= 0 or not 0 < arguments.utilisation <= 1 or arguments.at_once < 1:
        raise ConfigError("--peak is positive, --utilisation a share, --at-once at least 1")
    device = Device(arguments.peak * 1e12, arguments.utilisation)
    return estimate(arguments.study, arguments.snakemake, device, arguments.at_once)


def _switch(arguments: argparse.Namespace) -> int:
    from polystilts.commands.switch_files import switch_files

    return switch_files(arguments)


def _reference(arguments: argparse.Namespace) -> int:
    from polystilts.commands.reference import configuration_page, tasks_page

    pages = {"configuration": configuration_page, "tasks": tasks_page}
    print(pages[arguments.page](), end="")
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    from polystilts.study.config import StudyConfig

    print(json.dumps(StudyConfig.model_json_schema(), indent=2, sort_keys=True))
    return 0


if __name__ == "__main__":
    main()
