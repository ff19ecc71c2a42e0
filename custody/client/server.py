"""Talk to the server's API: one request, one answer, problems turned into errors.

It knows addresses, tokens and JSON. What is asked and what an answer means is the business of the files
named after the nouns (drafts.py, take_in.py, reports.py …).
"""

from __future__ import annotations

import json
import logging
import ssl
from types import TracebackType
from typing import Any, Self, cast

import httpx

from .errors import (
    ClientError,
    NotLoggedOnError,
    NotReadyError,
    ServerRefusedError,
    ServerUnreachableError,
    StaleDraftError,
)

# Drafts and lists are small; a larger answer is not one of this API.
_MAX_ANSWER = 32 << 20
# A report or an intake may wait for a disk; a connection may not.
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_TRIES = 3

# Answers are JSON as the server wrote it; each caller checks the members it uses.
Answer = dict[str, Any]


class Server:
    """One server's API, for one person when a token is given."""

    def __init__(self, address: str, token: str = "", tls: ssl.SSLContext | None = None) -> None:
        if not address.startswith(("https://", "http://")):
            raise ClientError(f"The server's address must begin with https:// or http://, not {address!r}.")
        self.address = address.rstrip("/")
        self.token = token
        # httpx reports every address at level INFO, and the address of an upload opens it.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.http = httpx.Client(timeout=_TIMEOUT, verify=tls or True, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def get(self, path: str, **query: str) -> Answer:
        """Ask for one thing. An unanswered question is asked again: it changes nothing."""
        return _object(self._ask("GET", path, query=query, tries=_TRIES))

    def list(self, path: str, **query: str) -> list[Answer]:
        """Ask for a list, all pages of it."""
        rows: list[Answer] = []
        while True:
            answer = self._ask("GET", path, query=query, tries=_TRIES)
            if isinstance(answer, list):
                return [*rows, *(_object(row) for row in answer)]
            page = _object(answer)
            rows += [_object(row) for row in page.get("results", [])]
            following = page.get("next")
            if not isinstance(following, int) or following <= int(query.get("offset", 0)):
                return rows
            query = {**query, "offset": str(following)}

    def text(self, path: str) -> str:
        """Ask for a text file of the API, such as the log's policy."""
        return self._request("GET", path, query={}, body=None, tries=_TRIES).text

    def post(self, path: str, body: Answer) -> Answer:
        """Send one thing, once: the caller decides whether it may be sent again."""
        return _object(self._ask("POST", path, body=body, tries=1))

    def delete(self, path: str) -> None:
        """Give one thing up."""
        self._ask("DELETE", path, tries=1)

    def _ask(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None, tries: int
    ) -> Any:
        response = self._request(method, path, query=query or {}, body=body, tries=tries)
        if response.status_code == httpx.codes.NO_CONTENT:
            return {}
        try:
            return response.json()
        except ValueError as error:
            raise ClientError(
                f"{self.address} answered {method} {path} with other things than JSON; is the address right?"
            ) from error

    def _request(
        self, method: str, path: str, *, query: dict[str, str], body: Any, tries: int
    ) -> httpx.Response:
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        for attempt in range(1, tries + 1):
            try:
                response = self.http.request(
                    method, self._url(path), params=query or None, json=body, headers=headers
                )
                break
            except httpx.TransportError as error:
                if attempt == tries:
                    raise ServerUnreachableError(
                        f"The server {self.address} does not answer ({error}). "
                        "Whether it carried out the request is not known."
                    ) from error
        if len(response.content) > _MAX_ANSWER:
            raise ClientError("The server's answer is larger than an answer of this API can be.")
        if not response.is_success:
            raise refusal(response)
        return response

    def _url(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return f"{self.address}/api/v1/{path.lstrip('/')}"
        if not path.startswith(self.address + "/"):
            raise ClientError(f"The server points to another server ({path}); the token is not sent there.")
        return path


def refusal(response: httpx.Response) -> ClientError:
    """Turn an answer that is not a success into the error that says what the server said."""
    try:
        problem = json.loads(response.content)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    code = str(problem.get("code", ""))
    detail = str(
        problem.get("detail") or problem.get("title") or f"The server answered {response.status_code}."
    )
    errors = problem.get("errors")
    errors = errors if isinstance(errors, dict) else {}
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return NotLoggedOnError(detail)
    kind = {"stale": StaleDraftError, "draft_expired": StaleDraftError, "not_ready": NotReadyError}.get(code)
    return (kind or ServerRefusedError)(response.status_code, code, detail, errors)


def _object(value: object) -> Answer:
    if not isinstance(value, dict):
        raise ClientError("The server's answer has another form than this client knows.")
    return cast("Answer", value)
