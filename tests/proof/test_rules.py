"""Roles and record types: one table, complete, and no more generous than it must be."""

from pathlib import Path
from uuid import uuid4

import pytest

from custody.proof.chain import Actor, ItemState, Status, step
from custody.proof.errors import ChainError
from custody.proof.records import RecordType, Role, Subject
from custody.proof.rules import SIGNERS, check_role
from tests.proof.test_chain import record_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "proof-format.md"


def test_every_record_type_has_a_rule() -> None:
    assert set(SIGNERS) == set(RecordType)


def test_a_supervisor_approves_transfers_and_an_examiner_does_not() -> None:
    check_role(RecordType.TRANSFER_APPROVE, {Role.SUPERVISOR})
    with pytest.raises(ChainError, match="cannot be signed in the role examiner") as caught:
        check_role(RecordType.TRANSFER_APPROVE, {Role.EXAMINER})
    assert caught.value.code == "role"


def test_one_of_several_roles_is_enough() -> None:
    check_role(RecordType.ITEM_INTAKE, {Role.AUDITOR, Role.EVIDENCE_OFFICER})


def test_without_a_role_nothing_can_be_signed() -> None:
    for record_type in RecordType:
        with pytest.raises(ChainError):
            check_role(record_type, set())


@pytest.mark.parametrize("record_type", [RecordType.DISPOSE, RecordType.REDACTION_APPROVE])
def test_types_that_are_only_foreseen_can_be_signed_by_nobody(record_type: RecordType) -> None:
    with pytest.raises(ChainError):
        check_role(record_type, set(Role))


def test_administrators_and_auditors_cannot_touch_items() -> None:
    signed = {kind for kind, roles in SIGNERS.items() if roles & {Role.ADMINISTRATOR, Role.AUDITOR}}
    assert signed == {
        RecordType.GENESIS,
        RecordType.KEY_REGISTER,
        RecordType.KEY_REVOKE,
        RecordType.KEY_SUSPECT,
        RecordType.POLICY_UPDATE,
        RecordType.NOTE,
        RecordType.CORRECT,
    }


def test_machines_sign_only_what_machines_do() -> None:
    signed = {kind for kind, roles in SIGNERS.items() if Role.SERVICE in roles}
    assert not {
        kind for kind in signed if kind.startswith(("transfer.", "case.", "reveal.", "hold.", "dispose"))
    }
    assert RecordType.ITEM_INTAKE not in signed


def test_the_document_lists_every_type_with_the_roles_that_may_sign_it() -> None:
    words = {frozenset(Role): "everybody", frozenset(): "nobody yet"}
    words[frozenset(Role) - {Role.SERVICE, Role.PARTNER}] = "everybody but service and partner"
    table = DOCUMENT.read_text("utf-8").split("## 1. Record")[1].split("\n## ")[0]
    rows = [
        line.split(" | ") for line in table.splitlines() if line.startswith("| `") and line.count(" | ") == 3
    ]
    told = {row[0].strip("| `"): row[2] for row in rows if row[0].strip("| `") in set(RecordType)}
    assert told == {
        str(kind): words.get(roles) or ", ".join(sorted(str(role) for role in roles))
        for kind, roles in SIGNERS.items()
    }


def test_the_document_says_which_types_are_about_items() -> None:
    """Only these can follow in an item's history, by section 10 of the document."""
    table = DOCUMENT.read_text("utf-8").split("## 1. Record")[1].split("\n## ")[0]
    rows = [
        line.split(" | ") for line in table.splitlines() if line.startswith("| `") and line.count(" | ") == 3
    ]
    about_items = {row[0].strip("| `") for row in rows if "item" in row[1] and row[2] != "nobody yet"}
    assert about_items == {str(kind) for kind in followers()} | {"item.intake", "item.quarantine"}


def followers() -> set[RecordType]:
    """The types that a held item does not refuse by its status."""
    held = ItemState(uuid4(), uuid4(), 1, bytes(32), uuid4(), Status.HELD)
    found = set()
    for kind, roles in SIGNERS.items():
        record = record_of(kind, [Subject(held.item, 2, bytes(32))], case=held.case)
        try:
            step(held, record, bytes(32), Actor("k", uuid4(), roles))
        except ChainError as error:
            if error.code in ("status", "role"):
                continue
        found.add(kind)
    return found
