"""Custody reports: from verified records, sealed, and verified by a stranger from the file alone."""

import pytest
from django.utils import timezone

from custody.acts import report as acts
from custody.errors import NotAllowedError, NotFoundError, NotReadyError
from custody.jobs import JobKind
from custody.ledger import genesis, publish, tree
from custody.proof.policy import parse_policy
from custody.proof.verify import Question, verify_report
from custody.reports import agency_seal
from custody.reports.models import Report
from evidence import store


@pytest.fixture(autouse=True)
def seal():
    if not agency_seal.exists():
        agency_seal.make_test(timezone.now())


@pytest.fixture
def item(cast):
    item = cast.take_in(cast.add_authority(cast.open_case()))
    transfer = cast.hand_over(item)
    cast.act("officer", "transfer.accept", transfer=transfer)
    cast.act("supervisor", "transfer.approve", transfer=transfer)
    return item


def _issue(cast, **what):
    report = acts.request(cast.prosecutor, what, cast.now())
    cast.work(JobKind.REPORT)
    return Report.objects.get(pk=report.pk)


@pytest.mark.parametrize("scope", ["case", "item"])
def test_a_stranger_verifies_the_report_from_the_file_and_the_policy(cast, item, scope):
    report = _issue(cast, **({"case": str(item.case_id)} if scope == "case" else {"item": str(item.pk)}))
    assert report.state == "ready", report.problem
    pdf = b"".join(store.read(report.stored))
    verdict = verify_report(pdf, Question(policy=parse_policy(genesis.policy_text(agency_seal.pins()))))
    assert verdict.outcome == "verified", [f for f in verdict.findings if f.level != "ok"]


def test_a_report_is_recorded_as_issued_and_each_download_before_it_leaves(cast, item):
    report = _issue(cast, case=str(item.case_id))
    acts.download_report(cast.prosecutor, report.pk, cast.now(), source="127.0.0.1")
    from custody.ledger import history

    types = [str(t.record.type) for t in history.of_key("case", str(item.case_id))]
    assert types[-2:] == ["report.issued", "disclosure.download"]


def test_officer_and_stranger_get_no_report(cast, item):
    with pytest.raises(NotAllowedError):
        acts.request(cast.officer, {"case": str(item.case_id)}, cast.now())
    with pytest.raises(NotFoundError):
        acts.request(cast.stranger, {"case": str(item.case_id)}, cast.now())


def test_blocks_that_are_read_once_give_the_same_hashes_as_the_rows(cast, item):
    size = publish.publish(cast.now()).size
    blocks = tree.block_reader()
    for level in range(size.bit_length()):
        for index in range(size >> level):
            assert blocks(level, index) == tree.block_reader()(level, index)
    with pytest.raises(tree.MissingLeavesError):
        blocks(0, size + 1)


def test_report_and_receipt_prove_offline_that_the_log_records_this_very_file(cast, item):
    report = _issue(cast, item=str(item.pk))
    with pytest.raises(NotReadyError):
        acts.receipt(cast.prosecutor, report.pk)  # issued, not published
    publish.publish(cast.now())
    receipt = acts.receipt(cast.prosecutor, report.pk)
    pdf = b"".join(store.read(report.stored))
    policy = parse_policy(genesis.policy_text(agency_seal.pins()))
    verdict = verify_report(pdf, Question(policy=policy, receipt=receipt.encode()))
    assert verdict.outcome == "verified", [f for f in verdict.findings if f.level != "ok"]
    assert any("this very file was issued as the sealed copy" in f.sentence for f in verdict.findings)
    assert "Lindqvist" not in receipt


def test_the_receipt_is_for_those_who_may_have_the_report(cast, item):
    report = _issue(cast, item=str(item.pk))
    publish.publish(cast.now())
    with pytest.raises(NotAllowedError):
        acts.receipt(cast.auditor, report.pk)
    with pytest.raises(NotFoundError):
        acts.receipt(cast.stranger, report.pk)
