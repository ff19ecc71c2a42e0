"""Sign an act: have the server prepare it, check that it says what was asked, sign, send.

The server proposes the bytes, so the server could propose other bytes than were asked for. Therefore
nothing is signed here before the payload was read strictly, every commitment was recomputed from its
opening, and the openings said what the caller expects. What the caller expects is named by the caller
(take_in.py, transfers.py, …).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from custody.proof import digests, envelope, records
from custody.proof.canonical import JSON
from custody.proof.countersigned import COUNTERSIGNED
from custody.proof.errors import ProofError
from custody.proof.signatures import Algorithm

from .errors import ClientError, DraftMismatchError, NotReadyError, StaleDraftError
from .profile import Profile
from .server import Answer, Server
from .source_files import visible

# The record's time is the server's clock; a signer vouches for it only within this distance of the own clock.
CLOCK_TOLERANCE = timedelta(minutes=10)
# Where several sign, the last of them signs up to a day after the record was prepared.
OF_SEVERAL = timedelta(hours=25)
_TRIES = 5
# A re-reading of a large exhibit takes longer than this; the person then runs the command again.
_READY_TRIES = 120
_READY_WAIT = 0.5
_LOG_FILE = "log.json"


class Signer(Protocol):
    """A key that signs here, wherever it is: in this process or on a card."""

    @property
    def keyid(self) -> str: ...

    @property
    def spki(self) -> bytes: ...

    @property
    def alg(self) -> Algorithm: ...

    def sign(self, message: bytes) -> bytes:
        """Sign the message."""


@dataclass(frozen=True)
class Session:
    """One person at one server, with the key that signs."""

    server: Server
    profile: Profile
    key: Signer
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Asked:
    """What the person wants to sign: the act, and what its record has to say.

    `values` are statements in full, `parts` members that a statement must have among others. `actor` is
    the key that the record names as its author, if that is not the own one (enrolment: keys.py).
    """

    act: str
    params: Answer
    case: str = ""
    item: str = ""
    actor: str = ""
    # How far the record's time may be from now.
    within: timedelta = CLOCK_TOLERANCE
    values: Mapping[str, JSON] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A proposal of the server, read strictly."""

    id: str
    payload: bytes
    record: records.Record
    openings: Mapping[str, records.Opening]


@dataclass(frozen=True)
class Signed:
    """An act that is in the ledger."""

    entry: int
    leaf: str
    result: Answer
    receipt_url: str


def sign(session: Session, asked: Asked) -> Signed:
    """Prepare, check and sign one act; prepare it again while the ledger moves on underneath."""
    for attempt in range(1, _TRIES + 1):
        draft = _prepare(session, asked)
        check(session, draft, asked)
        try:
            return commit(session, draft)
        except StaleDraftError:
            if attempt == _TRIES:
                raise
    raise AssertionError("the loop above returns or raises")


def _prepare(session: Session, asked: Asked) -> Draft:
    """Have the server prepare the act; wait while it says that it is not ready (a re-reading under way)."""
    order = {"act": asked.act, "params": asked.params, "keyid": session.key.keyid}
    for attempt in range(1, _READY_TRIES + 1):
        try:
            return read(session.server.post("drafts/", order))
        except NotReadyError:
            if attempt == _READY_TRIES:
                raise
        session.pause(_READY_WAIT)
    raise AssertionError("the loop above returns or raises")


