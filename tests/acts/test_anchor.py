"""Outside time stamps, from a real HTTP authority into the log, and from there into bundles a stranger checks."""

import secrets
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from custody import checks
from custody.acts import anchor
from custody.admin.verification import state
from custody.ledger import authorities, genesis, history, prove, prove_anchors, publish, stamping
from custody.ledger.authorities import AuthorityError
from custody.ledger.models import Anchor, Head
from custody.proof import bundle, timestamp
from custody.proof.policy import parse_policy
from custody.proof.prefix_map import Namespace
from custody.proof.records import RecordType
from custody.proof.verdict import Event, Outcome
from custody.proof.verify import Question, verify_report
from custody.proof.verify_times import stamped
from tests.proof import sealed
from tests.proof.stamps import seq, stamper
from tests.time_server import TimeServer, serving
from workers import tasks
from workers.app import app

EC, RSA = (
    stamper("EC authority"),
    stamper("RSA authority", sealed.rsa2048()).but(scheme="rsa", digest="sha512"),
)


@pytest.fixture
def one(settings):
    with serving(EC) as server:
        settings.TIME_AUTHORITIES = [server.setting, ("", "")]
        yield server


@pytest.fixture
def two(settings, one):
    with serving(RSA) as server:
        settings.TIME_AUTHORITIES = [one.setting, server.setting]
        yield server


@pytest.fixture
def item(cast):
    return cast.take_in(cast.add_authority(cast.open_case()))


def rows():
    return list(Anchor.objects.order_by("entry"))


def verify(item, *, kind=Namespace.ITEM, now=None):
    proven = prove.prove(kind, str(item.pk), now or timezone.now())
    policy = parse_policy(genesis.policy_text())
    return verify_report(bundle.build(proven.parts), Question(policy=policy, at=now or timezone.now()))


def windows(verdict):
    return {event.index: event.window for event in verdict.events if isinstance(event, Event)}


def test_the_worker_has_the_newest_head_stamped_and_records_it_signed_by_the_service(cast, item, one):
    tasks.anchor()
    (row,) = rows()
    told = history.read(row.entry_id)
    text, token = stamped(told.record)
    assert told.record.type is RecordType.ANCHOR
    assert text.split("\n")[1] == str(row.size) and row.size == row.entry_id
    assert timestamp.check(token, text.encode(), [EC.pin]).info.time == row.time
    assert one.requests[0][0] == "application/timestamp-query"
    assert row.expires == EC.certificate.not_valid_after_utc


def test_the_clock_rings_at_least_hourly(cast):
    entry = app.conf.beat_schedule["anchor"]
    assert (entry["task"], entry["schedule"] <= 3600) == (tasks.anchor.name, True)


def test_a_log_in_which_nothing_happens_is_not_stamped_again_and_again(cast, item, one, two):
    assert len(anchor.stamp(timezone.now())) == 2
    publish.publish(timezone.now())
    assert anchor.stamp(timezone.now()) == []
    cast.hand_over(item)
    assert len(anchor.stamp(timezone.now())) == 2
    assert len(rows()) == 4


def test_a_quiet_log_is_stamped_all_the_same_before_stamps_grow_old(cast, item, one, monkeypatch):
    anchor.stamp(timezone.now())
    monkeypatch.setattr(anchor, "QUIET", timedelta(0))
    assert [asked.problem for asked in anchor.stamp(timezone.now())] == [""]


def test_a_bundle_bounds_each_record_by_the_stamps_around_it(cast, item, one, two):
    anchor.stamp(timezone.now())
    publish.publish(timezone.now())
    transfer = cast.hand_over(item)
    anchor.stamp(timezone.now())
    cast.act("officer", "transfer.accept", transfer=transfer)
    verdict = verify(item)
    assert verdict.outcome is Outcome.VERIFIED, [f for f in verdict.findings if f.level != "ok"]
    found = windows(verdict)
    offer, accept = (
        next(e.index for e in verdict.events if isinstance(e, Event) and e.type is kind)
        for kind in (RecordType.TRANSFER_OFFER, RecordType.TRANSFER_ACCEPT)
    )
    assert found[offer].not_before is not None and found[offer].not_after is not None
    assert found[accept].not_before is not None and found[accept].not_after is None
    assert "EC authority, RSA authority" in " ".join(f.sentence for f in verdict.findings)


