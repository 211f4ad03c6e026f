"""Arms differ in the text only: the same examples in the same steps, and all else counted."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from polystilts.training import intermediate
from polystilts.training.batches import Batch
from polystilts.training.encoder import load_encoder
from polystilts.training.loop import Stream, train
from polystilts.training.plan import MLM, Step
from training import marked
from training.marked import FAMILIES
from training.phases import Place, World, intermediate_record, run_intermediate
from training.tiny import write_corpus, write_rows

MASKING = {
    "share": 0.0,
    "probability": 0.3,
    "max_length": 24,
    "batch_tokens": 12,
    "exponent": 0.5,
}
WHICH = [*FAMILIES, "all"]
TOKENS = marked.tokenizer()


@dataclass
class Watched:
    """What reached the streams of a training: per step its stream and its examples."""

    steps: list[tuple[str, list[int]]] = field(default_factory=list)
    real_tokens: int = 0
    processed_tokens: int = 0
    streams: Mapping[str, Stream] = field(default_factory=dict)

    @property
    def of_tasks(self) -> list[tuple[str, list[int]]]:
        return [step for step in self.steps if step[0] != MLM]


@dataclass(frozen=True)
class WatchedStream:
    stream: Stream
    watched: Watched

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        batches = self.stream.micro_batches(step, limit)
        examples = [] if step.stream == MLM else marked.examples_of(batches, TOKENS)
        self.watched.steps.append((step.stream, examples))
        for batch in batches:
            for ids, mask in batch.parts:
                self.watched.real_tokens += int(mask.sum())
                self.watched.processed_tokens += ids.numel()
        return batches

    def loss(self, batch: Batch) -> Tensor:
        return self.stream.loss(batch)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What the next training does."""
    found = Watched()

    def watching(trainee: Any, streams: Mapping[str, Stream], *rest: Any) -> Any:
        found.__init__(streams=streams)  # type: ignore[misc]
        return train(trainee, {n: WatchedStream(s, found) for n, s in streams.items()}, *rest)

    monkeypatch.setattr(intermediate, "train", watching)
    return found


