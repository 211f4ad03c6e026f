"""Resumable downloads over http(s)."""

import http.client
import json
import logging
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from polystilts.errors import InputError
from polystilts.provenance.atomic import write_json

_log = logging.getLogger(__name__)
_BLOCK = 1 << 20
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How often to try without getting a byte further, and how long to wait (seconds).

    The pause doubles with every fruitless try.
    """

    tries: int = 6
    first_pause: float = 1.0
    timeout: float = 60.0


DEFAULT_PATIENCE = Patience()


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


def download(url: str, target: Path, partial: Path, patience: Patience = DEFAULT_PATIENCE) -> None:
    """Download `url` to `target`; `partial` keeps what has come so far.

    A transfer that breaks off, now or in an earlier process, goes on where it stopped if the
    server confirms (by entity tag or date) that the file is still the same; else it starts again.
    `target` appears only when the number of bytes is the one the server announced. The caller
    sees to it that nobody else writes to `partial`.

    Raises:
        InputError: the server refuses the file, or does not deliver it within `patience`.
    """
    partial.parent.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    longest, fruitless = _size(partial), 0
    while True:
        try:
            _transfer(url, partial, patience.timeout)
            break
        except urllib.error.HTTPError as error:
            if error.code not in _WORTH_ANOTHER_TRY:
                raise _refused(url, error) from None
            problem = f"the server answered {error.code} {error.reason}"
        except _TRANSIENT as error:
            problem = str(error) or type(error).__name__
        size = _size(partial)
        fruitless = 0 if size > longest else fruitless + 1
        longest = max(longest, size)
        if fruitless >= patience.tries:
            reason = f"the download failed {fruitless} times without progress ({problem})."
            hint = "Run again: what has come so far is kept. Or use a folder mirror."
            raise InputError(url, reason, hint=hint)
        _log.warning("%s: %s; trying again from byte %d", url, problem, size)
        time.sleep(patience.first_pause * 2 ** max(fruitless - 1, 0))
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    partial.replace(target)
    _note(partial).unlink(missing_ok=True)


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


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _refused(url: str, error: urllib.error.HTTPError) -> InputError:
    if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        hint = "Check the mirror's address: files lie below it under their canonical paths."
    else:
        hint = "Use a mirror that can be read without a login."
    return InputError(url, f"the server answered {error.code} {error.reason}.", hint=hint)
