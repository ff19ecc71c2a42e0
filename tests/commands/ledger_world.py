"""A ledger in which everything that is recorded has happened, committed for real, and hands to tamper with it.

The system's own roles cannot change these rows; the hands are a superuser's, with the triggers switched off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from django.test import override_settings
from psycopg import sql

from custody.accounts.models import note_access
from custody.acts import anchor, examine, housekeeping, report
from custody.acts.audit.tables import audit_ledger
from custody.jobs import JobKind
from custody.ledger import genesis, publish
from custody.ledger.replay import Replayed
from custody.ledger.replay_findings import Finding, Level
from custody.proof.policy import Policy, parse_policy
from evidence.cases import Case
from evidence.items import Item
from tests.cast import Cast
from tests.proof.stamps import stamper
from tests.services import Services
from tests.time_server import serving

LETTER = b"Call Mirela Dobrin on +40 700 555 012.\nThe bus leaves at nine.\n"
# Enough of them that the tree keeps nodes: one for each 256 entries.
DOWNLOADS = 200


@dataclass
class World:
    """The people, one case with everything in it, and the way in behind the system's back."""

    cast: Cast
    services: Services
    case: Case
    moved: Item
    held: Item
    quarantined: Item
    # As a file outside the database would hold it: not asked for again once the database is tampered with.
    pinned: Policy

    def audit(self) -> Replayed:
        return audit_ledger(self.pinned)

    def failures(self) -> list[Finding]:
        return [finding for finding in self.audit().findings if finding.level is Level.FAILURE]

    @contextmanager
    def hands(self) -> Iterator[psycopg.Connection[Any]]:
        """Give a superuser's connection that no trigger, foreign key or privilege stops."""
        connection = psycopg.connect(self.services.admin_url, dbname=self.services.database, autocommit=True)
        with connection:
            connection.execute("SET session_replication_role = replica")
            yield connection

    @contextmanager
    def undone(self, *tables: str) -> Iterator[psycopg.Connection[Any]]:
        """Give the hands, and put the tables back as they were afterwards."""
        with self.hands() as connection:
            for table in tables:
                copy = sql.SQL("CREATE TEMP TABLE {} AS SELECT * FROM {}")
                connection.execute(copy.format(sql.Identifier(f"kept_{table}"), sql.Identifier(table)))
            try:
                yield connection
            finally:
                for table in tables:
                    kept = sql.Identifier(f"kept_{table}")
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                    back = sql.SQL("INSERT INTO {} SELECT * FROM {}")
                    connection.execute(back.format(sql.Identifier(table), kept))
                    connection.execute(sql.SQL("DROP TABLE {}").format(kept))


def build(cast: Cast, services: Services) -> World:
    """Let everything happen once, in the order of a real case, with signed heads in between."""
    case = cast.open_case()
    authority = cast.add_authority(case)
    cast.register_victim(case, ("name", "Mirela Dobrin"), ("phone", "+40 700 555 012"))
    moved = cast.take_in(authority, LETTER, exhibit_number="EX-1")
    held = cast.take_in(authority, b"second exhibit\n" * 20, exhibit_number="EX-2")
    publish.publish(cast.now())
    cast.work(JobKind.METADATA)
    quarantined = _quarantine(cast, authority)
    _transfers(cast, moved, held)
    publish.publish(cast.now())
    _stamp(cast)
    _redact(cast, moved)
    examine.open_unredacted(
        cast.officer if moved.custodian_id == cast.officer.pk else cast.examiner,
        {"item": str(held.pk), "reason": "To compare it with EX-1"},
        cast.now(),
        source="127.0.0.1",
    )
    _reports(cast, case)
    _other_ends(cast, case)
    note_access(person=cast.auditor, act="ledger.view", now=cast.clock - timedelta(days=1))
    housekeeping.record_daily_log(cast.now())
    publish.publish(cast.now())
    return World(cast, services, case, moved, held, quarantined, parse_policy(genesis.policy_text()))


def _stamp(cast: Cast) -> None:
    with serving(stamper()) as authority, override_settings(TIME_AUTHORITIES=[authority.setting]):
        assert [asked.problem for asked in anchor.stamp(cast.now())] == [""]


def _quarantine(cast: Cast, authority: Any) -> Item:
    upload = cast.upload(
        authority, b"not what was declared", exhibit_number="EX-3", declared={"sha256": "0" * 64}
    )
    cast.work(JobKind.RECEIVE)
    return Item.objects.get(pk=upload.pk)


def _transfers(cast: Cast, moved: Item, held: Item) -> None:
    approved = cast.hand_over(moved)
    cast.act("officer", "transfer.accept", transfer=approved, note="Seal checked")
    cast.act("supervisor", "transfer.approve", transfer=approved, note="In order")
    cast.act("officer", "transfer.refuse", transfer=cast.hand_over(held), reason="No room today")
    cast.act("examiner", "transfer.withdraw", transfer=cast.hand_over(held), reason="Wrong exhibit")
    rejected = cast.hand_over(held)
    cast.act("officer", "transfer.accept", transfer=rejected)
    cast.act("supervisor", "transfer.reject", transfer=rejected, reason="Needed in the laboratory")
    cast.act("officer", "transfer.accept", transfer=cast.hand_over(held))


def _redact(cast: Cast, item: Item) -> None:
    for decision in ("release", "withhold"):
        copy = cast.act("examiner", "redaction.plan", item=str(item.pk))["derivative"]
        cast.work(JobKind.REDACTION)
        cast.act("examiner2", "redaction.release", derivative=copy, decision=decision, reason="Read it")
    cast.act("examiner", "redaction.plan", item=str(item.pk))


def _reports(cast: Cast, case: Case) -> None:
    made = report.request(cast.prosecutor, {"case": str(case.pk)}, cast.now())
    cast.work(JobKind.REPORT)
    for _ in range(DOWNLOADS):
        report.download_report(cast.prosecutor, made.pk, cast.now(), source="127.0.0.1")


def _other_ends(cast: Cast, case: Case) -> None:
    cast.act("supervisor", "case.assign", case=str(case.pk), person=str(cast.advocate.uuid), end=True)
    other = cast.open_case("2026-0999", assigned=("examiner",))
    ended = cast.add_authority(other, reference="C-1", kind="consent")
    cast.act("supervisor", "authority.end", authority=str(ended.pk), reason="Consent withdrawn")
    cast.act("supervisor", "case.close", case=str(other.pk), reason="Handed to another agency")
    key = cast.key("partner").keyid
    cast.act("admin", "key.revoke", key=key, reason="Device lost")
