"""Ask witnesses for cosignatures over HTTP (C2SP tlog-witness, add-checkpoint). Knows no tables.

All are asked at once; one that is slow, down or hostile costs the others nothing and is told in the log file.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from custody.proof.add_checkpoint import SIZE_TYPE, Request, parse_size
from custody.proof.checkpoint import MAX_NOTE
from custody.proof.errors import MalformedError

log = logging.getLogger(__name__)
# A witness that mirrors reads our new entries before it answers.
TIMEOUT = httpx.Timeout(20, connect=3)
MOST_AT_ONCE = 8


@dataclass(frozen=True)
class Answer:
    """Lines of cosignatures, or the size that the witness cosigned last."""

    lines: str = ""
    size: int | None = None


def ask_all(requests: Mapping[str, Request]) -> dict[str, Answer]:
    """Send each request to its witness's address; those that give no usable answer are left out."""
    if not requests:
        return {}
    with ThreadPoolExecutor(max_workers=min(MOST_AT_ONCE, len(requests))) as pool:
        answers = dict(zip(requests, pool.map(_ask, requests.items()), strict=True))
    return {url: answer for url, answer in answers.items() if answer is not None}


def _ask(asked: tuple[str, Request]) -> Answer | None:
    url, request = asked
    try:
        with httpx.stream(
            "POST", f"{url.rstrip('/')}/add-checkpoint", content=request.text().encode(), timeout=TIMEOUT
        ) as answer:
            return _read(answer)
    except (httpx.HTTPError, httpx.InvalidURL, MalformedError, UnicodeDecodeError) as error:
        log.warning("the witness at %s gives no cosignature: %s", url, error or type(error).__name__)
        return None


def _read(answer: httpx.Response) -> Answer:
    data = b""
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > MAX_NOTE:
            raise MalformedError("its answer is too large.")
    if answer.status_code == httpx.codes.OK:
        return Answer(lines=data.decode("utf-8"))
    if answer.status_code == httpx.codes.CONFLICT and answer.headers.get("Content-Type") == SIZE_TYPE:
        return Answer(size=parse_size(data.decode("utf-8")))
    raise MalformedError(f"it answers {answer.status_code}.")
