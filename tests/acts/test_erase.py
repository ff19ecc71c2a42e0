"""Words of a record are forgotten by a signed order: gone from every table, while every proof goes on holding."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from custody.acts import report as reports
from custody.acts.audit.tables import audit_ledger
from custody.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from custody.jobs import JobKind
from custody.ledger import history, prove, publish
from custody.ledger.genesis import policy_text
from custody.ledger.models import Erased, Opening
from custody.ledger.replay_findings import Code
from custody.proof.pdf import embedded_bundle
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.verdict import Outcome
from custody.proof.verify import Question, verify_bundle, verify_report
from custody.reports import agency_seal
from custody.transfers import Transfer
from evidence import store
from evidence.items import Item
from evidence.uploads import Upload
from tests.cast import Cast

SECRET = "the grey house behind the mill"


@pytest.fixture
def item(cast: Cast) -> Item:
    return cast.take_in(cast.add_authority(cast.open_case()), description=SECRET)


def order(cast: Cast, item: Item, entry: int, *fields: str, by: str = "supervisor") -> None:
    reason = {"reference": "District court, 17 of 2026", "reason": "Ordered"}
    cast.act(by, "erasure", item=str(item.pk), entry=entry, fields=list(fields), **reason)


def move(cast: Cast, item: Item) -> Transfer:
    transfer = cast.hand_over(item)
    cast.act("officer", "transfer.accept", transfer=transfer, note="Label compared")
    cast.act("supervisor", "transfer.approve", transfer=transfer)
    return Transfer.objects.get(pk=transfer)


def everything() -> str:
    """All text of all tables, as a dump would hold it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def bundle_of(cast: Cast, item: Item) -> bytes:
    return prove.prove(Namespace.ITEM, str(item.pk), cast.now()).data


def test_erased_words_are_in_no_table_and_the_proof_of_the_exhibit_still_holds(
    cast: Cast, item: Item
) -> None:
    other = cast.take_in(item.authority, b"another exhibit")
    salts = [bytes(row.salt).hex() for row in Opening.objects.filter(entry=item.last_entry, field="sheet")]
    assert SECRET in everything()
    assert salts[0] in everything()
    order(cast, item, item.last_entry, "sheet", "filename")
    dump = everything()
    assert SECRET not in dump
    assert salts[0] not in dump
    item.refresh_from_db()
    assert (item.sheet, item.filename, item.location) == ({}, "(erased)", "")
    assert Upload.objects.get(item=item).sheet == {}
    policy = parse_policy(policy_text())
    for one in (item, other):
        verdict = verify_bundle(bundle_of(cast, one), policy=policy)
        assert verdict.outcome is Outcome.VERIFIED, [f.sentence for f in verdict.findings]


def test_work_on_the_exhibit_goes_on_and_the_history_shows_the_order(cast: Cast, item: Item) -> None:
    intake = item.last_entry
    order(cast, item, intake, "sheet")
    told = [t.record.type for t in history.of_key("item", str(item.pk))]
    assert told[-1] == "erasure"
    move(cast, item)
    item.refresh_from_db()
    assert item.custodian == cast.officer


def test_words_of_a_transfer_that_has_ended_can_be_erased_and_nothing_else_of_it_changes(
    cast: Cast, item: Item
) -> None:
    transfer = move(cast, item)
    before = Transfer.objects.filter(pk=transfer.pk).values().get()
    order(cast, item, transfer.offer_entry, "purpose")
    after = Transfer.objects.filter(pk=transfer.pk).values().get()
    assert {name for name in before if before[name] != after[name]} == {"purpose"}
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Transfer.objects.filter(pk=transfer.pk).update(accept_digest="0" * 64)


def test_an_audit_accepts_what_was_ordered(cast: Cast, item: Item) -> None:
    order(cast, item, item.last_entry, "sheet", "filename")
    publish.publish(cast.now())
    found = audit_ledger(parse_policy(policy_text())).findings
    assert not found.failed(), [finding.sentence for finding in found]
    assert {finding.code for finding in found} <= {Code.ROW_NOT_COMPARED}


@pytest.mark.parametrize("who", ["examiner", "officer", "prosecutor", "admin", "stranger"])
def test_only_a_supervisor_orders_it(cast: Cast, item: Item, who: str) -> None:
    with pytest.raises(NotFoundError if who in ("admin", "stranger") else NotAllowedError):
        order(cast, item, item.last_entry, "sheet", by=who)
    assert not Erased.objects.exists()


def test_a_record_of_another_exhibit_digests_and_what_is_gone_are_refused_in_words(
    cast: Cast, item: Item
) -> None:
    other = cast.take_in(item.authority, b"another exhibit")
    with pytest.raises(InvalidError, match="not about this exhibit"):
        order(cast, item, other.last_entry, "sheet")
    with pytest.raises(InvalidError):
        order(cast, item, item.last_entry, "sha256")
    intake = item.last_entry
    order(cast, item, intake, "sheet")
    with pytest.raises(ConflictError, match="erased already"):
        order(cast, item, intake, "sheet")


def test_the_database_refuses_erasure_without_an_order(cast: Cast, item: Item) -> None:
    entry = item.last_entry
    for sql in (
        f"DELETE FROM ledger_opening WHERE entry_id = {entry}",
        f"INSERT INTO ledger_erased (entry_id, order_id, field) VALUES ({entry}, {entry}, 'sheet')",
        f"SELECT ledger_erase({entry})",
        "SELECT ledger_erase(0)",
        f"UPDATE ledger_entry SET data = NULL WHERE seq = {entry}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_even_the_owner_can_erase_only_what_a_record_orders(
    cast: Cast, item: Item, transactional_db, owner
) -> None:
    entry = item.last_entry
    for sql, words in (
        (f"DELETE FROM ledger_opening WHERE entry_id = {entry}", "no record orders"),
        (f"UPDATE ledger_entry SET data = NULL WHERE seq = {entry}", "only grows"),
    ):
        with pytest.raises(Exception, match=words):
            owner.execute(sql)


def test_a_report_made_afterwards_says_what_was_erased_and_by_which_order(cast: Cast, item: Item) -> None:
    move(cast, item)
    intake = next(history.of_key("item", str(item.pk))).index
    order(cast, item, intake, "sheet", "filename")
    if not agency_seal.exists():
        agency_seal.make_test(timezone.now())
    report = reports.request(cast.prosecutor, {"item": str(item.pk)}, cast.now())
    cast.work(JobKind.REPORT)
    report.refresh_from_db()
    assert report.state == "ready", report.problem
    pdf = b"".join(store.read(report.stored))
    verdict = verify_report(pdf, Question(policy=parse_policy(policy_text(agency_seal.pins()))))
    assert verdict.outcome is Outcome.VERIFIED
    shown = embedded_bundle(pdf).decode()
    assert SECRET not in shown
    assert "District court, 17 of 2026" in shown
