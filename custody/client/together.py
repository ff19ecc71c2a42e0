"""Records that several sign: what waits for this person's signature, and giving it.

The author's name, the new key and the policy are shown from the bytes that are signed, not from the server's summary.
"""

from __future__ import annotations

from dataclasses import dataclass

from custody.proof import digests

from . import drafts
from .errors import ClientError, DraftMismatchError
from .server import Answer

_ACTS = ("key.register", "policy.update")


@dataclass(frozen=True)
class Waiting:
    """A draft that waits, and what its bytes say, line by line."""

    id: str
    is_mine: bool
    needs: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]


def waiting(session: drafts.Session) -> list[Waiting]:
    """List what waits for several, mine and others'."""
    rows = [row for row in session.server.list("drafts/", mine="1") if row.get("act") in _ACTS]
    return [_waiting(session, row) for row in rows]


def sign(session: drafts.Session, draft_id: str) -> drafts.Signed:
    """Sign one of them with this profile's key; the author's signature, when nobody's is missing, records it."""
    row = next((row for row in session.server.list("drafts/", mine="1") if row.get("id") == draft_id), None)
    if row is None:
        raise ClientError("There is no such record that waits for you. It may have run out or been finished.")
    draft = _read(session, row)
    missing = [need for need in row.get("needs", []) if need != "actor"]
    if draft.record.actor == session.key.keyid and missing:
        raise ClientError(f"Others sign first: {', '.join(missing)}. Nothing was signed.")
    return drafts.commit(session, draft)


def _waiting(session: drafts.Session, row: Answer) -> Waiting:
    draft = _read(session, row)
    is_mine = draft.record.actor == session.key.keyid
    return Waiting(draft.id, is_mine, tuple(row.get("needs", [])), tuple(_lines(draft)))


def _read(session: drafts.Session, row: Answer) -> drafts.Draft:
    draft = drafts.read(row)
    act = str(draft.record.type)
    if act not in _ACTS:
        raise DraftMismatchError("The draft is of an act that one person signs. Nothing was signed.")
    drafts.check(session, draft, drafts.Asked(act, {}, actor=draft.record.actor, within=drafts.OF_SEVERAL))
    return draft


def _lines(draft: drafts.Draft) -> list[tuple[str, str]]:
    said = {name: opening.value for name, opening in draft.openings.items()}
    lines = [("Record", str(draft.record.type)), ("Prepared with key", draft.record.actor)]
    for key in draft.record.enrols():
        lines += [
            ("New key", key.keyid),
            ("Roles", ", ".join(sorted(key.roles))),
            ("Person", str(key.person)),
        ]
    for name, value in sorted(said.items()):
        text = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        lines.append((name, text))
    if "policy" in draft.record.extra:
        lines.append(("Policy", str(draft.record.extra["policy"])))
    lines.append(("SHA-256 of the bytes", digests.sha256(draft.payload).hex()))
    return lines
