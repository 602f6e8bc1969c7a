"""One page on one loopback address, for browsers that cannot open files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPBACK = "127.0.0.1"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",  # a page cannot say it itself
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@contextmanager
def served(content: bytes) -> Iterator[tuple[str, Callable[[float | None], None]]]:
    """Serve one page while the context lasts: its address, and how to wait.

    Only `/` exists, only GET and HEAD are answered, and only where the Host is one of
    this server's own names: a page elsewhere that resolves its name to this machine
    gets nothing. The page carries its own policy.
    """
    names: set[str] = set()
    server = ThreadingHTTPServer((LOOPBACK, 0), _handler(content, names))
    names.update(f"{host}:{server.server_port}" for host in (LOOPBACK, "localhost"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    ended = threading.Event()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}/", lambda s: _wait(ended, s)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _wait(ended: threading.Event, seconds: float | None) -> None:
    ended.wait(seconds)


def _handler(content: bytes, names: set[str]) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        server_version = "tinyvae"
        sys_version = ""

        def do_GET(self) -> None:
            self.answer(content)

        def do_HEAD(self) -> None:
            self.answer(b"")

        def answer(self, body: bytes) -> None:
            if self.headers.get("Host") not in names:
                self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
                return
            if self.path.partition("?")[0] != "/":
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.OK)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the terminal is the person's."""

    return Page
