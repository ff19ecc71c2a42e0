"""Answer add-checkpoint (C2SP tlog-witness) over HTTP. TLS belongs in front of it; nothing else is served.

200 cosignatures      400 not a request        403 not signed by the log     404 another log
409 old size, or a fork                        422 does not continue, or cannot be recomputed
503 the log cannot be read, or this mirror's folder cannot be relied on
"""

import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..add_checkpoint import MAX_REQUEST, SIZE_TYPE, parse_request, write_answer
from ..errors import ConsistencyError, MalformedError, PolicyError, ProofError
from .errors import ForkError, MirrorError, RefusedError
from .witness import StaleError, Witness

log = logging.getLogger("mirror")
# A log that sends its request slower than this is hung up on.
TIMEOUT_SECONDS = 30
PATH = "/add-checkpoint"
_TEXT = "text/plain; charset=utf-8"


def answer(witness: Witness, body: bytes) -> tuple[HTTPStatus, str, str]:
    """Judge a request; give status, type and text of the answer."""
    try:
        request = parse_request(body.decode("utf-8"))
        made = witness.consider(request.old, request.proof, request.note)
    except StaleError as error:
        return HTTPStatus.CONFLICT, SIZE_TYPE, f"{error.size}\n"
    except (ProofError, UnicodeDecodeError) as error:
        return _status(error), _TEXT, f"{error}\n"
    except ForkError as error:
        log.error("%s", error)
        return HTTPStatus.CONFLICT, SIZE_TYPE, f"{witness.size}\n"
    except RefusedError as error:
        log.error("%s", error)
        return HTTPStatus.UNPROCESSABLE_ENTITY, _TEXT, f"{error}\n"
    except MirrorError as error:
        log.warning("%s", error)
        return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, "The mirror cannot recompute the log now.\n"
    log.info("cosigned a head over %d entries", witness.size)
    return HTTPStatus.OK, _TEXT, write_answer(made)


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, ConsistencyError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, PolicyError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, MalformedError | UnicodeDecodeError):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.FORBIDDEN


def make_server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """Bind the address; the caller serves."""

    class Handler(BaseHTTPRequestHandler):
        server_version = "unbroken-mirror"
        sys_version = ""
        timeout = TIMEOUT_SECONDS

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path.rpartition(PATH)[1:] != (PATH, ""):
                self._send(HTTPStatus.NOT_FOUND, _TEXT, "Only add-checkpoint is answered here.\n")
            elif not (length.isascii() and length.isdigit()) or int(length) > MAX_REQUEST:
                self._send(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TEXT, "The request has no length or is too long.\n"
                )
            else:
                self._send(*answer(witness, self.rfile.read(int(length))))

        def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
            data = text.encode("utf-8")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            log.info("%s %s", self.address_string(), format % args)

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return server