def read(answer: Answer) -> Draft:
    """Read a draft strictly. Raises DraftMismatchError: what cannot be read cannot be vouched for."""
    try:
        if answer["payload_type"] != records.RECORD_PAYLOAD_TYPE:
            raise DraftMismatchError("The server's draft is not a custody record.")
        payload = digests.unb64(answer["payload"])
        openings = [
            records.Opening(row["field"], digests.unb64(row["salt"]), row["value"])
            for row in answer["openings"]
        ]
        draft = Draft(
            str(answer["id"]), payload, records.parse(payload), {row.field: row for row in openings}
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DraftMismatchError("The server's draft has another form than this client knows.") from error
    except ProofError as error:
        raise DraftMismatchError(f"The server's draft is not a well-formed record: {error}") from error
    if len(openings) != len(draft.openings):
        raise DraftMismatchError("The server's draft opens one statement twice.")
    return draft


def check(session: Session, draft: Draft, asked: Asked) -> None:
    """Return if the draft says what was asked, and nothing that is not shown. Raises DraftMismatchError."""
    record = draft.record
    # 1. It is this act, by this key, now.
    _same("act", str(record.type), asked.act)
    _same("signing key", record.actor, asked.actor or session.key.keyid)
    distance = abs(record.time - session.now())
    if distance > asked.within:
        raise DraftMismatchError(
            f"The server dates the record {record.time:%Y-%m-%d %H:%M} UTC, this machine's clock says "
            f"{session.now():%Y-%m-%d %H:%M} UTC. Set the clock that is wrong."
        )
    # 2. It is about this case and this item.
    if asked.case:
        _same("case", str(record.case), str(UUID(asked.case)))
    if asked.item:
        _same("item", ", ".join(str(subject.item) for subject in record.subjects), str(UUID(asked.item)))
    # 3. Every statement is opened, and each opening is the one committed to.
    _same("opened statements", ", ".join(sorted(draft.openings)), ", ".join(sorted(record.claims)))
    for name, opening in draft.openings.items():
        if _commitment(opening) != record.claims[name]:
            raise DraftMismatchError(f"The draft shows one value for {name} and commits to another.")
    # 4. The statements are the ones that were asked for.
    for name, value in asked.values.items():
        _same(name, _stated(draft, name), value)
    for name, members in asked.parts.items():
        whole = _stated(draft, name)
        stated = {member: whole.get(member) for member in members} if isinstance(whole, dict) else whole
        _same(name, stated, dict(members))
    # 5. The log has not gone back behind what this person has already signed upon.
    _check_log(session.profile, record)


def commit(session: Session, draft: Draft) -> Signed:
    """Sign the draft's bytes, send the signature, keep what was signed and upon which log head."""
    signature = session.key.sign(envelope.pae(records.RECORD_PAYLOAD_TYPE, draft.payload))
    answer = session.server.post(
        f"drafts/{draft.id}/sign/", {"keyid": session.key.keyid, "signature": digests.b64(signature)}
    )
    _remember_log(session.profile, draft.record)
    if answer.get("entry") is None:  # one of two signatures: the other person's makes it an entry
        return Signed(-1, "", answer, "")
    # Whoever signs with others does not know all of the signatures, and cannot tell the entry's hash.
    if draft.record.type not in COUNTERSIGNED:
        own = envelope.seal(draft.payload, [envelope.Signature(session.key.keyid, signature)])
        if digests.b64(digests.leaf_hash(own)) != answer.get("leaf"):
            raise ClientError(
                "The server stored another record than the one that was signed. Tell the auditor."
            )
    signed = Signed(int(answer["entry"]), str(answer.get("leaf", "")), answer.get("result") or {}, "")
    _keep(session.profile, draft, signed, signature)
    return Signed(signed.entry, signed.leaf, signed.result, str(answer.get("receipt_url") or ""))


def _keep(profile: Profile, draft: Draft, signed: Signed, signature: bytes) -> None:
    """Keep one's own copy of what one signed, so that it can be held against the log later."""
    openings = [
        {"field": row.field, "salt": digests.b64(row.salt), "value": row.value}
        for row in draft.openings.values()
    ]
    profile.write(
        f"receipts/{signed.entry}.json",
        {
            "entry": signed.entry,
            "leaf": signed.leaf,
            "payload": digests.b64(draft.payload),
            "signature": digests.b64(signature),
            "openings": openings,
        },
    )


def _stated(draft: Draft, name: str) -> JSON:
    if name not in draft.openings:
        raise DraftMismatchError(f"The server's draft does not state {name}. Nothing was signed.")
    return draft.openings[name].value


def _commitment(opening: records.Opening) -> bytes:
    try:
        return opening.commitment()
    except ProofError as error:
        raise DraftMismatchError(f"The opening of {opening.field} is malformed: {error}") from error


def _same(what: str, proposed: object, asked: object) -> None:
    # bool is an int in Python: 1 and true are different statements.
    if proposed != asked or isinstance(proposed, bool) != isinstance(asked, bool):
        raise DraftMismatchError(
            f"The server's draft says {what}: {visible(str(proposed))!r}; asked was {visible(str(asked))!r}. "
            "Nothing was signed."
        )


def _check_log(profile: Profile, record: records.Record) -> None:
    known = profile.read(_LOG_FILE)
    if not known:
        return
    _same("log", record.log, known["origin"])
    size, root = record.seen.size, digests.b64(record.seen.root)
    if size < int(str(known["size"])) or (size == known["size"] and root != known["root"]):
        raise DraftMismatchError(
            f"The server shows a log of {size} entries; this profile has already signed upon one of "
            f"{known['size']} entries with another head. The log may have been set back: tell the auditor."
        )


def _remember_log(profile: Profile, record: records.Record) -> None:
    seen = {"origin": record.log, "size": record.seen.size, "root": digests.b64(record.seen.root)}
    if profile.read(_LOG_FILE) != seen:
        profile.write(_LOG_FILE, seen)
