"""The path of every artefact, with wildcards in braces."""

from dataclasses import dataclass

RESULTS = "results"
CELL = "{encoder}/{arm}/{intermediate}/{target}/seed-{seed}"


@dataclass(frozen=True)
class Paths:
    """Paths below `results/<study>/`; sources lie in `results/sources/`, shared by all studies."""

    study: str

    @property
    def root(self) -> str:
        return f"{RESULTS}/{self.study}"

    def source(self, world: str, relative: str) -> str:
        return f"{RESULTS}/sources/{world}/{relative}"

    def source_manifest(self, world: str, relative: str) -> str:
        return f"{RESULTS}/sources/{world}/{relative}.manifest.json"

    def world_manifest(self, world: str) -> str:
        return f"{RESULTS}/sources/{world}/manifest.json"

    def fetched_encoder(self, name: str) -> str:
        return f"{RESULTS}/sources/encoders/{{encoder}}/{name}"

    @property
    def lexicon(self) -> str:
        return f"{self.root}/lexicons/{{language}}.parquet"

    @property
    def lexicon_sheet(self) -> str:
        return f"{self.root}/lexicons/{{language}}.json"

    def task(self, task: str, split: str, language: str | None = None) -> str:
        suffix = f".{language}" if language else ""
        return f"{self.root}/tasks/{task}/{split}{suffix}.parquet"

    @property
    def tokens(self) -> str:
        """Where tokenised data lies; files there may be deleted at any time."""
        return f"{self.root}/tokens"

    def task_manifest(self, task: str) -> str:
        return f"{self.root}/tasks/{task}/manifest.json"

    @property
    def corpus(self) -> str:
        return f"{self.root}/corpora/{{variant}}/{{task}}/train.parquet"

    @property
    def corpus_sheet(self) -> str:
        return f"{self.root}/corpora/{{variant}}/{{task}}/train.json"

    @property
    def corpus_page(self) -> str:
        return f"{self.root}/corpora/{{variant}}/{{task}}/train.html"

    @property
    def corpus_page_manifest(self) -> str:
        return f"{self.root}/corpora/{{variant}}/{{task}}/train.html.manifest.json"

    def encoder(self, name: str) -> str:
        return f"{self.root}/encoders/{{encoder}}/{name}"

    def intermediate(self, name: str) -> str:
        folder = "intermediate/{encoder}/{arm}/{intermediate}/seed-{seed}"
        return f"{self.root}/{folder}/{name}"

    def target(self, name: str) -> str:
        folder = "targets/{encoder}/{arm}/{intermediate}/{fine_tune}/seed-{seed}"
        return f"{self.root}/{folder}/{name}"

    @property
    def predictions(self) -> str:
        return f"{self.root}/predictions/{CELL}.parquet"

    @property
    def predictions_manifest(self) -> str:
        return f"{self.root}/predictions/{CELL}.json"

    @property
    def scores(self) -> str:
        return f"{self.root}/scores/{CELL}.parquet"

    @property
    def scores_manifest(self) -> str:
        return f"{self.root}/scores/{CELL}.json"

    @property
    def matrix(self) -> str:
        return f"{self.root}/matrix.parquet"

    @property
    def matrix_manifest(self) -> str:
        return f"{self.root}/matrix.json"

    @property
    def trainings(self) -> str:
        return f"{self.root}/trainings.parquet"

    def report(self, name: str) -> str:
        return f"{self.root}/report/{name}"

    def partial(self, key: str) -> str:
        return f"{self.root}/.partial/{key}"

    def log(self, step: str, *wildcards: str) -> str:
        return self._beside("logs", step, wildcards, "log")

    def benchmark(self, step: str, *wildcards: str) -> str:
        return self._beside("benchmarks", step, wildcards, "tsv")

    def _beside(self, kind: str, step: str, wildcards: tuple[str, ...], suffix: str) -> str:
        parts = [step, *(f"{{{name}}}" for name in wildcards)]
        return f"{self.root}/{kind}/{'/'.join(parts)}.{suffix}"
