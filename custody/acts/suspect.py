"""State that a key may have been in other hands since some time: what it signed since then is marked by verifiers.

It does not stop the key; whoever suspects it usually revokes it too (keys.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from custody import access
from custody.accounts.models import KeyState, Person, SigningKey
from custody.acts.fields import MAX_TEXT, Fields, utc
from custody.acts.plan import Plan, Result
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from custody.ledger.append import Appended
from custody.proof import members
from custody.proof.records import RecordType


def suspect(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """An administrator of anybody's key, everybody of their own, says since when it is not to be relied on."""
    fields = Fields(params)
    since = fields.moment("since", "Since when")
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    fields.done()
    key = SigningKey.objects.select_related("person").filter(pk=params.get("key")).first()
    if key is None:
        raise NotFoundError("The signing key")
    if key.person_id != person.pk and not access.may(person, "key.suspect"):
        raise NotAllowedError("Only an administrator suspects another person's key.")
    if key.state == KeyState.REQUESTED:
        raise ConflictError("This key is not enrolled yet; nothing can have been signed with it.")
    if since > now:
        raise InvalidError("This time has not come yet.", fields={"since": "Choose a time in the past."})

    def apply(entry: Appended) -> Result:
        return {"key": key.keyid, "entry": entry.index}

    return Plan(
        type=RecordType.KEY_SUSPECT,
        apply=apply,
        extra={"key": {"keyid": key.keyid, "since": members.format_time(since)}},
        claims={"reason": reason, "by": person.identity()},
        summary=(
            ("Suspect the key", key.keyid),
            ("Of", key.person.name),
            ("Since", utc(since)),
            ("Reason", reason),
        ),
    )
