"""A study on published data: fetched from its publishers, recorded, moved, read without a network.

The publishers are a server on this machine, and what they publish is the synthetic world.
"""

import http.server
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml

from polystilts.commands.studies import load_study
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table
from polystilts.sources.lock_file import dump
from polystilts.sources.source_lock import load
from polystilts.study.source_files import files_of_mirrors
from repository import REPOSITORY, Workspace

OVERLAY = "published.yaml"
LOCK = "small.lock.yaml"
ARCHIVE = "archives/MNLI.zip"
PREPARED = ["tasks/mnli/manifest.json", "tasks/tatoeba/manifest.json", "lexicons/es.parquet"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def publisher(built: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the world's files, MultiNLI in an archive."""
    [world] = (built.root / "results" / "sources").glob("miniature-*")
    folder = tmp_path_factory.mktemp("publisher")
    for file in world.rglob("*"):
        if file.is_file() and "MNLI" not in file.parts:
            (folder / file.relative_to(world)).parent.mkdir(parents=True, exist_ok=True)
            (folder / file.relative_to(world)).write_bytes(file.read_bytes())
    with zipfile.ZipFile(folder / "MNLI.zip", "w") as archive:
        for file in (world / "glue" / "MNLI").iterdir():
            archive.write(file, f"MNLI/{file.name}")
    serving = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


@pytest.fixture(scope="module")
def fetched(
    built: Workspace,
    publisher: str,
    tmp_path_factory: pytest.TempPathFactory,
    watch: Path,
) -> Workspace:
    """A copy of the repository in which everything was fetched; from then on it is offline."""
    root = tmp_path_factory.mktemp("published") / "repository"
    workspace = built.copy(root)
    config = yaml.safe_load((REPOSITORY / "tests/workflow/tiny.yaml").read_text("utf-8"))
    config["sources"] = {"mirror": "published", "lock": LOCK}
    workspace.file(OVERLAY).write_text(yaml.safe_dump(config))
    write_lock(workspace, publisher)
    study = Workspace(root, OVERLAY)
    study.snakemake("sources", "--cores", "2")
    return Workspace(root, OVERLAY, {"PYTHONPATH": str(watch)})


def write_lock(workspace: Workspace, publisher: str) -> None:
    plain = {"sources": {"mirror": "/nowhere"}}
    overlay = workspace.file("names.yaml")
    tiny = yaml.safe_load((REPOSITORY / "tests/workflow/tiny.yaml").read_text("utf-8"))
    overlay.write_text(yaml.safe_dump({**tiny, **plain}))
    files = [file for _, file in files_of_mirrors(load_study(str(overlay)).study)]
    overlay.unlink()
    origins = [
        {"url": f"{publisher}/{file}", "files": {file: None}, "recorded": None}
        for file in files
        if "MNLI" not in file
    ]
    packed = {file: file.removeprefix("glue/") for file in files if "MNLI" in file}
    origins.append({"url": f"{publisher}/MNLI.zip", "files": packed, "recorded": None})
    source = {
        "title": "A world",
        "homepage": publisher,
        "licence": "none",
        "citation": "none",
        "languages": ["en", "es"],
        "origins": origins,
        "counts": {"mnli/train": 96},
    }
    workspace.file(LOCK).write_text(dump({"sources": {"world": source}}, "# A lock.\n"))


def test_the_first_fetch_records_what_came(fetched: Workspace) -> None:
    lock = load(fetched.file(LOCK))
    assert all(origin.known is not None for origin in lock.origins.values())
    assert lock.origins["glue/MNLI/train.tsv"].known_archive is not None
    world = fetched.file("results/sources/published")
    assert (world / ARCHIVE).is_file()
    for path, origin in lock.origins.items():
        entry = verify(world / f"{path}.manifest.json")["files"][Path(path).name]
        assert origin.known is not None and entry["sha256"] == origin.known.sha256
    assert "Nothing to be done" in fetched.snakemake("sources", "--cores", "1").stderr


def test_what_was_fetched_is_read_offline(fetched: Workspace) -> None:
    """The hook of `watch` refuses every connection."""
    goals = [f"results/tiny/{name}" for name in PREPARED]
    planned = fetched.planned(*goals)
    assert "fetch_source" not in {job.rule for job in planned}
    fetched.snakemake("--cores", "2", *goals)
    rows = read_table(fetched.result("tasks/mnli/train.parquet"))
    assert rows.num_rows == 96
    page = fetched.polystilts("doctor", OVERLAY).stdout
    assert page.splitlines()[-1] == "ready: nothing needs the network"


def test_a_folder_that_was_fetched_is_a_mirror(fetched: Workspace, tmp_path: Path) -> None:
    elsewhere = fetched.copy(tmp_path / "repository")
    mirror = tmp_path / "mirror"
    elsewhere.file("results/sources/published").rename(mirror)
    goal = "results/tiny/tasks/mnli/manifest.json"
    elsewhere.snakemake(goal, "--cores", "2", "--config", f"mirror={mirror}")
    path = "tasks/mnli/train.parquet"
    assert read_table(elsewhere.result(path)).num_rows == 96
    # one byte of the mirror is enough to be noticed
    damaged = mirror / "glue/MNLI/train.tsv"
    content = bytearray(damaged.read_bytes())
    content[-2] ^= 1
    damaged.write_bytes(content)
    [world] = elsewhere.file("results/sources").glob("mirror-*")
    target = f"results/sources/{world.name}/glue/MNLI/train.tsv"
    failed = elsewhere.snakemake(
        target, "-R", target, "--cores", "1", "--show-failed-logs",
        "--config", f"mirror={mirror}", check=False,
    )  # fmt: skip
    assert failed.returncode == 1
    assert f"error: {damaged}" in failed.stderr


def test_another_file_at_the_address_is_refused(
    fetched: Workspace, tmp_path: Path, publisher: str
) -> None:
    again = Workspace(fetched.copy(tmp_path / "repository").root, OVERLAY)
    lock = again.file(LOCK).read_text()
    # the publisher still has what was recorded; let the record be of something else
    known = load(again.file(LOCK)).origins["muse/en-es.txt"].known
    assert known is not None
    again.file(LOCK).write_text(lock.replace(known.sha256, "0" * 64))
    target = "results/sources/published/muse/en-es.txt"
    failed = again.snakemake(
        target, "-R", target, "--cores", "1", "--show-failed-logs", check=False
    )
    assert failed.returncode == 1
    assert f"{publisher}/muse/en-es.txt" in failed.stderr
    assert "sha256" in failed.stderr


def test_a_published_count_is_enforced(fetched: Workspace, tmp_path: Path) -> None:
    again = fetched.copy(tmp_path / "repository")
    again.edit(LOCK, "mnli/train: 96", "mnli/train: 97")
    target = "results/tiny/tasks/mnli/manifest.json"
    options = ("-R", target, "--cores", "1", "--show-failed-logs")
    failed = again.snakemake(target, *options, check=False)
    assert failed.returncode == 1
    assert "96 examples, 97 were published" in failed.stderr
