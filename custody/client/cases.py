"""Open and staff cases, add legal authorities, register the people a case protects."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from custody.proof.canonical import JSON

from . import drafts
from .drafts import Asked, Session, Signed
from .server import Server


@dataclass(frozen=True)
class Authority:
    """A warrant, order or consent as it is entered."""

    kind: str
    issuer: str
    reference: str
    scope: str
    categories: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime


def open_case(session: Session, *, number: str, title: str, offence: str) -> str:
    """Open a restricted case; give its id, which is drawn here and not by the server."""
    case = str(uuid.uuid4())
    stated: dict[str, JSON] = {"number": number, "title": title, "offence": offence, "restricted": True}
    drafts.sign(session, Asked("case.open", {"case": case, **stated}, case=case, values=stated))
    return case


def assign(session: Session, *, case: str, person: str) -> Signed:
    """Put a person on the case."""
    params = {"case": case, "person": person}
    asked = Asked(
        "case.assign", params, case=case, values={"act": "begin"}, parts={"person": {"person": person}}
    )
    return drafts.sign(session, asked)


def add_authority(session: Session, case: str, wanted: Authority) -> str:
    """Enter a legal authority; give its id, which is drawn here and not by the server."""
    authority = str(uuid.uuid4())
    stated: dict[str, JSON] = {
        "authority": authority,
        "kind": wanted.kind,
        "issuer": wanted.issuer,
        "reference": wanted.reference,
        "scope": wanted.scope,
        "categories": sorted(wanted.categories),
        "valid_from": _utc(wanted.valid_from),
        "valid_until": _utc(wanted.valid_until),
    }
    drafts.sign(session, Asked("authority.add", {"case": case, **stated}, case=case, values=stated))
    return authority


def register_victim(server: Server, case: str, identifiers: list[dict[str, str]]) -> str:
    """Register a person the case protects; give the pseudonym that the server drew."""
    return str(server.post(f"cases/{case}/victims/", {"identifiers": identifiers})["pseudonym"])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
