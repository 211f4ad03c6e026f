"""What the job of a training may do ahead of the jobs that follow it, as `commands/ahead` takes it.

A request holds everything that the following job would be run with. In a run that was asked for
single results there are only requests for these. (A job on a cluster does not know what the run was
asked for, and gets all of them.)
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from polystilts.study.keys import Keys
from polystilts.study.names import NONE

Request = dict[str, Any]
_START = ("encoder", "arm", "intermediate", "seed")
# where single results lie; whoever asks for anything else means the whole study
_SINGLE = frozenset(
    "lexicons tasks corpora encoders intermediate targets predictions scores".split()
)


@dataclass(frozen=True)
class Ahead:
    """The requests of a study's trainings.

    Attributes:
        targets: what Snakemake was asked for on its command line; nothing means everything.
    """

    keys: Keys
    targets: Collection[str]

    def after(self, step: str, wildcards: Mapping[str, str]) -> Iterator[Request]:
        """Yield what follows from the model that a training step writes."""
        if step == "pretrain_encoder":
            # one seed's baselines: all trainings wait for the encoder meanwhile
            seed = str(self.keys.study.config.study.seeds[0])
            start = {"arm": NONE, "intermediate": NONE, "seed": seed}
            yield from self._after_start({**wildcards, **start})
        elif step == "train_intermediate":
            yield from self._after_start(wildcards)
        else:
            yield from self._predictions(wildcards, wildcards["fine_tune"])

    def _after_start(self, start: Mapping[str, str]) -> Iterator[Request]:
        yield from self._predictions(start, None)
        registry = self.keys.study.registry
        chosen = [registry[target].fine_tune for target in self.keys.study.config.study.targets]
        for fine_tune in dict.fromkeys(name for name in chosen if name is not None):
            yield from self._fine_tuning({name: start[name] for name in _START}, fine_tune)

    def _fine_tuning(self, start: Mapping[str, str], fine_tune: str) -> Iterator[Request]:
        model = {**start, "fine_tune": fine_tune}
        following = list(self._predictions(start, fine_tune))
        paths = self.keys.study.paths
        output = paths.target("training.json").format(**model)
        if following or self._is_asked_for(output):
            yield self._request(
                "fine_tune",
                "fine_tune",
                model,
                name=fine_tune,
                output=output,
                data=fine_tune,
                options={
                    "--english": paths.task(fine_tune, "train"),
                    "--dev": self.keys.study.english_dev_file(fine_tune),
                },
                ahead=following,
            )

    def _predictions(self, start: Mapping[str, str], fine_tune: str | None) -> Iterator[Request]:
        study, paths = self.keys.study, self.keys.study.paths
        for target in study.config.study.targets:
            cell = {name: start[name] for name in _START} | {"target": target}
            output, scores = paths.predictions.format(**cell), paths.scores.format(**cell)
            wanted = self._is_asked_for(output, scores)
            if wanted and study.registry[target].fine_tune == fine_tune:
                yield self._request(
                    "predict_retrieval" if fine_tune is None else "predict",
                    "predict",
                    cell,
                    name=target,
                    output=output,
                    data=target,
                    options={"--rows": paths.task_manifest(target)},
                    ahead=list(self._scoring(cell, scores)),
                )

    def _scoring(self, cell: Mapping[str, str], output: str) -> Iterator[Request]:
        if self._is_asked_for(output):
            yield self._request("score", "score", cell, name=cell["target"], output=output)

    def _request(
        self,
        command: str,
        step: str,
        wildcards: Mapping[str, str],
        *,
        name: str,
        output: str,
        data: str | None = None,
        options: Mapping[str, str] | None = None,
        ahead: Sequence[Request] = (),
    ) -> Request:
        key = self.keys.key(step, wildcards)
        return {
            "step": command,
            "name": name,
            "key": key,
            "record": self.keys.record(step, wildcards),
            "partial": self.keys.study.paths.partial(key),
            "output": output,
            "data": self.keys.study.paths.task_manifest(data) if data else None,
            "data_key": self.keys.task(data) if data else None,
            "options": dict(options or {}),
            "ahead": list(ahead),
        }

    def _is_asked_for(self, *results: str) -> bool:
        """Tell whether everything was asked for, or one of these files or one that goes with it."""
        asked = [PurePosixPath(target) for target in self.targets]
        if not asked or not all(map(self._is_single, asked)):
            return True
        # a table and its manifest have one stem, a model's files lie beside its `training.json`
        stems = {path.with_suffix("") for path in asked}
        stems |= {path.parent / "training" for path in asked}
        return any(PurePosixPath(result).with_suffix("") in stems for result in results)

    def _is_single(self, path: PurePosixPath) -> bool:
        root = PurePosixPath(self.keys.study.paths.root)
        return path.is_relative_to(root) and path.relative_to(root).parts[0] in _SINGLE
