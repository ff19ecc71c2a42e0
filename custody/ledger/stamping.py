"""Ask an outside authority for a time stamp (RFC 3161) over HTTP. Knows no tables.

An answer is checked with our own verifier before anybody sees it. What is recorded of it, and when one is
asked, is `custody/acts/anchor.py`'s to say; which authorities there are, authorities.py's.
"""

from __future__ import annotations

import secrets
import time
from datetime import datetime, timedelta

import httpx

from custody.ledger.authorities import Authority, AuthorityError
from custody.proof import timestamp, timestamp_query
from custody.proof.errors import ProofError
from custody.proof.timestamp import TimeStamp

# Authorities answer within a second; a worker must not hang on one that does not.
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
MAX_SECONDS = 20.0
# A stamp further from our own clock than this means that one of the two clocks is wrong.
CLOCK_TOLERANCE = timedelta(minutes=10)
_NONCE_BITS = 64


def ask(authority: Authority, message: bytes, now: datetime) -> tuple[bytes, TimeStamp]:
    """Have the message stamped; return the token, small enough for a record, and what it says.

    Raises AuthorityError. Takes seconds: call it outside transactions.
    """
    nonce = secrets.randbits(_NONCE_BITS)
    answer = _post(authority, timestamp_query.request(message, nonce))
    try:
        token = timestamp_query.trimmed(timestamp_query.token_of(answer), authority.pins)
        stamp = timestamp.check(token, message, authority.pins)
    except ProofError as error:
        raise AuthorityError(f"The answer of {authority.name} cannot be used: {error}") from error
    if stamp.info.nonce != nonce:
        raise AuthorityError(f"The answer of {authority.name} is to another request (nonce).")
    if abs(stamp.info.time - now) > CLOCK_TOLERANCE:
        raise AuthorityError(
            f"{authority.name} says it is {stamp.info.time:%Y-%m-%d %H:%M:%S} UTC, this machine "
            f"{now:%Y-%m-%d %H:%M:%S}: one of the clocks is wrong."
        )
    return token, stamp


def _post(authority: Authority, request: bytes) -> bytes:
    """Send the request; read no more of the answer, and for no longer, than an answer takes."""
    deadline = time.monotonic() + MAX_SECONDS
    answer = bytearray()
    headers = {
        "Content-Type": timestamp_query.REQUEST_TYPE,
        "Accept": timestamp_query.ANSWER_TYPE,
        "Accept-Encoding": "identity",  # what is unpacked could be larger than what was counted
    }
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream("POST", authority.url, content=request, headers=headers) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise AuthorityError(f"{authority.name} answered with status {response.status_code}.")
            for piece in response.iter_raw():
                answer += piece
                if len(answer) > timestamp_query.MAX_ANSWER or time.monotonic() > deadline:
                    raise AuthorityError(f"The answer of {authority.name} is too long or too slow.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise AuthorityError(f"{authority.name} cannot be reached ({type(error).__name__}).") from error
    return bytes(answer)
