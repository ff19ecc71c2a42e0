"""State the log's policy anew: on which pages passkeys may be used, how many administrators enrol a key.

The whole policy is stated each time; what stood before stays in the log and counts for what it was in force
for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from custody import access
from custody.accounts.models import Person
from custody.acts import countersign
from custody.acts.fields import MAX_TEXT, Fields
from custody.acts.plan import Plan
from custody.errors import ConflictError, InvalidError
from custody.ledger import sites
from custody.ledger.keys import note_signer
from custody.proof.errors import ProofError
from custody.proof.policy import Policy, parse_policy
from custody.proof.records import RecordType

# A record holds 16 KiB altogether.
MAX_POLICY = 12_000


def update(person: Person, params: dict[str, Any], now: datetime) -> Plan:
    """Replace the policy in force by this text."""
    access.require_role(person, "policy.update")
    fields = Fields(params)
    reason = fields.text("reason", "The reason", most=MAX_TEXT)
    fields.text("policy", "The policy", most=MAX_POLICY)
    fields.done()
    text = str(params["policy"])
    policy = _read(text)
    if text == sites.stated_policy():
        raise ConflictError("The log states exactly this already.", code="policy_same")
    return Plan(
        type=RecordType.POLICY_UPDATE,
        apply=lambda entry: {},
        extra={"policy": text},
        claims={"reason": reason, "by": person.identity()},
        summary=(
            ("State the policy of the log", "from the next record on"),
            *(("Passkeys may be used on", f"{s.origin}, as those of {s.rp_id}") for s in policy.passkeys),
            ("Keys are enrolled by", in_words(policy.enrollers)),
            ("Reason", reason),
        ),
    )


def _read(text: str) -> Policy:
    try:
        policy = parse_policy(text)
    except ProofError as error:
        raise InvalidError(f"This is no policy: {error}", fields={"policy": str(error)}) from error
    if note_signer().public not in policy.logs:
        problem = "The policy does not name the key with which this log signs its heads."
        raise InvalidError(problem, fields={"policy": problem})
    _check_enrollers(policy.enrollers)
    return policy


def _check_enrollers(number: int) -> None:
    """Refuse a number that nobody could reach, or that no reader would count."""
    there = countersign.administrators()
    if number > max(there, 1):
        problem = f"{number} administrators are demanded, and only {there} have a key that counts."
        raise InvalidError(problem, fields={"policy": problem})
    if number > 1 and sites.in_force().enrollers == 0:
        problem = (
            "This log was opened before several administrators could be demanded; in it one enrols for ever."
        )
        raise InvalidError(problem, fields={"policy": problem})


def in_words(enrollers: int) -> str:
    """Say who enrols keys."""
    return "one administrator" if enrollers < 2 else f"{enrollers} administrators together"
