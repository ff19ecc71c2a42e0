"""Custody reports of an installation with outside authorities: stamped records, a stamped seal, one verdict."""

import pytest
from django.utils import timezone

from custody.acts import anchor
from custody.acts import report as acts
from custody.jobs import JobKind
from custody.ledger import genesis
from custody.proof import bundle
from custody.proof.pdf import embedded_bundle
from custody.proof.policy import parse_policy
from custody.proof.verdict import Outcome
from custody.proof.verify import Question, verify_report
from custody.reports import agency_seal
from custody.reports.models import Report
from evidence import store
from tests.proof.stamps import stamper
from tests.time_server import serving

AUTHORITY = stamper("Authority of the test")


@pytest.fixture
def authority(settings):
    if not agency_seal.exists():
        agency_seal.make_test(timezone.now())
    with serving(AUTHORITY) as server:
        settings.TIME_AUTHORITIES = [server.setting]
        yield server


@pytest.fixture
def item(cast):
    return cast.take_in(cast.add_authority(cast.open_case()))


def issue(cast, item):
    asked = acts.request(cast.prosecutor, {"case": str(item.case_id)}, cast.now())
    cast.work(JobKind.REPORT)
    report = Report.objects.get(pk=asked.pk)
    assert report.state == "ready", report.problem
    pdf = b"".join(store.read(report.stored))
    policy = parse_policy(genesis.policy_text(agency_seal.pins()))
    return pdf, verify_report(pdf, Question(policy=policy))


def test_the_report_is_verified_with_its_stamps_and_the_stamp_on_its_seal(cast, item, authority):
    anchor.stamp(timezone.now())
    pdf, verdict = issue(cast, item)
    assert verdict.outcome is Outcome.VERIFIED, [f for f in verdict.findings if f.level != "ok"]
    said = " ".join(finding.sentence for finding in verdict.findings)
    assert "By the time stamp of Authority of the test the seal was there on" in said
    assert "1 outside time stamp checked" in said
    assert len(bundle.parse(embedded_bundle(pdf)).anchors) == 1


def test_an_authority_that_fails_keeps_no_report_back(cast, item, authority, caplog):
    authority.answer = lambda request: (503, b"")
    _, verdict = issue(cast, item)
    assert verdict.outcome is Outcome.VERIFIED
    assert "no outside time stamp on a seal" in caplog.text
    assert "the seal was there" not in " ".join(finding.sentence for finding in verdict.findings)