def test_a_bundle_of_the_case_has_them_too(cast, item, one):
    anchor.stamp(timezone.now())
    verdict = verify(item.case, kind=Namespace.CASE)
    assert verdict.outcome is Outcome.VERIFIED
    assert all(window.not_after for index, window in windows(verdict).items() if index < rows()[0].size)


def test_many_stamps_are_thinned_and_the_newest_stays(cast, item, one, monkeypatch):
    for _ in range(5):
        cast.open_case(number=f"2026-{secrets.randbelow(10**6)}")
        anchor.stamp(timezone.now())
    chosen = prove_anchors.choose([(i, i) for i in range(Head.objects.get().size)], 10**6, timezone.now())
    assert len(chosen.rows) == 5
    monkeypatch.setattr(prove_anchors, "MAX_HEADS", 2)
    chosen = prove_anchors.choose([(i, i) for i in range(Head.objects.get().size)], 10**6, timezone.now())
    assert len(chosen.rows) == 2 and chosen.rows[-1].entry == rows()[-1].entry_id


def test_a_bundle_brings_what_renews_its_stamps(cast, item, settings):
    """The first certificate runs out; what it stamped counts by what was stamped in between."""
    with serving(stamper("Old authority", begin=timezone.now() - timedelta(days=364), years=1)) as old:
        settings.TIME_AUTHORITIES = [old.setting]
        anchor.stamp(timezone.now())
    with serving(EC) as new:
        settings.TIME_AUTHORITIES = [(new.url, new.pem + old.pem)]
        for _ in range(3):
            cast.open_case(number=f"2026-{secrets.randbelow(10**6)}")
            anchor.stamp(timezone.now())
    later = timezone.now() + timedelta(days=30)
    verdict = verify(item, now=later)
    assert {str(f.code) for f in verdict.findings if f.level == "remark"} == {"anchor-renewed"}
    assert windows(verdict)[item.last_entry].not_after == rows()[0].time


# -- failure ---------------------------------------------------------------------------------------------------


def refusing(request):
    return 200, seq(seq(b"\x02\x01\x02"))


def of_another_head(server: TimeServer):
    return lambda request: (200, seq(seq(b"\x02\x01\x00"), EC.token(b"another head", timezone.now())))


def replayed(server: TimeServer):
    """Give the answer to an earlier request over the same head."""
    kept = []

    def answer(request):
        kept.append(server.honest(request))
        return kept[0]

    return answer


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda server: refusing, "refused"),
        (lambda server: lambda request: (503, b""), "status 503"),
        (lambda server: lambda request: (302, b""), "status 302"),
        (lambda server: lambda request: (200, b"<html>"), "cannot be used"),
        (lambda server: lambda request: (200, b"\0" * 200_000), "too long"),
        (of_another_head, "something else"),
        (lambda server: lambda request: (200, stamper().answer(request, timezone.now())), "pinned"),
        (lambda server: lambda request: (200, EC.answer(request, timezone.now() + timedelta(days=1))), "clocks"),
    ],
    ids=["refused", "down", "moved", "rubbish", "endless", "another head", "another authority", "another day"],
)  # fmt: skip
def test_a_failing_authority_is_an_alarm_and_holds_nothing_up(cast, item, one, two, make, words, caplog):
    one.answer = make(one)
    size = Head.objects.get().size
    asked = anchor.stamp(timezone.now())
    assert words in asked[0].problem and asked[1].problem == ""
    assert len(rows()) == 1 and words in caplog.text
    looks = state()["stamps"]
    assert [look.fine for look in looks] == [False, True] and words in looks[0].sentence
    assert verify(item).outcome is Outcome.VERIFIED
    one.answer = one.honest
    assert [each.problem for each in anchor.stamp(timezone.now())] == [""]
    assert all(look.fine for look in state()["stamps"]) and Head.objects.get().size > size