@dataclass(frozen=True)
class Data:
    """English rows, corpora of longer text in one copy and in three; the tables of each copy."""

    world: World
    corpora: Mapping[str, Mapping[str, Path]]
    tables: Mapping[tuple[str, str], Sequence[pa.Table]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("marked")
    lengths = {"english": [0], "one copy": [7], "three copies": [7, 3, 12]}
    tables = {
        (arm, family): [marked.rows(family, more) for more in copies]
        for arm, copies in lengths.items()
        for family in FAMILIES
    }
    files = {
        family: write_rows(folder / family, {"train": tables["english", family][0]})["train"]
        for family in FAMILIES
    }
    corpora = {
        arm: {
            family: write_corpus(folder / arm / family / "train.parquet", tables[arm, family])
            for family in FAMILIES
        }
        for arm in ("one copy", "three copies")
    }
    text = pa.table({"text": marked.TEXTS * 2})
    texts = write_rows(folder / "text", {"en": text})
    encoder = marked.publish(folder / "encoder")
    return Data(World(encoder, files, encoder, texts), corpora | {"english": {}}, tables)


def record_of(which: str, **changes: Any) -> dict[str, Any]:
    families = FAMILIES if which == "all" else (which,)
    tasks = {family: marked.record(family, epochs=3) for family in families}
    base = intermediate_record(*families, tasks=tasks, mlm=MASKING)
    return base | ({"multi_task": {"size_cap": 10}} if which == "all" else {}) | changes


def run(data: Data, record: dict[str, Any], corpora: str, place: Place) -> Any:
    """Train in an arm and return its training.json."""
    chosen = {n: p for n, p in data.corpora[corpora].items() if n in record["tasks"]}
    run_intermediate(record, data.world, place, chosen)
    return place.manifest()


@pytest.mark.parametrize("which", WHICH)
def test_every_arm_sees_the_same_examples_in_the_same_steps(
    tmp_path: Path, data: Data, watched: Watched, which: str
) -> None:
    share = {"mlm": MASKING | {"share": 0.25}}
    arms: dict[str, tuple[str, dict[str, Any]]] = {
        "english": ("english", {}),
        "one copy": ("one copy", {}),
        "three copies": ("three copies", {}),
        "masked text": ("english", share),
        "three copies and masked text": ("three copies", share),
        "masked only": ("three copies", {"objective": "masked-lm"}),
    }
    seen: dict[str, list[tuple[str, list[int]]]] = {}
    plans = {}
    for arm, (corpora, changes) in arms.items():
        manifest = run(data, record_of(which, **changes), corpora, Place(tmp_path / arm))
        seen[arm], plans[arm] = watched.steps, manifest["plan"]
        assert watched.of_tasks == seen["english"], arm
        assert plans[arm]["digest"] == plans["english"]["digest"], arm
        assert_true_counts(data, manifest, watched, corpora)
    assert seen["masked text"] == seen["three copies and masked text"] != seen["english"]
    assert plans["three copies"] == plans["masked only"] == plans["english"]
    assert plans["masked text"] == plans["three copies and masked text"]
    shown = {(stream, example) for stream, part in seen["english"] for example in part}
    if which != "all":
        assert shown == {(which, i) for i in range(marked.COUNT)}
        sizes = Counter(example for _, part in seen["english"] for example in part)
        assert set(sizes.values()) == {3}, "every example once in every epoch"


def assert_true_counts(data: Data, manifest: Any, watched: Watched, corpora: str) -> None:
    for family, facts in manifest["tasks"].items():
        tables = data.tables[corpora, family]
        assert facts["copies"] == [marked.counts(family, table) for table in tables]
    per_stream = dict(Counter(stream for stream, _ in watched.steps))
    assert manifest["plan"]["steps_per_stream"] == per_stream
    assert manifest["plan"]["steps"] == manifest["progress"]["steps"] == len(watched.steps)
    assert manifest["progress"]["real_tokens"] == watched.real_tokens
    assert manifest["progress"]["processed_tokens"] == watched.processed_tokens
    if list(per_stream) == list(manifest["tasks"]) and len(per_stream) == 1:
        ((_, facts),) = manifest["tasks"].items()
        copies = [copy["tokens"] for copy in facts["copies"]]
        assert watched.real_tokens == sum(copies[epoch % len(copies)] for epoch in range(3))


def test_the_data_shows_what_is_counted(data: Data) -> None:
    """Longer text is windowed, split, or shortened: what the tests above compare is not nothing."""
    english, longest = (
        {family: marked.counts(family, data.tables[arm, family][-1]) for family in FAMILIES}
        for arm in ("english", "three copies")
    )
    for family in FAMILIES:
        assert longest[family]["tokens"] > 2 * english[family]["tokens"]
        assert english[family]["truncated"] == 0
    for family in ("tagging", "span_qa"):
        assert longest[family]["windows"] > english[family]["windows"]
        assert longest[family]["truncated"] == 0
    for family in ("classification", "multiple_choice"):
        assert longest[family]["truncated"] > 0


def test_the_digest_tells_plans_apart(tmp_path: Path, data: Data) -> None:
    def digest(**changes: Any) -> str:
        place = Place(tmp_path / str(len(list(tmp_path.iterdir()))))
        found: str = run(data, record_of("tagging", **changes), "english", place)["plan"]["digest"]
        return found

    def tasks(**changes: Any) -> dict[str, Any]:
        return {"tasks": {"tagging": marked.record("tagging", **{"epochs": 3} | changes)}}

    base = digest()
    training = record_of("tagging")["training"]
    assert digest(training=training | {"micro_batch_tokens": 30, "learning_rate": 1e-3}) == base
    others = [
        digest(seed=2),
        digest(**tasks(examples=9)),
        digest(**tasks(examples=9, end="back")),
        digest(**tasks(epochs=2)),
        digest(**tasks(batch_size=5)),
    ]
    assert len({base, *others}) == 6


def test_the_digest_follows_the_examples_ids(tmp_path: Path, data: Data) -> None:
    """Rows of the same lengths under other ids are other examples."""
    table = data.tables["english", "tagging"][0]
    renamed = table.set_column(0, "id", pa.array([f"other-{i}" for i in range(len(table))]))
    path = write_rows(tmp_path / "other", {"train": renamed})["train"]
    other = World(data.world.encoder, {"tagging": path}, path, data.world.texts)
    record = record_of("tagging")
    places = [Place(tmp_path / name) for name in ("one", "two")]
    run_intermediate(record, data.world, places[0])
    run_intermediate(record, other, places[1])
    assert places[0].manifest()["plan"]["digest"] != places[1].manifest()["plan"]["digest"]


def test_seconds_are_those_of_the_training(tmp_path: Path, data: Data, watched: Watched) -> None:
    place, pause = Place(tmp_path, {"checkpoint_seconds": 0.0}), 0.02
    begin = time.monotonic()

    class Slow(WatchedStream):
        def loss(self, batch: Batch) -> Tensor:
            time.sleep(pause)
            return super().loss(batch)

    def slowly(trainee: Any, streams: Mapping[str, Stream], *rest: Any) -> Any:
        return train(trainee, {n: Slow(s, watched) for n, s in streams.items()}, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intermediate, "train", slowly)
        manifest = run(data, record_of("classification"), "english", place)
    wall = time.monotonic() - begin
    assert pause * len(watched.steps) <= manifest["progress"]["seconds"] <= wall


def test_masked_text_alone_uses_no_label(tmp_path: Path, data: Data, watched: Watched) -> None:
    """All labels are others: not one bit of the result is."""
    turned = {
        family: write_rows(tmp_path / family, {"train": marked.rows(family, labels=1)})["train"]
        for family in FAMILIES
    }
    other = World(data.world.encoder, turned, data.world.encoder, data.world.texts)
    record = record_of("all", objective="masked-lm")
    places = [Place(tmp_path / name) for name in ("one", "two")]
    run_intermediate(record, data.world, places[0])
    run_intermediate(record, other, places[1])
    assert places[0].weights() == places[1].weights()
    assert places[0].manifest()["english_dev"] == {}
    with_labels = [Place(tmp_path / f"labels-{name}") for name in ("one", "two")]
    run_intermediate(record_of("all"), data.world, with_labels[0])
    run_intermediate(record_of("all"), other, with_labels[1])
    assert with_labels[0].weights() != with_labels[1].weights(), "labels matter elsewhere"
    before = load_encoder(data.world.encoder).state_dict()
    after = load_file(places[0].output / "model.safetensors")
    assert after.keys() == before.keys(), "the encoder alone goes on"
    assert not [name for name, tensor in after.items() if torch.equal(tensor, before[name])]


def test_masks_are_drawn_anew_in_every_epoch(tmp_path: Path, data: Data, watched: Watched) -> None:
    run(data, record_of("tagging", objective="masked-lm"), "english", Place(tmp_path))
    stream = watched.streams["tagging"]
    examples = tuple(range(marked.COUNT))

    def hidden(epoch: int) -> list[list[int]]:
        batches = stream.micro_batches(Step("tagging", epoch, examples), None)
        return [batch.targets["target"].tolist() for batch in batches]

    assert hidden(0) == hidden(0)
    assert len({str(hidden(epoch)) for epoch in range(5)}) == 5
