"""A time stamping authority behind a real HTTP address, which a test can make fail in every way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.serialization import Encoding

from tests.proof.stamps import Stamper

Answer = Callable[[bytes], tuple[int, bytes]]


@dataclass
class TimeServer:
    """`answer` may be replaced while it runs; requests are kept."""

    stamper: Stamper
    answer: Answer
    url: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def pem(self) -> str:
        return self.stamper.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def setting(self) -> tuple[str, str]:
        return self.url, self.pem

    def honest(self, request: bytes) -> tuple[int, bytes]:
        return 200, self.stamper.answer(request, datetime.now(UTC))


@contextmanager
def serving(stamper: Stamper) -> Iterator[TimeServer]:
    """Run an honest authority until the test ends."""
    authority = TimeServer(stamper, lambda request: (500, b""))
    authority.answer = authority.honest

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            authority.requests.append((self.headers["Content-Type"], request))
            status, body = authority.answer(request)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_port}/stamp"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
