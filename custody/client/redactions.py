"""Plan redacted copies, wait until they are made and checked, release or withhold them as a second person."""

from __future__ import annotations

import time
import uuid

from . import drafts
from .drafts import Asked, Session, Signed
from .server import Answer

_POLL = 0.5


def plan(session: Session, *, case: str, item: str, sha256: str) -> str:
    """Have a redacted copy made of the item with this digest; give the copy's id, drawn here."""
    derivative = str(uuid.uuid4())
    values = {"derivative": derivative, "parent_sha256": sha256}
    params = {"item": item, "derivative": derivative}
    drafts.sign(session, Asked("redaction.plan", params, case=case, item=item, values=values))
    return derivative


def wait(session: Session, derivative: str, *, patience: float) -> Answer:
    """Wait until the copy is made, refused or quarantined; after `patience` give it as it is then."""
    deadline = time.monotonic() + patience
    while True:
        answer = session.server.get(f"derivatives/{derivative}/")
        if answer.get("state") != "planned" or time.monotonic() > deadline:
            return answer
        session.pause(_POLL)


def release(session: Session, copy: Answer, *, reason: str = "", pixels_reason: str = "") -> Signed:
    """Release a copy; `pixels_reason` says why a picture may leave whose pixels no machine examined."""
    return _decide(session, copy, "release", {"reason": reason, "pixels_reason": pixels_reason})


def withhold(session: Session, copy: Answer, *, reason: str) -> Signed:
    """Withhold a copy: it never leaves."""
    return _decide(session, copy, "withhold", {"reason": reason})


def _decide(session: Session, copy: Answer, decision: str, words: dict[str, str]) -> Signed:
    said = {name: text.strip() for name, text in words.items() if text.strip()}
    derivative = str(copy["uuid"])
    values = {"derivative": derivative, "decision": decision, "sha256": str(copy["sha256"]), **said}
    params = {"derivative": derivative, "decision": decision, **said}
    asked = Asked("redaction.release", params, item=str(copy["item"]), values=values)
    return drafts.sign(session, asked)
