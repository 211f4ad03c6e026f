"""Everything a study computes: its steps, and the manifest in which each step's key stands.

With it, what is on disk can be compared with a study without Snakemake's own records.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from polystilts.study.graph import Graph
from polystilts.study.keys import corpus_step, has_page
from polystilts.study.names import MINIATURE
from polystilts.study.source_files import files_of_mirrors

_MODEL = ("encoder", "arm", "intermediate", "seed")


@dataclass(frozen=True)
class Result:
    """What a step writes: the step's name, its wildcards, and the manifest of its files."""

    step: str
    wildcards: tuple[tuple[str, str], ...]
    manifest: str


def results(graph: Graph) -> Iterator[Result]:
    """Yield the result of every step of a study, each once, sources first."""
    seen = set()
    for step, wildcards, manifest in _steps(graph):
        result = Result(step, tuple(sorted(wildcards.items())), manifest.format(**wildcards))
        if result not in seen:
            seen.add(result)
            yield result


def _steps(graph: Graph) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield (step, wildcards, manifest), wildcards standing in the manifest's path."""
    study, paths = graph.study, graph.paths
    if graph.is_miniature:
        yield "write_miniature", {}, paths.world_manifest(study.world)
    for world, file in files_of_mirrors(study):
        if study.mirrors[world] != MINIATURE:
            source = {"world": world, "file": file}
            yield "fetch_source", source, paths.source_manifest("{world}", "{file}")
    for language in study.dictionaries:
        yield "build_lexicon", {"language": language}, paths.lexicon_sheet
    for task in study.tasks_used:
        yield "prepare_task", {"task": task}, paths.task_manifest("{task}")
    for variant, task in study.corpora:
        corpus = {"variant": variant, "task": task}
        yield corpus_step(study, variant), corpus, paths.corpus_sheet
        if has_page(study, variant):
            yield "corpus_page", corpus, paths.corpus_page_manifest
    encoder = {"encoder": graph.selection.encoder}
    if graph.pretrains:
        yield "pretrain_encoder", encoder, paths.encoder("encoder.json")
    else:
        yield "fetch_encoder", encoder, paths.fetched_encoder("encoder.json")
        yield "prepare_encoder", encoder, paths.encoder("encoder.json")
    yield from _cells(graph)
    yield "collect_matrix", {}, paths.matrix_manifest
    yield "write_report", {}, paths.report("manifest.json")


def _cells(graph: Graph) -> Iterator[tuple[str, dict[str, str], str]]:
    paths = graph.paths
    for cell in graph.study.cells:
        wildcards = cell.wildcards()
        model = {name: wildcards[name] for name in _MODEL}
        if cell.intermediate != "none":
            yield "train_intermediate", model, paths.intermediate("training.json")
        fine_tune = graph.study.registry[cell.target].fine_tune
        if fine_tune is not None:
            yield "fine_tune", model | {"fine_tune": fine_tune}, paths.target("training.json")
        yield "predict", wildcards, paths.predictions_manifest
        yield "score", wildcards, paths.scores_manifest
