"""What can be said of the log at a glance: the newest signed head, what it does not cover, the last audits.

The full check is `manage.py replay_ledger` and `manage.py check_vault`; this page shows when they ran last
and what they said, and says so when they never did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from custody.accounts.roles import Role
from custody.acts import anchor, reread
from custody.acts.audit import kept
from custody.ledger import cosigning, keys, log_policy, publish
from custody.ledger.authorities import AuthorityError
from custody.ledger.keys import KeyFileError
from custody.ledger.log_policy import WitnessesError
from custody.ledger.models import Checkpoint, Head
from custody.ledger.tree import MissingLeavesError, block_reader
from custody.proof import checkpoint as notes
from custody.proof import merkle, note_keys
from custody.proof.errors import ProofError

# What the audits say names exhibits, which administrators do not know of.
ROLES = frozenset({Role.AUDITOR})


@dataclass(frozen=True)
class Look:
    """One thing looked at now: fine or not, in a sentence."""

    fine: bool
    sentence: str


def state() -> dict[str, Any]:
    """Return what the page shows."""
    newest = publish.newest()
    return {
        "newest": newest,
        "newest_root": bytes(newest.root).hex() if newest else "",
        "entries": Head.objects.get(pk=1).size,
        "unpublished": publish.unpublished(),
        "looks": _looks(newest) if newest else [Look(False, "The log has no signed head yet.")],
        "stamps": _stamps(timezone.now()),
        "readings": reread.standing(timezone.now()),
        "fixity_days": settings.FIXITY_DAYS,
        "fixity_rate": settings.FIXITY_MIB_PER_S,
        "ledger": kept.kept(kept.LEDGER),
        "vault": kept.kept(kept.VAULT),
    }


def _looks(newest: Checkpoint) -> list[Look]:
    return [_signature(newest), _witnesses(newest), _root(newest)]


def _stamps(now: datetime) -> list[Look]:
    """Say how far outside authorities have stamped the log; a stamp that is overdue is an alarm."""
    try:
        standings = anchor.standings()
    except AuthorityError as error:
        return [Look(False, str(error))]
    if not standings:
        return [Look(True, "No outside authority is configured: times are the signers' own statements.")]
    return [_stamp(standing, now) for standing in standings]


def _stamp(standing: anchor.Standing, now: datetime) -> Look:
    last = f"on {standing.last:%Y-%m-%d %H:%M} UTC, {standing.size} entries" if standing.last else "never yet"
    sentence = f"{standing.authority} stamped the log last {last}."
    if standing.waiting_since is not None:
        sentence += f" Entries have waited for its stamp since {standing.waiting_since:%Y-%m-%d %H:%M} UTC."
    return Look(not standing.overdue(now) and not standing.problem, f"{sentence} {standing.problem}".strip())


def _signature(newest: Checkpoint) -> Look:
    try:
        note_keys.verify_note(notes.parse_note(newest.note), [keys.note_signer().public])
    except (ProofError, KeyFileError) as error:
        return Look(False, f"The newest signed head is not signed by this installation's key: {error}")
    return Look(True, "The newest head is signed by the key of this installation.")


def _witnesses(newest: Checkpoint) -> Look:
    try:
        absent = [witness.name for witness in cosigning.missing(newest)]
        reached, named = cosigning.is_witnessed(newest), log_policy.named_witnesses().witnesses
    except (WitnessesError, KeyFileError) as error:
        return Look(False, str(error))
    if not named:
        return Look(True, "No witness is named: nobody outside checks that everybody is shown the same log.")
    rest = f" Not cosigned by {', '.join(absent)}." if absent else ""
    if not reached:
        return Look(False, f"The newest head waits for its witnesses, and receipts with it.{rest}")
    return Look(True, f"The newest head is witnessed as the policy asks.{rest}")


def _root(newest: Checkpoint) -> Look:
    try:
        root = merkle.root_at(newest.size, block_reader())
    except MissingLeavesError as error:
        return Look(False, f"Entries under the newest signed head are missing: {error}")
    if root != bytes(newest.root):
        return Look(False, "The stored hashes do not lead to the newest signed head. Run replay_ledger.")
    return Look(True, f"The stored hashes of all {newest.size} entries lead to the newest signed head.")
