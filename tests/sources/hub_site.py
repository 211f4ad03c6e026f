"""A loopback server that answers as the Hugging Face hub does, as far as data sets go."""

import hashlib
import io
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

REPOSITORY = "org/set"


def parquet(rows: dict[str, list[Any]], row_group_size: int | None = None) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer, row_group_size=row_group_size)
    return buffer.getvalue()


@dataclass
class HubSite:
    """One repository: its files at every commit, its branches, and its card's configurations.

    `in_git` are files that git itself holds, without large-file storage. `lies` are contents
    that are sent for a name instead of the listed ones.
    """

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    configs: list[Any] = field(default_factory=list)
    in_git: set[str] = field(default_factory=set)
    lies: dict[str, bytes] = field(default_factory=dict)
    errors: list[int] = field(default_factory=list)  # status codes answered first
    cuts: list[int] = field(default_factory=list)  # bytes sent before each file breaks off
    retry_after: str = "0"
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and range
    address: str = ""

    def revision(self, name: str) -> str | None:
        commit = self.branches.get(name, name)
        return commit if commit in self.commits else None


def handler_for(hub: HubSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            hub.asked.append((unquote(path), self.headers.get("Range")))
            if hub.errors:
                self.answer(hub.errors.pop(0), b"busy", {"Retry-After": hub.retry_after})
            elif path.startswith("/api/datasets/"):
                self.list_repository(path.removeprefix("/api/datasets/"))
            elif path.startswith("/datasets/"):
                self.redirect(unquote(path.removeprefix("/datasets/")))
            else:
                self.send_file(unquote(path.removeprefix("/storage/")))

        def list_repository(self, path: str) -> None:
            repository, _, revision = path.partition("/revision/")
            commit = hub.revision(unquote(revision))
            if repository != REPOSITORY:
                self.answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            elif commit is None:
                self.answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            else:
                files = [describe(hub, *item) for item in hub.commits[commit].items()]
                card = {"configs": hub.configs} if hub.configs else {}
                content = {"id": REPOSITORY, "sha": commit, "siblings": files, "cardData": card}
                self.answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

        def redirect(self, path: str) -> None:
            repository, _, rest = path.partition("/resolve/")
            commit, _, name = rest.partition("/")
            if repository != REPOSITORY or name not in hub.commits.get(commit, {}):
                self.answer(404, b"", {"X-Error-Code": "EntryNotFound"})
                return
            headers = {"X-Repo-Commit": commit, "Location": f"/storage/{commit}/{name}"}
            self.answer(302, b"", headers)

        def send_file(self, path: str) -> None:
            commit, _, name = path.partition("/")
            content = hub.lies.get(name, hub.commits[commit][name])
            tag = f'"{hashlib.sha256(content).hexdigest()}"'
            start, status = 0, 200
            headers = {"ETag": tag}
            asked = self.headers.get("Range")
            if asked and self.headers.get("If-Range") in (None, tag):
                start, status = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]), 206
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            cut = hub.cuts.pop(0) if hub.cuts else None
            self.answer(status, content[start:], headers, cut)

        def answer(
            self, status: int, content: bytes, headers: dict[str, str], cut: int | None = None
        ) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content[:cut])
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def describe(hub: HubSite, name: str, content: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    described: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": blob}
    if name.endswith(".parquet") and name not in hub.in_git:
        sha256 = hashlib.sha256(content).hexdigest()
        described["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 130}
    return described


class ServingHub:
    def __init__(self, hub: HubSite) -> None:
        self.hub = hub
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(hub))
        hub.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> HubSite:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self.hub

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
