"""Every step of a study with its content key, computed without Snakemake."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from polystilts.commands.workflow import load
from polystilts.study.graph import Graph
from polystilts.study.inventory import results
from polystilts.study.layers import complete, merge

Step = tuple[str, tuple[tuple[str, str], ...]]


def read_config(repository: Path, *overlays: dict[str, Any]) -> dict[str, Any]:
    """Return the complete configuration of overlays; without a name, of the default study."""
    config: dict[str, Any] = {}
    for overlay in overlays:
        config = merge(config, overlay)
    return complete(config, repository)


def steps(graph: Graph) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (step, wildcards) of everything a study computes on its own encoder's way."""
    for result in results(graph):
        yield result.step, dict(result.wildcards)


def step_keys(graph: Graph) -> dict[Step, str]:
    """Return the content key of every step."""
    return {
        (step, tuple(sorted(wildcards.items()))): graph.keys.key(step, wildcards)
        for step, wildcards in steps(graph)
    }


def changed(before: dict[Step, str], after: dict[Step, str]) -> set[Step]:
    """Return the steps of both studies whose keys differ."""
    return {step for step in before.keys() & after.keys() if before[step] != after[step]}


def read_keys(printed: str) -> dict[Step, str]:
    """Return what `main` printed."""
    return {
        (step, tuple((name, value) for name, value in wildcards)): key
        for step, wildcards, key in json.loads(printed)
    }


def main() -> None:
    """Print the keys of a study's steps, of the default one's or of the files that are named."""
    overlays = (yaml.safe_load(Path(name).read_text("utf-8")) for name in sys.argv[1:])
    keys = step_keys(load(read_config(Path.cwd(), *overlays)))
    json.dump([[step, wildcards, key] for (step, wildcards), key in keys.items()], sys.stdout)


if __name__ == "__main__":
    main()
