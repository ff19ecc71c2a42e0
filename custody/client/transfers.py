"""Hand items over: offer, accept, refuse, withdraw; and the supervisor's approval or rejection.

Each verb is one signed act; what its record must state is named here from what the person typed, never
from what the server answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import drafts
from .drafts import Asked, Session, Signed


@dataclass(frozen=True)
class Offer:
    """What the giver states of a handing-over."""

    item: str
    taker: str
    purpose: str
    place: str
    seal_number: str
    seal_condition: str


def offer(session: Session, wanted: Offer) -> Signed:
    """Offer custody of an item to a named person."""
    stated = {
        "purpose": wanted.purpose.strip(),
        "place": wanted.place.strip(),
        "seal_number": wanted.seal_number.strip(),
        "seal_condition": wanted.seal_condition.strip(),
    }
    params = {"item": wanted.item, "taker": wanted.taker, **stated}
    asked = Asked(
        "transfer.offer", params, item=wanted.item, values=stated, parts={"taker": {"person": wanted.taker}}
    )
    return drafts.sign(session, asked)


def accept(session: Session, transfer: str, *, note: str = "") -> Signed:
    """Accept custody as the named taker; the record states the digest of the bytes as just read again."""
    return _answer(session, "transfer.accept", transfer, {"note": note.strip()})


def approve(session: Session, transfer: str, *, note: str = "") -> Signed:
    """Approve as supervisor: custody moves now."""
    return _answer(session, "transfer.approve", transfer, {"note": note.strip()})


def refuse(session: Session, transfer: str, *, reason: str) -> Signed:
    """Refuse as the named taker."""
    return _answer(session, "transfer.refuse", transfer, {"reason": reason.strip()})


def withdraw(session: Session, transfer: str, *, reason: str) -> Signed:
    """Withdraw one's own offer."""
    return _answer(session, "transfer.withdraw", transfer, {"reason": reason.strip()})


def reject(session: Session, transfer: str, *, reason: str) -> Signed:
    """Reject as supervisor."""
    return _answer(session, "transfer.reject", transfer, {"reason": reason.strip()})


def _answer(session: Session, act: str, transfer: str, words: dict[str, str]) -> Signed:
    item = str(session.server.get(f"transfers/{transfer}/")["item"])
    said = {name: text for name, text in words.items() if text}
    return drafts.sign(session, Asked(act, {"transfer": transfer, **said}, item=item, values=said))