def test_an_answer_to_an_earlier_request_is_not_taken(cast, one):
    authority = authorities.configured()[0]
    one.answer = replayed(one)
    stamping.ask(authority, b"head", timezone.now())
    with pytest.raises(AuthorityError, match="nonce"):
        stamping.ask(authority, b"head", timezone.now())


def test_an_authority_that_is_gone_is_an_alarm(cast, item, one, settings):
    settings.TIME_AUTHORITIES = [("http://127.0.0.1:9/stamp", one.pem)]
    (asked,) = anchor.stamp(timezone.now())
    assert "cannot be reached" in asked.problem


def test_an_authority_that_takes_its_time_is_given_up(cast, one, monkeypatch):
    monkeypatch.setattr(stamping, "MAX_SECONDS", -1.0)
    with pytest.raises(AuthorityError, match="too slow"):
        stamping.ask(authorities.configured()[0], b"head", timezone.now())


def test_entries_that_wait_too_long_are_an_alarm_even_if_no_worker_runs(cast, item, one, monkeypatch):
    monkeypatch.setattr(anchor, "OVERDUE", timedelta(0))
    (look,) = state()["stamps"]
    assert not look.fine and "waited" in look.sentence


def test_without_authorities_nothing_is_asked_and_the_page_says_so(cast, item, settings):
    settings.TIME_AUTHORITIES = [("", ""), ("", "")]
    assert anchor.stamp(timezone.now()) == []
    assert ["No outside authority" in look.sentence for look in state()["stamps"]] == [True]
    assert verify(item).outcome is Outcome.VERIFIED


def test_the_command_stamps_and_says_how_it_went(cast, item, one, capsys):
    call_command("anchor")
    call_command("anchor")
    assert "/stamp: stamped.\nNothing waits" in capsys.readouterr().out
    one.answer = refusing
    cast.open_case(number="2026-1")
    with pytest.raises(SystemExit) as ended:
        call_command("anchor")
    assert ended.value.code == 2


# -- settings, pins, database ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting", [("ftp://x/", "PEM"), ("http://tsa.test/", ""), ("http://tsa.test/", "x"), ("", "x")]
)
def test_a_badly_configured_authority_is_refused_before_serving(cast, settings, setting):
    settings.TIME_AUTHORITIES = [setting]
    assert [message.id for message in checks.time_authorities()] == ["custody.E006"]
    with pytest.raises(CommandError):
        call_command("anchor")


def test_the_policy_pins_present_and_former_certificates(cast, one, settings):
    former = stamper("Former").certificate.public_bytes(Encoding.PEM).decode()
    settings.TIME_AUTHORITIES = [(one.url, one.pem + former)]
    policy = parse_policy(genesis.policy_text())
    assert policy.stampers[0] == EC.pin and len(policy.stampers) == 2
    assert checks.time_authorities() == []


def test_what_is_configured_when_the_log_is_opened_stands_in_its_own_policy(cast, one, two):
    assert parse_policy(genesis.own_policy_text()).stampers == (EC.pin, RSA.pin)


@pytest.mark.parametrize(
    "verb", ["UPDATE ledger_anchor SET size = size", "DELETE FROM ledger_anchor", "TRUNCATE ledger_anchor"]
)
def test_the_database_refuses_to_change_or_forget_a_stamp(cast, item, one, verb):
    anchor.stamp(timezone.now())
    with pytest.raises(DatabaseError, match=r"permission denied|only grows"), transaction.atomic():
        connection.cursor().execute(verb)


def test_one_authority_stamps_a_head_once_however_many_workers_ask(cast, item, one):
    anchor.stamp(timezone.now())
    row = rows()[0]
    size = Head.objects.get().size
    authority = authorities.configured()[0]
    assert (
        anchor._stamp(authority, row.size, stamped(history.read(row.entry_id).record)[0], timezone.now())
        == ""
    )
    assert Head.objects.get().size == size and len(rows()) == 1
