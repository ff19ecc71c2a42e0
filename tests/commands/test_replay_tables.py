"""replay_ledger compares the tables beside the ledger: whatever was changed behind it is named with its entry."""

from __future__ import annotations

import pytest

from custody.ledger.replay_findings import Code

# Who -> a statement of somebody with the database in their hands. The tables' own checks hold even for them.
STRANGER = "(SELECT id FROM custody_person WHERE username = 'stranger')"
BEHIND = {
    "custodian of an exhibit": f"UPDATE evidence_item SET custodian_id = {STRANGER}",
    "digest of an exhibit": "UPDATE evidence_item SET sha256 = repeat('0', 64)",
    "place of an exhibit": "UPDATE evidence_item SET location = 'my own cupboard'",
    "sheet of an exhibit": "UPDATE evidence_item SET sheet = '{}'",
    "number of an exhibit": "UPDATE evidence_item SET exhibit_number = exhibit_number || 'b'",
    "newest entry of an exhibit": "UPDATE evidence_item SET last_entry = 0",
    "status of a case": "UPDATE evidence_case SET status = 'closed'",
    "unit of a case": "UPDATE evidence_case SET unit = 'Another unit'",
    "end of an authority": "UPDATE evidence_legalauthority SET valid_until = valid_until + interval '1 year'",
    "ending of an authority": "UPDATE evidence_legalauthority SET ended_at = NULL",
    "end of an assignment": "UPDATE evidence_assignment SET until_entry = NULL",
    "person of an assignment": f"UPDATE evidence_assignment SET person_id = {STRANGER} "
    "WHERE id = (SELECT min(id) FROM evidence_assignment)",
    "outcome of a re-reading": "UPDATE evidence_fixitycheck SET outcome = 'unreadable'",
    "answers of extractors": "UPDATE evidence_metadata SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)",
    "state of a redacted copy": "UPDATE evidence_derivative SET state = 'released' WHERE state = 'withheld'",
    "digest of a redacted copy": "UPDATE evidence_derivative SET sha256 = repeat('0', 64)",
    "state of a transfer": "UPDATE custody_transfer SET state = 'approved', end_entry = 1, ended_at = now(), "
    "approver_id = (SELECT id FROM custody_person WHERE username = 'supervisor') WHERE state = 'accepted'",
    "taker of a transfer": "UPDATE custody_transfer SET "
    "taker_id = (SELECT id FROM custody_person WHERE username = 'prosecutor')",
    "digest of a transfer": "UPDATE custody_transfer SET accept_digest = repeat('0', 64)",
    "reason of a transfer": "UPDATE custody_transfer SET end_reason = 'nothing to see'",
    "state of a key": "UPDATE custody_signingkey SET state = 'registered', revoked_entry = NULL "
    "WHERE state = 'revoked'",
    "holder of a key": f"UPDATE custody_signingkey SET person_id = {STRANGER}",
    "role of a person": "UPDATE custody_person SET role = 'supervisor' WHERE username = 'stranger'",
    "digest of a report": "UPDATE custody_report SET sha256 = repeat('0', 64)",
    "head of a time stamp": "UPDATE ledger_anchor SET size = size - 1",
    "time of a time stamp": "UPDATE ledger_anchor SET time = time - interval '1 day'",
    "certificate of a time stamp": "UPDATE ledger_anchor SET authority = repeat('0', 64)",
    "reason in the access log": "UPDATE custody_accesslog SET justification = 'another reason' "
    "WHERE \"when\" < now() - interval '1 hour'",
}


@pytest.mark.parametrize("what", BEHIND)
def test_a_table_changed_behind_the_ledger_is_named(world, what):
    statement = BEHIND[what]
    with world.undone(statement.split()[1]) as hands:
        changed = hands.execute(statement).rowcount
        failures = world.failures()
    assert changed
    differing = [finding for finding in failures if finding.code in {Code.ROW_DIFFERS, Code.ROW_MISSING}]
    assert differing, failures
    assert all(finding.index is not None for finding in differing)


@pytest.mark.parametrize(
    "table",
    [
        "evidence_item",
        "evidence_case",
        "evidence_assignment",
        "evidence_legalauthority",
        "evidence_derivative",
        "evidence_fixitycheck",
        "evidence_metadata",
        "custody_transfer",
        "custody_signingkey",
        "custody_report",
        "ledger_anchor",
    ],
)
def test_rows_taken_away_are_named(world, table):
    with world.undone(table) as hands:
        hands.execute(f"DELETE FROM {table}")
        failures = world.failures()
    assert Code.ROW_MISSING in {finding.code for finding in failures}


def test_a_row_that_no_entry_made_is_named(world):
    with world.undone("custody_transfer") as hands:
        hands.execute(
            "UPDATE custody_transfer SET offer_entry = 0, uuid = gen_random_uuid() WHERE offer_entry = (SELECT max(offer_entry) FROM custody_transfer)"
        )
        codes = {finding.code for finding in world.failures()}
    assert {Code.ROW_MISSING, Code.ROW_UNKNOWN} <= codes
