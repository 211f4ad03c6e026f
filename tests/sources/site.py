"""A loopback server of files that can be told to behave badly."""

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from polystilts.sources.patience import Patience

BODY = bytes(range(256)) * 40
PATH = "glue/MNLI/train.tsv"
HASTY = Patience(tries=3, first_pause=0.0, timeout=5.0)


@dataclass
class Site:
    """What a loopback server serves and how badly it behaves."""

    body: bytes = BODY
    path: str = f"/data/{PATH}"
    others: dict[str, bytes] = field(default_factory=dict)  # further paths
    tag: str | None = '"v1"'
    cuts: list[int] = field(default_factory=list)  # bytes sent before each answer breaks off
    errors: list[int] = field(default_factory=list)  # status codes answered first
    retry_after: str | None = None  # said with those
    stall: int | None = None  # bytes sent before the first answer hangs until `released`
    released: threading.Event = field(default_factory=threading.Event)
    ranges: bool = True
    length: bool = True
    chunked: bool = False
    address: str = ""
    requests: list[str | None] = field(default_factory=list)  # the Range header of each
    asked: list[str] = field(default_factory=list)  # the path of each


def handler_for(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            site.requests.append(asked)
            site.asked.append(self.path)
            if site.errors:
                self.send_response(site.errors.pop(0))
                if site.retry_after is not None:
                    self.send_header("Retry-After", site.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = site.others.get(self.path, site.body if self.path == site.path else None)
            if body is None:
                self.send_error(404)
                return
            start = 0
            unchanged = self.headers.get("If-Range") in (None, site.tag)
            if asked and site.ranges and unchanged:
                start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
                if start >= len(body):
                    self.send_error(416)
                    return
                self.send_response(206)
                last = len(body) - 1
                self.send_header("Content-Range", f"bytes {start}-{last}/{len(body)}")
            else:
                self.send_response(200)
            if site.tag:
                self.send_header("ETag", site.tag)
            rest = body[start:]
            self.close_connection = True
            if site.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                rest = b"%x\r\n%b\r\n0\r\n\r\n" % (len(rest), rest)
            elif site.length:
                self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            if site.stall is not None:
                self.wfile.write(rest[: site.stall])
                self.wfile.flush()
                site.stall = None
                site.released.wait(30)
                return
            self.wfile.write(rest[: site.cuts.pop(0)] if site.cuts else rest)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class Serving:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(site))
        site.address = f"http://127.0.0.1:{self.server.server_port}/data"

    def __enter__(self) -> Site:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self.site

    def __exit__(self, *_: object) -> None:
        self.site.released.set()
        self.server.shutdown()
        self.server.server_close()
