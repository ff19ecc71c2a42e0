"""Replay the ledger and compare every table that mirrors it: step 12 of the replay, and the whole of it."""

from __future__ import annotations

from custody.acts.audit import anchors, cases, items, works
from custody.acts.audit.rows import Comparison
from custody.acts.audit.told import Account
from custody.ledger.replay import Replayed, replay, snapshot
from custody.proof.policy import Policy


def audit_ledger(pinned: Policy | None) -> Replayed:
    """Return every finding about the ledger and about the tables beside it; nothing is changed."""
    account = Account()
    with snapshot():
        replayed = replay(pinned, account.listen)
        comparison = Comparison(account, replayed.keyring, replayed.findings)
        items.compare_items(comparison, replayed.items)
        items.compare_transfers(comparison)
        items.compare_derivatives(comparison)
        cases.compare_cases(comparison)
        cases.compare_assignments(comparison)
        cases.compare_authorities(comparison)
        cases.compare_keys(comparison, replayed.keyring)
        works.compare_fixity(comparison)
        works.compare_metadata(comparison)
        works.compare_reports(comparison)
        works.compare_access_log(comparison)
        anchors.compare_anchors(comparison)
    return replayed
