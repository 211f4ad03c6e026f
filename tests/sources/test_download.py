"""Transfers wait as they are told, are compared with what is known, and outlive their process."""

import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from polystilts.errors import InputError
from polystilts.sources import download as module
from polystilts.sources.download import GoneError, download, download_first
from polystilts.sources.known import Known, difference, measure
from polystilts.sources.patience import Patience
from sources.site import BODY, HASTY, PATH, Serving, Site

RIGHT = Known(hashlib.sha256(BODY).hexdigest(), len(BODY))
MIB = 1 << 20


@pytest.fixture
def site() -> Iterator[Site]:
    with Serving(Site()) as served:
        yield served


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    return waited


def is_right(path: Path) -> str | None:
    return difference(measure(path), RIGHT)


def url_of(site: Site) -> str:
    return f"{site.address}/{PATH}"


def test_a_server_that_asks_for_patience_gets_it(site: Site, tmp_path: Path, pauses) -> None:
    site.errors, site.retry_after = [429, 503], "7"
    download(url_of(site), tmp_path / "file", tmp_path / "part", HASTY)
    assert pauses == [7.0, 7.0]
    assert (tmp_path / "file").read_bytes() == BODY


def test_the_end_of_a_pause_may_be_a_date(site: Site, tmp_path: Path, pauses) -> None:
    site.errors, site.retry_after = [429], formatdate(time.time() + 30, usegmt=True)
    download(url_of(site), tmp_path / "file", tmp_path / "part", HASTY)
    assert len(pauses) == 1
    assert 25 < pauses[0] <= 30


def test_no_server_can_stop_a_run_for_days(site: Site, tmp_path: Path, pauses) -> None:
    site.errors, site.retry_after = [429, 429], "86400"
    patience = Patience(tries=3, first_pause=2.0, longest_pause=5.0)
    download(url_of(site), tmp_path / "file", tmp_path / "part", patience)
    site.errors, site.retry_after = [503, 503], "soon"
    download(url_of(site), tmp_path / "file", tmp_path / "part", patience)
    assert pauses == [5.0, 5.0, 2.0, 4.0]


def test_another_file_than_the_known_one_is_refused_at_once(site: Site, tmp_path: Path) -> None:
    site.body = BODY[:-1] + b"x"
    with pytest.raises(InputError) as caught:
        download(url_of(site), tmp_path / "file", tmp_path / "part", HASTY, is_right)
    message = str(caught.value)
    assert url_of(site) in message
    assert RIGHT.sha256 in message
    assert hashlib.sha256(site.body).hexdigest() in message
    assert len(site.requests) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_put_together_wrongly_is_fetched_again_in_one_piece(
    site: Site, tmp_path: Path
) -> None:
    """The server says that the file is the same, and the pieces do not fit all the same."""
    site.body, site.cuts = BODY[::-1], [1000, 0, 0, 0]
    with pytest.raises(InputError, match="without progress"):
        download(url_of(site), tmp_path / "file", tmp_path / "part", HASTY, is_right)
    site.body = BODY
    site.requests.clear()
    download(url_of(site), tmp_path / "file", tmp_path / "part", HASTY, is_right)
    assert site.requests == ["bytes=1000-", None]
    assert (tmp_path / "file").read_bytes() == BODY


def test_a_second_wrong_file_is_the_end(site: Site, tmp_path: Path) -> None:
    site.body, site.cuts = BODY[::-1], [1000]
    with pytest.raises(InputError, match=f"{RIGHT.sha256} was recorded"):
        download(url_of(site), tmp_path / "file", tmp_path / "part", HASTY, is_right)
    assert site.requests == [None, "bytes=1000-", None]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [403, 404, 410])
def test_another_address_is_tried_where_one_is_gone(site: Site, tmp_path: Path, code: int) -> None:
    site.errors = [code]
    urls = [f"{site.address}/gone", url_of(site)]
    assert download_first(urls, tmp_path / "file", tmp_path / "part", HASTY) == urls[1]
    assert (tmp_path / "file").read_bytes() == BODY


def test_a_host_without_a_name_is_gone_too(site: Site, tmp_path: Path, monkeypatch) -> None:
    known = socket.getaddrinfo

    def unknown(host, *arguments, **options):
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    urls = ["http://nowhere.invalid/file", url_of(site)]
    assert download_first(urls, tmp_path / "file", tmp_path / "part", HASTY) == urls[1]


def test_a_server_that_is_broken_is_not_gone(site: Site, tmp_path: Path) -> None:
    """The next run goes on there: what has come so far is kept."""
    site.errors = [500, 500, 500]
    urls = [url_of(site), f"{site.address}/other"]
    with pytest.raises(InputError, match="Run again") as caught:
        download_first(urls, tmp_path / "file", tmp_path / "part", HASTY)
    assert not isinstance(caught.value, GoneError)
    assert "/data/other" not in site.asked


def test_all_addresses_are_named_where_none_has_it(site: Site, tmp_path: Path) -> None:
    urls = [f"{site.address}/one", f"{site.address}/two"]
    with pytest.raises(GoneError) as caught:
        download_first(urls, tmp_path / "file", tmp_path / "part", HASTY)
    assert all(url in str(caught.value) for url in urls)
    assert "404" in str(caught.value)


def test_a_killed_process_leaves_what_has_come(tmp_path: Path) -> None:
    body = bytes(3 * MIB)
    program = (
        "import sys; from pathlib import Path; from polystilts.sources.download import download\n"
        "download(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    target, partial = tmp_path / "file", tmp_path / "part"
    with Serving(Site(body=body, stall=2 * MIB + 5)) as site:
        command = [sys.executable, "-c", program, url_of(site), str(target), str(partial)]
        process = subprocess.Popen(command, env={"PYTHONPATH": str(_WORKFLOW)})
        try:
            until = time.monotonic() + 20
            while not partial.is_file() or partial.stat().st_size < 2 * MIB:
                assert time.monotonic() < until, "nothing has come"
                time.sleep(0.02)
        finally:
            process.kill()
            process.wait()
        site.released.set()
        assert not target.exists()
        download(url_of(site), target, partial, HASTY)
        assert site.requests == [None, f"bytes={2 * MIB}-"]
    assert target.read_bytes() == body
    assert not partial.exists()


_WORKFLOW = Path(__file__).resolve().parents[2] / "workflow"
