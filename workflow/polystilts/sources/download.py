"""Resumable downloads over http(s)."""

import http.client
import json
import logging
import os
import shutil
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from polystilts.errors import InputError
from polystilts.provenance.atomic import write_json
from polystilts.sources.patience import DEFAULT_PATIENCE, WORTH_ANOTHER_TRY, Patience

_log = logging.getLogger(__name__)
_BLOCK = 1 << 20
_ELSEWHERE = frozenset({401, 403, 404, 410})

# Says what is wrong with a file that has come whole, None if nothing is.
Check = Callable[[Path], str | None]


class GoneError(InputError):
    """The file is not at this address, or nobody may read it there: another may have it."""


class _InterruptedTransferError(Exception):
    """The connection ended before the file did."""


_TRANSIENT = (
    _InterruptedTransferError,
    urllib.error.URLError,
    http.client.HTTPException,
    ssl.SSLError,
    ConnectionError,
    TimeoutError,
)


def download_first(
    urls: Sequence[str],
    target: Path,
    partial: Path,
    patience: Patience = DEFAULT_PATIENCE,
    check: Check | None = None,
) -> str:
    """Download from the first address that has the file, and return that address.

    Raises:
        GoneError: none of them has it.
        InputError: as `download`; other addresses are not asked then.
    """
    refusals = []
    for url in urls:
        try:
            download(url, target, partial, patience, check)
            return url
        except GoneError as error:
            _log.warning("%s", error)
            refusals.append(error)
    if len(refusals) == 1:
        raise refusals[0]
    others = "; ".join(f"{url}: {error.reason}" for url, error in zip(urls, refusals, strict=True))
    reason = f"none of its {len(urls)} addresses has it ({others})"
    raise GoneError(urls[0], reason, hint="Put the file into a folder mirror.")


def download(
    url: str,
    target: Path,
    partial: Path,
    patience: Patience = DEFAULT_PATIENCE,
    check: Check | None = None,
) -> None:
    """Download `url` to `target`; `partial` keeps what has come so far.

    A transfer that breaks off, now or in an earlier process, goes on where it stopped if the
    server confirms (by entity tag or date) that the file is still the same; else it starts again.
    `target` appears only when the number of bytes is the one the server announced and `check` has
    nothing against it. A file that came in pieces and is not what it should be is fetched once
    more in one piece. The caller sees to it that nobody else writes to `partial`.

    Raises:
        GoneError: the server does not have the file, nobody may read it, or there is no server.
        InputError: the server does not deliver the file within `patience`, or delivers another.
    """
    partial.parent.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    in_pieces = _receive(url, partial, patience)
    problem = check(partial) if check else None
    if problem and in_pieces:
        _log.warning("%s: %s; fetching it again in one piece", url, problem)
        _discard(partial)
        _receive(url, partial, patience)
        problem = check(partial) if check else None
    if problem:
        _discard(partial)
        hint = (
            "Run again; if it stays so, the publisher has changed the file. To take the new one"
            " on purpose, set what was recorded to null."
        )
        raise InputError(url, f"{problem}.", hint=hint)
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    partial.replace(target)
    _note(partial).unlink(missing_ok=True)


def _receive(url: str, partial: Path, patience: Patience) -> bool:
    """Bring all of `url` into `partial`; return whether it came in more than one piece."""
    longest, fruitless, pieces = _size(partial), 0, 0
    if longest:
        pieces = 1
    while True:
        pieces += 1
        asked = None
        unknown_host = False
        try:
            _transfer(url, partial, patience.timeout)
            return pieces > 1
        except urllib.error.HTTPError as error:
            if error.code not in WORTH_ANOTHER_TRY:
                raise _refused(url, error) from None
            problem = f"the server answered {error.code} {error.reason}"
            asked = error.headers.get("Retry-After")
        except _TRANSIENT as error:
            problem = str(error) or type(error).__name__
            unknown_host = isinstance(getattr(error, "reason", None), socket.gaierror)
        size = _size(partial)
        fruitless = 0 if size > longest else fruitless + 1
        longest = max(longest, size)
        if fruitless >= patience.tries:
            reason = f"the download failed {fruitless} times without progress ({problem})."
            hint = "Run again: what has come so far is kept. Or use a folder mirror."
            raise (GoneError if unknown_host else InputError)(url, reason, hint=hint)
        pause = patience.pause(fruitless, asked)
        _log.warning("%s: %s; trying again in %g s from byte %d", url, problem, pause, size)
        time.sleep(pause)


def _transfer(url: str, partial: Path, timeout: float) -> None:
    """Receive what is still missing of `url` into `partial`, all of it or an exception."""
    headers = {"User-Agent": "polystilts"}
    start = 0
    validator = _known_validator(url, partial)
    if validator:
        start = _size(partial)
    if start and validator:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    request = urllib.request.Request(url, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            partial.unlink(missing_ok=True)
            raise _InterruptedTransferError("the part kept so far no longer fits") from None
        raise
    with response:
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            total = _total_of_range(response.headers.get("Content-Range", ""), start, partial)
            mode = "ab"
        else:
            total = _announced_length(url, response)
            mode = "wb"
            partial.unlink(missing_ok=True)
            write_json(_note(partial), {"url": url, "validator": _validator(response)})
        with partial.open(mode) as handle:
            shutil.copyfileobj(response, handle, _BLOCK)
    if total is not None and _size(partial) != total:
        problem = f"the connection ended after {_size(partial)} of {total} bytes"
        if _size(partial) > total:
            partial.unlink()
        raise _InterruptedTransferError(problem)


def _announced_length(url: str, response: http.client.HTTPResponse) -> int | None:
    """Return the length of a whole answer; None for a chunked one, which marks its own end."""
    length = response.headers.get("Content-Length")
    if length is not None:
        return int(length)
    if response.chunked:
        return None
    reason = "the server does not say how long the file is; a cut transfer would go unseen."
    raise InputError(url, reason, hint="Download it by hand into a folder mirror.")


def _total_of_range(content_range: str, start: int, partial: Path) -> int | None:
    """Return the whole length out of `bytes <first>-<last>/<total>`."""
    unit, _, span = content_range.partition(" ")
    first_to_last, _, total = span.partition("/")
    first, _, last = first_to_last.partition("-")
    if unit != "bytes" or first != str(start) or not last.isdigit():
        partial.unlink(missing_ok=True)
        raise _InterruptedTransferError(f"the server sent the range `{content_range}`")
    return int(total) if total.isdigit() else int(last) + 1


def _validator(response: http.client.HTTPResponse) -> str | None:
    """Return what names this version of the file: a strong entity tag, or its date."""
    tag = response.headers.get("ETag")
    if tag and not tag.startswith("W/"):
        return tag
    return response.headers.get("Last-Modified")


def _known_validator(url: str, partial: Path) -> str | None:
    """Return the version that `partial` is a part of, if a readable note says so."""
    try:
        note = json.loads(_note(partial).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return note.get("validator") if isinstance(note, dict) and note.get("url") == url else None


def _note(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.json")


def _discard(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    _note(partial).unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _refused(url: str, error: urllib.error.HTTPError) -> InputError:
    kind = GoneError if error.code in _ELSEWHERE else InputError
    if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        hint = "Check the address: files lie below a mirror under their canonical paths."
    else:
        hint = "Use a mirror that can be read without a login."
    return kind(url, f"the server answered {error.code} {error.reason}.", hint=hint)
